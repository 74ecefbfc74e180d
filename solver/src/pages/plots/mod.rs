//! Small pictures of settings, errors and rounds.
//!
//! Each is an SVG that takes its colour from the page (`currentColor`).

mod chart;
mod curves;
mod desk;
mod whole;

use crate::findings::ProcessorView;
use crate::processors::{Fader, Picture};

pub use whole::{error_by_frequency, error_over_time, history, times};

/// The picture of a processor's settings; nothing where there are none to draw. Bands run at `rate` Hz.
pub fn of(processor: &ProcessorView, rate: u32) -> Option<String> {
    let kind = processor.kind();
    match kind.definition().picture(&processor.settings)? {
        Picture::Response(response) => curves::response(&response, processor.bands.as_ref(), f64::from(rate)),
        Picture::Static(curve) => Some(curves::transfer(&kind.look().title.to_lowercase(), &curve)),
        Picture::Echoes(echoes) => curves::echoes(&echoes),
        Picture::Decay { by_frequency, .. } => curves::decay(&by_frequency),
        Picture::Width(width) => Some(desk::width(width)),
        Picture::Fader(Fader { gain_db, pan }) => Some(desk::gain_pan(gain_db, pan)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture;
    use crate::processors::{Kind, Settings};

    #[test]
    fn every_picture_is_well_formed_and_stays_within_its_frame() {
        let (width, height) = curves::SIZE;
        for kind in Kind::ALL {
            let Some(svg) = of(&fixture::processor(kind, 0.5), 48_000) else { continue };
            let document = roxmltree::Document::parse(&svg).unwrap();
            assert!(document.root_element().attribute("aria-label").is_some_and(|label| !label.is_empty()));
            let lines = document.descendants().filter_map(|n| n.attribute("points"));
            for pair in lines.flat_map(|p| p.split(' ')) {
                let (x, y) = pair.split_once(',').unwrap();
                assert!((0.0..=width).contains(&x.parse().unwrap()), "{kind:?} {pair}");
                assert!((0.0..=height).contains(&y.parse().unwrap()), "{kind:?} {pair}");
            }
        }
    }

    #[test]
    fn bands_are_drawn_over_the_response_they_are_to_come_near() {
        let mut equaliser = fixture::processor(Kind::Equalizer, 0.5);
        let drawn = |p: &ProcessorView| of(p, 48_000).unwrap().matches("class=\"fitted\"").count();
        assert_eq!(drawn(&equaliser), 1);
        equaliser.bands = None;
        assert_eq!(drawn(&equaliser), 0);
    }

    #[test]
    fn settings_without_points_draw_nothing() {
        for kind in [Kind::Equalizer, Kind::MultitapDelay, Kind::Reverb] {
            assert_eq!(of(&ProcessorView::new(1.0, Settings::blank(kind)), 48_000), None);
        }
    }
}

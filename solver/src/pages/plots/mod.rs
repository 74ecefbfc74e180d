//! Small pictures of settings, errors and rounds.
//!
//! Each is an SVG that takes its colour from the page (`currentColor`).

mod chart;
mod curves;
mod desk;
mod whole;

use crate::findings::ProcessorView;
use crate::processors::Settings;

pub use whole::{error_by_frequency, error_over_time, history, times};

/// The picture of a processor's settings; nothing where there are none to draw. Bands run at `rate` Hz.
pub fn of(processor: &ProcessorView, rate: u32) -> Option<String> {
    let settings = &processor.settings;
    match settings {
        Settings::Equalizer { response } => {
            curves::equaliser(response, processor.bands.as_ref(), f64::from(rate))
        }
        Settings::Compressor { threshold_db, .. } => {
            Some(curves::transfer("compressor", *threshold_db, settings))
        }
        Settings::NoiseGate { threshold_db, .. } => {
            Some(curves::transfer("noise gate", *threshold_db, settings))
        }
        Settings::StereoImager { width } => Some(desk::width(*width)),
        Settings::GainPan { gain_db, pan, .. } => Some(desk::gain_pan(*gain_db, *pan)),
        Settings::MultitapDelay { taps } => curves::delay(taps),
        Settings::Reverb { rt60_by_octave, .. } => curves::decay(rt60_by_octave),
    }
}

/// What a compressor or a noise gate does to a steady level, both in dB; none for the other kinds.
pub fn static_gain(settings: &Settings, level_db: f64) -> Option<f64> {
    match settings {
        Settings::Compressor { threshold_db, ratio, knee_db, .. } => {
            Some(-(1.0 - 1.0 / ratio.max(1.0)) * knee(level_db - threshold_db, *knee_db))
        }
        Settings::NoiseGate { threshold_db, ratio, knee_db, .. } => {
            Some(-(ratio - 1.0).max(0.0) * knee(threshold_db - level_db, *knee_db))
        }
        _ => None,
    }
}

/// How far beyond the threshold a level counts, dB, by the quadratic knee of MATH.md §2.
fn knee(over: f64, width: f64) -> f64 {
    let half = width / 2.0;
    if over >= half {
        over
    } else if over <= -half {
        0.0
    } else {
        (over + half).powi(2) / (4.0 * half)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture;
    use crate::processors::{Decay, Kind, Response};

    #[test]
    fn every_kind_has_a_picture_that_is_well_formed_and_stays_within_its_frame() {
        let (width, height) = curves::SIZE;
        for kind in Kind::ALL {
            let svg = of(&fixture::processor(kind, 0.5), 48_000).unwrap();
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
    fn a_knee_joins_both_sides_without_a_step() {
        for width in [0.0, 6.0] {
            assert_eq!(knee(-3.1, width), 0.0);
            assert!((knee(3.0, width) - 3.0).abs() < 1e-12);
        }
        assert!((knee(0.0, 6.0) - 0.75).abs() < 1e-12);
    }

    #[test]
    fn settings_without_points_draw_nothing() {
        let empty = [
            Settings::Equalizer { response: Response { hz: vec![], db: vec![] } },
            Settings::MultitapDelay { taps: vec![] },
            Settings::Reverb {
                rt60_s: 1.0,
                rt60_by_octave: Decay { hz: vec![], s: vec![] },
                pre_delay_ms: 0.0,
                pre_wet_db: 0.0,
            },
        ];
        assert!(empty.into_iter().all(|settings| of(&ProcessorView::new(1.0, settings), 48_000).is_none()));
    }
}

//! The stereo imager: a gain on the side signal (MATH.md §4).

use std::sync::Arc;

use super::telling::{Figure, Look, Picture, Settings, Telling, Told};
use super::{Definition, Kind, Kit, Map, Nature, Parameter, Processor};
use crate::clock::Clock;
use crate::dsp::Stereo;
use crate::units::{Unit, fixed, percent};

/// Widths this near to 1 leave the signal as it is.
const NEGLIGIBLE: f64 = 0.05;

/// Raw: the log of the side gain. Physical: the side gain.
pub struct StereoImager;

impl Definition for StereoImager {
    fn name(&self) -> &'static str {
        "stereo_imager"
    }

    fn letter(&self) -> char {
        's'
    }

    fn nature(&self) -> Nature {
        Nature::Linear
    }

    fn parameters(&self) -> &'static [Parameter] {
        const { &[Parameter::new("log_gain", 1, Map::Exp)] }
    }

    fn learning_rate(&self) -> f64 {
        3e-2
    }

    fn make(&self, _samples: usize, _rate: u32, _kit: &Arc<Kit>) -> Box<dyn Processor> {
        Box::new(Working { side_gain: 1.0, wet: 0.0 })
    }

    fn settings(&self, physical: &[f32], wet: f32) -> Settings {
        let width = (1.0 - wet as f64) + wet as f64 * physical[0] as f64;
        Settings::new(Kind::StereoImager, [("width", width.into())])
    }
}

struct Working {
    side_gain: f32,
    wet: f32,
}

impl Working {
    /// Gain of the side signal with the dry part folded in.
    fn width(&self) -> f32 {
        1.0 + self.wet * (self.side_gain - 1.0)
    }
}

impl Processor for Working {
    fn set(&mut self, physical: &[f32], wet: f32) {
        self.side_gain = physical[0];
        self.wet = wet;
    }

    fn render(&self, input: &Stereo, output: &mut Stereo, _: Clock) {
        output.copy_from(input);
        widen(self.width(), output);
    }

    fn backward(&mut self, input: &Stereo, grad: &mut Stereo, _: f32, gradient: &mut [f32]) -> f32 {
        let mut width_grad = 0.0f64;
        let ([x_left, x_right], [g_left, g_right]) = (&input.channels, &grad.channels);
        for ((xl, xr), (gl, gr)) in x_left.iter().zip(x_right).zip(g_left.iter().zip(g_right)) {
            width_grad += (0.5 * (gl - gr) * (xl - xr)) as f64;
        }
        // The map from input to output is symmetric, so it is its own adjoint.
        widen(self.width(), grad);
        gradient[0] += self.wet * width_grad as f32;
        (self.side_gain - 1.0) * width_grad as f32
    }
}

/// Multiplies the side signal by `width`, in place.
fn widen(width: f32, signal: &mut Stereo) {
    let [left, right] = &mut signal.channels;
    for (l, r) in left.iter_mut().zip(right) {
        let (mid, side) = (*l + *r, width * (*l - *r));
        *l = 0.5 * (mid + side);
        *r = 0.5 * (mid - side);
    }
}

/// Gain of the side signal, linear, the dry part included: 0 is mono, 1 leaves the signal as it is.
const FIGURES: [Figure; 1] = [Figure::number("width", "width", Unit::Plain(2)).titled("side gain")];

impl Telling for StereoImager {
    fn look(&self) -> Look {
        Look { title: "Stereo imager", short: "width", noun: "width", colour: "#2d9488" }
    }

    fn figures(&self) -> &'static [Figure] {
        &FIGURES
    }

    fn states_what_is_heard(&self) -> bool {
        true
    }

    fn phrase(&self, told: &Told) -> String {
        fixed(told.settings.number("width"), 2)
    }

    fn clause(&self, told: &Told) -> Option<String> {
        match told.settings.number("width") {
            w if (w - 1.0).abs() < NEGLIGIBLE => None,
            w if w.abs() < NEGLIGIBLE => Some("mono".into()),
            w if w < 0.0 => Some(format!("sides swapped at {}", percent(-w))),
            w if w < 1.0 => Some(format!("narrowed to {}", percent(w))),
            w => Some(format!("widened to {}", percent(w))),
        }
    }

    fn picture(&self, settings: &Settings) -> Option<Picture> {
        Some(Picture::Width(settings.number("width")))
    }

    fn mixes_channels(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::processors::telling::testing::{clause, phrase};

    fn width(width: f64) -> Settings {
        Settings::new(Kind::StereoImager, [("width", width.into())])
    }

    #[test]
    fn a_width_has_its_words() {
        assert_eq!(phrase(&width(1.348), 0.5), "1.35");
        let said = [1.3, 0.6, 0.0, -0.5].map(|w| clause(&width(w), 1.0).unwrap());
        assert_eq!(said, ["widened to 130 %", "narrowed to 60 %", "mono", "sides swapped at 50 %"]);
        assert_eq!(clause(&width(1.01), 1.0), None);
    }
}

//! The stereo imager: a gain on the side signal (MATH.md §4).

use std::sync::Arc;

use super::{Definition, Kit, Map, Nature, Parameter, Processor, Settings};
use crate::clock::Clock;
use crate::dsp::Stereo;

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
        Settings::StereoImager { width: (1.0 - wet as f64) + wet as f64 * physical[0] as f64 }
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

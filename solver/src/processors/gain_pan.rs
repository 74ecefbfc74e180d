//! Gain and pan: a gain per channel (MATH.md §5).

use std::sync::Arc;

use super::settings::decibels;
use super::{Definition, Kit, Map, Nature, Parameter, Processor, Settings};
use crate::clock::Clock;
use crate::dsp::{Stereo, dot};

/// Raw: log gains, left and right. Physical: gains.
pub struct GainPan;

impl Definition for GainPan {
    fn name(&self) -> &'static str {
        "gain_pan"
    }

    fn letter(&self) -> char {
        'g'
    }

    fn nature(&self) -> Nature {
        Nature::Linear
    }

    fn parameters(&self) -> &'static [Parameter] {
        const { &[Parameter::new("log_gain", 2, Map::Exp)] }
    }

    fn wet_start(&self) -> f32 {
        3.0
    }

    fn learning_rate(&self) -> f64 {
        3e-2
    }

    fn make(&self, _samples: usize, _rate: u32, _kit: &Arc<Kit>) -> Box<dyn Processor> {
        Box::new(Working { gains: [1.0; 2], wet: 0.0 })
    }

    /// The fader moves both channels with constant power (equal gains are 0 dB at the centre), the pan pot turns the
    /// balance: `left = √2·cos((pan + 1)·π/4)`, `right = √2·sin((pan + 1)·π/4)`.
    fn settings(&self, physical: &[f32], wet: f32) -> Settings {
        let [left, right] = [0, 1].map(|c| (1.0 - wet as f64) + wet as f64 * physical[c] as f64);
        let power = (left * left + right * right) / 2.0;
        Settings::GainPan {
            gain_db: decibels(power.sqrt()),
            pan: 4.0 / std::f64::consts::PI * right.atan2(left) - 1.0,
            left_db: decibels(left),
            right_db: decibels(right),
        }
    }
}

struct Working {
    gains: [f32; 2],
    wet: f32,
}

impl Working {
    /// Gain of a channel with the dry part folded in.
    fn mixed(&self, channel: usize) -> f32 {
        1.0 + self.wet * (self.gains[channel] - 1.0)
    }
}

impl Processor for Working {
    fn set(&mut self, physical: &[f32], wet: f32) {
        self.gains = [physical[0], physical[1]];
        self.wet = wet;
    }

    fn render(&self, input: &Stereo, output: &mut Stereo, _: Clock) {
        for (c, (y, x)) in output.channels.iter_mut().zip(&input.channels).enumerate() {
            let gain = self.mixed(c);
            y.iter_mut().zip(x).for_each(|(y, x)| *y = gain * x);
        }
    }

    fn backward(&mut self, input: &Stereo, grad: &mut Stereo, _: f32, gradient: &mut [f32]) -> f32 {
        let mut wet_grad = 0.0;
        for (c, (g, x)) in grad.channels.iter_mut().zip(&input.channels).enumerate() {
            let gain_grad = dot(g, x);
            gradient[c] += self.wet * gain_grad as f32;
            wet_grad += (self.gains[c] - 1.0) as f64 * gain_grad;
            let gain = self.mixed(c);
            g.iter_mut().for_each(|g| *g *= gain);
        }
        wet_grad as f32
    }
}

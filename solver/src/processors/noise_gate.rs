//! The noise gate: takes level off below a threshold (MATH.md §3, slope as in §10).

use std::sync::Arc;

use super::dynamics::{self, Side, Units};
use super::{Definition, Kit, Map, Nature, Parameter, Processor, Settings};

/// Raw and physical as in [`dynamics`]; the slope is `exp(log_ratio)`, one less than the expander's ratio.
pub struct NoiseGate;

impl Definition for NoiseGate {
    fn name(&self) -> &'static str {
        "noise_gate"
    }

    fn letter(&self) -> char {
        'n'
    }

    fn nature(&self) -> Nature {
        Nature::Gain
    }

    fn parameters(&self) -> &'static [Parameter] {
        // −39 dB: below most of what sounds, so that the untrained gate is open.
        const { &dynamics::parameters(-3.0, Map::Exp) }
    }

    fn learning_rate(&self) -> f64 {
        dynamics::LEARNING_RATE
    }

    fn reach(&self, rate: u32) -> (usize, usize) {
        dynamics::reach(rate)
    }

    fn make(&self, samples: usize, rate: u32, kit: &Arc<Kit>) -> Box<dyn Processor> {
        dynamics::make(Side::Below, samples, rate, kit)
    }

    fn settings(&self, physical: &[f32], _wet: f32) -> Settings {
        let Units { threshold_db, slope, knee_db, time_ms } = Units::of(physical);
        Settings::NoiseGate { threshold_db, ratio: 1.0 + slope, knee_db, time_ms }
    }
}

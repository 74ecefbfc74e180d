//! The compressor: takes level off above a threshold (MATH.md §2, slope as in §10).

use std::sync::Arc;

use super::dynamics::{self, Side, Units};
use super::{Definition, Kit, Map, Nature, Parameter, Processor, Settings};

/// Raw and physical as in [`dynamics`]; the slope is `σ(log_ratio)`, so that the ratio is never beyond ∞:1.
pub struct Compressor;

impl Definition for Compressor {
    fn name(&self) -> &'static str {
        "compressor"
    }

    fn letter(&self) -> char {
        'c'
    }

    fn nature(&self) -> Nature {
        Nature::Gain
    }

    fn parameters(&self) -> &'static [Parameter] {
        // −26 dB.
        const { &dynamics::parameters(0.0, Map::Sigmoid) }
    }

    fn learning_rate(&self) -> f64 {
        dynamics::LEARNING_RATE
    }

    fn reach(&self, rate: u32) -> (usize, usize) {
        dynamics::reach(rate)
    }

    fn make(&self, samples: usize, rate: u32, kit: &Arc<Kit>) -> Box<dyn Processor> {
        dynamics::make(Side::Above, samples, rate, kit)
    }

    fn settings(&self, physical: &[f32], _wet: f32) -> Settings {
        let Units { threshold_db, slope, knee_db, time_ms } = Units::of(physical);
        let ratio = 1.0 / (1.0 - slope.min(0.999));
        Settings::Compressor { threshold_db, ratio, knee_db, time_ms }
    }
}

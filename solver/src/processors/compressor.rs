//! The compressor: takes level off above a threshold (MATH.md §2, slope as in §10).

use std::sync::Arc;

use super::dynamics::{self, Units};
use super::telling::{Device, Figure, Look, Picture, Settings, Side, Telling, Told};
use super::{Definition, Kind, Kit, Map, Nature, Parameter, Processor};

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
        let units = Units::of(physical);
        units.settings(Kind::Compressor, 1.0 / (1.0 - units.slope.min(0.999)))
    }
}

impl Telling for Compressor {
    fn look(&self) -> Look {
        Look { title: "Compressor", short: "comp", noun: "compressor", colour: "#d0693c" }
    }

    fn figures(&self) -> &'static [Figure] {
        &dynamics::FIGURES
    }

    fn phrase(&self, told: &Told) -> String {
        dynamics::phrase(told, Side::Above)
    }

    fn clause(&self, told: &Told) -> Option<String> {
        Some(dynamics::clause(told, Side::Above))
    }

    fn picture(&self, settings: &Settings) -> Option<Picture> {
        let slope = 1.0 - 1.0 / settings.number("ratio").max(1.0);
        Some(dynamics::picture(settings, Side::Above, slope))
    }

    fn device(&self) -> Device {
        Device::Compressor(dynamics::device)
    }
}

//! The noise gate: takes level off below a threshold (MATH.md §3, slope as in §10).

use std::sync::Arc;

use super::dynamics::{self, Units};
use super::telling::{Device, Figure, Look, Picture, Settings, Side, Telling, Told};
use super::{Definition, Kind, Kit, Map, Nature, Parameter, Processor};

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
        let units = Units::of(physical);
        units.settings(Kind::NoiseGate, 1.0 + units.slope)
    }
}

impl Telling for NoiseGate {
    fn look(&self) -> Look {
        Look { title: "Noise gate", short: "gate", noun: "gate", colour: "#a8862a" }
    }

    fn figures(&self) -> &'static [Figure] {
        &dynamics::FIGURES
    }

    fn phrase(&self, told: &Told) -> String {
        dynamics::phrase(told, Side::Below)
    }

    fn clause(&self, told: &Told) -> Option<String> {
        Some(format!("gate {}", dynamics::clause(told, Side::Below)))
    }

    fn picture(&self, settings: &Settings) -> Option<Picture> {
        let slope = (settings.number("ratio") - 1.0).max(0.0);
        Some(dynamics::picture(settings, Side::Below, slope))
    }

    fn device(&self) -> Device {
        Device::Gate(dynamics::device)
    }
}

//! Gain and pan: a gain per channel (MATH.md §5).

use std::sync::Arc;

use super::telling::{Device, Fader, Figure, Look, Picture, Settings, Telling, Told};
use super::{Definition, Kind, Kit, Map, Nature, Parameter, Processor, decibels};
use crate::clock::Clock;
use crate::dsp::{Stereo, dot};
use crate::units::{Unit, pan_pot, percent, signed_db, spoken};

/// Pan positions this near to the middle are the middle.
const NEGLIGIBLE_PAN: f64 = 0.03;

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
        let pan = 4.0 / std::f64::consts::PI * right.atan2(left) - 1.0;
        let values = [
            ("gain_db", decibels(power.sqrt()).into()),
            ("pan", pan.into()),
            ("left_db", decibels(left).into()),
            ("right_db", decibels(right).into()),
        ];
        Settings::new(Kind::GainPan, values)
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

/// A fader and a pan pot, and the gains of both channels that they come to, the dry part included.
const FIGURES: [Figure; 4] = [
    Figure::number("gain_db", "gain", Unit::Gain).titled("fader"),
    Figure::number("pan", "pan", Unit::Pan).titled("pan pot"),
    Figure::number("left_db", "left", Unit::Gain).titled("left channel"),
    Figure::number("right_db", "right", Unit::Gain).titled("right channel"),
];

impl Telling for GainPan {
    fn look(&self) -> Look {
        Look { title: "Gain and pan", short: "gain", noun: "gain", colour: "#6f8a2f" }
    }

    fn figures(&self) -> &'static [Figure] {
        &FIGURES
    }

    fn states_what_is_heard(&self) -> bool {
        true
    }

    fn phrase(&self, told: &Told) -> String {
        let Fader { gain_db, pan } = fader(told.settings);
        format!("{}, pan {}", signed_db(gain_db), pan_pot(pan))
    }

    fn clause(&self, told: &Told) -> Option<String> {
        let Fader { gain_db, pan } = fader(told.settings);
        let moves = gain_db.abs() >= spoken::NEGLIGIBLE_DB / 2.0;
        let level = moves.then(|| format!("fader {}", spoken::gain(gain_db)));
        let side = if pan < 0.0 { "left" } else { "right" };
        let pan = (pan.abs() >= NEGLIGIBLE_PAN).then(|| format!("{} {side}", percent(pan.abs())));
        let said: Vec<String> = level.into_iter().chain(pan).collect();
        (!said.is_empty()).then(|| said.join(", "))
    }

    fn picture(&self, settings: &Settings) -> Option<Picture> {
        Some(Picture::Fader(fader(settings)))
    }

    fn device(&self) -> Device {
        Device::Fader(fader)
    }
}

fn fader(settings: &Settings) -> Fader {
    let [gain_db, pan] = settings.numbers(["gain_db", "pan"]);
    Fader { gain_db, pan }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::processors::telling::testing::{clause, phrase};

    fn gain(gain_db: f64, pan: f64) -> Settings {
        Settings::blank(Kind::GainPan).with("gain_db", gain_db).with("pan", pan)
    }

    #[test]
    fn a_fader_and_its_pan_pot_have_their_words() {
        assert_eq!(phrase(&gain(-4.2, -0.23), 0.5), "−4.2 dB, pan L23");
        assert_eq!(phrase(&gain(1.0, 1.0), 0.5), "+1.0 dB, pan R100");
        assert_eq!(phrase(&gain(-0.01, 0.004), 0.5), "0.0 dB, pan C");
        assert_eq!(clause(&gain(-4.2, -0.23), 0.5).unwrap(), "fader −4.2 dB, 23 % left");
        assert_eq!(clause(&gain(0.01, 0.0), 0.5), None);
    }
}

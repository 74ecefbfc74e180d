//! A band of a parametric equaliser, and the few of them that a response comes to.

use serde::{Deserialize, Serialize};

/// A response as the bands of a parametric equaliser.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bands {
    /// By frequency, six at most.
    pub bands: Vec<Band>,
    /// A gain for all frequencies besides, dB.
    pub bands_level_db: f64,
    /// How far bands and level are from the response, dB RMS, weighted by where there is a signal.
    pub bands_residual_db: f64,
}

/// One band of a parametric equaliser: a biquad of the Audio EQ Cookbook at the session's sample rate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Band {
    /// What it does.
    #[serde(rename = "type")]
    pub shape: Shape,
    /// Corner or centre frequency, Hz.
    pub hz: f64,
    /// Gain, dB; 0 for high- and low-pass.
    pub db: f64,
    /// Quality.
    pub q: f64,
}

/// What a band does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// 12 dB an octave below its frequency.
    HighPass,
    /// A gain below its frequency.
    LowShelf,
    /// A gain around its frequency.
    Bell,
    /// A gain above its frequency.
    HighShelf,
    /// 12 dB an octave above its frequency.
    LowPass,
}

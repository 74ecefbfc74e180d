//! Frequency responses.

use serde::{Deserialize, Serialize};

/// Centres of the third-octave bands of a [`Response`], Hz.
pub const THIRD_OCTAVES: [f64; 31] = [
    20.0, 25.0, 31.5, 40.0, 50.0, 63.0, 80.0, 100.0, 125.0, 160.0, 200.0, 250.0, 315.0, 400.0, 500.0, 630.0,
    800.0, 1000.0, 1250.0, 1600.0, 2000.0, 2500.0, 3150.0, 4000.0, 5000.0, 6300.0, 8000.0, 10000.0, 12500.0,
    16000.0, 20000.0,
];

/// A frequency response.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// Frequencies, Hz.
    pub hz: Vec<f64>,
    /// Levels, dB.
    pub db: Vec<f64>,
}

/// A linear gain in dB, held above −120 dB so that reports stay finite.
pub(super) fn decibels(gain: f64) -> f64 {
    20.0 * gain.abs().max(1e-6).log10()
}

//! The window of all spectra.

use std::f64::consts::TAU;

/// Sample `i` of a periodic Hann window of `n` samples.
pub fn hann_at(i: usize, n: usize) -> f64 {
    0.5 - 0.5 * (TAU * i as f64 / n as f64).cos()
}

/// A periodic Hann window of `n` samples.
pub fn hann(n: usize) -> Vec<f32> {
    (0..n).map(|i| hann_at(i, n) as f32).collect()
}

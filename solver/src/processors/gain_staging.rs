//! The gain-staging regulariser (MATH.md §1): a processor should leave the level as it found it.

use crate::dsp::{Stereo, sum_of_squares};

/// Keeps the logarithm of silence finite.
const FLOOR: f64 = 1e-7;

/// `|ln(mean x² + 1e-7) − ln(mean y² + 1e-7)|` and what its gradient needs.
#[derive(Clone, Copy, Debug, Default)]
pub struct GainStaging {
    /// The regulariser.
    pub value: f64,
    /// `∂value/∂x[n] = input_slope · x[n]`.
    pub input_slope: f64,
    /// `∂value/∂y[n] = output_slope · y[n]`.
    pub output_slope: f64,
}

impl GainStaging {
    /// Compares the level of a processor's input with that of its wet output.
    pub fn of(input: &Stereo, wet_output: &Stereo) -> Self {
        let count = 2.0 * input.len().max(1) as f64;
        let mean = |s: &Stereo| s.channels.iter().map(|c| sum_of_squares(c)).sum::<f64>() / count + FLOOR;
        let (x, y) = (mean(input), mean(wet_output));
        let difference = x.ln() - y.ln();
        let sign = if difference == 0.0 { 0.0 } else { difference.signum() };
        Self {
            value: difference.abs(),
            input_slope: sign * 2.0 / (count * x),
            output_slope: -sign * 2.0 / (count * y),
        }
    }
}

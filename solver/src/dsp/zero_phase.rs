//! Windowed zero-phase FIR filters drawn from a magnitude response (MATH.md §1), and the adjoint of that drawing.

use std::f64::consts::TAU;
use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

/// Turns `bins` magnitudes into `2·bins − 1` taps, centred on tap `bins − 1`, under a periodic Hann window.
pub struct ZeroPhase {
    bins: usize,
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
    window: Vec<f32>,
}

impl ZeroPhase {
    /// A design with `bins` magnitudes from 0 Hz to just below the Nyquist frequency.
    pub fn new(bins: usize) -> Self {
        let taps = 2 * bins - 1;
        let mut planner = RealFftPlanner::new();
        let hann = |i: usize| 0.5 - 0.5 * (TAU * i as f64 / taps as f64).cos();
        Self {
            bins,
            forward: planner.plan_fft_forward(taps),
            inverse: planner.plan_fft_inverse(taps),
            window: (0..taps).map(|i| hann(i) as f32).collect(),
        }
    }

    /// The number of taps.
    pub fn taps(&self) -> usize {
        2 * self.bins - 1
    }

    /// Draws the filter: `magnitudes[bins]` → `taps[2·bins − 1]`.
    pub fn design(&self, magnitudes: &[f32], taps: &mut [f32]) {
        let n = self.taps();
        let mut spectrum: Vec<_> = magnitudes.iter().map(|&h| Complex::new(h, 0.0)).collect();
        let mut response = self.inverse.make_output_vec();
        self.inverse.process(&mut spectrum, &mut response).expect("buffers have the plan's lengths");
        for (i, tap) in taps.iter_mut().enumerate() {
            *tap = self.window[i] * response[(i + n - (self.bins - 1)) % n] / n as f32;
        }
    }

    /// The adjoint of [`design`](Self::design): `∂ℓ/∂taps` → `∂ℓ/∂magnitudes`, added to `gradient[bins]`.
    pub fn design_backward(&self, taps_gradient: &[f32], gradient: &mut [f32]) {
        let n = self.taps();
        let mut windowed = self.forward.make_input_vec();
        for (i, (g, w)) in taps_gradient.iter().zip(&self.window).enumerate() {
            windowed[(i + n - (self.bins - 1)) % n] = g * w;
        }
        let mut spectrum = self.forward.make_output_vec();
        self.forward.process(&mut windowed, &mut spectrum).expect("buffers have the plan's lengths");
        for (k, (g, s)) in gradient.iter_mut().zip(&spectrum).enumerate() {
            let twice = if k == 0 { 1.0 } else { 2.0 };
            *g += twice * s.re / n as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ZeroPhase;
    use crate::dsp::dot;
    use crate::golden::{Golden, assert_close};

    #[test]
    fn taps_are_those_of_the_golden_equalizer() {
        let golden = Golden::open("eq");
        let design = ZeroPhase::new(1024);
        let logs = golden.f32("param.log_magnitude");
        let mut taps = vec![0.0; 2047];
        for (node, wanted) in logs.chunks(1024).zip(golden.f32("fir").chunks(2047)) {
            let magnitudes: Vec<f32> = node.iter().map(|v| v.exp()).collect();
            design.design(&magnitudes, &mut taps);
            assert_close("fir", &taps, wanted, 1e-6);
        }
    }

    #[test]
    fn backward_is_the_adjoint() {
        let design = ZeroPhase::new(20);
        let magnitudes: Vec<f32> = (0..20).map(|k| (k as f32 * 1.7).sin()).collect();
        let weights: Vec<f32> = (0..39).map(|i| (i as f32 * 0.9).cos()).collect();
        let mut taps = vec![0.0; 39];
        design.design(&magnitudes, &mut taps);
        let mut gradient = vec![0.0; 20];
        design.design_backward(&weights, &mut gradient);
        let (one, other) = (dot(&taps, &weights), dot(&magnitudes, &gradient));
        assert!((one - other).abs() < 1e-5, "{one} {other}");
    }
}

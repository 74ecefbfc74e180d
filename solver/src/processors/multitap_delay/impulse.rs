//! An impulse whose position can be learnt (MATH.md §6): a damped complex exponential over frequency, heard as the unit
//! impulse at its peak, differentiated as it is.

use std::f64::consts::TAU;
use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

use crate::dsp::Pool;

/// Samples at [`REFERENCE`](crate::clock::REFERENCE) that one impulse can lie on: 100 ms.
pub const SEGMENT: usize = 3000;
/// The last bin of an impulse: 15 kHz.
const LAST: usize = SEGMENT / 2;
const TINY: f64 = 1e-7;

/// A tap's parameter z̃, or the gradient `∂ℓ/∂re + i·∂ℓ/∂im` of it.
pub type Position = Complex<f64>;

/// `q`, the ratio of neighbouring bins: z̃ pulled inside the unit circle.
fn ratio(z: Position) -> Complex<f64> {
    z * (z.norm().tanh() / (z.norm() + TINY)) + TINY
}

/// The sample of its [`SEGMENT`] on which the impulse of `z` lies: the peak in closed form.
pub fn onset(z: Position) -> usize {
    #[cfg(test)]
    if let Some(onset) = super::golden_onsets::prescribed(z) {
        return onset;
    }
    let turns = -ratio(z).arg() / TAU;
    (turns * SEGMENT as f64).round().rem_euclid(SEGMENT as f64) as usize
}

/// The distance of a position from the unit circle, `(1 − tanh ρ)²`, and its gradient.
pub fn radius_penalty(z: Position) -> (f64, Position) {
    let radius = z.norm();
    let short = 1.0 - radius.tanh();
    let slope = -2.0 * short * (1.0 - radius.tanh().powi(2));
    let gradient = if radius > 0.0 { z * (slope / radius) } else { Position::ZERO };
    (short * short, gradient)
}

/// The direction of a gradient: of unit length, unless it vanishes.
pub fn direction(gradient: Position) -> Position {
    gradient / (gradient.norm() + TINY)
}

/// Turns gradients of an impulse's samples into gradients of its position.
///
/// An impulse's bins are 10 Hz apart and end at 15 kHz, whatever the rate of its samples.
pub struct ImpulseGradient {
    samples: usize,
    forward: Arc<dyn RealToComplex<f32>>,
    /// A spectrum and what the transform works in.
    scratch: Pool<[Vec<Complex<f32>>; 2]>,
}

impl ImpulseGradient {
    /// Plans the transform of impulses of `samples` samples.
    pub fn new(samples: usize) -> Self {
        let forward = RealFftPlanner::new().plan_fft_forward(samples);
        let plan = Arc::clone(&forward);
        let scratch = move || [plan.make_output_vec(), plan.make_scratch_vec()];
        Self { samples, forward, scratch: Pool::new(scratch) }
    }

    /// The gradient of `z` from that of the samples of its impulse, which are overwritten.
    pub fn position(&self, z: Position, samples: &mut [f32]) -> Position {
        let by_ratio = self.scratch.with(|[spectrum, work]| {
            let done = self.forward.process_with_scratch(samples, spectrum, work);
            done.expect("buffers have the plan's lengths");
            along_bins(ratio(z), spectrum, self.samples)
        });
        let radius = z.norm();
        let (tanh, below) = (radius.tanh(), radius + TINY);
        let stretch = tanh / below;
        let stretch_slope = (1.0 - tanh * tanh) / below - tanh / (below * below);
        let along = by_ratio.re * z.re + by_ratio.im * z.im;
        let radial = if radius > 0.0 { stretch_slope / radius * along } else { 0.0 };
        by_ratio * stretch + z * radial
    }
}

/// `conj(1/N · Σ κ_k·k·q^{k−1}·conj(spectrum_k))`, k = 1 ..= N/2 or to [`LAST`], for N samples.
fn along_bins(q: Complex<f64>, spectrum: &[Complex<f32>], samples: usize) -> Complex<f64> {
    const LANES: usize = 4;
    let last = LAST.min(samples / 2);
    // Four interleaved Horner schemes in q⁴, from the last bin down: each step waits for no other lane.
    let power = q.powu(LANES as u32);
    let mut lanes = [Complex::ZERO; LANES];
    let term = |k: usize| {
        if k > last {
            return Complex::ZERO;
        }
        let twice = if k == last { 1.0 } else { 2.0 };
        let bin = spectrum[k];
        Complex::new(bin.re as f64, -bin.im as f64) * (twice * k as f64)
    };
    for block in (0..last.div_ceil(LANES)).rev() {
        for (lane, sum) in lanes.iter_mut().enumerate() {
            *sum = *sum * power + term(1 + block * LANES + lane);
        }
    }
    let sum = lanes.iter().rev().fold(Complex::ZERO, |sum, lane| sum * q + lane);
    sum.conj() / samples as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden::{Golden, assert_close};

    /// The impulse that gradients see.
    fn soft(z: Position) -> Vec<f64> {
        let q = ratio(z);
        let n = SEGMENT as f64;
        let sample = |i: usize| {
            let turn = Complex::cis(TAU * i as f64 / n);
            let a = q * turn;
            let half = SEGMENT / 2;
            let sum = a * (1.0 - a.powu(half as u32 - 1)) / (1.0 - a);
            (1.0 + 2.0 * sum.re + a.powu(half as u32).re) / n
        };
        (0..SEGMENT).map(sample).collect()
    }

    fn golden_positions(golden: &Golden) -> Vec<Position> {
        let z = golden.f32("param.delay_z");
        z.chunks(2).map(|z| Position::new(z[0] as f64, z[1] as f64)).collect()
    }

    #[test]
    fn onsets_are_the_golden_ones() {
        let golden = Golden::open("delay");
        let found: Vec<i32> = golden_positions(&golden).into_iter().map(|z| onset(z) as i32).collect();
        assert_eq!(found, golden.i32("onset"));
    }

    #[test]
    fn onsets_are_the_peaks_of_the_soft_impulses() {
        let golden = Golden::open("delay");
        let wanted = golden.f32("soft_ir_node0_tap0to3");
        for (z, wanted) in golden_positions(&golden).into_iter().zip(wanted.chunks(SEGMENT)) {
            let soft = soft(z);
            let found: Vec<f32> = soft.iter().map(|&v| v as f32).collect();
            assert_close("soft impulse", &found, wanted, 1e-4);
            let peak = (0..SEGMENT).max_by(|&a, &b| soft[a].total_cmp(&soft[b])).unwrap();
            assert_eq!(onset(z), peak);
        }
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let gradient = ImpulseGradient::new(SEGMENT);
        let weights: Vec<f32> = (0..SEGMENT).map(|i| (i as f32 * 0.021).sin()).collect();
        for z in [(0.6, -0.4), (-0.01, 0.006), (0.1, 2.0)].map(|(re, im)| Position::new(re, im)) {
            let loss = |z| soft(z).iter().zip(&weights).map(|(s, &w)| s * w as f64).sum::<f64>();
            let difference = |step| (loss(z + step) - loss(z - step)) / 2e-6;
            let wanted =
                Position::new(difference(Position::new(1e-6, 0.0)), difference(Position::new(0.0, 1e-6)));
            let found = gradient.position(z, &mut weights.clone());
            assert!((found - wanted).norm() < 1e-4 * wanted.norm(), "{z}: {found} {wanted}");
            let (_, found) = radius_penalty(z);
            let penalty = |step| (radius_penalty(z + step).0 - radius_penalty(z - step).0) / 2e-6;
            let wanted = Position::new(penalty(Position::new(1e-6, 0.0)), penalty(Position::new(0.0, 1e-6)));
            assert!((found - wanted).norm() < 1e-5, "{z}: {found} {wanted}");
        }
    }

    #[test]
    fn gradients_point_the_same_way_at_every_rate() {
        // The slope of a smooth gradient, sampled at either rate.
        let slope = |i: usize, n: usize| (TAU * 3.3 * i as f64 / n as f64 + 0.4).sin() as f32;
        let z = Position::new(0.6, -0.9);
        let of = |n: usize| {
            let mut samples: Vec<f32> = (0..n).map(|i| slope(i, n)).collect();
            direction(ImpulseGradient::new(n).position(z, &mut samples))
        };
        for n in [2400, 4410, 4800] {
            assert!((of(n) - of(SEGMENT)).norm() < 2e-2, "{n}: {} {}", of(n), of(SEGMENT));
        }
    }

    #[test]
    fn nothing_is_undefined_at_the_centre() {
        assert_eq!(onset(Position::ZERO), 0);
        assert_eq!(radius_penalty(Position::ZERO), (1.0, Position::ZERO));
        assert_eq!(direction(Position::ZERO), Position::ZERO);
        let mut samples = vec![1.0; SEGMENT];
        assert!(ImpulseGradient::new(SEGMENT).position(Position::ZERO, &mut samples).is_finite());
    }
}

//! A-weighting: a linear-phase FIR that hears as the ear does at low levels (MATH.md §8.1).

use std::f64::consts::{PI, TAU};

use multiversion::multiversion;
use rayon::prelude::*;

use crate::dsp::{Pool, Stereo, solve_symmetric};

const TAPS: usize = 101;
const HALF: usize = TAPS / 2;
/// Points of the analogue response that the design fits, pairwise the edges of its bands.
const POINTS: usize = 512;
/// Taps applied in one sweep over a block, so that the block's sums stay in registers for that long.
const TAPS_PER_SWEEP: usize = 8;
const PADDED_TAPS: usize = TAPS.next_multiple_of(TAPS_PER_SWEEP);
/// Outputs that are summed at once.
const BLOCK: usize = 128;
/// Outputs of one parallel job.
const CHUNK: usize = 64 * BLOCK;

/// The filter, its gain being 1 at 1 kHz. It is symmetric, hence its own adjoint.
pub struct AWeighting {
    taps: [f32; PADDED_TAPS],
    inputs: Pool<Vec<f32>>,
}

impl AWeighting {
    /// The least-squares fit of the analogue curve at `rate` Hz.
    pub fn new(rate: u32) -> Self {
        let mut taps = [0.0; PADDED_TAPS];
        let amplitudes = fit(|half_cycles| response(half_cycles, rate as f64));
        for (k, a) in amplitudes.iter().enumerate() {
            let tap = if k == 0 { *a } else { 0.5 * a } as f32;
            taps[HALF - k] = tap;
            taps[HALF + k] = tap;
        }
        Self { taps, inputs: Pool::new(|| vec![0.0; CHUNK + PADDED_TAPS]) }
    }

    /// Filters `input[skip..]` into `output`; what lies outside `input[skip..skip + output.len()]` counts as zero.
    pub fn apply(&self, input: &Stereo, skip: usize, output: &mut Stereo) {
        output.channels.par_iter_mut().zip(&input.channels).for_each(|(output, input)| {
            let input = input.get(skip..).unwrap_or_default();
            let input = &input[..input.len().min(output.len())];
            self.apply_channel(input, output);
        });
    }

    /// Filters `input` into `output`, zero where `input` has ended.
    pub fn apply_channel(&self, input: &[f32], output: &mut [f32]) {
        output.par_chunks_mut(CHUNK).with_max_len(1).enumerate().for_each(|(chunk, output)| {
            self.inputs.with(|padded| {
                let before = HALF.saturating_sub(chunk * CHUNK);
                let from = (chunk * CHUNK + before).saturating_sub(HALF).min(input.len());
                let until = (chunk * CHUNK + output.len() + HALF).min(input.len()).max(from);
                padded[..before].fill(0.0);
                padded[before..before + until - from].copy_from_slice(&input[from..until]);
                padded[before + until - from..].fill(0.0);
                convolve(padded, &self.taps, output);
            });
        });
    }
}

/// `output[i] = Σ_k taps[k]·input[i + k]`
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2+fma"))]
fn convolve(input: &[f32], taps: &[f32; PADDED_TAPS], output: &mut [f32]) {
    for (block, output) in output.chunks_mut(BLOCK).enumerate() {
        let mut sums = [0.0f32; BLOCK];
        for (sweep, t) in taps.as_chunks::<TAPS_PER_SWEEP>().0.iter().enumerate() {
            let start = block * BLOCK + sweep * TAPS_PER_SWEEP;
            let x = &input[start..start + BLOCK + TAPS_PER_SWEEP];
            for i in 0..BLOCK {
                let mut sum = sums[i];
                for k in 0..TAPS_PER_SWEEP {
                    sum += t[k] * x[i + k];
                }
                sums[i] = sum;
            }
        }
        output.copy_from_slice(&sums[..output.len()]);
    }
}

/// The analogue curve's magnitude, warped by the bilinear transform, at `half_cycles` per sample (1 is Nyquist).
fn response(half_cycles: f64, rate: f64) -> f64 {
    analogue(2.0 * rate * (0.5 * PI * half_cycles).tan())
}

/// The analogue curve's magnitude at the angular frequency `omega`, 1/s.
pub fn analogue(omega: f64) -> f64 {
    const POLES: [f64; 6] = [20.598_997, 20.598_997, 107.652_65, 737.862_23, 12_194.217, 12_194.217];
    let gain = (TAU * 12_194.217).powi(2) * 10f64.powf(1.9997 / 20.0);
    POLES.iter().fold(gain * omega.powi(4), |h, pole| h / omega.hypot(TAU * pole))
}

/// `a_k` of the zero-phase response `Σ_k a_k·cos(πkf)` that is closest, in least squares over the bands, to the straight
/// lines between `wanted` at each band's edges. Frequencies `f` in half cycles per sample.
fn fit(wanted: impl Fn(f64) -> f64) -> [f64; HALF + 1] {
    // ∫cos(πnf) df and ∫(f − from)·cos(πnf) df over one band
    let cosine = |n: f64, from: f64, to: f64| {
        if n == 0.0 { to - from } else { ((PI * n * to).sin() - (PI * n * from).sin()) / (PI * n) }
    };
    let ramp = |n: f64, from: f64, to: f64| {
        let width = to - from;
        if n == 0.0 {
            return 0.5 * width * width;
        }
        let w = PI * n;
        width * (w * to).sin() / w + ((w * to).cos() - (w * from).cos()) / (w * w)
    };
    let mut moments = [0.0; 2 * HALF + 1];
    let mut right = [0.0; HALF + 1];
    for band in 0..POINTS / 2 {
        let [from, to] = [0, 1].map(|edge| (2 * band + edge) as f64 / POINTS as f64);
        let (low, high) = (wanted(from), wanted(to));
        let slope = (high - low) / (to - from);
        for (n, moment) in moments.iter_mut().enumerate() {
            *moment += cosine(n as f64, from, to);
        }
        for (n, r) in right.iter_mut().enumerate() {
            *r += low * cosine(n as f64, from, to) + slope * ramp(n as f64, from, to);
        }
    }
    // cos·cos as cosines of difference and sum
    let normal = |k: usize, l: usize| 0.5 * (moments[k.abs_diff(l)] + moments[k + l]);
    let mut matrix: Vec<f64> = (0..=HALF).flat_map(|k| (0..=HALF).map(move |l| normal(k, l))).collect();
    solve_symmetric(&mut matrix, &mut right);
    right
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden::{Golden, assert_close};

    #[test]
    fn taps_are_the_golden_ones() {
        let found = AWeighting::new(30_000).taps;
        assert_close("taps", &found[..TAPS], &Golden::open("loss").f32("a_weighting_taps"), 1e-6);
        assert_eq!(found[TAPS..], [0.0; PADDED_TAPS - TAPS]);
    }

    #[test]
    fn one_kilohertz_passes_at_unit_gain_whatever_the_rate() {
        for rate in [22_050, 30_000, 44_100, 48_000] {
            let taps = AWeighting::new(rate).taps;
            let gain_at = |hz: f64| -> f64 {
                let angle = |i: usize| TAU * hz / rate as f64 * (i as f64 - HALF as f64);
                (0..TAPS).map(|i| taps[i] as f64 * angle(i).cos()).sum()
            };
            assert!((gain_at(1000.0) - 1.0).abs() < 0.05, "{rate} Hz: {}", gain_at(1000.0));
            assert!(gain_at(100.0) < 0.2, "{rate} Hz: {}", gain_at(100.0));
        }
    }

    #[test]
    fn chunks_meet_without_a_seam() {
        let filter = AWeighting::new(30_000);
        for n in [0, 1, 60, CHUNK, CHUNK + 30, 2 * CHUNK + 7] {
            let input: Vec<f32> = (0..n).map(|i| ((i * i) as f32 * 0.37).sin()).collect();
            let mut found = vec![f32::NAN; n];
            filter.apply_channel(&input, &mut found);
            for i in (0..n).filter(|i| i % CHUNK < 130 || i % CHUNK > CHUNK - 130) {
                let at = |k: usize| (i + k).checked_sub(HALF).and_then(|j| input.get(j));
                let wanted: f32 = (0..TAPS).map(|k| filter.taps[k] * at(k).unwrap_or(&0.0)).sum();
                assert!((found[i] - wanted).abs() < 1e-5, "{n} {i}: {} {wanted}", found[i]);
            }
        }
    }
}

//! The energy smoother of the dynamics processors (MATH.md §2) and its reverse.
//!
//! A one-pole lowpass whose impulse response is cut after [`smoother_taps`] samples, as a recursion in f64. What depends on the
//! sample before is kept to one multiply-add in four samples; the rest vectorises.

use multiversion::multiversion;

use crate::clock::REFERENCE;

/// Samples worked at a time; a divisor of the impulse response's length, so that a block lies on one side of the cut.
const BLOCK: usize = 256;

/// Length of the impulse response at [`REFERENCE`], samples.
const REFERENCE_TAPS: usize = 16384;

/// Length of the impulse response at `rate` Hz, samples: 0.55 s, to the nearest block.
pub fn smoother_taps(rate: u32) -> usize {
    let blocks = (REFERENCE_TAPS / BLOCK) as f64 * f64::from(rate) / f64::from(REFERENCE);
    blocks.round() as usize * BLOCK
}

/// Below this weight the end of the impulse response is left uncut.
const NO_CUT: f64 = 1e-12;

/// A state below this at the end of a block becomes silence: tails would linger among the subnormal numbers, which
/// computers handle slowly, and log(e + 1e-5) does not see them anyway.
const SILENCE: f64 = 1e-30;

const LANES: usize = 8;

/// The smoother's coefficient and what follows from it.
#[derive(Clone, Copy)]
struct Pole {
    alpha: f64,
    /// α, α², α³, α⁴.
    powers: [f64; 4],
    /// Length of the impulse response, samples.
    taps: usize,
    /// α^taps, the weight of what the cut takes away; 0 where it does not matter.
    cut: f64,
}

impl Pole {
    #[inline(always)]
    fn new(alpha: f64, taps: usize) -> Self {
        let cut = (taps as f64 * alpha.ln()).exp();
        let square = alpha * alpha;
        Self {
            alpha,
            powers: [alpha, square, square * alpha, square * square],
            taps,
            cut: if cut < NO_CUT { 0.0 } else { cut },
        }
    }

    /// `d[n] ← d[n] + α·d[n−1]` from `state` on; returns the last.
    #[inline(always)]
    fn run(&self, mut state: f64, drive: &mut [f64; BLOCK]) -> f64 {
        for d in drive.as_chunks_mut::<4>().0 {
            // The response to these four alone does not wait for the state.
            d[1] += self.alpha * d[0];
            d[2] += self.alpha * d[1];
            d[3] += self.alpha * d[2];
            for (d, power) in d.iter_mut().zip(self.powers) {
                *d += power * state;
            }
            state = d[3];
        }
        if state.abs() < SILENCE { 0.0 } else { state }
    }
}

/// `Σ a·b` over the length of `a`.
#[inline(always)]
fn dot(a: &[f64], b: &[f32]) -> f64 {
    let (a, a_rest) = a.as_chunks::<LANES>();
    let (b, b_rest) = b[..a.len() * LANES + a_rest.len()].as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for (a, b) in a.iter().zip(b) {
        for i in 0..LANES {
            lanes[i] += a[i] * b[i] as f64;
        }
    }
    let rest = a_rest.iter().zip(b_rest).map(|(&a, &b)| a * b as f64);
    lanes.iter().sum::<f64>() + rest.sum::<f64>()
}

/// Smooths an energy: `e[n] = max(0, Σ_{j<taps} (1−α)·α^j·u[n−j])`.
///
/// 0 ≤ α < 1; `taps` is one of [`smoother_taps`]; `u` ≥ 0 and `e` have one length. Silence before the first sample.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2+fma"))]
pub fn smooth(alpha: f64, taps: usize, u: &[f32], e: &mut [f32]) {
    let pole = Pole::new(alpha, taps);
    let gain = 1.0 - pole.alpha;
    let mut drive = [0.0; BLOCK];
    let mut state = 0.0;
    for (i, (new, out)) in u.chunks(BLOCK).zip(e.chunks_mut(BLOCK)).enumerate() {
        for (d, &new) in drive.iter_mut().zip(new) {
            *d = gain * new as f64;
        }
        if let Some(start) = (i * BLOCK).checked_sub(pole.taps).filter(|_| pole.cut > 0.0) {
            for (d, &old) in drive.iter_mut().zip(&u[start..]).take(new.len()) {
                *d -= gain * pole.cut * old as f64;
            }
        }
        state = pole.run(state, &mut drive);
        for (out, &d) in out.iter_mut().zip(&drive) {
            *out = d.max(0.0) as f32;
        }
    }
}

/// The reverse of [`smooth`]: turns `∂ℓ/∂e` into `∂ℓ/∂u` in place and returns `∂ℓ/∂α`.
///
/// `u` and `e` are those of the forward pass. No gradient flows where `e` is 0.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2+fma"))]
pub fn smooth_backward(alpha: f64, taps: usize, u: &[f32], e: &[f32], grad: &mut [f32]) -> f64 {
    let pole = Pole::new(alpha, taps);
    let gain = 1.0 - pole.alpha;
    // ds[n]/dα = s[n−1] − u[n] + tail·u[n−taps], from s[n] = α·s[n−1] + (1−α)(u[n] − α^taps·u[n−taps]).
    let tail = if pole.cut > 0.0 { pole.cut - gain * taps as f64 * pole.cut / pole.alpha } else { 0.0 };

    let mut drive = [0.0; BLOCK];
    let mut state = 0.0;
    let mut alpha_gradient = 0.0;
    for (i, g) in grad.chunks_mut(BLOCK).enumerate().rev() {
        let start = i * BLOCK;
        let (u_here, e_here) = (&u[start..][..g.len()], &e[start..][..g.len()]);
        // Backwards in time, and the last block's missing samples come first: they are silent.
        drive.fill(0.0);
        for ((d, &g), &e) in drive[BLOCK - g.len()..].iter_mut().rev().zip(&*g).zip(e_here) {
            *d = if e > 0.0 { g as f64 } else { 0.0 };
        }
        state = pole.run(state, &mut drive);
        drive.reverse();

        let adjoint = &drive[..g.len()];
        let first = usize::from(start == 0);
        alpha_gradient += dot(&adjoint[first..], &e[start + first - 1..]) - dot(adjoint, u_here);
        if let Some(past) = start.checked_sub(taps).filter(|_| pole.cut > 0.0) {
            alpha_gradient += tail * dot(adjoint, &u[past..]);
        }
        for (g, &adjoint) in g.iter_mut().zip(adjoint) {
            *g = adjoint as f32;
        }
    }

    // ∂ℓ/∂u[n] = (1−α)(λ[n] − α^taps·λ[n+taps]), λ being what the recursion left in `grad`.
    let (gain, cut) = (gain as f32, pole.cut as f32);
    let whole = grad.len().saturating_sub(taps);
    if cut > 0.0 {
        for n in 0..whole {
            grad[n] -= cut * grad[n + taps];
        }
    }
    grad.iter_mut().for_each(|g| *g *= gain);
    alpha_gradient
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden::{Golden, assert_close};

    const TAPS: usize = REFERENCE_TAPS;
    const NEAR_ONE: f32 = 1.0 - 1e-5;
    const ALPHAS: [f32; 4] = [0.5, 0.99, 0.9999, NEAR_ONE];

    /// Bursts of energy with silence between them, and no whole number of blocks.
    fn energy(samples: usize) -> Vec<f32> {
        let noise = |n: usize| ((n as u32).wrapping_mul(2_654_435_761) >> 8) as f32 / (1 << 24) as f32;
        (0..samples).map(|n| if n % 9000 < 5000 { noise(n).powi(4) } else { 0.0 }).collect()
    }

    /// The taps themselves, summed at sample `n`.
    fn direct(alpha: f64, u: &[f64], n: usize) -> f64 {
        let taps = n.min(TAPS - 1);
        (0..=taps).map(|j| (1.0 - alpha) * alpha.powi(j as i32) * u[n - j]).sum()
    }

    fn sigmoid(z: f32) -> f32 {
        1.0 / (1.0 + (-z).exp())
    }

    #[test]
    fn the_recursion_is_the_sum_of_the_taps() {
        let u = energy(40_001);
        let wide: Vec<f64> = u.iter().map(|&u| u as f64).collect();
        let mut e = vec![f32::NAN; u.len()];
        for alpha in ALPHAS {
            smooth(alpha as f64, TAPS, &u, &mut e);
            for n in (0..u.len()).step_by(397).chain([16_383, 16_384, 16_385, 40_000]) {
                let wanted = direct(alpha as f64, &wide, n);
                assert!(
                    (e[n] as f64 - wanted).abs() <= 1e-7 * wanted + 1e-20,
                    "{alpha} {n}: {} {wanted}",
                    e[n]
                );
            }
        }
    }

    #[test]
    fn the_cut_comes_after_as_many_seconds_at_every_rate() {
        assert_eq!(smoother_taps(REFERENCE), REFERENCE_TAPS);
        for rate in [8_000, 22_050, 44_100, 48_000, 192_000] {
            let (taps, wanted) = (smoother_taps(rate), 16_384.0 / 30_000.0 * rate as f64);
            assert!(taps.is_multiple_of(BLOCK) && (taps as f64 - wanted).abs() <= 128.0, "{rate} Hz: {taps}");
        }
    }

    #[test]
    fn a_tail_longer_than_the_taps_ends_in_silence() {
        let mut u = energy(2000);
        u.resize(40_000, 0.0);
        let mut e = vec![0.0; u.len()];
        for alpha in ALPHAS {
            smooth(alpha as f64, TAPS, &u, &mut e);
            assert!(e[1999] > 0.0);
            assert!(e[2000 + TAPS..].iter().all(|&e| e < 1e-14), "{alpha}");
            assert!(e.iter().filter(|e| e.is_subnormal()).count() < BLOCK, "{alpha}");
        }
    }

    #[test]
    fn the_gradient_is_that_of_finite_differences() {
        let u: Vec<f32> = energy(33_001).iter().map(|u| u + 1e-3).collect();
        let weights: Vec<f32> = (0..u.len()).map(|n| (n as f32 * 0.37).sin() + 0.3).collect();
        let mut e = vec![0.0; u.len()];
        // ℓ = Σ weights·e by a plain recursion in f64.
        let loss = |alpha: f64, u: &[f64]| {
            let cut = alpha.powi(TAPS as i32);
            let mut state = 0.0;
            let mut loss = 0.0;
            for n in 0..u.len() {
                let old = n.checked_sub(TAPS).map_or(0.0, |past| u[past]);
                state = alpha * state + (1.0 - alpha) * (u[n] - cut * old);
                loss += weights[n] as f64 * state;
            }
            loss
        };
        let wide: Vec<f64> = u.iter().map(|&u| u as f64).collect();
        for alpha in ALPHAS {
            smooth(alpha as f64, TAPS, &u, &mut e);
            let mut grad = weights.clone();
            let found = smooth_backward(alpha as f64, TAPS, &u, &e, &mut grad);

            let a = alpha as f64;
            let h = 1e-4 * (1.0 - a);
            let wanted = (loss(a + h, &wide) - loss(a - h, &wide)) / (2.0 * h);
            assert!((found / wanted - 1.0).abs() < 2e-5, "{alpha}: ∂α {found} {wanted}");
            for n in [0, 100, 4999, 9001, 16_384, 16_617, 20_000, 32_999, 33_000] {
                // Linear in u: any step is exact.
                let mut moved = wide.clone();
                moved[n] += 1.0;
                let wanted = loss(a, &moved) - loss(a, &wide);
                let error = (grad[n] as f64 - wanted).abs();
                assert!(error < 1e-6 * (1.0 - a).max(wanted.abs()), "{alpha} {n}: ∂u {} {wanted}", grad[n]);
            }
        }
    }

    #[test]
    fn no_gradient_flows_where_the_energy_is_zero() {
        let u = [0.0, 0.0, 1.0, 0.0];
        let mut e = [0.0; 4];
        smooth(0.5, TAPS, &u, &mut e);
        assert_eq!(e, [0.0, 0.0, 0.5, 0.25]);
        let mut grad = [1.0, 1.0, 0.0, 0.0];
        assert_eq!(smooth_backward(0.5, TAPS, &u, &e, &mut grad), 0.0);
        assert_eq!(grad, [0.0; 4]);
    }

    #[test]
    fn nothing_in_gives_nothing_out() {
        smooth(0.9, TAPS, &[], &mut []);
        assert_eq!(smooth_backward(0.9, TAPS, &[], &[], &mut []), 0.0);
        let mut e = [1.0; 3];
        smooth(0.0, TAPS, &[1.0, 2.0, 3.0], &mut e);
        assert_eq!(e, [1.0, 2.0, 3.0]);
    }

    #[test]
    fn energies_are_those_of_the_golden_compressors() {
        for (name, samples) in [("compressor", 8192), ("compressor_long", 24_576)] {
            let golden = Golden::open(name);
            let input = golden.f32("input");
            let mut e = vec![0.0; samples];
            let rows = input.chunks(2 * samples).zip(golden.f32("param.z_alpha_pre"));
            let wanted = golden.f32("smoothed_energy");
            for ((row, z), wanted) in rows.zip(wanted.chunks(samples)) {
                let (left, right) = row.split_at(samples);
                let u: Vec<f32> = left.iter().zip(right).map(|(l, r)| (l * l + r * r) / 2.0).collect();
                smooth(sigmoid(z).min(NEAR_ONE) as f64, TAPS, &u, &mut e);
                assert_close(name, &e, wanted, 1e-6);
            }
        }
    }
}

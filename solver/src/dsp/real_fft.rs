//! Fourier transforms of real signals of even length, by complex ones of half that length.
//!
//! The crate realfft does the same; its splitting of one half-length spectrum into the spectrum of the real signal is
//! compiled for the oldest processor and took a quarter of a step. Here that part picks its instruction set at run time.

use std::f64::consts::TAU;
use std::sync::Arc;

use multiversion::multiversion;
use realfft::num_complex::Complex;
use rustfft::{Fft, FftPlanner};

/// Plans for one length.
pub struct RealFft {
    len: usize,
    forward: Arc<dyn Fft<f32>>,
    inverse: Arc<dyn Fft<f32>>,
    /// `e^(−2πik/len)`, k = 0 ..= len/4.
    twiddles: Vec<Complex<f32>>,
}

/// What a transform works in.
pub struct Work {
    half: Vec<Complex<f32>>,
    fft: Vec<Complex<f32>>,
}

impl RealFft {
    /// For signals of `len` samples, an even number.
    pub fn new(len: usize) -> Self {
        assert!(len > 0 && len.is_multiple_of(2), "the length must be even");
        let mut planner = FftPlanner::new();
        let twiddle = |k: usize| {
            let (sin, cos) = (TAU * k as f64 / len as f64).sin_cos();
            Complex::new(cos as f32, -sin as f32)
        };
        Self {
            len,
            forward: planner.plan_fft_forward(len / 2),
            inverse: planner.plan_fft_inverse(len / 2),
            twiddles: (0..=len / 4).map(twiddle).collect(),
        }
    }

    /// Bins of a spectrum: from 0 Hz to the Nyquist frequency, both real.
    pub fn bins(&self) -> usize {
        self.len / 2 + 1
    }

    /// A spectrum of zeros.
    pub fn spectrum(&self) -> Vec<Complex<f32>> {
        vec![Complex::default(); self.bins()]
    }

    /// Buffers that a transform works in.
    pub fn work(&self) -> Work {
        let needed = |fft: &Arc<dyn Fft<f32>>| fft.get_outofplace_scratch_len();
        Work {
            half: vec![Complex::default(); self.len / 2],
            fft: vec![Complex::default(); needed(&self.forward).max(needed(&self.inverse))],
        }
    }

    /// `signal`, padded with zeros in front (`before` of them) and behind to the plan's length → `spectrum`.
    pub fn forward(
        &self,
        before: usize,
        signal: &[f32],
        spectrum: &mut [Complex<f32>],
        Work { half, fft }: &mut Work,
    ) {
        pack(before, signal, half);
        let (body, nyquist) = spectrum.split_at_mut(self.len / 2);
        self.forward.process_outofplace_with_scratch(half, body, fft);
        let first = body[0];
        body[0] = Complex::new(first.re + first.im, 0.0);
        nyquist[0] = Complex::new(first.re - first.im, 0.0);
        split(&mut body[1..], &self.twiddles[1..]);
    }

    /// `spectrum` → samples `from .. from + out.len()` of its signal, times the plan's length. The imaginary parts of
    /// the first and the last bin are ignored; the spectrum is overwritten.
    pub fn inverse(
        &self,
        spectrum: &mut [Complex<f32>],
        from: usize,
        out: &mut [f32],
        Work { half, fft }: &mut Work,
    ) {
        let (body, nyquist) = spectrum.split_at_mut(self.len / 2);
        body[0] = Complex::new(body[0].re + nyquist[0].re, body[0].re - nyquist[0].re);
        join(&mut body[1..], &self.twiddles[1..]);
        self.inverse.process_outofplace_with_scratch(body, half, fft);
        unpack(half, from, out);
    }
}

/// Even samples become real, odd ones imaginary parts.
fn pack(before: usize, signal: &[f32], half: &mut [Complex<f32>]) {
    half[..before / 2].fill(Complex::default());
    let mut at = before / 2;
    let mut rest = signal;
    if let (1, Some((&first, others))) = (before % 2, signal.split_first()) {
        half[at] = Complex::new(0.0, first);
        at += 1;
        rest = others;
    }
    let (pairs, odd) = rest.as_chunks::<2>();
    for (h, &[re, im]) in half[at..].iter_mut().zip(pairs) {
        *h = Complex::new(re, im);
    }
    at += pairs.len();
    if let [last] = odd {
        half[at] = Complex::new(*last, 0.0);
        at += 1;
    }
    half[at..].fill(Complex::default());
}

/// The reverse of [`pack`] for the samples from `from` on.
fn unpack(half: &[Complex<f32>], from: usize, out: &mut [f32]) {
    let sample = |n: usize| if n.is_multiple_of(2) { half[n / 2].re } else { half[n / 2].im };
    let odd = from % 2;
    if odd == 1 && !out.is_empty() {
        out[0] = sample(from);
    }
    let aligned = odd.min(out.len());
    let (pairs, rest) = out[aligned..].as_chunks_mut::<2>();
    let start = (from + aligned) / 2;
    for (pair, h) in pairs.iter_mut().zip(&half[start..]) {
        *pair = [h.re, h.im];
    }
    if let [last] = rest {
        *last = half[start + pairs.len()].re;
    }
}

/// Bins that are worked on together.
const LANES: usize = 16;

/// With `M` half the length and `Z` the spectrum of the packed signal, `bins[k − 1]` going from `Z[k]` to
/// `X[k] = ½(Z[k] + Z̄[M−k]) − ½i·W^k·(Z[k] − Z̄[M−k])`, k = 1 .. M; `twiddles[k − 1]` is `W^k`.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2+fma"))]
fn split(bins: &mut [Complex<f32>], twiddles: &[Complex<f32>]) {
    let middle = bins.len() / 2;
    if !bins.len().is_multiple_of(2) {
        // k = M/2, where W^k = −i: only the sign of the imaginary part changes.
        bins[middle].im = -bins[middle].im;
    }
    // −½i·w, from −½i·(w.re + i·w.im)
    mirror(bins, twiddles, |w| [0.5 * w.im, -0.5 * w.re], 0.5);
}

/// The reverse of [`split`], times two: `Z[k] = (X[k] + X̄[M−k]) + i·W^−k·(X[k] − X̄[M−k])`.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2+fma"))]
fn join(bins: &mut [Complex<f32>], twiddles: &[Complex<f32>]) {
    let middle = bins.len() / 2;
    if !bins.len().is_multiple_of(2) {
        bins[middle] = Complex::new(2.0 * bins[middle].re, -2.0 * bins[middle].im);
    }
    // i·w̄
    mirror(bins, twiddles, |w| [w.im, w.re], 1.0);
}

/// Each bin `a` and its mirror image `b` become `s + t` and `s̄ − t̄`, with `s = scale·(a + b̄)`, `t = turn(w)·(a − b̄)`.
#[inline(always)]
fn mirror(
    bins: &mut [Complex<f32>],
    twiddles: &[Complex<f32>],
    turn: impl Fn(Complex<f32>) -> [f32; 2],
    scale: f32,
) {
    let middle = bins.len() / 2;
    let (low, high) = bins.split_at_mut(middle);
    let skip = high.len() - low.len();
    let (low, low_rest) = low.as_chunks_mut::<LANES>();
    let (high_rest, high) = high[skip..].as_rchunks_mut::<LANES>();
    let (twiddles, twiddles_rest) = twiddles[..middle].as_chunks::<LANES>();
    for ((a, b), w) in low.iter_mut().zip(high.iter_mut().rev()).zip(twiddles) {
        let (mut s_re, mut s_im, mut t_re, mut t_im) =
            ([0.0; LANES], [0.0; LANES], [0.0; LANES], [0.0; LANES]);
        for i in 0..LANES {
            let (a, b, [w_re, w_im]) = (a[i], b[LANES - 1 - i], turn(w[i]));
            let (d_re, d_im) = (a.re - b.re, a.im + b.im);
            (s_re[i], s_im[i]) = (scale * (a.re + b.re), scale * (a.im - b.im));
            (t_re[i], t_im[i]) = (w_re * d_re - w_im * d_im, w_re * d_im + w_im * d_re);
        }
        for i in 0..LANES {
            a[i] = Complex::new(s_re[i] + t_re[i], s_im[i] + t_im[i]);
        }
        for (i, b) in b.iter_mut().rev().enumerate() {
            *b = Complex::new(s_re[i] - t_re[i], t_im[i] - s_im[i]);
        }
    }
    for ((a, b), &w) in low_rest.iter_mut().zip(high_rest.iter_mut().rev()).zip(twiddles_rest) {
        let ([w_re, w_im], d_re, d_im) = (turn(w), a.re - b.re, a.im + b.im);
        let (s_re, s_im) = (scale * (a.re + b.re), scale * (a.im - b.im));
        let (t_re, t_im) = (w_re * d_re - w_im * d_im, w_re * d_im + w_im * d_re);
        *a = Complex::new(s_re + t_re, s_im + t_im);
        *b = Complex::new(s_re - t_re, t_im - s_im);
    }
}

#[cfg(test)]
mod tests {
    use realfft::RealFftPlanner;

    use super::*;
    use crate::dsp::testing::noise;

    #[test]
    fn it_is_the_transform_of_realfft_both_ways() {
        for len in [2, 4, 6, 10, 96, 98, 2048, 4860] {
            let fft = RealFft::new(len);
            let (mut work, mut found) = (fft.work(), fft.spectrum());
            for before in [0, 1, 2, len / 2] {
                let signal = noise(len - before, 3);
                let mut padded = vec![0.0; before];
                padded.extend(&signal);
                let mut wanted = fft.spectrum();
                RealFftPlanner::new()
                    .plan_fft_forward(len)
                    .process(&mut padded.clone(), &mut wanted)
                    .unwrap();
                fft.forward(before, &signal, &mut found, &mut work);
                let size = (len as f32).sqrt();
                for (f, w) in found.iter().zip(&wanted) {
                    assert!((f - w).norm() < 1e-6 * size * size.max(4.0), "{len} {before}: {f} {w}");
                }
                for from in [0, 1, len / 2] {
                    let mut back = vec![0.0; len - from];
                    fft.inverse(&mut found.clone(), from, &mut back, &mut work);
                    for (b, w) in back.iter().zip(&padded[from..]) {
                        assert!((b / len as f32 - w).abs() < 1e-5, "{len} {from}: {b} {w}");
                    }
                }
            }
        }
    }
}

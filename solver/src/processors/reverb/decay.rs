//! Decaying noise drawn from magnitudes over frequency (MATH.md §7), and the adjoint of that drawing.

use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

use super::{BINS, CHANNEL_LEN, HOP, SHADE};
use crate::dsp::{self, FrameSpectrum};

/// Length of the impulse response at [`REFERENCE`](crate::clock::REFERENCE), samples: 2 s.
pub const TAPS: usize = 60_000;
const WINDOW: usize = 2 * HOP;
/// Frames of the noise, the first and the last ones centred on its ends.
pub const FRAMES: usize = 1 + TAPS / HOP;

/// Fixed noise in mid and side, and what turns it into an impulse response.
pub struct DecayingNoise {
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
    /// Periodic Hann.
    window: Vec<f32>,
    /// By channel and frame, [`BINS`] each.
    spectra: [Vec<Complex<f32>>; 2],
    /// Per sample, the reciprocal of the overlapping squared windows' sum, the inverse transform's 1/384 included.
    overlap: Vec<f32>,
}

impl DecayingNoise {
    /// Draws the noise.
    pub fn new() -> Self {
        let mut planner = RealFftPlanner::new();
        let forward = planner.plan_fft_forward(WINDOW);
        let inverse = planner.plan_fft_inverse(WINDOW);
        let window = dsp::hann(WINDOW);
        let mut squares = vec![0.0; TAPS];
        for m in 0..FRAMES {
            let (start, inside) = frame(m);
            for (i, sum) in squares[start..].iter_mut().take(inside.len()).enumerate() {
                *sum += dsp::hann_at(inside.start + i, WINDOW).powi(2);
            }
        }
        let overlap = squares.iter().map(|s| (1.0 / (s * WINDOW as f64)) as f32).collect();
        let mut frames = FrameSpectrum::new(WINDOW);
        let spectra = dsp::uniform_noise(TAPS).map(|noise| {
            let mut spectra = Vec::with_capacity(FRAMES * BINS);
            for m in 0..FRAMES {
                spectra.extend_from_slice(frames.of(|i| {
                    let n = (m * HOP + i).abs_diff(HOP);
                    noise[n.min(2 * (TAPS - 1) - n)]
                }));
            }
            spectra
        });
        Self { forward, inverse, window, spectra, overlap }
    }

    /// Draws the impulse responses of `[left, right]` from a row of physical parameters.
    pub fn draw(&self, physical: &[f32], [left, right]: [&mut [f32]; 2]) {
        self.draw_mid_side(physical, [&mut *left, &mut *right]);
        for (l, r) in left.iter_mut().zip(right) {
            (*l, *r) = (*l + *r, *l - *r);
        }
    }

    fn draw_mid_side(&self, physical: &[f32], mid_side: [&mut [f32]; 2]) {
        let [mid, side] = mid_side;
        rayon::join(|| self.draw_channel(0, physical, mid), || self.draw_channel(1, physical, side));
    }

    fn draw_channel(&self, channel: usize, physical: &[f32], response: &mut [f32]) {
        response.fill(0.0);
        let mut mask = [0.0; BINS];
        let mut masked = self.inverse.make_input_vec();
        let mut time = self.inverse.make_output_vec();
        let mut work = self.inverse.make_scratch_vec();
        for (m, noise) in self.spectra[channel].chunks_exact(BINS).enumerate() {
            mask_of_frame(channel, physical, m, &mut mask);
            for ((to, &v), &g) in masked.iter_mut().zip(noise).zip(&mask) {
                *to = v * g;
            }
            masked[0].im = 0.0;
            masked[BINS - 1].im = 0.0;
            let done = self.inverse.process_with_scratch(&mut masked, &mut time, &mut work);
            done.expect("buffers have the plan's lengths");
            let (start, inside) = frame(m);
            let windowed = time[inside.clone()].iter().zip(&self.window[inside]);
            response[start..].iter_mut().zip(windowed).for_each(|(r, (t, w))| *r += t * w);
        }
        response.iter_mut().zip(&self.overlap).for_each(|(r, o)| *r *= o);
    }

    /// The adjoint of [`draw`](Self::draw): adds the gradient of the physical parameters to `gradient`, from that of
    /// the impulse responses, which it overwrites.
    pub fn draw_backward(&self, physical: &[f32], response: &mut [Vec<f32>; 2], gradient: &mut [f32]) {
        let [left, right] = response;
        for (l, r) in left.iter_mut().zip(right.iter_mut()) {
            (*l, *r) = (*l + *r, *l - *r);
        }
        let (mid, side) = gradient_halves(gradient);
        rayon::join(
            || self.draw_channel_backward(0, physical, left, mid),
            || self.draw_channel_backward(1, physical, right, side),
        );
    }

    fn draw_channel_backward(
        &self,
        channel: usize,
        physical: &[f32],
        response: &mut [f32],
        [by_start, by_fall]: [&mut [f32]; 2],
    ) {
        response.iter_mut().zip(&self.overlap).for_each(|(r, o)| *r *= o);
        let mut mask = [0.0; BINS];
        let mut start_sum = [0.0f64; BINS];
        let mut fall_sum = [0.0f64; BINS];
        let mut time = self.forward.make_input_vec();
        let mut spectrum = self.forward.make_output_vec();
        let mut work = self.forward.make_scratch_vec();
        for (m, noise) in self.spectra[channel].chunks_exact(BINS).enumerate() {
            let (start, inside) = frame(m);
            time.fill(0.0);
            let windowed = response[start..].iter().zip(&self.window[inside.clone()]);
            time[inside].iter_mut().zip(windowed).for_each(|(t, (r, w))| *t = r * w);
            let done = self.forward.process_with_scratch(&mut time, &mut spectrum, &mut work);
            done.expect("buffers have the plan's lengths");
            mask_of_frame(channel, physical, m, &mut mask);
            for k in 0..BINS {
                let along = (spectrum[k].re * noise[k].re + spectrum[k].im * noise[k].im) * mask[k];
                start_sum[k] += along as f64;
                fall_sum[k] += along as f64 * m as f64;
            }
        }
        for k in 0..BINS {
            // All bins but the first and the last stand for two of the full spectrum.
            let twice = if k == 0 || k == BINS - 1 { 1.0 } else { 2.0 };
            by_start[k] += (twice * SHADE * start_sum[k]) as f32;
            by_fall[k] -= (twice * SHADE * fall_sum[k]) as f32;
        }
    }
}

/// Where frame `m` begins in the impulse response, and which of its samples lie inside.
fn frame(m: usize) -> (usize, std::ops::Range<usize>) {
    let start = (m * HOP).saturating_sub(HOP);
    let cut = if m == 0 { HOP } else { 0 };
    (start, cut..WINDOW.min(cut + TAPS - start))
}

/// `exp((init − fall·m)/8)` for every bin.
fn mask_of_frame(channel: usize, physical: &[f32], m: usize, mask: &mut [f32; BINS]) {
    let (start, fall) = physical.split_at(CHANNEL_LEN);
    let bins = channel * BINS..(channel + 1) * BINS;
    for ((to, s), f) in mask.iter_mut().zip(&start[bins.clone()]).zip(&fall[bins]) {
        *to = (s - f * m as f32) * SHADE as f32;
    }
    dsp::exp(mask);
}

/// A row's gradients for mid and side, `[init, fall]` each.
fn gradient_halves(gradient: &mut [f32]) -> ([&mut [f32]; 2], [&mut [f32]; 2]) {
    let (start, fall) = gradient.split_at_mut(CHANNEL_LEN);
    let (mid_start, side_start) = start.split_at_mut(BINS);
    let (mid_fall, side_fall) = fall.split_at_mut(BINS);
    ([mid_start, mid_fall], [side_start, side_fall])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden::{Golden, assert_close};
    use crate::processors::Kind;
    use crate::processors::testing::golden_physical;

    #[test]
    fn noise_spectra_are_the_golden_ones() {
        let noise = DecayingNoise::new();
        let golden = Golden::open("reverb").f32("noise_stft_frames0to3");
        for (channel, wanted) in noise.spectra.iter().zip(golden.chunks_exact(BINS * 4 * 2)) {
            let found: Vec<f32> = (0..BINS)
                .flat_map(|k| (0..4).flat_map(move |m| [(k, m, 0), (k, m, 1)]))
                .map(|(k, m, part)| {
                    let v = channel[m * BINS + k];
                    if part == 0 { v.re } else { v.im }
                })
                .collect();
            assert_close("noise", &found, wanted, 1e-6);
        }
    }

    #[test]
    fn an_open_mask_leaves_the_noise_as_it_is() {
        let physical = vec![0.0; 2 * CHANNEL_LEN];
        let mut mid_side = [vec![1.0; TAPS], vec![1.0; TAPS]];
        DecayingNoise::new().draw_mid_side(&physical, mid_side.each_mut().map(|c| c.as_mut_slice()));
        let noise = dsp::uniform_noise(TAPS);
        assert_close("mid", &mid_side[0], &noise[0], 1e-6);
        assert_close("side", &mid_side[1], &noise[1], 1e-6);
    }

    #[test]
    fn mid_and_side_begin_as_the_golden_ones() {
        let golden = Golden::open("reverb");
        let noise = DecayingNoise::new();
        let physical = golden_physical(&golden, Kind::Reverb);
        let wanted = golden.f32("ir_ms_first4096");
        for (row, wanted) in physical.iter().zip(wanted.chunks_exact(2 * 4096)) {
            let mut mid_side = [vec![0.0; TAPS], vec![0.0; TAPS]];
            noise.draw_mid_side(row, mid_side.each_mut().map(|c| c.as_mut_slice()));
            let found = mid_side.map(|c| c[..4096].to_vec()).concat();
            assert_close("mid and side", &found, wanted, 1e-6);
        }
    }
}

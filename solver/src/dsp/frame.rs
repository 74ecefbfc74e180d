//! The spectrum of one frame after another.

use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

use super::hann;

/// Draws the spectra of frames of one length, under a periodic Hann window.
pub struct FrameSpectrum {
    fft: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    time: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    work: Vec<Complex<f32>>,
}

impl FrameSpectrum {
    /// For frames of `samples` samples.
    pub fn new(samples: usize) -> Self {
        let fft = RealFftPlanner::new().plan_fft_forward(samples);
        Self {
            window: hann(samples),
            time: fft.make_input_vec(),
            spectrum: fft.make_output_vec(),
            work: fft.make_scratch_vec(),
            fft,
        }
    }

    /// The spectrum, not scaled, from 0 Hz to the Nyquist frequency, of the frame whose sample `i` is `sample(i)`.
    pub fn of(&mut self, sample: impl Fn(usize) -> f32) -> &[Complex<f32>] {
        for (i, (t, w)) in self.time.iter_mut().zip(&self.window).enumerate() {
            *t = w * sample(i);
        }
        let done = self.fft.process_with_scratch(&mut self.time, &mut self.spectrum, &mut self.work);
        done.expect("buffers have the plan's lengths");
        &self.spectrum
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;

    #[test]
    fn a_tone_lies_in_its_bin_and_the_two_beside_it() {
        let mut frame = FrameSpectrum::new(64);
        let spectrum = frame.of(|i| (TAU * 5.0 * i as f64 / 64.0).cos() as f32);
        assert_eq!(spectrum.len(), 33);
        for (bin, value) in spectrum.iter().enumerate() {
            let wanted = [16.0, 8.0, 0.0][bin.abs_diff(5).min(2)];
            assert!((value.norm() - wanted).abs() < 1e-4, "bin {bin}: {value}");
        }
    }
}

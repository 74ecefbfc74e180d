//! Convolution with short FIR filters in FFT blocks (overlap-save), and its reverse.

use std::sync::Arc;

use realfft::num_complex::Complex;

use super::real_fft::{RealFft, Work};
use super::{Pool, five_smooth_at_least, multiply, multiply_conjugate, multiply_conjugate_add};

/// FFT length where a window is longer than that: the fastest one for some 2000 taps.
const BLOCK: usize = 16384;

/// `y[n] = Σ_i h[i]·x[n + centre − i]` on windows of a fixed length, zeros beyond their ends.
pub struct OverlapSave {
    samples: usize,
    taps: usize,
    centre: usize,
    size: usize,
    fft: Arc<RealFft>,
    scratch: Pool<Scratch>,
}

struct Scratch {
    time: Vec<f32>,
    block: Vec<Complex<f32>>,
    correlation: Vec<Complex<f32>>,
    bench: Bench,
}

/// What a product is transformed back in.
struct Bench {
    product: Vec<Complex<f32>>,
    work: Work,
}

impl OverlapSave {
    /// For windows of `samples` samples and filters of `taps` taps whose time zero is tap `centre`.
    pub fn new(samples: usize, taps: usize, centre: usize) -> Self {
        let size = five_smooth_at_least(samples + taps - 1).min(BLOCK.max(five_smooth_at_least(2 * taps)));
        let fft = Arc::new(RealFft::new(size));
        let plan = Arc::clone(&fft);
        let scratch = Pool::new(move || Scratch {
            time: vec![0.0; size],
            block: plan.spectrum(),
            correlation: plan.spectrum(),
            bench: Bench { product: plan.spectrum(), work: plan.work() },
        });
        Self { samples, taps, centre, size, fft, scratch }
    }

    /// Complex bins of a filter's spectrum.
    pub fn filter_bins(&self) -> usize {
        self.fft.bins()
    }

    /// Complex bins of all the spectra of a window's blocks.
    pub fn window_bins(&self) -> usize {
        self.blocks() * self.filter_bins()
    }

    fn step(&self) -> usize {
        self.size - self.taps + 1
    }

    fn blocks(&self) -> usize {
        self.samples.div_ceil(self.step())
    }

    /// The window's samples that block `b` reads: where they begin in the block, and which they are.
    fn input_range(&self, b: usize) -> (usize, std::ops::Range<usize>) {
        let before = self.taps - 1 - self.centre;
        let start = b * self.step();
        let from = start.saturating_sub(before);
        let to = (start + self.size - before).min(self.samples);
        (from + before - start, from..to)
    }

    /// The spectrum of a filter `h[taps]`, scaled so that blocks need no further scaling.
    pub fn filter_spectrum(&self, filter: &[f32], spectrum: &mut [Complex<f32>]) {
        let scale = 1.0 / self.size as f32;
        self.scratch.with(|scratch| {
            let scaled = &mut scratch.time[..filter.len()];
            scaled.iter_mut().zip(filter).for_each(|(t, h)| *t = h * scale);
            self.fft.forward(0, scaled, spectrum, &mut scratch.bench.work);
        });
    }

    /// [`forward`](Self::forward) without keeping anything.
    pub fn render(&self, filter: &[Complex<f32>], input: &[f32], output: &mut [f32]) {
        self.scratch.with(|Scratch { block, bench, .. }| {
            for (b, out) in output.chunks_mut(self.step()).enumerate() {
                self.pass(b, filter, input, block, bench, out);
            }
        });
    }

    /// `input[samples]` → `output[samples]`; `window` keeps the spectra of the input's blocks for the reverse.
    pub fn forward(
        &self,
        filter: &[Complex<f32>],
        input: &[f32],
        output: &mut [f32],
        window: &mut [Complex<f32>],
    ) {
        self.scratch.with(|Scratch { bench, .. }| {
            let blocks = window.chunks_exact_mut(self.filter_bins());
            for ((b, block), out) in blocks.enumerate().zip(output.chunks_mut(self.step())) {
                self.pass(b, filter, input, block, bench, out);
            }
        });
    }

    /// Filters block `b` of the input, whose spectrum is left in `block`.
    fn pass(
        &self,
        b: usize,
        filter: &[Complex<f32>],
        input: &[f32],
        block: &mut [Complex<f32>],
        Bench { product, work }: &mut Bench,
        out: &mut [f32],
    ) {
        let (offset, range) = self.input_range(b);
        self.fft.forward(offset, &input[range], block, work);
        multiply(block, filter, product);
        self.fft.inverse(product, self.taps - 1, out, work);
    }

    /// The reverse of [`forward`](Self::forward): from `∂ℓ/∂output` to `∂ℓ/∂input`, added to `input_grad`, and to
    /// `∂ℓ/∂h`, added to `filter_grad[taps]`.
    pub fn backward(
        &self,
        filter: &[Complex<f32>],
        window: &[Complex<f32>],
        output_grad: &[f32],
        input_grad: &mut [f32],
        filter_grad: &mut [f32],
    ) {
        self.scratch.with(|Scratch { time, block, correlation, bench: Bench { product, work } }| {
            correlation.fill(Complex::default());
            let blocks = window.chunks_exact(self.filter_bins());
            for ((b, x), grad) in blocks.enumerate().zip(output_grad.chunks(self.step())) {
                self.fft.forward(self.taps - 1, grad, block, work);
                multiply_conjugate_add(block, x, correlation);
                multiply_conjugate(block, filter, product);
                let (offset, range) = self.input_range(b);
                let grads = &mut time[..range.len()];
                self.fft.inverse(product, offset, grads, work);
                input_grad[range].iter_mut().zip(grads).for_each(|(to, g)| *to += *g);
            }
            let grads = &mut time[..self.taps];
            self.fft.inverse(correlation, 0, grads, work);
            let scale = 1.0 / self.size as f32;
            filter_grad.iter_mut().zip(grads).for_each(|(to, g)| *to += scale * *g);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::dot;
    use crate::dsp::testing::noise;

    #[test]
    fn equals_the_plain_sum_and_its_reverse_is_the_adjoint() {
        for (samples, taps, centre) in [(100, 7, 3), (700, 39, 19), (40_000, 2047, 1023), (3, 2047, 1023)] {
            let (x, h, v) = (noise(samples, 1), noise(taps, 2), noise(samples, 3));
            let os = OverlapSave::new(samples, taps, centre);
            let mut filter = vec![Complex::default(); os.filter_bins()];
            let mut window = vec![Complex::default(); os.window_bins()];
            let mut y = vec![0.0; samples];
            os.filter_spectrum(&h, &mut filter);
            os.forward(&filter, &x, &mut y, &mut window);
            for n in (0..samples).step_by(samples / 90 + 1) {
                let sum: f64 = (0..taps)
                    .filter_map(|i| Some(h[i] as f64 * *x.get((n + centre).checked_sub(i)?)? as f64))
                    .sum();
                assert!((y[n] as f64 - sum).abs() < 1e-4, "{samples} {taps}: y[{n}] {} {sum}", y[n]);
            }
            let (mut gx, mut gh) = (vec![0.0; samples], vec![0.0; taps]);
            os.backward(&filter, &window, &v, &mut gx, &mut gh);
            let wanted = dot(&y, &v);
            let size = dot(&y, &y).sqrt() * dot(&v, &v).sqrt();
            assert!((dot(&x, &gx) - wanted).abs() < 1e-5 * size, "input");
            assert!((dot(&h, &gh) - wanted).abs() < 1e-5 * size, "filter");
        }
    }
}

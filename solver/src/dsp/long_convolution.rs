//! Convolution with impulse responses of seconds (MATH.md §6, §7), by one FFT over the whole window.
//!
//! A learning step costs six transforms a channel: of the input, of the filter and back; of the gradient and back twice.

use std::sync::Arc;

use multiversion::multiversion;
use realfft::num_complex::Complex;

use super::real_fft::{RealFft, Work};
use super::{Pool, Stereo, dot, five_smooth_at_least, sum_of_squares};

/// One-sided spectrum of a zero-padded real signal.
type Spectrum = Vec<Complex<f32>>;

/// Energy below which an impulse response is not scaled up.
const ENERGY_FLOOR: f64 = 1e-12;

/// Transforms that make circular convolution of a window with a filter linear within the window.
pub struct LongConvolution {
    samples: usize,
    taps: usize,
    size: usize,
    fft: Arc<RealFft>,
    scratch: Pool<Scratch>,
}

/// What one channel is convolved in.
struct Scratch {
    spare: Spectrum,
    bench: Bench,
}

/// What one transform works in; the transforms overwrite their input.
struct Bench {
    product: Spectrum,
    work: Work,
}

impl LongConvolution {
    /// Plans for windows of `samples` samples and filters of `taps` taps.
    pub fn new(samples: usize, taps: usize) -> Self {
        let size = five_smooth_at_least(samples + taps - 1);
        let fft = Arc::new(RealFft::new(size));
        let plan = Arc::clone(&fft);
        let scratch = move || Scratch {
            spare: plan.spectrum(),
            bench: Bench { product: plan.spectrum(), work: plan.work() },
        };
        Self { samples, taps, size, fft, scratch: Pool::new(scratch) }
    }

    fn spectrum(&self) -> Spectrum {
        self.fft.spectrum()
    }

    fn transform(&self, signal: &[f32], Bench { work, .. }: &mut Bench, spectrum: &mut Spectrum) {
        self.fft.forward(0, signal, spectrum, work);
    }

    /// `out = IFFT(a · (wet·b + dry))`, with `conj(b)` where `conjugate`.
    fn product(
        &self,
        a: &Spectrum,
        b: &Spectrum,
        Mix { wet, dry }: Mix,
        conjugate: bool,
        Bench { product, work }: &mut Bench,
        out: &mut [f32],
    ) {
        let scale = 1.0 / self.size as f32;
        let imaginary = if conjugate { -wet } else { wet };
        multiply(a, b, [wet * scale, imaginary * scale, dry * scale], product);
        self.fft.inverse(product, 0, out, work);
    }
}

/// `out = a · (gains[0]·Re b + i·gains[1]·Im b + gains[2])`.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2+fma"))]
fn multiply(a: &[Complex<f32>], b: &[Complex<f32>], gains: [f32; 3], out: &mut [Complex<f32>]) {
    let [re, im, direct] = gains;
    for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
        let (b_re, b_im) = (re * b.re + direct, im * b.im);
        *out = Complex::new(a.re * b_re - a.im * b_im, a.re * b_im + a.im * b_re);
    }
}

/// `y = wet·f(x) + dry·x`.
#[derive(Clone, Copy, Debug)]
pub struct Mix {
    /// Gain of the filtered signal.
    pub wet: f32,
    /// Gain of the signal itself.
    pub dry: f32,
}

impl Mix {
    /// The filtered signal alone.
    pub const WET: Self = Self { wet: 1.0, dry: 0.0 };

    /// A dry/wet mix (MATH.md §0) with the weight `wet` 0…1.
    pub fn of(wet: f32) -> Self {
        Self { wet, dry: 1.0 - wet }
    }
}

/// What scales impulse responses `[left, right]` to unit energy, the mean of both channels.
pub fn unit_energy_scale(response: [&[f32]; 2]) -> f64 {
    let energy: f64 = response.iter().map(|c| sum_of_squares(c)).sum();
    1.0 / (0.5 * energy + ENERGY_FLOOR).sqrt()
}

/// A stereo filter, each channel convolved with its own impulse response.
pub struct LongFilter {
    convolution: Arc<LongConvolution>,
    /// What the impulse responses as drawn were scaled by.
    scale: f64,
    /// Whether that was what gives them unit energy.
    normalised: bool,
    channels: [Channel; 2],
}

struct Channel {
    taps: Vec<f32>,
    spectrum: Spectrum,
    /// Of the last input to learn from; empty until there is one.
    input: Spectrum,
}

impl LongFilter {
    /// A silent filter.
    pub fn new(convolution: Arc<LongConvolution>) -> Self {
        let channel = || Channel {
            taps: vec![0.0; convolution.taps],
            spectrum: convolution.spectrum(),
            input: Spectrum::new(),
        };
        let channels = [channel(), channel()];
        Self { convolution, scale: 1.0, normalised: true, channels }
    }

    /// The impulse responses, scaled.
    pub fn taps(&self) -> [&[f32]; 2] {
        self.channels.each_ref().map(|c| c.taps.as_slice())
    }

    /// Lets `draw` overwrite both impulse responses (`[left, right]`, whose content is unspecified), scales them to unit
    /// energy and transforms them.
    pub fn draw(&mut self, draw: impl FnOnce([&mut [f32]; 2])) {
        draw(self.channels.each_mut().map(|c| c.taps.as_mut_slice()));
        self.normalised = true;
        self.finish(unit_energy_scale(self.taps()));
    }

    /// The same with a scale that does not depend on what is drawn.
    pub fn draw_scaled(&mut self, scale: f64, draw: impl FnOnce([&mut [f32]; 2])) {
        draw(self.channels.each_mut().map(|c| c.taps.as_mut_slice()));
        self.normalised = false;
        self.finish(scale);
    }

    fn finish(&mut self, scale: f64) {
        self.scale = scale;
        let scale = scale as f32;
        let convolution = &*self.convolution;
        let transform = |channel: &mut Channel| {
            channel.taps.iter_mut().for_each(|t| *t *= scale);
            convolution
                .scratch
                .with(|s| convolution.transform(&channel.taps, &mut s.bench, &mut channel.spectrum));
        };
        let [left, right] = &mut self.channels;
        rayon::join(|| transform(left), || transform(right));
    }

    /// `output = mix(filtered input, input)`, all of the window's length.
    pub fn render(&self, input: &Stereo, output: &mut Stereo, mix: Mix) {
        let convolution = &*self.convolution;
        let work = |channel: &Channel, input: &[f32], output: &mut [f32]| {
            convolution.scratch.with(|Scratch { spare, bench }| {
                convolution.transform(input, bench, spare);
                convolution.product(spare, &channel.spectrum, mix, false, bench, output);
            });
        };
        let [left, right] = &self.channels;
        let [l_in, r_in] = &input.channels;
        let [l_out, r_out] = &mut output.channels;
        rayon::join(|| work(left, l_in, l_out), || work(right, r_in, r_out));
    }

    /// The same, keeping what [`backward`](Self::backward) needs.
    pub fn forward(&mut self, input: &Stereo, output: &mut Stereo, mix: Mix) {
        let convolution = &*self.convolution;
        let work = |Channel { spectrum, input: transformed, .. }: &mut Channel,
                    input: &[f32],
                    output: &mut [f32]| {
            if transformed.is_empty() {
                *transformed = convolution.spectrum();
            }
            convolution.scratch.with(|Scratch { bench, .. }| {
                convolution.transform(input, bench, transformed);
                convolution.product(transformed, spectrum, mix, false, bench, output);
            });
        };
        let [left, right] = &mut self.channels;
        let [l_in, r_in] = &input.channels;
        let [l_out, r_out] = &mut output.channels;
        rayon::join(|| work(left, l_in, l_out), || work(right, r_in, r_out));
    }

    /// Gives back what [`forward`](Self::forward) keeps; the next one takes it again.
    pub fn release(&mut self) {
        self.channels.iter_mut().for_each(|channel| channel.input = Spectrum::new());
    }

    /// Turns `∂ℓ/∂output` into `∂ℓ/∂input` in place and overwrites `taps_gradient` with `∂ℓ/∂taps` as they were drawn,
    /// before their scaling; of [`draw_scaled`](Self::draw_scaled), the scale held. Returns the sum of `∂ℓ/∂output` times the filtered input, which is `∂ℓ/∂mix.wet`.
    ///
    /// Both are for the last [`forward`](Self::forward).
    pub fn backward(&self, grad: &mut Stereo, mix: Mix, taps_gradient: &mut [Vec<f32>; 2]) -> f64 {
        let convolution = &*self.convolution;
        debug_assert_eq!(grad.len(), convolution.samples);
        let work = |channel: &Channel, grad: &mut [f32], taps_gradient: &mut [f32]| {
            convolution.scratch.with(|Scratch { spare: gradient, bench }| {
                convolution.transform(grad, bench, gradient);
                convolution.product(gradient, &channel.input, Mix::WET, true, bench, taps_gradient);
                convolution.product(gradient, &channel.spectrum, mix, true, bench, grad);
            });
            dot(taps_gradient, &channel.taps)
        };
        let [left, right] = &self.channels;
        let [l_grad, r_grad] = &mut grad.channels;
        let [l_taps, r_taps] = taps_gradient;
        let sums = rayon::join(|| work(left, l_grad, l_taps), || work(right, r_grad, r_taps));
        let along = sums.0 + sums.1;
        // Scaling to unit energy takes away what the gradient would have done to the energy.
        let inward = if self.normalised { (0.5 * along) as f32 } else { 0.0 };
        let scale = (mix.wet as f64 * self.scale) as f32;
        for (channel, gradient) in self.channels.iter().zip(taps_gradient) {
            gradient.iter_mut().zip(&channel.taps).for_each(|(g, t)| *g = scale * (*g - inward * t));
        }
        along
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::testing::{tone, wave, weighed};
    use crate::golden::assert_close;

    fn filter(samples: usize, taps: usize, gain: f32) -> LongFilter {
        let mut filter = LongFilter::new(Arc::new(LongConvolution::new(samples, taps)));
        filter.draw(|[left, right]| {
            left.copy_from_slice(&tone(taps, 0.7));
            right.copy_from_slice(&tone(taps, 0.2));
            left.iter_mut().chain(right).for_each(|t| *t *= gain);
        });
        filter
    }

    #[test]
    fn it_is_the_linear_convolution_whatever_is_longer() {
        for (samples, taps) in [(400, 90), (90, 400), (1, 7), (257, 1)] {
            let input = wave(samples, 0.3);
            let mut output = Stereo::silence(samples);
            let mut filter = filter(samples, taps, 3.0);
            let mix = Mix { wet: 0.8, dry: 0.5 };
            filter.render(&input, &mut output, mix);
            let mut learned = Stereo::silence(samples);
            filter.forward(&input, &mut learned, mix);
            assert_eq!(output, learned);
            for c in 0..2 {
                let (x, h) = (&input.channels[c], filter.taps()[c]);
                let wanted: Vec<f32> = (0..samples)
                    .map(|n| {
                        let y: f64 = (0..taps.min(n + 1)).map(|j| h[j] as f64 * x[n - j] as f64).sum();
                        (0.8 * y) as f32 + 0.5 * x[n]
                    })
                    .collect();
                assert_close(&format!("{samples} * {taps}"), &output.channels[c], &wanted, 2e-6);
            }
        }
    }

    #[test]
    fn filters_have_unit_energy_unless_they_are_silent() {
        for (gain, wanted) in [(5.0, 1.0), (1e-3, 1.0), (0.0, 0.0)] {
            let filter = filter(100, 60, gain);
            let energy: f64 = filter.taps().map(sum_of_squares).iter().sum();
            assert!((0.5 * energy - wanted).abs() < 1e-4, "{gain}: {energy}");
        }
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let (samples, taps, mix) = (300, 80, Mix::of(0.3));
        let (input, weights) = (wave(samples, 0.3), wave(samples, 0.11));
        let mut filter = filter(samples, taps, 2.0);
        let drawn: Vec<Vec<f32>> = filter.taps().iter().map(|t| t.to_vec()).collect();
        let mut loss = |input: &Stereo, bump: (usize, usize, f32), mix: Mix| {
            filter.draw(|both| {
                for (c, to) in both.into_iter().enumerate() {
                    to.copy_from_slice(&drawn[c]);
                    if c == bump.0 {
                        to[bump.1] += bump.2;
                    }
                }
            });
            let mut output = Stereo::silence(samples);
            filter.forward(input, &mut output, mix);
            weighed(&output, &weights)
        };
        let step = 1e-2;
        let difference = |high: f64, low: f64| (high - low) / (2.0 * step as f64);
        let spots = [(0, 3), (0, 79), (1, 0), (1, 40)];
        let by_taps =
            spots.map(|(c, i)| difference(loss(&input, (c, i, step), mix), loss(&input, (c, i, -step), mix)));
        let by_input = spots.map(|(c, i)| {
            let mut moved = input.clone();
            moved.channels[c][i] += step;
            let high = loss(&moved, (0, 0, 0.0), mix);
            moved.channels[c][i] -= 2.0 * step;
            difference(high, loss(&moved, (0, 0, 0.0), mix))
        });
        let wet = |by: f32| Mix { wet: mix.wet + by, ..mix };
        let by_wet = difference(loss(&input, (0, 0, 0.0), wet(step)), loss(&input, (0, 0, 0.0), wet(-step)));
        loss(&input, (0, 0, 0.0), mix);

        let mut grad = weights.clone();
        let mut taps_gradient = [vec![0.0; taps], vec![0.0; taps]];
        let along = filter.backward(&mut grad, mix, &mut taps_gradient);
        assert!((along - by_wet).abs() < 1e-3 * by_wet.abs(), "{along} {by_wet}");
        for (i, &(c, n)) in spots.iter().enumerate() {
            let (found, wanted) = (taps_gradient[c][n] as f64, by_taps[i]);
            assert!((found - wanted).abs() < 2e-3 * wanted.abs() + 2e-3, "tap {c} {n}: {found} {wanted}");
            let (found, wanted) = (grad.channels[c][n] as f64, by_input[i]);
            assert!((found - wanted).abs() < 2e-3 * wanted.abs() + 2e-3, "input {c} {n}: {found} {wanted}");
        }
    }
}

//! An impulse response at another rate, by its spectrum, and the adjoint of that.

use std::sync::Arc;

use realfft::num_complex::Complex;

use super::Pool;
use super::real_fft::{RealFft, Work};

/// Brings impulse responses to another number of samples in the same time: their spectrum stays as it is at all
/// frequencies that both rates have, and is silent beyond.
pub struct Regrid {
    plans: Arc<[RealFft; 2]>,
    scratch: Pool<Scratch>,
    /// The reciprocal of the number of samples that responses are brought to.
    scale: f32,
}

struct Scratch {
    spectra: [Vec<Complex<f32>>; 2],
    works: [Work; 2],
}

impl Regrid {
    /// From `from` samples to `to` samples, both even.
    pub fn new(from: usize, to: usize) -> Self {
        let plans = Arc::new([from, to].map(RealFft::new));
        let shared = Arc::clone(&plans);
        let scratch = move || Scratch {
            spectra: shared.each_ref().map(RealFft::spectrum),
            works: shared.each_ref().map(RealFft::work),
        };
        Self { plans, scratch: Pool::new(scratch), scale: 1.0 / to as f32 }
    }

    /// `response[from]` → `out[to]`.
    pub fn apply(&self, response: &[f32], out: &mut [f32]) {
        self.carry([0, 1], response, out);
    }

    /// The adjoint of [`apply`](Self::apply): `∂ℓ/∂out[to]` → `∂ℓ/∂response[from]`.
    pub fn apply_backward(&self, gradient: &[f32], out: &mut [f32]) {
        self.carry([1, 0], gradient, out);
    }

    /// As the spectrum of a real signal is even, the adjoint is the way back but for the scale.
    fn carry(&self, [from, to]: [usize; 2], signal: &[f32], out: &mut [f32]) {
        self.scratch.with(|Scratch { spectra, works }| {
            self.plans[from].forward(0, signal, &mut spectra[from], &mut works[from]);
            let common = spectra[0].len().min(spectra[1].len());
            let [low, high] = spectra.each_mut();
            let (source, target) = if from == 0 { (low, high) } else { (high, low) };
            target.fill(Complex::default());
            for (to, from) in target.iter_mut().zip(&*source) {
                *to = from * self.scale;
            }
            if source.len() < target.len() {
                // The last bin stands for itself alone; among more bins it stands for two.
                target[common - 1] *= 0.5;
            }
            self.plans[to].inverse(target, 0, out, &mut works[to]);
        });
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;
    use crate::dsp::dot;
    use crate::dsp::testing::noise;

    #[test]
    fn a_tone_has_the_same_response_at_either_rate() {
        for (from, to) in [(600, 882), (882, 600), (600, 160)] {
            // Twenty periods; in each sample of a response at a higher rate there is less of it.
            let tone = |n: usize| -> Vec<f32> {
                (0..n).map(|i| ((TAU * 20.0 * i as f64 / n as f64).cos() / n as f64) as f32).collect()
            };
            let mut found = vec![0.0; to];
            Regrid::new(from, to).apply(&tone(from), &mut found);
            for (f, w) in found.iter().zip(&tone(to)) {
                assert!((f - w).abs() < 1e-5 / to as f32, "{from} {to}: {f} {w}");
            }
        }
    }

    #[test]
    fn backward_is_the_adjoint() {
        for (from, to) in [(600, 882), (882, 600), (60, 16), (16, 60)] {
            let regrid = Regrid::new(from, to);
            let (x, v) = (noise(from, 1), noise(to, 2));
            let (mut y, mut g) = (vec![0.0; to], vec![0.0; from]);
            regrid.apply(&x, &mut y);
            regrid.apply_backward(&v, &mut g);
            let (one, other) = (dot(&y, &v), dot(&x, &g));
            assert!((one - other).abs() < 1e-5 * dot(&y, &y).sqrt() * dot(&v, &v).sqrt(), "{one} {other}");
        }
    }
}

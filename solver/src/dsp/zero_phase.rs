//! Windowed zero-phase FIR filters drawn from a magnitude response (MATH.md §1), and the adjoint of that drawing.

use std::f64::consts::TAU;
use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

use super::{Pool, hann};
use crate::clock::REFERENCE;

/// Turns `bins` magnitudes into an odd number of taps around the middle one, under a Hann window.
///
/// The magnitudes are those of bins from 0 Hz to just below 15 kHz, whatever the rate: at [`REFERENCE`] the filter has
/// `2·bins − 1` taps and the bins are its own. At another rate it lasts as long, to a sample; its bins, which lie next to
/// the given ones, are read from the straight lines between those, and those above the last given one are as that.
pub struct ZeroPhase {
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
    window: Vec<f32>,
    /// By how much the window's middle lies behind the middle tap, samples.
    lag: f64,
    /// Where the filter's own bins lie among the given ones; none where they are those.
    spots: Option<Vec<Spot>>,
    scratch: Pool<Scratch>,
}

/// Between bins `index` and `index + 1`, `share` of the way.
struct Spot {
    index: usize,
    share: f32,
}

struct Scratch {
    time: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    work: Vec<Complex<f32>>,
}

impl ZeroPhase {
    /// A design with `bins` magnitudes for a filter at `rate` Hz.
    pub fn new(bins: usize, rate: u32) -> Self {
        let taps = Self::taps_at(bins, rate);
        let mut planner = RealFftPlanner::new();
        let (forward, inverse) = (planner.plan_fft_forward(taps), planner.plan_fft_inverse(taps));
        let lag = 0.5 * f64::from(rate) / f64::from(REFERENCE);
        let window = if rate == REFERENCE {
            hann(taps)
        } else {
            (0..taps).map(|i| hann_around(i, taps, lag)).collect()
        };
        let work = forward.get_scratch_len().max(inverse.get_scratch_len());
        let scratch = move || Scratch {
            time: vec![0.0; taps],
            spectrum: vec![Complex::default(); taps / 2 + 1],
            work: vec![Complex::default(); work],
        };
        let spots = (rate != REFERENCE).then(|| spots(bins, taps, rate));
        Self { forward, inverse, window, lag, spots, scratch: Pool::new(scratch) }
    }

    /// The number of taps at `rate` Hz.
    pub fn taps_at(bins: usize, rate: u32) -> usize {
        let half = ((2 * bins - 1) as f64 * f64::from(rate) / f64::from(REFERENCE) - 1.0) / 2.0;
        2 * half.round() as usize + 1
    }

    /// The number of taps.
    pub fn taps(&self) -> usize {
        self.window.len()
    }

    /// Draws the filter, later by `shift` samples (a fraction of one): `magnitudes[bins]` → `taps`.
    pub fn design(&self, magnitudes: &[f32], shift: f64, taps: &mut [f32]) {
        let n = self.taps();
        self.scratch.with(|Scratch { time, spectrum, work }| {
            for (k, bin) in spectrum.iter_mut().enumerate() {
                let magnitude = match &self.spots {
                    None => magnitudes[k],
                    Some(spots) => spots[k].read(magnitudes),
                };
                *bin = Complex::new(magnitude, 0.0);
                if shift != 0.0 {
                    *bin *= turn(-shift, k, n);
                }
            }
            self.inverse.process_with_scratch(spectrum, time, work).expect("buffers have the plan's lengths");
            for (i, tap) in taps.iter_mut().enumerate() {
                *tap = self.window(i, shift) * time[(i + n - n / 2) % n] / n as f32;
            }
        });
    }

    /// The adjoint of [`design`](Self::design): `∂ℓ/∂taps` → `∂ℓ/∂magnitudes`, added to `gradient[bins]`.
    pub fn design_backward(&self, taps_gradient: &[f32], shift: f64, gradient: &mut [f32]) {
        let n = self.taps();
        self.scratch.with(|Scratch { time, spectrum, work }| {
            for (i, g) in taps_gradient.iter().enumerate() {
                time[(i + n - n / 2) % n] = g * self.window(i, shift);
            }
            self.forward.process_with_scratch(time, spectrum, work).expect("buffers have the plan's lengths");
            for (k, bin) in spectrum.iter_mut().enumerate() {
                if shift != 0.0 {
                    *bin *= turn(shift, k, n);
                }
                let twice = if k == 0 { 1.0 } else { 2.0 };
                let slope = twice * bin.re / n as f32;
                match &self.spots {
                    None => gradient[k] += slope,
                    Some(spots) => spots[k].add(slope, gradient),
                }
            }
        });
    }

    fn window(&self, tap: usize, shift: f64) -> f32 {
        if shift == 0.0 { self.window[tap] } else { hann_around(tap, self.taps(), self.lag + shift) }
    }
}

/// Tap `i` of a Hann window over `taps` taps whose middle lies `lag` samples behind the middle one.
fn hann_around(i: usize, taps: usize, lag: f64) -> f32 {
    let from_middle = i as f64 - (taps / 2) as f64 - lag;
    (0.5 + 0.5 * (TAU * from_middle / taps as f64).cos()) as f32
}

/// What a shift by `samples` turns bin `k` of `n` by.
fn turn(samples: f64, k: usize, n: usize) -> Complex<f32> {
    let (sin, cos) = (TAU * k as f64 * samples / n as f64).sin_cos();
    Complex::new(cos as f32, sin as f32)
}

/// Where the bins of a filter of `taps` taps at `rate` Hz lie among `bins` bins of [`REFERENCE`].
fn spots(bins: usize, taps: usize, rate: u32) -> Vec<Spot> {
    let spacing = f64::from(rate) * (2 * bins - 1) as f64 / (taps as f64 * f64::from(REFERENCE));
    let last = bins - 1;
    let spot = |k: usize| {
        let at = k as f64 * spacing;
        let index = (at as usize).min(last);
        Spot { index, share: if index < last { (at - index as f64) as f32 } else { 0.0 } }
    };
    (0..=taps / 2).map(spot).collect()
}

impl Spot {
    fn read(&self, values: &[f32]) -> f32 {
        let Self { index, share } = *self;
        if share == 0.0 { values[index] } else { (1.0 - share) * values[index] + share * values[index + 1] }
    }

    /// The adjoint of [`read`](Self::read).
    fn add(&self, slope: f32, gradient: &mut [f32]) {
        let Self { index, share } = *self;
        if share == 0.0 {
            gradient[index] += slope;
        } else {
            gradient[index] += (1.0 - share) * slope;
            gradient[index + 1] += share * slope;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::dot;
    use crate::golden::{Golden, assert_close};

    #[test]
    fn taps_are_those_of_the_golden_equalizer() {
        let golden = Golden::open("eq");
        let design = ZeroPhase::new(1024, REFERENCE);
        let logs = golden.f32("param.log_magnitude");
        let mut taps = vec![0.0; 2047];
        for (node, wanted) in logs.chunks(1024).zip(golden.f32("fir").chunks(2047)) {
            let magnitudes: Vec<f32> = node.iter().map(|v| v.exp()).collect();
            design.design(&magnitudes, 0.0, &mut taps);
            assert_close("fir", &taps, wanted, 1e-6);
        }
    }

    #[test]
    fn backward_is_the_adjoint() {
        for (rate, shift) in [(30_000, 0.0), (44_100, 0.0), (44_100, 0.3), (48_000, -0.5), (12_000, 0.2)] {
            let design = ZeroPhase::new(20, rate);
            let magnitudes: Vec<f32> = (0..20).map(|k| (k as f32 * 1.7).sin()).collect();
            let weights: Vec<f32> = (0..design.taps()).map(|i| (i as f32 * 0.9).cos()).collect();
            let mut taps = vec![0.0; design.taps()];
            design.design(&magnitudes, shift, &mut taps);
            let mut gradient = vec![0.0; 20];
            design.design_backward(&weights, shift, &mut gradient);
            let (one, other) = (dot(&taps, &weights), dot(&magnitudes, &gradient));
            assert!((one - other).abs() < 1e-5, "{rate} Hz, {shift}: {one} {other}");
        }
    }

    #[test]
    fn a_filter_is_as_long_at_every_rate() {
        for (rate, wanted) in [(8_000, 545), (30_000, 2047), (44_100, 3009), (48_000, 3275)] {
            assert_eq!(ZeroPhase::new(1024, rate).taps(), wanted, "{rate} Hz");
        }
    }

    /// What a filter whose first tap lies `before` samples before time zero makes of a tone.
    fn response(taps: &[f32], before: f64, hz: f64, rate: u32) -> Complex<f64> {
        let term = |(i, tap): (usize, &f32)| {
            Complex::cis(-TAU * hz / rate as f64 * (i as f64 - before)) * *tap as f64
        };
        taps.iter().enumerate().map(term).sum()
    }

    #[test]
    fn a_filter_has_one_response_at_every_rate_and_a_shift_delays_it() {
        let magnitudes: Vec<f32> = (0..200).map(|k| 1.0 + 0.6 * (k as f32 * 0.11).sin()).collect();
        let drawn = |rate: u32, shift: f64| {
            let design = ZeroPhase::new(200, rate);
            let mut taps = vec![0.0; design.taps()];
            design.design(&magnitudes, shift, &mut taps);
            taps
        };
        let reference = drawn(REFERENCE, 0.0);
        for (rate, shift) in [(44_100, 0.0), (44_100, 0.4), (48_000, -0.5), (96_000, 0.1), (30_000, 0.3)] {
            let taps = drawn(rate, shift);
            for hz in (0..130).map(|i| 50.0 + 100.0 * f64::from(i)) {
                let wanted = response(&reference, 199.0, hz, REFERENCE);
                let found = response(&taps, (taps.len() / 2) as f64 + shift, hz, rate);
                assert!((found - wanted).norm() < 3e-3, "{rate} Hz, {shift}: {hz} Hz: {found} {wanted}");
            }
        }
    }
}

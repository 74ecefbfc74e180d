//! What compressor and noise gate share: smoothed level, soft knee, gain (MATH.md §2, §3, §10).
//!
//! Both measure how far the level (natural log of smoothed energy) lies on the working side of the threshold, bend
//! that distance with a quadratic knee, and take `slope` dB off the amplitude for each dB of it:
//! `ln gain = −slope/2 · bent(distance)`, the ½ turning log energy into log amplitude.

mod telling;

use std::mem::take;
use std::sync::Arc;

use super::telling::Side;
use super::{Gain, Kit, Map, Parameter, Processor};
use crate::clock::{Clock, REFERENCE};
use crate::dsp::{Pool, Stereo, dot, exp, ln, smooth, smooth_backward, smoother_taps};
pub use telling::{FIGURES, clause, device, phrase, picture};

/// History of the truncated smoother at `rate` Hz, samples; no look-ahead.
pub fn reach(rate: u32) -> (usize, usize) {
    (smoother_taps(rate), 0)
}

/// Raw parameters of both kinds; `log_threshold` starts as given, and `slope` maps the raw log ratio.
///
/// Physical: `[threshold, slope, half knee width, α]`. Threshold and half width are in natural log of energy; α is the
/// smoother's coefficient per sample at [`REFERENCE`].
///
/// The smoothing starts at 5 ms: from the 0.05 ms of a start at 0, gradient descent needs hundreds of steps to
/// where compressors and gates are set.
pub const fn parameters(log_threshold: f32, slope: Map) -> [Parameter; 4] {
    [
        Parameter::new("log_threshold", 1, Map::Plus(&Map::Identity, -6.0)).starting_at(log_threshold),
        Parameter::new("log_ratio", 1, slope),
        Parameter::new("log_knee", 1, Map::Times(&Map::Exp, 0.5)),
        Parameter::new("z_alpha_pre", 1, Map::AtMost(&Map::Sigmoid, MAX_ALPHA)).starting_at(5.0),
    ]
}

/// The learning rate of both kinds: four scalars have further to go than a thousand magnitudes.
pub const LEARNING_RATE: f64 = 3e-2;

/// Added to the smoothed energy before its logarithm.
const ENERGY_FLOOR: f32 = 1e-5;
/// dB of amplitude per unit of log energy.
const DB_PER_LOG_ENERGY: f64 = 10.0 / std::f64::consts::LN_10;

/// Longest smoothing that the raw parameter can ask for.
const MAX_ALPHA: f64 = 1.0 - 1e-5;

/// The physical parameters in units.
pub struct Units {
    /// dB RMS of the mean of both channels.
    pub threshold_db: f64,
    /// dB of gain change per dB beyond the threshold.
    pub slope: f64,
    /// Whole width of the knee, dB.
    pub knee_db: f64,
    /// Time constant of the level, ms.
    pub time_ms: f64,
}

impl Units {
    /// Reads a row of physical parameters.
    pub fn of(physical: &[f32]) -> Self {
        let alpha = (physical[3] as f64).max(1e-9);
        Self {
            threshold_db: physical[0] as f64 * DB_PER_LOG_ENERGY,
            slope: physical[1] as f64,
            knee_db: 2.0 * physical[2] as f64 * DB_PER_LOG_ENERGY,
            time_ms: -1000.0 / (f64::from(REFERENCE) * alpha.ln()),
        }
    }
}

impl Side {
    /// Sign of the distance from the threshold.
    fn sign(self) -> f32 {
        match self {
            Side::Above => 1.0,
            Side::Below => -1.0,
        }
    }
}

/// Makes a compressor or gate for windows of `samples` samples at `rate` Hz.
pub fn make(side: Side, samples: usize, rate: u32, kit: &Arc<Kit>) -> Box<dyn Processor> {
    Box::new(Working {
        side,
        smoother: Smoother { taps: smoother_taps(rate), stretch: f64::from(REFERENCE) / f64::from(rate) },
        scratch: kit.table([samples, 0], || Scratch(Pool::new(move || vec![0.0; samples]))),
        curve: Curve::default(),
        wet: 0.0,
        energy: Vec::new(),
        gain: Vec::new(),
    })
}

/// Physical parameters.
#[derive(Clone, Copy, Debug, Default)]
struct Curve {
    threshold: f32,
    slope: f32,
    half_knee: f32,
    alpha: f32,
}

/// The level's smoother at a rate.
#[derive(Clone, Copy)]
struct Smoother {
    /// Length of its impulse response, samples.
    taps: usize,
    /// Samples at [`REFERENCE`] in one of this rate.
    stretch: f64,
}

impl Smoother {
    /// The coefficient per sample at this rate.
    fn alpha(self, physical: f32) -> f64 {
        (physical as f64).powf(self.stretch)
    }

    /// Its slope by the physical one.
    fn slope(self, physical: f32) -> f64 {
        self.stretch * (physical.max(f32::MIN_POSITIVE) as f64).powf(self.stretch - 1.0)
    }
}

struct Scratch(Pool<Vec<f32>>);

struct Working {
    side: Side,
    smoother: Smoother,
    scratch: Arc<Scratch>,
    curve: Curve,
    wet: f32,
    /// Smoothed energy at the last `forward`.
    energy: Vec<f32>,
    /// Gain of the wet path at the last `forward`, linear.
    gain: Vec<f32>,
}

/// Samples worked on at a time: a few arrays of them stay in the first-level cache.
const BLOCK: usize = 512;

/// What the gain computer yields for a block of levels.
struct Bent {
    /// Distance beyond the threshold, bent by the knee.
    distance: [f32; BLOCK],
    /// Its derivative by the unbent distance, 0…1.
    slope: [f32; BLOCK],
    /// Its derivative by the half width of the knee.
    by_knee: [f32; BLOCK],
}

impl Curve {
    /// `level` in natural log of energy. With `t` the distance above the lower end of the knee, held within the knee,
    /// `bent = t²/4W + max(distance − W, 0)` is all three branches of MATH.md §2 at once.
    fn bend(&self, side: Side, level: &[f32], bent: &mut Bent) {
        let (sign, w, threshold) = (side.sign(), self.half_knee, self.threshold);
        let (half, quarter) = (0.5 / w, 0.25 / w);
        for (i, e) in level.iter().enumerate() {
            let distance = sign * (e - threshold);
            let t = (distance + w).max(0.0).min(2.0 * w);
            bent.distance[i] = t * t * quarter + (distance - w).max(0.0);
            bent.slope[i] = t * half;
            bent.by_knee[i] = t * (2.0 * w - t) * quarter / w;
        }
    }
}

impl Bent {
    fn new() -> Self {
        Self { distance: [0.0; BLOCK], slope: [0.0; BLOCK], by_knee: [0.0; BLOCK] }
    }
}

impl Working {
    /// The smoothed energy of `input`.
    fn follow(&self, input: &Stereo, energy: &mut [f32]) {
        let [left, right] = &input.channels;
        self.scratch.0.with(|u| {
            mean_square(left, right, u);
            smooth(self.smoother.alpha(self.curve.alpha), self.smoother.taps, u, energy);
        });
    }

    /// The wet path's gain for a block of smoothed energy.
    fn wet_gain(&self, energy: &[f32], bent: &mut Bent, gain: &mut [f32]) {
        let mut level = [0.0; BLOCK];
        let level = &mut level[..gain.len()];
        log_level(energy, level);
        self.curve.bend(self.side, level, bent);
        for (g, d) in gain.iter_mut().zip(&bent.distance) {
            *g = -0.5 * self.curve.slope * d;
        }
        exp(gain);
    }

    /// `input` → `output` by way of the smoothed energy and the wet path's gain.
    fn shape(&self, input: &Stereo, output: &mut Stereo, energy: &mut [f32], gain: &mut [f32]) {
        self.follow(input, energy);
        let wet = self.wet;
        let mut bent = Bent::new();
        let [x_left, x_right] = &input.channels;
        let [y_left, y_right] = &mut output.channels;
        for (b, gain) in gain.chunks_mut(BLOCK).enumerate() {
            let here = b * BLOCK..b * BLOCK + gain.len();
            self.wet_gain(&energy[here.clone()], &mut bent, gain);
            for (x, y) in [(x_left, &mut *y_left), (x_right, &mut *y_right)] {
                for ((y, x), g) in y[here.clone()].iter_mut().zip(&x[here.clone()]).zip(&*gain) {
                    *y = x * (1.0 + wet * (g - 1.0));
                }
            }
        }
    }
}

impl Gain for Working {
    fn gain(&self, input: &Stereo, gain: &mut [f32], _: Clock) {
        let mut bent = Bent::new();
        self.scratch.0.with(|energy| {
            self.follow(input, energy);
            for (gain, energy) in gain.chunks_mut(BLOCK).zip(energy.chunks(BLOCK)) {
                self.wet_gain(energy, &mut bent, gain);
                gain.iter_mut().for_each(|g| *g = 1.0 + self.wet * (*g - 1.0));
            }
        });
    }
}

impl Processor for Working {
    fn set(&mut self, physical: &[f32], wet: f32) {
        let [threshold, slope, half_knee, alpha] = [0, 1, 2, 3].map(|i| physical[i]);
        self.curve = Curve { threshold, slope, half_knee: half_knee.max(1e-6), alpha };
        self.wet = wet;
    }

    fn render(&self, input: &Stereo, output: &mut Stereo, _: Clock) {
        let scratch = &self.scratch.0;
        scratch.with(|energy| scratch.with(|gain| self.shape(input, output, energy, gain)));
    }

    fn as_gain(&self) -> Option<&dyn Gain> {
        Some(self)
    }

    fn forward(&mut self, input: &Stereo, output: &mut Stereo, _: Clock) {
        let (mut energy, mut gain) = (take(&mut self.energy), take(&mut self.gain));
        energy.resize(input.len(), 0.0);
        gain.resize(input.len(), 0.0);
        self.shape(input, output, &mut energy, &mut gain);
        (self.energy, self.gain) = (energy, gain);
    }

    fn release(&mut self) {
        (self.energy, self.gain) = (Vec::new(), Vec::new());
    }

    fn backward(&mut self, input: &Stereo, grad: &mut Stereo, _: f32, gradient: &mut [f32]) -> f32 {
        let (curve, smoother, wet) = (self.curve, self.smoother, self.wet);
        let [x_left, x_right] = &input.channels;
        let [g_left, g_right] = &mut grad.channels;
        let samples = x_left.len();
        self.scratch.0.with(|u| {
            self.scratch.0.with(|energy_grad| {
                let mut sums = [0.0f64; 4]; // ∂ℓ/∂ threshold, slope, half knee, wet
                let mut bent = Bent::new();
                let (mut level, mut log_gain_grad) = ([0.0; BLOCK], [0.0; BLOCK]);
                for start in (0..samples).step_by(BLOCK) {
                    let here = start..(start + BLOCK).min(samples);
                    let n = here.len();
                    let (level, log_gain_grad) = (&mut level[..n], &mut log_gain_grad[..n]);
                    let (gain, energy) = (&self.gain[here.clone()], &self.energy[here.clone()]);
                    log_level(energy, level);
                    curve.bend(self.side, level, &mut bent);
                    // Both channels share the gain.
                    for (((l, gl), xl), (gr, xr)) in log_gain_grad
                        .iter_mut()
                        .zip(&g_left[here.clone()])
                        .zip(&x_left[here.clone()])
                        .zip(g_right[here.clone()].iter().zip(&x_right[here.clone()]))
                    {
                        *l = gl * xl + gr * xr;
                    }
                    sums[3] +=
                        dot(log_gain_grad, gain) - log_gain_grad.iter().map(|&v| v as f64).sum::<f64>();
                    for (l, g) in log_gain_grad.iter_mut().zip(gain) {
                        *l *= wet * g;
                    }
                    sums[0] += dot(log_gain_grad, &bent.slope[..n]);
                    sums[1] += dot(log_gain_grad, &bent.distance[..n]);
                    sums[2] += dot(log_gain_grad, &bent.by_knee[..n]);
                    let scale = -0.5 * curve.slope * self.side.sign();
                    for (((to, l), s), e) in
                        energy_grad[here].iter_mut().zip(&*log_gain_grad).zip(&bent.slope).zip(energy)
                    {
                        *to = scale * l * s / (e + ENERGY_FLOOR);
                    }
                }
                mean_square(x_left, x_right, u);
                let alpha = smoother.alpha(curve.alpha);
                let by_alpha = smooth_backward(alpha, smoother.taps, u, &self.energy, energy_grad);
                let half_slope = -0.5 * curve.slope as f64;
                gradient[0] += (-(self.side.sign() as f64) * half_slope * sums[0]) as f32;
                gradient[1] += (-0.5 * sums[1]) as f32;
                gradient[2] += (half_slope * sums[2]) as f32;
                gradient[3] += (by_alpha * smoother.slope(curve.alpha)) as f32;
                // u is the mean of both squares, so ∂u/∂x is x itself.
                for (g, x) in [(g_left, x_left), (g_right, x_right)] {
                    for (((g, x), gain), u) in g.iter_mut().zip(x).zip(&self.gain).zip(&*energy_grad) {
                        *g = *g * (1.0 + wet * (gain - 1.0)) + u * x;
                    }
                }
                sums[3] as f32
            })
        })
    }
}

fn mean_square(left: &[f32], right: &[f32], out: &mut [f32]) {
    for ((o, l), r) in out.iter_mut().zip(left).zip(right) {
        *o = 0.5 * (l * l + r * r);
    }
}

fn log_level(energy: &[f32], level: &mut [f32]) {
    for (l, e) in level.iter_mut().zip(energy) {
        *l = e + ENERGY_FLOOR;
    }
    ln(level);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::testing::wave;
    use crate::processors::Kind;
    use crate::processors::testing::{BEGIN, physical, render};

    #[test]
    fn the_input_times_the_gain_is_the_output() {
        let (samples, input) = (3 * BLOCK + 7, wave(3 * BLOCK + 7, 0.3));
        for (kind, raw) in
            [(Kind::Compressor, [0.0, 1.0, 0.0, 3.0]), (Kind::NoiseGate, [6.0, -0.5, 1.0, 3.0])]
        {
            let mut processor = kind.definition().make(samples, REFERENCE, &Arc::new(Kit::default()));
            processor.set(&physical(kind, &raw), 0.7);
            let mut gain = vec![f32::NAN; samples];
            processor.as_gain().unwrap().gain(&input, &mut gain, BEGIN);
            assert!(gain.iter().any(|&g| g < 0.9), "{kind} does nothing");
            let output = render(&mut *processor, &input, false);
            for (y, x) in output.channels.iter().zip(&input.channels) {
                assert!(y.iter().zip(x).zip(&gain).all(|((y, x), g)| *y == x * g), "{kind}");
            }
        }
    }
}

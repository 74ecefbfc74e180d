//! How far two mel spectrograms are apart, spectral convergence and log magnitude, and the slope of it (MATH.md §8.4).

use multiversion::multiversion;

use super::fft::LANES;
use super::mel::BANDS;
use super::spectrogram::{Band, CHANNELS};

/// Sums over mel values `x` of the target and `y` of the prediction, one channel.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sums {
    /// `Σ (y − x)²`
    pub error: f64,
    /// `Σ y²`
    pub prediction: f64,
    /// `Σ |ln x − ln y|`
    pub log: f64,
}

impl std::ops::AddAssign for Sums {
    fn add_assign(&mut self, other: Self) {
        self.error += other.error;
        self.prediction += other.prediction;
        self.log += other.log;
    }
}

/// One channel's distance at one resolution.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Distance {
    /// `‖y − x‖ / ‖y‖`
    pub spectral_convergence: f64,
    /// mean of `|ln x − ln y|`
    pub log_magnitude: f64,
}

/// `∂ℓ/∂y = error·(y − x) + prediction·y + log·sign(y − x)/y`
#[derive(Clone, Copy, Debug, Default)]
pub struct Slope {
    error: f32,
    prediction: f32,
    log: f32,
}

impl Sums {
    /// The distance, from the sums over `frames` frames; no frames are no distance.
    pub fn distance(&self, frames: usize) -> Distance {
        if frames == 0 {
            return Distance::default();
        }
        Distance {
            spectral_convergence: if self.error == 0.0 { 0.0 } else { (self.error / self.prediction).sqrt() },
            log_magnitude: self.log / (BANDS * frames) as f64,
        }
    }

    /// The slope of `weight·(spectral convergence + log magnitude)`; that of a norm at zero is zero.
    pub fn slope(&self, frames: usize, weight: f64) -> Slope {
        let (error, prediction) = (self.error.sqrt(), self.prediction.sqrt());
        let log = (weight / (BANDS * frames) as f64) as f32;
        if error == 0.0 {
            return Slope { log, ..Slope::default() };
        }
        Slope {
            error: (weight / (error * prediction)) as f32,
            prediction: (-weight * error / prediction.powi(3)) as f32,
            log,
        }
    }
}

/// Each channel's sums over one batch: mels and their logarithms, `[BANDS]` each.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2+fma"))]
pub fn compare(x: &[Band], log_x: &[Band], y: &[Band], log_y: &[Band]) -> [Sums; CHANNELS] {
    let mut error = [[0.0f32; LANES]; CHANNELS];
    let mut prediction = [[0.0f32; LANES]; CHANNELS];
    let mut log = [[0.0f32; LANES]; CHANNELS];
    for (((x, log_x), y), log_y) in x.iter().zip(log_x).zip(y).zip(log_y) {
        for c in 0..CHANNELS {
            for i in 0..LANES {
                let gap = y[c][i] - x[c][i];
                error[c][i] += gap * gap;
                prediction[c][i] += y[c][i] * y[c][i];
                log[c][i] += (log_x[c][i] - log_y[c][i]).abs();
            }
        }
    }
    let total = |lanes: [f32; LANES]| lanes.iter().map(|&v| v as f64).sum();
    std::array::from_fn(|c| Sums {
        error: total(error[c]),
        prediction: total(prediction[c]),
        log: total(log[c]),
    })
}

/// `∂ℓ/∂y` over one batch, `[BANDS]` each.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2+fma"))]
pub fn slopes(slope: &[Slope; CHANNELS], x: &[Band], y: &[Band], out: &mut [Band]) {
    for ((x, y), out) in x.iter().zip(y).zip(out) {
        for c in 0..CHANNELS {
            let Slope { error, prediction, log } = slope[c];
            for i in 0..LANES {
                let gap = y[c][i] - x[c][i];
                let sign = if gap > 0.0 {
                    log
                } else if gap < 0.0 {
                    -log
                } else {
                    0.0
                };
                // Empty bands and lanes hold zeros, and zeros have no slope.
                out[c][i] = error * gap + prediction * y[c][i] + sign / y[c][i].max(f32::MIN_POSITIVE);
            }
        }
    }
}

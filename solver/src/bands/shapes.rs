//! The magnitude of the Audio EQ Cookbook's biquads, and its slopes.
//!
//! The cookbook's filters are bilinear transforms of analogue ones, so that their power is the analogue one at a
//! warped frequency: a ratio of two quadratics in `x = (tan(π·hz/rate) / tan(π·corner/rate))²`.

use std::f64::consts::{LN_10, PI};

use super::band::{Band, Shape};

/// Power below which a filter lets nothing through: −300 dB.
const NOTHING: f64 = 1e-30;
/// dB per neper of power.
const DB: f64 = 10.0 / LN_10;

/// `tan²(π·hz/rate)`: the frequency as the bilinear transform sees it.
pub fn warped(hz: f64, rate: f64) -> f64 {
    (PI * (hz / rate).clamp(0.0, 0.5)).tan().powi(2)
}

/// Power as dB.
pub fn decibels(power: f64) -> f64 {
    DB * power.max(NOTHING).ln()
}

/// A band at a sample rate, ready to be evaluated at many frequencies.
pub struct Biquad {
    /// Warped corner.
    corner: f64,
    /// Slope of `ln x` by the log of the band's frequency.
    warp: f64,
    /// What the ratio is multiplied with.
    scale: f64,
    /// Slope of that in dB by the gain in dB.
    scale_slope: f64,
    over: Quadratic,
    under: Quadratic,
}

/// `c₀ + c₁·x + c₂·x²`, with its slopes by `ln A` (A is the cookbook's, the square root of the gain) and `ln Q`.
struct Quadratic {
    value: [f64; 3],
    by_a: [f64; 3],
    /// A quality is heard in the middle only.
    by_q: f64,
}

impl Biquad {
    /// The cookbook's biquad of a band at `rate` Hz.
    pub fn new(band: &Band, rate: f64) -> Self {
        let a = 10f64.powf(band.db / 40.0);
        let p = band.q.powi(-2);
        let resonant = |c: f64, by_a: f64| Quadratic {
            value: [1.0, c - 2.0, 1.0],
            by_a: [0.0, by_a * c, 0.0],
            by_q: -2.0 * c,
        };
        let single = |value: [f64; 3]| Quadratic { value, by_a: [0.0; 3], by_q: 0.0 };
        let (middle, by_q) = (a * p - 2.0 * a, -2.0 * a * p);
        let near = Quadratic { value: [1.0, middle, a * a], by_a: [0.0, middle, 2.0 * a * a], by_q };
        let far = Quadratic { value: [a * a, middle, 1.0], by_a: [2.0 * a * a, middle, 0.0], by_q };
        let (over, under) = match band.shape {
            Shape::Bell => (resonant(p * a * a, 2.0), resonant(p / (a * a), -2.0)),
            Shape::HighPass => (single([0.0, 0.0, 1.0]), resonant(p, 0.0)),
            Shape::LowPass => (single([1.0, 0.0, 0.0]), resonant(p, 0.0)),
            Shape::LowShelf => (far, near),
            Shape::HighShelf => (near, far),
        };
        let shelf = matches!(band.shape, Shape::LowShelf | Shape::HighShelf);
        let angle = 2.0 * PI * band.hz / rate;
        Self {
            corner: warped(band.hz, rate),
            warp: -2.0 * angle / angle.sin(),
            scale: if shelf { a * a } else { 1.0 },
            scale_slope: if shelf { 0.5 } else { 0.0 },
            over,
            under,
        }
    }

    /// Power at a warped frequency.
    pub fn power(&self, warped: f64) -> f64 {
        let x = warped / self.corner;
        (self.scale * at(&self.over.value, x) / at(&self.under.value, x)).max(NOTHING)
    }

    /// Slopes of the magnitude in dB at warped frequencies: by `ln hz`, by the gain in dB and by `ln Q`.
    pub fn slopes(&self, warped: &[f64]) -> [Vec<f64>; 3] {
        let (over, under) = (&self.over, &self.under);
        let mut slopes = [(); 3].map(|()| vec![0.0; warped.len()]);
        let [by_hz, by_db, by_q] = &mut slopes;
        let to = by_hz.iter_mut().zip(by_db).zip(by_q);
        for (((by_hz, by_db), by_q), warped) in to.zip(warped) {
            let x = warped / self.corner;
            let over_value = DB / at(&over.value, x).max(NOTHING * NOTHING);
            let under_value = DB / at(&under.value, x);
            let along = |q: &Quadratic| x * (q.value[1] + 2.0 * q.value[2] * x);
            *by_hz = self.warp * (over_value * along(over) - under_value * along(under));
            let by_a = over_value * at(&over.by_a, x) - under_value * at(&under.by_a, x);
            *by_db = LN_10 / 40.0 * by_a + self.scale_slope;
            *by_q = x * (over_value * over.by_q - under_value * under.by_q);
        }
        slopes
    }
}

fn at([c0, c1, c2]: &[f64; 3], x: f64) -> f64 {
    c0 + x * (c1 + x * c2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use realfft::num_complex::Complex;

    const RATE: f64 = 48_000.0;

    fn bands() -> [Band; 7] {
        let band = |shape, hz, db, q| Band { shape, hz, db, q };
        [
            band(Shape::HighPass, 80.0, 0.0, 0.8),
            band(Shape::LowShelf, 200.0, -7.0, 0.6),
            band(Shape::LowShelf, 300.0, 11.0, 1.3),
            band(Shape::Bell, 1000.0, 9.0, 2.0),
            band(Shape::Bell, 9000.0, -14.0, 0.5),
            band(Shape::HighShelf, 7000.0, 5.0, 0.9),
            band(Shape::LowPass, 15_000.0, 0.0, 1.1),
        ]
    }

    /// The filter's coefficients as the cookbook gives them, at a frequency on the unit circle.
    fn cookbook(band: &Band, hz: f64) -> f64 {
        let w = 2.0 * PI * band.hz / RATE;
        let (a, cos, alpha) = (10f64.powf(band.db / 40.0), w.cos(), w.sin() / (2.0 * band.q));
        let root = 2.0 * a.sqrt() * alpha;
        let (b, a) = match band.shape {
            Shape::HighPass => {
                ([(1.0 + cos) / 2.0, -(1.0 + cos), (1.0 + cos) / 2.0], [1.0 + alpha, -2.0 * cos, 1.0 - alpha])
            }
            Shape::LowPass => {
                ([(1.0 - cos) / 2.0, 1.0 - cos, (1.0 - cos) / 2.0], [1.0 + alpha, -2.0 * cos, 1.0 - alpha])
            }
            Shape::Bell => (
                [1.0 + alpha * a, -2.0 * cos, 1.0 - alpha * a],
                [1.0 + alpha / a, -2.0 * cos, 1.0 - alpha / a],
            ),
            Shape::LowShelf => (
                [
                    a * ((a + 1.0) - (a - 1.0) * cos + root),
                    2.0 * a * ((a - 1.0) - (a + 1.0) * cos),
                    a * ((a + 1.0) - (a - 1.0) * cos - root),
                ],
                [
                    (a + 1.0) + (a - 1.0) * cos + root,
                    -2.0 * ((a - 1.0) + (a + 1.0) * cos),
                    (a + 1.0) + (a - 1.0) * cos - root,
                ],
            ),
            Shape::HighShelf => (
                [
                    a * ((a + 1.0) + (a - 1.0) * cos + root),
                    -2.0 * a * ((a - 1.0) + (a + 1.0) * cos),
                    a * ((a + 1.0) + (a - 1.0) * cos - root),
                ],
                [
                    (a + 1.0) - (a - 1.0) * cos + root,
                    2.0 * ((a - 1.0) - (a + 1.0) * cos),
                    (a + 1.0) - (a - 1.0) * cos - root,
                ],
            ),
        };
        let delay = Complex::from_polar(1.0, -2.0 * PI * hz / RATE);
        let at = |c: [f64; 3]| delay * (delay * c[2] + c[1]) + c[0];
        20.0 * (at(b) / at(a)).norm().log10()
    }

    #[test]
    fn magnitudes_are_those_of_the_cookbooks_coefficients() {
        for band in bands() {
            for hz in [25.0, 100.0, 250.0, 1000.0, 4000.0, 9000.0, 16_000.0, 23_000.0] {
                let found = decibels(Biquad::new(&band, RATE).power(warped(hz, RATE)));
                let wanted = cookbook(&band, hz);
                assert!((found - wanted).abs() < 1e-6, "{band:?} at {hz} Hz: {found} {wanted}");
            }
        }
    }

    #[test]
    fn slopes_are_those_of_finite_differences() {
        const STEP: f64 = 1e-5;
        let hz = [30.0, 150.0, 900.0, 5000.0, 14_000.0];
        let warped = hz.map(|hz| warped(hz, RATE));
        for band in bands() {
            let slopes = Biquad::new(&band, RATE).slopes(&warped);
            let moved = |number: usize, by: f64| match number {
                0 => Band { hz: band.hz * by.exp(), ..band },
                1 => Band { db: band.db + by, ..band },
                _ => Band { q: band.q * by.exp(), ..band },
            };
            let gainless = matches!(band.shape, Shape::HighPass | Shape::LowPass);
            for number in (0..3).filter(|&number| number != 1 || !gainless) {
                for (k, &at) in warped.iter().enumerate() {
                    let db = |by| decibels(Biquad::new(&moved(number, by), RATE).power(at));
                    let wanted = (db(STEP) - db(-STEP)) / (2.0 * STEP);
                    let found = slopes[number][k];
                    assert!(
                        (found - wanted).abs() < 1e-4,
                        "{band:?} {number} at {} Hz: {found} {wanted}",
                        hz[k]
                    );
                }
            }
        }
    }

    #[test]
    fn silence_and_the_nyquist_frequency_stay_finite() {
        for band in bands() {
            for hz in [0.0, RATE / 2.0, RATE] {
                let db = decibels(Biquad::new(&band, RATE).power(warped(hz, RATE)));
                assert!((-300.1..60.0).contains(&db), "{band:?} at {hz} Hz: {db}");
            }
        }
    }
}

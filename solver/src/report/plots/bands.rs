//! What the bands of a parametric equaliser do together.

use std::f64::consts::TAU;

use super::super::schema::{Band, Bands, Shape};

/// The gain of all bands and their level at a frequency, dB, where they run at `rate` Hz.
pub(super) fn gain_db(bands: &Bands, hz: f64, rate: f64) -> f64 {
    bands.bands_level_db + bands.bands.iter().map(|band| band_db(band, hz, rate)).sum::<f64>()
}

/// The same of one band: the Audio EQ Cookbook's biquads, with shelves by Q.
fn band_db(band: &Band, hz: f64, rate: f64) -> f64 {
    // A corner at the Nyquist frequency or above has no biquad.
    let at = TAU * band.hz.min(0.499 * rate) / rate;
    let (sin, cos) = at.sin_cos();
    let alpha = sin / (2.0 * band.q.max(1e-3));
    let a = 10f64.powf(band.db / 40.0);
    let root = 2.0 * a.sqrt() * alpha;
    let (above, below) = (a + 1.0, a - 1.0);
    let (b, a) = match band.shape {
        Shape::HighPass => {
            ([(1.0 + cos) / 2.0, -(1.0 + cos), (1.0 + cos) / 2.0], [1.0 + alpha, -2.0 * cos, 1.0 - alpha])
        }
        Shape::LowPass => {
            ([(1.0 - cos) / 2.0, 1.0 - cos, (1.0 - cos) / 2.0], [1.0 + alpha, -2.0 * cos, 1.0 - alpha])
        }
        Shape::Bell => {
            ([1.0 + alpha * a, -2.0 * cos, 1.0 - alpha * a], [1.0 + alpha / a, -2.0 * cos, 1.0 - alpha / a])
        }
        Shape::LowShelf => (
            [
                a * (above - below * cos + root),
                2.0 * a * (below - above * cos),
                a * (above - below * cos - root),
            ],
            [above + below * cos + root, -2.0 * (below + above * cos), above + below * cos - root],
        ),
        Shape::HighShelf => (
            [
                a * (above + below * cos + root),
                -2.0 * a * (below + above * cos),
                a * (above + below * cos - root),
            ],
            [above - below * cos + root, 2.0 * (below - above * cos), above - below * cos - root],
        ),
    };
    let at = TAU * hz.min(0.5 * rate) / rate;
    10.0 * (power(b, at) / power(a, at)).max(1e-12).log10()
}

/// `|c₀ + c₁ z⁻¹ + c₂ z⁻²|²` at an angle.
fn power([c0, c1, c2]: [f64; 3], angle: f64) -> f64 {
    let real = c0 + c1 * angle.cos() + c2 * (2.0 * angle).cos();
    let imaginary = c1 * angle.sin() + c2 * (2.0 * angle).sin();
    real.powi(2) + imaginary.powi(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(shape: Shape, hz: f64) -> f64 {
        let db = if matches!(shape, Shape::HighPass | Shape::LowPass) { 0.0 } else { 6.0 };
        let band = Band { shape, hz: 1000.0, db, q: std::f64::consts::FRAC_1_SQRT_2 };
        gain_db(&Bands { bands: vec![band], bands_level_db: -1.0, bands_residual_db: 0.0 }, hz, 48_000.0)
    }

    #[test]
    fn a_band_does_what_its_name_says() {
        let wanted = [
            (Shape::HighPass, [f64::NEG_INFINITY, -4.01, -1.0]),
            (Shape::LowShelf, [5.0, 2.0, -1.0]),
            (Shape::Bell, [-1.0, 5.0, -1.0]),
            (Shape::HighShelf, [-1.0, 2.0, 5.0]),
            (Shape::LowPass, [-1.0, -4.01, f64::NEG_INFINITY]),
        ];
        for (shape, gains) in wanted {
            for (hz, gain) in [10.0, 1000.0, 23_990.0].into_iter().zip(gains) {
                let found = at(shape, hz);
                let holds = if gain.is_finite() { (found - gain).abs() < 0.02 } else { found < -60.0 };
                assert!(holds, "{shape:?} at {hz} Hz: {found} dB");
            }
        }
    }
}

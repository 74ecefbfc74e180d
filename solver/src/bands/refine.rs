//! Level and bands moved together to where they meet a curve best: Levenberg–Marquardt within bounds.

use std::f64::consts::{LN_2, SQRT_2};

use super::band::{Band, Bands, Shape};
use super::curve::{Curve, dot};
use super::shapes::{Biquad, decibels};
use crate::dsp::solve_symmetric;

/// Most that a band's gain may be, dB.
pub const MOST_DB: f64 = 24.0;
/// Numbers of a band: `ln hz`, gain in dB, `ln Q`.
const NUMBERS: usize = 3;
/// Longest step of `ln hz` and `ln Q`.
const FARTHEST: f64 = 1.0;
/// Damping at which a step stands still.
const MOST_DAMPING: f64 = 1e6;
/// Mean square below which nothing is left to improve, dB².
const EXACT: f64 = 1e-10;

/// What is asked of bands.
#[derive(Clone, Copy)]
pub struct Goal<'a> {
    /// Where, and how much each point weighs.
    pub curve: &'a Curve,
    /// Levels to meet, dB.
    pub db: &'a [f64],
    /// What a dB² of a band's gain costs against a dB² of mean error, so that bands do not grow against each other.
    pub gain_cost: f64,
}

impl Goal<'_> {
    /// Target minus bands at every point, dB.
    pub fn rest(&self, bands: &Bands) -> Vec<f64> {
        let mut power = vec![1.0; self.db.len()];
        for band in &bands.bands {
            let biquad = Biquad::new(band, self.curve.rate);
            power.iter_mut().zip(&self.curve.warped).for_each(|(p, &warped)| *p *= biquad.power(warped));
        }
        let level = bands.bands_level_db;
        power.iter().zip(self.db).map(|(&power, db)| db - level - decibels(power)).collect()
    }

    /// Moves level and bands by at most `steps` steps, fewer if a step gains less than the share `still`. Takes their
    /// residual.
    pub fn refine(&self, bands: &mut Bands, (steps, still): (usize, f64)) {
        let mut here = Point::new(self, bands);
        let mut damping = 1e-2;
        for _ in 0..steps {
            if here.mean_square < EXACT {
                break;
            }
            let before = here.cost;
            let (gradient, matrix) = here.system(self, bands);
            while damping < MOST_DAMPING {
                let tried = step(self.curve, bands, &gradient, &matrix, damping);
                let there = Point::new(self, &tried);
                if there.cost < here.cost {
                    (*bands, here) = (tried, there);
                    damping = (damping * 0.2f64).max(1e-9);
                    break;
                }
                damping *= 6.0;
            }
            if here.cost >= before * (1.0 - still) {
                break;
            }
        }
        bands.bands_residual_db = here.mean_square.sqrt();
    }

    /// What a refined set of bands costs.
    pub fn cost(&self, bands: &Bands) -> f64 {
        bands.bands_residual_db.powi(2) + self.gain_cost * gains(bands)
    }
}

/// Sum of squared gains, dB².
fn gains(bands: &Bands) -> f64 {
    bands.bands.iter().map(|b| b.db * b.db).sum()
}

/// How far bands are from a goal.
struct Point {
    /// Target minus bands, dB.
    rest: Vec<f64>,
    mean_square: f64,
    cost: f64,
}

impl Point {
    fn new(goal: &Goal, bands: &Bands) -> Self {
        let rest = goal.rest(bands);
        let mean_square = goal.curve.mean_square(&rest);
        Self { rest, mean_square, cost: mean_square + goal.gain_cost * gains(bands) }
    }

    /// Half of the cost's gradient, downhill, and its Gauss–Newton matrix, the lower triangle.
    fn system(&self, goal: &Goal, bands: &Bands) -> (Vec<f64>, Vec<f64>) {
        let curve = goal.curve;
        let size = 1 + NUMBERS * bands.bands.len();
        let mut slopes = vec![vec![1.0; self.rest.len()]];
        let of = |band| Biquad::new(band, curve.rate).slopes(&curve.warped);
        slopes.extend(bands.bands.iter().flat_map(of));
        let (mut gradient, mut matrix) = (vec![0.0; size], vec![0.0; size * size]);
        let mut weighed = vec![0.0; self.rest.len()];
        for (row, slope) in slopes.iter().enumerate() {
            weighed.iter_mut().zip(slope).zip(&curve.weight).for_each(|((to, s), w)| *to = s * w);
            gradient[row] = dot(&weighed, &self.rest);
            let entries = matrix[row * size..][..=row].iter_mut();
            entries.zip(&slopes).for_each(|(entry, other)| *entry = dot(&weighed, other));
        }
        for (k, band) in bands.bands.iter().enumerate() {
            let gain = 1 + NUMBERS * k + 1;
            gradient[gain] -= goal.gain_cost * band.db;
            matrix[gain * size + gain] += goal.gain_cost;
        }
        (gradient, matrix)
    }
}

/// The bands after one step with a damping. Numbers that stand at a bound and would leave it stay.
fn step(curve: &Curve, bands: &Bands, gradient: &[f64], matrix: &[f64], damping: f64) -> Bands {
    let size = gradient.len();
    let mut held = vec![false; size];
    for (k, band) in bands.bands.iter().enumerate() {
        let at = 1 + NUMBERS * k;
        let (numbers, bounds) = (numbers(band), bounds(curve, band));
        for (i, (value, (low, high))) in numbers.into_iter().zip(bounds).enumerate() {
            let push = gradient[at + i];
            held[at + i] = low >= high || (value <= low && push < 0.0) || (value >= high && push > 0.0);
        }
    }
    let mut system = matrix.to_vec();
    let mut by = gradient.to_vec();
    for i in 0..size {
        if held[i] {
            by[i] = 0.0;
            system[i * size..][..i].fill(0.0);
            (i..size).for_each(|row| system[row * size + i] = 0.0);
            system[i * size + i] = 1.0;
        } else {
            let diagonal = &mut system[i * size + i];
            *diagonal += damping * *diagonal + 1e-12;
        }
    }
    solve_symmetric(&mut system, &mut by);
    let mut tried = bands.clone();
    tried.bands_level_db += by[0];
    for (band, by) in tried.bands.iter_mut().zip(by[1..].chunks_exact(NUMBERS)) {
        let [ln_hz, db, ln_q] = numbers(band);
        let far = |by: f64| by.clamp(-FARTHEST, FARTHEST);
        *band = moved(curve, *band, [ln_hz + far(by[0]), db + by[1], ln_q + far(by[2])]);
    }
    tried
}

fn numbers(band: &Band) -> [f64; NUMBERS] {
    [band.hz.ln(), band.db, band.q.ln()]
}

/// A band with each number moved into its bounds.
pub fn within_bounds(curve: &Curve, band: Band) -> Band {
    let numbers = numbers(&band);
    moved(curve, band, numbers)
}

/// A band with other numbers, moved into their bounds.
fn moved(curve: &Curve, mut band: Band, [ln_hz, db, ln_q]: [f64; NUMBERS]) -> Band {
    let within = |value: f64, (low, high): (f64, f64)| value.min(high).max(low);
    band.hz = within(ln_hz, bounds(curve, &band)[0]).exp();
    // The bounds of Q depend on the frequency.
    let [_, gain, quality] = bounds(curve, &band);
    Band { db: within(db, gain), q: within(ln_q, quality).exp(), ..band }
}

/// The least and the most of each of a band's numbers.
fn bounds(curve: &Curve, band: &Band) -> [(f64, f64); NUMBERS] {
    let any = (20f64.ln(), (0.45 * curve.rate).ln());
    let (first, last) = curve.span;
    let gain = (-MOST_DB, MOST_DB);
    let quality = |least: f64, most: f64| (least.ln(), most.ln());
    let within = |(low, high): (f64, f64)| (low.max(any.0).min(any.1), high.min(any.1).max(any.0));
    match band.shape {
        Shape::Bell => {
            // A bell of quality Q is about √2/Q octaves wide; a narrower one would be one point's whim.
            let narrowest = (SQRT_2 / curve.spacing(band.hz.ln())).clamp(0.5, 10.0);
            [within((first, last)), gain, quality(0.3, narrowest)]
        }
        Shape::LowShelf | Shape::HighShelf => {
            [within((first - LN_2 / 2.0, last + LN_2 / 2.0)), gain, quality(0.4, 1.5)]
        }
        // A corner beyond the ends would be heard nowhere.
        Shape::HighPass => [within((first - LN_2 / 4.0, last)), (0.0, 0.0), quality(0.5, 1.2)],
        Shape::LowPass => [within((first, last + LN_2 / 4.0)), (0.0, 0.0), quality(0.5, 1.2)],
    }
}

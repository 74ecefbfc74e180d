//! A curve to fit, on a logarithmic measure of frequency.

use super::shapes::{decibels, warped};

/// What is heard, Hz.
const HEARD: std::ops::RangeInclusive<f64> = 20.5..=20_000.0;
/// Points that lie closer than this are averaged, per octave.
const CELLS_PER_OCTAVE: f64 = 24.0;
/// Farthest from its middle that a level counts, dB: what lies deeper is silence all the same.
const FARTHEST_DB: f64 = 80.0;
/// Farthest from 0 that any level is taken for, dB.
const WIDEST_DB: f64 = 250.0;
/// A share of the mean weight that counts as none.
const NO_WEIGHT: f64 = 1e-3;

/// Points of a curve, dense ones averaged by their power: what is heard of a bin between louder ones is them. Each weighs what the caller says times the part of the logarithmic
/// frequency axis that it stands for.
pub struct Curve {
    /// Frequencies, `ln Hz`, rising.
    pub ln_hz: Vec<f64>,
    /// The same for the bilinear transform.
    pub warped: Vec<f64>,
    /// Levels, dB.
    pub db: Vec<f64>,
    /// Weights; their sum is 1.
    pub weight: Vec<f64>,
    /// Sample rate, Hz.
    pub rate: f64,
    /// Lowest and highest `ln Hz` where there is weight.
    pub span: (f64, f64),
}

impl Curve {
    /// Takes what is heard of a curve; none if that is nothing.
    pub fn new(hz: &[f64], db: &[f64], weight: &[f64], rate: f64) -> Option<Self> {
        let points = hz.iter().zip(db).zip(weight);
        let points = points.map(|((&hz, db), &weight)| (hz, db.clamp(-WIDEST_DB, WIDEST_DB), weight));
        let mut heard: Vec<_> = points.filter(|p| HEARD.contains(&p.0) && p.0 < rate / 2.0).collect();
        heard.sort_by(|a, b| a.0.total_cmp(&b.0));
        let most = heard.iter().map(|p| p.2).fold(0.0, f64::max);
        let ln_hz: Vec<f64> = heard.iter().map(|p| p.0.ln()).collect();
        let last = ln_hz.len().checked_sub(1)?;
        let mut curve = Self {
            ln_hz: vec![],
            warped: vec![],
            db: vec![],
            weight: vec![],
            rate,
            span: (ln_hz[0], ln_hz[last]),
        };
        let cell = |ln_hz: f64| (ln_hz / std::f64::consts::LN_2 * CELLS_PER_OCTAVE).round() as i64;
        let mut from = 0;
        for points in ln_hz.chunk_by(|a, b| cell(*a) == cell(*b)) {
            let inside = from..from + points.len();
            from = inside.end;
            // Half of the way to either neighbour.
            let width = |i: usize| {
                let neighbours = ln_hz[(i + 1).min(last)] - ln_hz[i.saturating_sub(1)];
                (neighbours / 2.0).max(f64::EPSILON)
            };
            let plain: Vec<f64> = inside.clone().map(width).collect();
            let given = |i: usize| if most > 0.0 { heard[i].2.max(0.0) / most } else { 1.0 };
            let weighted: Vec<f64> = inside.clone().map(|i| given(i) * width(i)).collect();
            let sum: f64 = weighted.iter().sum();
            let shares = if sum > 0.0 { &weighted } else { &plain };
            let total: f64 = shares.iter().sum();
            let mean = |value: &dyn Fn(usize) -> f64| {
                inside.clone().zip(shares).map(|(i, share)| share / total * value(i)).sum::<f64>()
            };
            if sum == 0.0 && most > 0.0 {
                continue;
            }
            let centre = mean(&|i| ln_hz[i]);
            curve.ln_hz.push(centre);
            curve.warped.push(warped(centre.exp(), rate));
            curve.db.push(decibels(mean(&|i| 10f64.powf(heard[i].1 / 10.0))));
            curve.weight.push(sum);
        }
        curve.normalise();
        Some(curve)
    }

    fn normalise(&mut self) {
        let sum: f64 = self.weight.iter().sum();
        self.weight.iter_mut().for_each(|w| *w /= sum);
        let threshold = NO_WEIGHT / self.len() as f64;
        let weighty = || (0..self.len()).filter(|&i| self.weight[i] > threshold);
        if let (Some(first), Some(last)) = (weighty().next(), weighty().next_back()) {
            self.span = (self.ln_hz[first], self.ln_hz[last]);
        }
        let middle = self.median();
        let range = middle - FARTHEST_DB..=middle + FARTHEST_DB;
        self.db.iter_mut().for_each(|db| *db = db.clamp(*range.start(), *range.end()));
    }

    /// The level that half of the weight lies below.
    fn median(&self) -> f64 {
        let mut order: Vec<usize> = (0..self.len()).collect();
        order.sort_by(|&a, &b| self.db[a].total_cmp(&self.db[b]));
        let mut below = 0.0;
        let half = order.iter().find(|&&i| {
            below += self.weight[i];
            below >= 0.5
        });
        self.db[*half.unwrap_or(&order[0])]
    }

    /// How many points there are; at least one.
    pub fn len(&self) -> usize {
        self.ln_hz.len()
    }

    /// Weighted mean of a value per point.
    pub fn mean(&self, values: &[f64]) -> f64 {
        dot(&self.weight, values)
    }

    /// Weighted mean square of a value per point.
    pub fn mean_square(&self, values: &[f64]) -> f64 {
        self.mean_product(values, values)
    }

    /// Weighted mean of the products of two values per point.
    pub fn mean_product(&self, a: &[f64], b: &[f64]) -> f64 {
        self.weight.iter().zip(a).zip(b).map(|((w, a), b)| w * a * b).sum()
    }

    /// The distance of the points around a frequency, octaves: nothing narrower can be told from one point's whim.
    pub fn spacing(&self, ln_hz: f64) -> f64 {
        let above = self.ln_hz.partition_point(|&f| f < ln_hz).clamp(1, self.len().max(2) - 1);
        if self.len() < 2 {
            return f64::INFINITY;
        }
        (self.ln_hz[above] - self.ln_hz[above - 1]) / std::f64::consts::LN_2
    }
}

/// Sum of products, in four strands that the compiler can run side by side.
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (a, b) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest: f64 = a.remainder().iter().zip(b.remainder()).map(|(a, b)| a * b).sum();
    let mut sums = [0.0; 4];
    for (a, b) in a.zip(b) {
        for k in 0..4 {
            sums[k] += a[k] * b[k];
        }
    }
    sums.iter().sum::<f64>() + rest
}

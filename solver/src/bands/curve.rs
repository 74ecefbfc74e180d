//! A curve to fit, on a logarithmic measure of frequency.

use std::f64::consts::LN_2;

use super::shapes::{decibels, warped};

/// What is heard, Hz.
const HEARD: std::ops::RangeInclusive<f64> = 20.5..=20_000.0;
/// Points that lie closer than this are averaged, per octave.
const CELLS_PER_OCTAVE: f64 = 24.0;
/// Farthest from its middle that a level counts, dB: what lies deeper is silence all the same.
const FARTHEST_DB: f64 = 80.0;
/// Farthest from 0 that any level is taken for, dB.
const WIDEST_DB: f64 = 250.0;
/// A trace of weight, in mean weights.
const TRACE: f64 = 1e-3;

/// Points of a curve. Each weighs what the caller says times the part of the logarithmic frequency axis that it stands
/// for. Dense ones are averaged by their power: a dip between loud neighbours is not heard.
pub struct Curve {
    /// Frequencies, `ln Hz`, rising.
    pub ln_hz: Vec<f64>,
    /// The same for the bilinear transform.
    pub warped: Vec<f64>,
    /// Levels, dB.
    pub db: Vec<f64>,
    /// Weights above 0; their sum is 1.
    pub weight: Vec<f64>,
    /// Sample rate, Hz.
    pub rate: f64,
    /// Lowest and highest `ln Hz` of more than a trace of weight.
    pub span: (f64, f64),
}

impl Curve {
    /// Takes what is heard of a curve; none if that is nothing.
    pub fn new(hz: &[f64], db: &[f64], weight: &[f64], rate: f64) -> Option<Self> {
        let points = hz.iter().zip(db).zip(weight).map(|((&hz, &db), &weight)| (hz, db, weight));
        let mut heard: Vec<_> = points.filter(|p| HEARD.contains(&p.0) && p.0 < rate / 2.0).collect();
        heard.sort_by(|a, b| a.0.total_cmp(&b.0));
        let last = heard.len().checked_sub(1)?;
        let most = heard.iter().map(|p| p.2).fold(0.0, f64::max);
        let points: Vec<Point> = (0..=last)
            .map(|i| {
                let (hz, db, weight) = heard[i];
                // Half of the way to either neighbour.
                let width = (heard[(i + 1).min(last)].0 / heard[i.saturating_sub(1)].0).ln() / 2.0;
                let share = if most > 0.0 { weight.max(0.0) / most } else { 1.0 };
                Point {
                    ln_hz: hz.ln(),
                    power: 10f64.powf(db.clamp(-WIDEST_DB, WIDEST_DB) / 10.0),
                    weight: share * width.max(f64::EPSILON),
                }
            })
            .collect();
        let cells = points.chunk_by(|a, b| a.cell() == b.cell()).filter_map(Point::mean);
        Some(Self::of(cells.collect(), rate))
    }

    fn of(mut points: Vec<Point>, rate: f64) -> Self {
        let sum: f64 = points.iter().map(|point| point.weight).sum();
        points.iter_mut().for_each(|point| point.weight /= sum);
        let trace = TRACE / points.len() as f64;
        let heavy = || points.iter().filter(|point| point.weight > trace).map(|point| point.ln_hz);
        let (first, last) = (heavy().next().unwrap_or(0.0), heavy().next_back().unwrap_or(0.0));
        let mut curve = Self {
            ln_hz: points.iter().map(|point| point.ln_hz).collect(),
            warped: points.iter().map(|point| warped(point.ln_hz.exp(), rate)).collect(),
            db: points.iter().map(|point| decibels(point.power)).collect(),
            weight: points.iter().map(|point| point.weight).collect(),
            rate,
            span: (first, last),
        };
        let middle = curve.median();
        curve.db.iter_mut().for_each(|db| *db = db.clamp(middle - FARTHEST_DB, middle + FARTHEST_DB));
        curve
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

    /// The distance of the points around a frequency, octaves.
    pub fn spacing(&self, ln_hz: f64) -> f64 {
        let above = self.ln_hz.partition_point(|&f| f < ln_hz).clamp(1, self.len().max(2) - 1);
        let points = self.ln_hz.get(above - 1).zip(self.ln_hz.get(above));
        points.map_or(f64::INFINITY, |(below, above)| (above - below) / LN_2)
    }
}

/// A point, or the mean of several.
struct Point {
    ln_hz: f64,
    power: f64,
    weight: f64,
}

impl Point {
    /// Points of the same cell are averaged.
    fn cell(&self) -> i64 {
        (self.ln_hz / LN_2 * CELLS_PER_OCTAVE).round() as i64
    }

    /// The weighted mean; none if there is no weight.
    fn mean(points: &[Self]) -> Option<Self> {
        let weight: f64 = points.iter().map(|point| point.weight).sum();
        let mean = |value: fn(&Self) -> f64| points.iter().map(|p| p.weight / weight * value(p)).sum();
        (weight > 0.0).then(|| Self { ln_hz: mean(|p| p.ln_hz), power: mean(|p| p.power), weight })
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

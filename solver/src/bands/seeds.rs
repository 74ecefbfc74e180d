//! Where the next bands might go: a bank of bands everywhere, compared with what is left of a curve.

use std::f64::consts::LN_2;

use super::band::{Band, Shape};
use super::curve::{Curve, dot};
use super::refine::MOST_DB;
use super::shapes::{Biquad, decibels};

/// Frequencies of the bank, per octave.
const PER_OCTAVE: f64 = 6.0;
/// Every so many of them may come in pairs.
const PAIR_STRIDE: usize = 3;
/// Gain of the bank's bells and shelves, dB.
const GAIN_DB: f64 = 6.0;
/// Most gain, in gains of the bank's.
const MOST: f64 = MOST_DB / GAIN_DB;
/// Mean square of a response that is hardly there, dB².
const UNHEARD: f64 = 1e-6;
/// Share of their powers' product that the determinant of two bands must have: bands that are hardly different would only
/// grow against each other.
const DIFFERENT: f64 = 0.05;
/// Bands of one shape are not proposed closer than this, octaves.
const APART: f64 = 0.75;
/// All that is tried at each frequency: a shape, its qualities and how many of it are proposed.
const TRIED: [(Shape, &[f64], usize); 5] = [
    (Shape::HighPass, &[0.7], 1),
    (Shape::LowShelf, &[0.7], 2),
    (Shape::Bell, &[0.5, 1.2, 3.0, 7.0], 4),
    (Shape::HighShelf, &[0.7], 2),
    (Shape::LowPass, &[0.7], 1),
];
/// Narrower bells than this need no partner to be found.
const PAIR_QUALITY: f64 = 3.0;

/// Bands and their responses on a curve's points.
pub struct Bank {
    entries: Vec<Entry>,
    /// Those that may come in pairs, with the mean product of each one's response and every later one's.
    pairs: Vec<(usize, usize, f64)>,
}

struct Entry {
    band: Band,
    /// Response without its weighted mean, which the level takes, dB.
    response: Vec<f64>,
    /// The same times the weight.
    weighed: Vec<f64>,
    /// Weighted mean square of the response.
    power: f64,
}

impl Bank {
    /// Draws the bank for a curve.
    pub fn new(curve: &Curve) -> Self {
        let (first, last) = curve.span;
        let steps = ((last - first) / LN_2 * PER_OCTAVE).ceil() as usize;
        let (mut entries, mut coarse) = (vec![], vec![]);
        for (shape, qualities, _) in TRIED {
            let db = if matches!(shape, Shape::HighPass | Shape::LowPass) { 0.0 } else { GAIN_DB };
            for (step, &q) in (0..=steps).flat_map(|step| qualities.iter().map(move |q| (step, q))) {
                let hz = (first + step as f64 * LN_2 / PER_OCTAVE).min(last).exp();
                let entry = Entry::new(curve, Band { shape, hz, db, q });
                if entry.power > UNHEARD {
                    if step % PAIR_STRIDE == 0 && q <= PAIR_QUALITY {
                        coarse.push(entries.len());
                    }
                    entries.push(entry);
                }
            }
        }
        let later =
            coarse.iter().enumerate().flat_map(|(k, &i)| coarse[k + 1..].iter().map(move |&j| (i, j)));
        let pairs = later.map(|(i, j)| (&entries[i], &entries[j], (i, j)));
        let pairs = pairs.filter(|(a, b, _)| !a.is_fixed() || a.band.shape != b.band.shape);
        let pairs = pairs.map(|(a, b, (i, j))| (i, j, dot(&a.response, &b.weighed))).collect();
        Self { entries, pairs }
    }

    /// The bands that would take the most of `rest`, which has no weighted mean, the best ones of each shape.
    pub fn singles(&self, rest: &[f64]) -> Vec<Band> {
        let mut taken: Vec<(f64, Band)> = self.entries.iter().map(|entry| entry.take(rest)).collect();
        taken.retain(|(power, _)| *power > 0.0);
        taken.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut proposed: Vec<Band> = vec![];
        for (_, band) in taken {
            let most = TRIED.iter().find(|t| t.0 == band.shape).map_or(0, |t| t.2);
            let mut alike = proposed.iter().filter(|p| p.shape == band.shape);
            let apart = |p: &Band| (p.hz / band.hz).log2().abs() >= APART;
            if alike.clone().count() < most && alike.all(apart) {
                proposed.push(band);
            }
        }
        proposed
    }

    /// The pairs that would take the most of `rest`, one for each pair of shapes, the best first.
    pub fn pairs(&self, rest: &[f64]) -> Vec<[Band; 2]> {
        let along: Vec<f64> = self.entries.iter().map(|entry| dot(&entry.weighed, rest)).collect();
        let mut best: Vec<(f64, [Band; 2])> = vec![];
        for &(i, j, both) in &self.pairs {
            let entries = [i, j].map(|i| &self.entries[i]);
            let (power, gains) = take_two(entries, [along[i], along[j]], both);
            let bands = [0, 1].map(|k| entries[k].with_gain(gains[k]));
            let alike = |b: &&mut (f64, [Band; 2])| (0..2).all(|k| b.1[k].shape == bands[k].shape);
            match best.iter_mut().find(alike) {
                Some(old) if old.0 >= power => {}
                Some(old) => *old = (power, bands),
                None => best.push((power, bands)),
            }
        }
        best.retain(|(power, _)| *power > 0.0);
        best.sort_by(|a, b| b.0.total_cmp(&a.0));
        best.into_iter().map(|(_, bands)| bands).collect()
    }
}

impl Entry {
    fn new(curve: &Curve, band: Band) -> Self {
        let response = centred(curve, &band);
        let weighed = response.iter().zip(&curve.weight).map(|(r, w)| r * w).collect();
        Self { band, power: curve.mean_square(&response), response, weighed }
    }

    /// How much of the mean square of `rest` the band takes with its best gain, and the band with that gain.
    fn take(&self, rest: &[f64]) -> (f64, Band) {
        let along = dot(&self.weighed, rest);
        let gain = if self.is_fixed() { 1.0 } else { (along / self.power).clamp(-MOST, MOST) };
        (gain * (2.0 * along - gain * self.power), self.with_gain(gain))
    }

    fn is_fixed(&self) -> bool {
        self.band.db == 0.0
    }

    fn with_gain(&self, gain: f64) -> Band {
        Band { db: gain * self.band.db, ..self.band }
    }
}

/// A band's response on a curve's points without its weighted mean, dB.
pub fn centred(curve: &Curve, band: &Band) -> Vec<f64> {
    let biquad = Biquad::new(band, curve.rate);
    let mut response: Vec<f64> = curve.warped.iter().map(|&w| decibels(biquad.power(w))).collect();
    let mean = curve.mean(&response);
    response.iter_mut().for_each(|r| *r -= mean);
    response
}

/// How much two bands take together with their best gains, and these.
fn take_two([a, b]: [&Entry; 2], [along_a, along_b]: [f64; 2], both: f64) -> (f64, [f64; 2]) {
    let gains = match (a.is_fixed(), b.is_fixed()) {
        (true, true) => [1.0, 1.0],
        (true, false) => [1.0, (along_b - both) / b.power],
        (false, true) => [(along_a - both) / a.power, 1.0],
        (false, false) => {
            let determinant = a.power * b.power - both * both;
            if determinant < DIFFERENT * a.power * b.power {
                return (0.0, [0.0; 2]);
            }
            [
                (along_a * b.power - along_b * both) / determinant,
                (along_b * a.power - along_a * both) / determinant,
            ]
        }
    };
    let [x, y] = gains.map(|gain| gain.clamp(-MOST, MOST));
    (x * (2.0 * along_a - x * a.power) + y * (2.0 * along_b - y * b.power) - 2.0 * x * y * both, [x, y])
}

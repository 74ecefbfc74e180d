//! Sets of bands and the moves from one to the next.

use std::f64::consts::{FRAC_1_SQRT_2, LN_2};

use super::band::{Band, Bands, Shape};
use super::curve::Curve;
use super::refine::{Goal, within_bounds};
use super::seeds::{Bank, centred};

/// What a dB² of gain costs while bands are chosen, in dB² of mean error: bands that stand only against one another are
/// of no use on a desk.
const GAIN_COST: f64 = 5e-4;
/// The same between sets that are finished.
const LAST_GAIN_COST: f64 = 1e-4;
/// Growth of two gains that shows that they grew against each other: a factor and dB.
const GROWTH: (f64, f64) = (1.3, 0.5);
/// What a set costs with each high- or low-pass: they say more than a shelf that is as close, and have a number less to
/// dial in.
const PASS: f64 = 0.8;
/// What a set costs with each bell that ends beyond the curve: a shelf says the same more plainly.
const HALF_BELL: f64 = 1.15;
/// Squares of the steps from point to point, in squares of what is left, below which that is smooth. Noise has 2.
const SMOOTH: f64 = 1.0;

/// Differences of `ln hz` and of dB below which two bands are the same one.
const ALIKE: (f64, f64) = (0.1, 1.0);

/// How long to refine: most steps, and the share that a step must gain for another one.
type Effort = (usize, f64);
/// To tell good bands from bad ones.
const GLANCE: Effort = (3, 1e-2);
/// The same for bands that come two at once or alone.
const LOOK: Effort = (6, 1e-2);
/// To tell the best sets from good ones.
const WORK: Effort = (15, 3e-3);
/// To have the last decimals.
const FINISH: Effort = (30, 1e-5);
/// Bands and pairs that are tried with each set.
const PROPOSALS: usize = 4;
/// A glance at a set must come this close to the cost of a finished one to be worth work.
const NEAR: f64 = 1.15;
/// What a set must cost against another one to take its place.
const BETTER: f64 = 0.98;

/// A curve and the bands that might meet it.
pub struct Search<'a> {
    goal: Goal<'a>,
    bank: Bank,
}

impl<'a> Search<'a> {
    /// Prepares the search.
    pub fn new(curve: &'a Curve) -> Self {
        Self { goal: Goal { curve, db: &curve.db, gain_cost: GAIN_COST }, bank: Bank::new(curve) }
    }

    /// The best level without bands.
    pub fn flat(&self) -> Bands {
        let mut flat = Bands { bands_level_db: self.goal.curve.mean(self.goal.db), ..Bands::default() };
        self.goal.refine(&mut flat, (0, 0.0));
        flat
    }

    /// The best sets, `most` of them, with one band more than `carried` and two more than `shorter`.
    pub fn extend(&self, carried: &[Bands], shorter: &[Bands], most: usize) -> Vec<Bands> {
        let by_one = carried.iter().flat_map(|bands| self.with_one_more(bands, PROPOSALS));
        let by_two = shorter.iter().flat_map(|bands| self.with_two_more(bands));
        let mut longer: Vec<Bands> = by_one.chain(by_two).collect();
        self.rank(&mut longer, 3 * most);
        longer.iter_mut().for_each(|bands| self.goal.refine(bands, WORK));
        self.rank(&mut longer, most);
        if let Some(best) = longer.first_mut() {
            self.replace(best);
        }
        longer
    }

    /// The best of several sets with its last decimals and without a cost of gains.
    pub fn finished(&self, sets: &[Bands]) -> Option<Bands> {
        let cost = |bands: &Bands| self.cost(bands, LAST_GAIN_COST);
        sets.iter().map(|bands| self.finish(bands)).min_by(|a, b| cost(a).total_cmp(&cost(b)))
    }

    /// A finished set without one of its bands.
    pub fn without(&self, bands: &Bands, k: usize) -> Bands {
        let mut without = bands.clone();
        without.bands.remove(k);
        self.goal.refine(&mut without, WORK);
        self.finish(&without)
    }

    /// Whether what is left of a set is smooth, so that more bands could say it, rather than ripple from point to point.
    pub fn is_smooth(&self, bands: &Bands) -> bool {
        let (_, rest) = self.rest(bands);
        let steps: f64 = rest.windows(2).map(|pair| (pair[1] - pair[0]).powi(2)).sum();
        steps < SMOOTH * rest.iter().map(|r| r * r).sum::<f64>()
    }

    /// The weighted mean of what is left, and what is left without it, dB.
    fn rest(&self, bands: &Bands) -> (f64, Vec<f64>) {
        let mut rest = self.goal.rest(bands);
        let mean = self.goal.curve.mean(&rest);
        rest.iter_mut().for_each(|r| *r -= mean);
        (mean, rest)
    }

    /// A set with each of the bands that might come next, the best first.
    fn with_one_more(&self, bands: &Bands, most: usize) -> Vec<Bands> {
        let (mean, rest) = self.rest(bands);
        let alone = Goal { db: &rest, ..self.goal };
        let single = |band: Band| {
            let band = within_bounds(self.goal.curve, band);
            let mut single = Bands { bands: vec![band], ..Bands::default() };
            alone.refine(&mut single, LOOK);
            single
        };
        let proposed = self.bank.singles(&rest).into_iter().filter(|band| may_join(bands, band));
        let mut singles: Vec<Bands> = proposed.map(single).collect();
        self.sort(&mut singles);
        singles.truncate(most);
        let join = |single: Bands| {
            let mut longer = bands.clone();
            longer.bands_level_db += mean + single.bands_level_db;
            longer.bands.extend(single.bands);
            self.goal.refine(&mut longer, GLANCE);
            longer
        };
        let mut longer: Vec<Bands> = singles.into_iter().map(join).collect();
        self.sort(&mut longer);
        longer
    }

    /// A set with each of the pairs of bands that might come next: some bands show only together.
    fn with_two_more(&self, bands: &Bands) -> Vec<Bands> {
        let pairs = self.bank.pairs(&self.rest(bands).1).into_iter();
        let pairs = pairs.filter(|pair| pair.iter().all(|band| may_join(bands, band)));
        let join = |pair: [Band; 2]| {
            let mut longer = bands.clone();
            longer.bands.extend(pair.map(|band| within_bounds(self.goal.curve, band)));
            longer.bands_level_db += self.rest(&longer).0;
            self.goal.refine(&mut longer, LOOK);
            longer
        };
        pairs.take(PROPOSALS).map(join).collect()
    }

    /// Takes each band out in turn and looks whether another one does better in its place.
    fn replace(&self, best: &mut Bands) {
        for k in 0..best.bands.len() {
            let mut without = best.clone();
            without.bands.remove(k);
            self.goal.refine(&mut without, GLANCE);
            let other = self.with_one_more(&without, 2).into_iter().next();
            let cost = self.cost(best, GAIN_COST);
            if let Some(mut other) = other.filter(|other| self.cost(other, GAIN_COST) < NEAR * cost) {
                self.goal.refine(&mut other, WORK);
                if self.cost(&other, GAIN_COST) < BETTER * cost {
                    *best = other;
                }
            }
        }
    }

    /// The same set at rest and without a cost of gains, unless bands then grow against each other.
    fn finish(&self, bands: &Bands) -> Bands {
        let mut finished = bands.clone();
        Goal { gain_cost: 0.0, ..self.goal }.refine(&mut finished, FINISH);
        let curve = self.goal.curve;
        let grown = finished.bands.iter().zip(&bands.bands);
        let grown = grown.filter(|(after, before)| after.db.abs() > GROWTH.0 * before.db.abs() + GROWTH.1);
        let grown: Vec<Vec<f64>> = grown.map(|(band, _)| centred(curve, band)).collect();
        let fights = |(i, a): (usize, &Vec<f64>)| grown[..i].iter().any(|b| curve.mean_product(a, b) < 0.0);
        if grown.iter().enumerate().any(fights) { bands.clone() } else { finished }
    }

    /// Leaves the best sets, `most` of them, no two of them alike.
    fn rank(&self, sets: &mut Vec<Bands>, most: usize) {
        self.sort(sets);
        let mut ranked: Vec<Bands> = vec![];
        for set in sets.drain(..) {
            if ranked.len() < most && !ranked.iter().any(|other| are_alike(other, &set)) {
                ranked.push(set);
            }
        }
        *sets = ranked;
    }

    fn sort(&self, sets: &mut [Bands]) {
        sets.sort_by(|a, b| self.cost(a, GAIN_COST).total_cmp(&self.cost(b, GAIN_COST)));
    }

    /// What a refined set costs, by its residual, its gains and its shapes.
    fn cost(&self, bands: &Bands, gain_cost: f64) -> f64 {
        let hz = |shape| bands.bands.iter().find(|band| band.shape == shape).map(|band| band.hz);
        // Two passes that let nothing through but what leaks, with a level to match, look like the opposite two.
        if hz(Shape::HighPass).zip(hz(Shape::LowPass)).is_some_and(|(high, low)| high >= low) {
            return f64::INFINITY;
        }
        let (first, last) = self.goal.curve.span;
        let factor = |band: &Band| match band.shape {
            Shape::HighPass | Shape::LowPass => PASS,
            Shape::LowShelf | Shape::HighShelf => 1.0,
            Shape::Bell => {
                let half = LN_2 * FRAC_1_SQRT_2 / band.q;
                let inside = first + half <= band.hz.ln() && band.hz.ln() <= last - half;
                if inside { 1.0 } else { HALF_BELL }
            }
        };
        Goal { gain_cost, ..self.goal }.cost(bands) * bands.bands.iter().map(factor).product::<f64>()
    }
}

/// Whether a band may come to others: one high-pass and one low-pass are enough.
fn may_join(bands: &Bands, new: &Band) -> bool {
    let pass = matches!(new.shape, Shape::HighPass | Shape::LowPass);
    !pass || bands.bands.iter().all(|band| band.shape != new.shape)
}

/// Whether two sets of as many bands are on their way to the same place.
fn are_alike(a: &Bands, b: &Bands) -> bool {
    let alike = |a: &Band, b: &Band| {
        a.shape == b.shape && (a.hz / b.hz).ln().abs() < ALIKE.0 && (a.db - b.db).abs() < ALIKE.1
    };
    a.bands.iter().all(|a| b.bands.iter().any(|b| alike(a, b)))
}

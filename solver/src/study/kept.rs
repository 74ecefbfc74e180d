//! What several runs of a song kept: the share of runs by strip and kind.

use super::Cell;
use crate::graph::Role;
use crate::processors::Kind;

/// How often each processor was kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Shares {
    /// How many runs there were.
    pub runs: usize,
    /// The kinds of the console.
    pub kinds: Vec<Kind>,
    /// The strips in the order of the report.
    pub strips: Vec<Strip>,
    /// The match of the fitted console and of what was left of it, a run each.
    pub matches: Vec<(f64, f64)>,
}

/// How often a strip's processors were kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Strip {
    /// The stem's or group's name.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// The share of runs 0…1, one a kind of [`Shares::kinds`].
    pub shares: Vec<f64>,
}

impl Shares {
    /// Of all runs of one song; none where there is no run.
    pub fn of(cells: &[&Cell]) -> Option<Self> {
        let first = cells.first()?;
        let kinds = first.settings.kinds.clone();
        let share = |strip: usize, kind: Kind| {
            let keeps = |cell: &&&Cell| cell.strips.get(strip).is_some_and(|s| s.kinds.contains(&kind));
            cells.iter().filter(keeps).count() as f64 / cells.len() as f64
        };
        let strips = first.strips.iter().enumerate().map(|(i, strip)| Strip {
            name: strip.strip.clone(),
            role: strip.role,
            shares: kinds.iter().map(|&kind| share(i, kind)).collect(),
        });
        Some(Self {
            runs: cells.len(),
            strips: strips.collect(),
            kinds,
            matches: cells.iter().map(|cell| (cell.console.full, cell.pruned.full)).collect(),
        })
    }

    /// The share of processors that all runs kept or all removed, 0…1.
    pub fn agreed(&self) -> f64 {
        let all = || self.strips.iter().flat_map(|s| &s.shares);
        all().filter(|&&share| share == 0.0 || share == 1.0).count() as f64 / all().count().max(1) as f64
    }

    /// Mean and standard deviation of the pruned match; the latter is that of a sample, and 0 for a single run.
    pub fn matched(&self) -> (f64, f64) {
        let n = self.matches.len() as f64;
        let mean = self.matches.iter().map(|m| m.1).sum::<f64>() / n;
        let squares: f64 = self.matches.iter().map(|m| (m.1 - mean).powi(2)).sum();
        (mean, (squares / (n - 1.0).max(1.0)).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_all_runs_kept_or_removed_is_agreed_and_the_rest_is_not() {
        let strip = |shares: [f64; 4]| Strip { name: "a".into(), role: Role::Track, shares: shares.into() };
        let mut shares = Shares {
            runs: 3,
            kinds: Kind::ALL[..4].into(),
            strips: vec![strip([0.0, 1.0, 1.0, 0.5]), strip([0.25, 0.0, 0.75, 1.0])],
            matches: vec![(0.3, 0.1), (0.3, 0.2), (0.3, 0.6)],
        };
        assert_eq!(shares.agreed(), 5.0 / 8.0);
        let (mean, deviation) = shares.matched();
        assert!((mean - 0.3).abs() < 1e-12 && (deviation - 0.07f64.sqrt()).abs() < 1e-12);
        shares.matches.truncate(1);
        assert_eq!(shares.matched(), (0.1, 0.0));
    }
}

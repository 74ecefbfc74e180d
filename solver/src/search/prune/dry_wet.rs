//! Pruning by dry/wet weight: the paper's Algorithm 1.

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use super::Trial;
use crate::graph::NodeId;
use crate::parameters::Parameters;
use crate::processors::Kind;

/// The share of a kind that a round tries first.
const FIRST_RATIO: f64 = 0.1;

/// The kinds that are still being tried.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DryWet {
    kinds: Vec<Candidates>,
}

/// The processors of a kind that are still being tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Candidates {
    kind: Kind,
    /// Nodes still alive, least wet first.
    alive: Vec<NodeId>,
    /// Share of `total` to try next.
    ratio: f64,
    /// Nodes of the kind when the round began.
    total: usize,
}

impl Candidates {
    fn count(&self) -> usize {
        ((self.total as f64 * self.ratio).ceil() as usize).clamp(1, self.alive.len())
    }
}

impl DryWet {
    /// All kinds that occur.
    pub fn new(parameters: &Parameters) -> Self {
        let kinds = parameters.rows.iter().map(|rows| {
            let mut order: Vec<_> = rows.ids.iter().zip(&rows.wet_logits).collect();
            order.sort_by(|a, b| a.1.total_cmp(b.1).then(a.0.cmp(b.0)));
            let alive: Vec<_> = order.into_iter().map(|(&id, _)| id).collect();
            Candidates { kind: rows.kind, total: alive.len(), alive, ratio: FIRST_RATIO }
        });
        Self { kinds: kinds.collect() }
    }

    /// The least wet of a kind, which is drawn.
    pub fn next(&mut self, rng: &mut impl Rng) -> Option<Trial> {
        if self.kinds.is_empty() {
            return None;
        }
        let candidates = &self.kinds[rng.random_range(0..self.kinds.len())];
        Some(Trial { kind: candidates.kind, nodes: candidates.alive[..candidates.count()].to_vec() })
    }

    /// The trial's processors are no longer alive.
    pub fn accept(&mut self, trial: &Trial) {
        self.settle(trial.kind, |candidates| {
            candidates.alive.drain(..trial.nodes.len());
            candidates.alive.is_empty()
        });
    }

    /// Half as many are tried the next time; the kind is done where it was but one.
    pub fn refuse(&mut self, trial: &Trial) {
        self.settle(trial.kind, |candidates| {
            candidates.ratio /= 2.0;
            trial.nodes.len() == 1
        });
    }

    /// Does to a kind what came of its trial, and drops it where that says so.
    fn settle(&mut self, kind: Kind, done: impl Fn(&mut Candidates) -> bool) {
        let at = self.kinds.iter().position(|candidates| candidates.kind == kind);
        if let Some(at) = at.filter(|&at| done(&mut self.kinds[at])) {
            self.kinds.swap_remove(at);
        }
    }
}

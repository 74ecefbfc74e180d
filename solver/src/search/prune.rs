//! Pruning by dry/wet weight: the paper's Algorithm 1.

use std::collections::HashSet;

use crossbeam_channel::Sender;
use rand::{Rng, RngExt};

use super::{Event, Settings, Trials};
use crate::engine::{Engine, Parameters};
use crate::graph::NodeId;
use crate::matching::Match;
use crate::processors::Kind;
use crate::stop::{Interrupted, Stop};

/// The share of a kind that a round tries first.
const FIRST_RATIO: f64 = 0.1;

/// What a round of pruning works on.
pub struct Pruner<'a> {
    /// The graph's parameters, for the wet weights.
    pub parameters: &'a Parameters,
    /// Of the graph; none so far.
    pub trials: Trials<'a>,
    /// The tolerance.
    pub settings: &'a Settings,
    /// Counted from 1.
    pub round: usize,
    /// Where events go.
    pub events: &'a Sender<Event>,
    /// Ends the round, and cuts the current trial short.
    pub stop: &'a Stop,
    /// Evaluations so far.
    pub evaluations: usize,
}

/// What a round of pruning found.
pub struct Pruned {
    /// The processors that are not needed.
    pub removed: HashSet<NodeId>,
    /// The whole-song match without them.
    pub matched: Match,
}

/// A kind that is still being tried.
struct Candidate {
    kind: Kind,
    /// Nodes still alive, least wet first.
    alive: Vec<NodeId>,
    /// Share of `total` to try next.
    ratio: f64,
    /// Nodes of the kind when the round began.
    total: usize,
}

impl Pruner<'_> {
    /// One round: which processors can be removed. `lowest` is the lowest match seen, and goes down with what is found.
    /// A stop ends the round with what was removed before it.
    ///
    /// # Errors
    /// If it is stopped before the first trial.
    pub fn dry_wet(
        &mut self,
        engine: &mut Engine,
        rng: &mut impl Rng,
        lowest: &mut f64,
    ) -> Result<Pruned, Interrupted> {
        let mut bypassed = HashSet::new();
        let mut pruned_match = self.trial(engine, &bypassed)?;
        self.trials.accept(engine);
        let mut pool = self.candidates();
        let mut left = self.parameters.wets().count();
        while !pool.is_empty() {
            let drawn = rng.random_range(0..pool.len());
            let Candidate { kind, alive, ratio, total } = &mut pool[drawn];
            let count = ((*total as f64 * *ratio).ceil() as usize).clamp(1, alive.len());
            let tried: HashSet<_> = bypassed.iter().chain(&alive[..count]).copied().collect();
            let Ok(whole) = self.trial(engine, &tried) else { break };
            let matched = whole.full;
            let removed = matched < *lowest + self.settings.tolerance;
            if removed {
                left -= count;
                self.trials.accept(engine);
            }
            let event = Event::Trial {
                round: self.round,
                kind: *kind,
                tried: alive[..count].to_vec(),
                matched,
                removed,
                left,
            };
            // Nobody listening is no reason to stop.
            let _ = self.events.send(event);
            if removed {
                bypassed = tried;
                pruned_match = whole;
                *lowest = lowest.min(matched);
                alive.drain(..count);
            } else {
                *ratio /= 2.0;
            }
            if alive.is_empty() || (!removed && count == 1) {
                pool.swap_remove(drawn);
            }
        }
        Ok(Pruned { removed: bypassed, matched: pruned_match })
    }

    fn candidates(&self) -> Vec<Candidate> {
        let rows = self.parameters.rows.iter().map(|rows| {
            let mut order: Vec<_> = rows.ids.iter().zip(&rows.wet_logits).collect();
            order.sort_by(|a, b| a.1.total_cmp(b.1).then(a.0.cmp(b.0)));
            let alive: Vec<_> = order.into_iter().map(|(&id, _)| id).collect();
            Candidate { kind: rows.kind, total: alive.len(), alive, ratio: FIRST_RATIO }
        });
        rows.collect()
    }

    /// The whole-song match without the processors in `bypassed`.
    fn trial(&mut self, engine: &mut Engine, bypassed: &HashSet<NodeId>) -> Result<Match, Interrupted> {
        let until = self.stop.until_stopped();
        let matched = self.trials.evaluate(engine, |id| bypassed.contains(&id), until)?;
        self.evaluations += 1;
        Ok(matched)
    }
}

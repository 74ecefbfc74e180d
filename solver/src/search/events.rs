//! What a search tells while it runs.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize};

use crate::graph::{Graph, NodeId};
use crate::matching::Match;
use crate::parameters::Parameters;
use crate::processors::Kind;

/// What the search is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Fitting the full console (round 0) or what a round of pruning left.
    Fit {
        /// Rounds of pruning before it.
        round: usize,
    },
    /// Pruning.
    Prune {
        /// Counted from 1.
        round: usize,
    },
}

/// A step of the search.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The console stands; nothing is fitted yet.
    Started {
        /// The full console.
        graph: Graph,
        /// Match of the plain sum of all stems.
        plain_sum: Match,
        /// The session's working rate, Hz.
        rate: u32,
    },
    /// The search goes on from where another had been interrupted.
    Resumed {
        /// Rounds of pruning that are done.
        round: usize,
        /// Steps that the fit under way has taken; none amid a round of pruning.
        steps: Option<usize>,
        /// Processors left.
        left: usize,
    },
    /// A training step was taken.
    Step {
        /// Rounds of pruning before it.
        round: usize,
        /// Counted from 1.
        step: usize,
        /// Match on this step's window.
        matched: Match,
    },
    /// A round of pruning begins.
    PruneStarted {
        /// Counted from 1.
        round: usize,
    },
    /// Some processors were bypassed for a test.
    Trial {
        /// Counted from 1.
        round: usize,
        /// What was tried.
        kind: Kind,
        /// The processors that were tried.
        tried: Vec<NodeId>,
        /// The whole-song match without them.
        #[serde(deserialize_with = "number")]
        matched: f64,
        /// True where they stay out.
        removed: bool,
        /// Processors left after it.
        left: usize,
    },
    /// A fit has ended and the whole song was evaluated.
    Evaluated {
        /// Rounds of pruning before it.
        round: usize,
        /// The whole-song match.
        matched: Match,
        /// Processors in the graph.
        processors: usize,
        /// The graph that was fitted.
        graph: Graph,
        /// What it was fitted to; [`findings::strips`](crate::findings::strips) turns it into units.
        parameters: Arc<Parameters>,
        /// The session's working rate, Hz, of which they are.
        rate: u32,
    },
    /// Something went otherwise than it should, and the search goes on.
    Note {
        /// What the search is doing.
        phase: Phase,
        /// What happened, and what was done about it: a sentence.
        text: String,
    },
}

impl Event {
    /// What the search was doing.
    pub fn phase(&self) -> Phase {
        match *self {
            Event::Started { .. } => Phase::Fit { round: 0 },
            Event::Note { phase, .. } => phase,
            Event::Resumed { round, steps: None, .. } => Phase::Prune { round: round + 1 },
            Event::Resumed { round, .. } => Phase::Fit { round },
            Event::Step { round, .. } | Event::Evaluated { round, .. } => Phase::Fit { round },
            Event::PruneStarted { round } | Event::Trial { round, .. } => Phase::Prune { round },
        }
    }
}

/// JSON has no word for what is not a number, and writes it as null.
fn number<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or(f64::NAN))
}

//! What comes of a search, and who keeps it on the way there.

use super::state::{Fitted, State, Timing};
use crate::dsp::Stereo;
use serde::{Deserialize, Serialize};

use crate::graph::{Graph, GraphFile, NodeId};
use crate::matching::Match;
use crate::parameters::Parameters;
use crate::processors::Kind;

/// What a search found.
pub struct Outcome {
    /// The pruned graph.
    pub graph: Graph,
    /// Its raw parameters.
    pub parameters: Parameters,
    /// Its rendering of the whole song, at the engine's rate.
    pub mix: Stereo,
    /// The processors of the full console.
    pub console: Vec<(NodeId, Kind)>,
    /// Match of the plain sum of all stems.
    pub plain_sum: Match,
    /// Match of the fitted full console.
    pub console_match: Match,
    /// Match of the pruned graph.
    pub pruned_match: Match,
    /// True where the search was stopped before its end, or no engine was left that could go on; it can from where it was
    /// kept.
    pub stopped: bool,
    /// What the user should know of how it was found, a sentence each.
    pub notes: Vec<String>,
    /// The end of every fit, in order.
    pub history: Vec<Fitted>,
    /// How long it took.
    pub timing: Timing,
}

impl Outcome {
    /// The pruned graph with its parameters as a file.
    pub fn graph_file(&self) -> GraphFile {
        let mut file = GraphFile::of(&self.graph);
        self.parameters.write_to(&mut file);
        file
    }
}

/// What a finished search found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Its seed.
    pub seed: u64,
    /// The pruned graph.
    pub graph: Graph,
    /// Its raw parameters.
    pub parameters: Parameters,
    /// Match of the fitted full console.
    pub console_match: Match,
    /// Match of the pruned graph.
    pub pruned_match: Match,
    /// What the user should know of how it was found, a sentence each.
    #[serde(default)]
    pub notes: Vec<String>,
    /// The end of every fit, in order.
    #[serde(default)]
    pub history: Vec<Fitted>,
    /// How long it took.
    pub timing: Timing,
}

impl Run {
    /// Of the search with a seed.
    pub(super) fn of(seed: u64, outcome: &Outcome) -> Self {
        Self {
            seed,
            graph: outcome.graph.clone(),
            parameters: outcome.parameters.clone(),
            console_match: outcome.console_match,
            pruned_match: outcome.pruned_match,
            notes: outcome.notes.clone(),
            history: outcome.history.clone(),
            timing: outcome.timing.clone(),
        }
    }
}

/// Takes states of a search to safety, so that it can go on from them another day.
pub trait Keeper {
    /// True if a state should be kept even amid a round. Looked at after every step and trial.
    fn is_due(&mut self) -> bool;

    /// Keeps a state. What goes wrong there is the keeper's to tell; the search goes on.
    fn keep(&mut self, state: &State);

    /// Takes notice that one of several searches is done; the next states are of the one after it.
    fn finished(&mut self, _: &Run) {}
}

/// Nothing is kept.
impl Keeper for () {
    fn is_due(&mut self) -> bool {
        false
    }

    fn keep(&mut self, _: &State) {}
}

//! Where a search stands: all that it needs to go on from there.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::prune::Round;
use super::{Error, Settings, Start};
use crate::graph::Graph;
use crate::matching::Match;
use crate::parameters::{Adam, Parameters};

/// Where a search stands. Given the same session and settings, a search that goes on from here ends as one that was never
/// interrupted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct State {
    /// The graph that the search began with.
    pub console: Graph,
    /// Parameters of its processors that were given.
    given: Parameters,
    /// Match of the plain sum of all stems, once it is known.
    pub plain_sum: Option<Match>,
    /// Match of the fitted console, once it is known.
    pub console_match: Option<Match>,
    /// What is left of the console.
    pub graph: Graph,
    /// Its parameters.
    pub parameters: Parameters,
    /// The optimiser's moments.
    pub(super) adam: Adam,
    /// The generator of every random choice.
    rng: ChaCha8Rng,
    /// Rounds of pruning that are done.
    pub round: usize,
    /// What is under way.
    pub(super) at: At,
    /// Graphs at the ends of fits that may still be the outcome: those at most the tolerance worse than the best of
    /// them. The last one is the outcome, should the search end here.
    pub(super) found: Vec<Found>,
    /// What the last round of pruning left, as its last trial found it.
    pub(super) unfitted: Option<Found>,
    /// The lowest match seen.
    pub(super) lowest: Option<f64>,
    /// The end of every fit so far, in order.
    #[serde(default)]
    pub history: Vec<Fitted>,
    /// What the user should know of how it came here, a sentence each.
    #[serde(default)]
    pub notes: Vec<String>,
    /// The engine at work; none before the first.
    #[serde(default = "first_engine")]
    pub(super) engine: Option<String>,
    /// What it took so far.
    pub timing: Timing,
    /// Durations of the full console's steps, s.
    pub(super) step_s: Vec<f32>,
}

/// The engine of states that name none: there was only one.
fn first_engine() -> Option<String> {
    Some("cpu".into())
}

/// The end of a fit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fitted {
    /// Rounds of pruning before it.
    pub round: usize,
    /// Processors that it fitted.
    pub processors: usize,
    /// The whole-song match.
    pub matched: f64,
}

/// What is under way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum At {
    /// A fit, with so many steps taken.
    Fit(usize),
    /// A round of pruning.
    Prune(Round),
    /// Nothing: the search is done.
    End,
}

/// A graph that was evaluated.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Found {
    pub graph: Graph,
    pub parameters: Arc<Parameters>,
    pub matched: Match,
}

/// How long a search took.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// All training.
    pub fit: Duration,
    /// All pruning.
    pub prune: Duration,
    /// Median of a training step of the full console.
    pub step_median: Duration,
    /// Whole-song evaluations.
    pub evaluations: usize,
}

impl State {
    /// Nothing is done yet.
    pub fn new(start: Start, settings: &Settings) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(settings.seed);
        let parameters = Parameters::start_from(&start.graph, &start.given, &mut rng);
        Self {
            console: start.graph.clone(),
            plain_sum: None,
            console_match: None,
            graph: start.graph,
            given: start.given,
            adam: Adam::new(&parameters),
            parameters,
            rng,
            round: 0,
            at: At::Fit(0),
            found: Vec::new(),
            unfitted: None,
            lowest: None,
            history: Vec::new(),
            notes: Vec::new(),
            engine: None,
            timing: Timing::default(),
            step_s: Vec::new(),
        }
    }

    /// What the search began with.
    pub fn start(&self) -> Start {
        Start { graph: self.console.clone(), given: self.given.clone() }
    }

    /// Does something that draws random numbers; if it comes to nothing, it is as if none had been drawn.
    pub(super) fn drawing<T, E>(
        &mut self,
        work: impl FnOnce(&mut ChaCha8Rng) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut rng = self.rng.clone();
        let done = work(&mut rng)?;
        self.rng = rng;
        Ok(done)
    }

    /// Draws random numbers.
    pub(super) fn rng(&mut self) -> &mut ChaCha8Rng {
        &mut self.rng
    }

    /// True if a search can go on from here: whatever it goes by is a number.
    pub(super) fn is_finite(&self) -> bool {
        self.parameters.values().all(f32::is_finite) && self.adam.is_finite()
    }

    /// Adds a graph to those that may be the outcome. The console is one only as long as there is no other.
    pub(super) fn add(&mut self, found: Found, tolerance: f64) {
        if found.graph.processors().count() < self.console.processors().count() {
            self.found.retain(|f| f.graph != self.console);
        }
        self.found.push(found);
        // The lowest match only falls: what is too far above it stays so.
        let lowest = self.found.iter().map(|f| f.matched.full).fold(f64::INFINITY, f64::min);
        self.found.retain(|f| f.matched.full <= lowest + tolerance);
    }

    /// Ends a round of pruning: what it found not to be needed leaves the graph.
    pub(super) fn take_out(&mut self) -> Result<(), Error> {
        let At::Prune(round) = &self.at else { return Ok(()) };
        let removed: HashSet<_> = round.removed.iter().copied().collect();
        let all: Vec<_> = self.graph.processors().map(|(id, _)| id).collect();
        for &id in &removed {
            // A send that nothing feeds any more goes as a whole.
            if self.graph.node(id).is_some() {
                self.graph.remove(id)?;
            }
        }
        let gone: HashSet<_> = all.into_iter().filter(|&id| self.graph.node(id).is_none()).collect();
        self.parameters = self.parameters.without(&gone);
        self.adam = Adam::new(&self.parameters);
        let parameters = Arc::new(self.parameters.clone());
        let left = Found { graph: self.graph.clone(), parameters, matched: round.matched };
        self.unfitted = (!removed.is_empty()).then_some(left);
        self.round += 1;
        self.at = At::Fit(0);
        Ok(())
    }

    pub(super) fn count_trial(&mut self, begun: Instant) {
        self.timing.prune += begun.elapsed();
        self.timing.evaluations += 1;
    }
}

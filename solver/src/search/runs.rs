//! Several searches that differ in their seeds alone, and which of them to believe.
//!
//! What chance decides in a search differs between its runs; what the mix decides does not. [`Runs::choose`] takes the run
//! that explains the mix with the fewest processors, [`Runs::share`] says how often a processor was kept.

use crossbeam_channel::Sender;
use rayon::ThreadPool;
use serde::{Deserialize, Serialize};

use super::{Error, Event, Keeper, Outcome, Settings, State, Stop, Timing, go_on};
use crate::engine::{Parameters, own_maps, render_song};
use crate::graph::{Graph, NodeId};
use crate::matching::Match;
use crate::session::Session;

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
    /// How long it took.
    pub timing: Timing,
}

/// Searches with the seeds `seed`, `seed + 1`, …
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Runs {
    /// How many there are to be, one or more.
    pub wanted: usize,
    /// Those that are done, in order of their seeds.
    pub finished: Vec<Run>,
}

impl Default for Runs {
    /// One search.
    fn default() -> Self {
        Self::new(1)
    }
}

impl Run {
    fn of(seed: u64, outcome: &Outcome) -> Self {
        Self {
            seed,
            graph: outcome.graph.clone(),
            parameters: outcome.parameters.clone(),
            console_match: outcome.console_match,
            pruned_match: outcome.pruned_match,
            timing: outcome.timing.clone(),
        }
    }
}

impl Runs {
    /// None is done yet.
    pub fn new(wanted: usize) -> Self {
        Self { wanted, finished: Vec::new() }
    }

    /// The settings of the run that comes after those that are done; `settings` are the first one's.
    pub fn next(&self, settings: &Settings) -> Settings {
        Settings { seed: settings.seed.wrapping_add(self.finished.len() as u64), ..settings.clone() }
    }

    /// Of the finished runs whose match is at most `tolerance` above the lowest, the one with the fewest processors; among
    /// several, the one with the lowest match.
    pub fn choose(&self, tolerance: f64) -> Option<&Run> {
        let lowest = self.finished.iter().map(|r| r.pruned_match.full).fold(f64::INFINITY, f64::min);
        let close = self.finished.iter().filter(|r| r.pruned_match.full <= lowest + tolerance);
        close.min_by(|a, b| {
            let processors = |run: &Run| run.graph.processors().count();
            processors(a).cmp(&processors(b)).then(a.pruned_match.full.total_cmp(&b.pruned_match.full))
        })
    }

    /// The share of the finished runs, 0…1, in which a processor was kept. Node ids are those of the graph that all runs
    /// began with.
    pub fn share(&self, node: NodeId) -> f64 {
        let kept = self.finished.iter().filter(|run| run.graph.processors().any(|(id, _)| id == node));
        kept.count() as f64 / self.finished.len().max(1) as f64
    }

    /// Goes on with the run under way, which stands at `state`, and with those after it, which begin with the same graph.
    /// `settings` are the first run's. Returns the outcome of the chosen run.
    ///
    /// After a stop, that is the chosen one of the runs that are done, or what the current one has found if none is.
    ///
    /// # Errors
    /// Those of [`go_on`].
    pub fn go_on(
        &mut self,
        pool: &ThreadPool,
        session: &Session,
        settings: &Settings,
        state: State,
        keeper: &mut (dyn Keeper + Send),
        (events, stop): (&Sender<Event>, &Stop),
    ) -> Result<Outcome, Error> {
        let start = state.start();
        let mut under_way = Some(state);
        loop {
            let own = self.next(settings);
            let state = under_way.take().unwrap_or_else(|| State::new(start.clone(), &own));
            let outcome = go_on(pool, session, &own, state, keeper, (events, stop))?;
            if !outcome.stopped {
                let run = Run::of(own.seed, &outcome);
                keeper.finished(&run);
                self.finished.push(run);
            }
            if outcome.stopped || self.finished.len() >= self.wanted {
                return pool.install(|| self.chosen(session, settings, outcome, stop));
            }
        }
    }

    /// The chosen run's outcome; `last` is that of the run under way.
    fn chosen(
        &self,
        session: &Session,
        settings: &Settings,
        last: Outcome,
        stop: &Stop,
    ) -> Result<Outcome, Error> {
        let Some(run) = self.choose(settings.tolerance) else { return Ok(last) };
        if run.graph == last.graph && run.parameters == last.parameters {
            return Ok(last);
        }
        let Run { graph, parameters, .. } = run.clone();
        let flat = parameters.physical(own_maps)?;
        let stems: Vec<_> = session.stems.iter().map(|s| &s.audio).collect();
        let mix = render_song(&graph, &parameters.layout(), &flat, &stems, stop.until_aborted())?;
        let Run { console_match, pruned_match, ref timing, .. } = *run;
        Ok(Outcome { graph, parameters, mix, console_match, pruned_match, timing: timing.clone(), ..last })
    }
}

//! Several searches that differ in their seeds alone, and which of them to believe.
//!
//! What chance decides in a search differs between its runs; what the mix decides does not. [`Runs::choose`] takes the run
//! that explains the mix with the fewest processors, [`Runs::share`] says how often a processor was kept.

use serde::{Deserialize, Serialize};

pub use super::outcome::Run;
use super::{Context, Error, Keeper, Outcome, Settings, State, go_on};
use crate::engine::{PatchBuf, Relay};
use crate::graph::NodeId;
use crate::session::Session;

/// How many runs there may be.
const MOST: usize = 1000;

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

impl Runs {
    /// None is done yet.
    pub fn new(wanted: usize) -> Self {
        Self { wanted, finished: Vec::new() }
    }

    /// Refuses what cannot be run.
    ///
    /// # Errors
    /// If there are to be none, or more than anybody can wait for.
    pub fn check(&self) -> Result<(), Error> {
        if (1..=MOST).contains(&self.wanted) {
            return Ok(());
        }
        let wanted = self.wanted;
        Err(Error::Setting(format!("the number of runs is {wanted}, but must lie between 1 and {MOST}")))
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
        context: Context<'_>,
        session: &Session,
        settings: &Settings,
        state: State,
        keeper: &mut (dyn Keeper + Send),
    ) -> Result<Outcome, Error> {
        let start = state.start();
        let mut under_way = Some(state);
        loop {
            let own = self.next(settings);
            let state = under_way.take().unwrap_or_else(|| State::new(start.clone(), &own));
            let outcome = go_on(context, session, &own, state, keeper)?;
            if !outcome.stopped {
                let run = Run::of(own.seed, &outcome);
                keeper.finished(&run);
                self.finished.push(run);
            }
            if outcome.stopped || self.finished.len() >= self.wanted {
                return context.pool.install(|| self.chosen(context, session, settings, outcome));
            }
        }
    }

    /// The chosen run's outcome; `last` is that of the run under way.
    fn chosen(
        &self,
        context: Context<'_>,
        session: &Session,
        settings: &Settings,
        last: Outcome,
    ) -> Result<Outcome, Error> {
        let Some(run) = self.choose(settings.tolerance) else { return Ok(last) };
        if run.graph == last.graph && run.parameters == last.parameters {
            return Ok(last);
        }
        let Run { graph, parameters, mut notes, history, timing, .. } = run.clone();
        let patch = PatchBuf::new(&graph, &parameters)?;
        let until = context.stop.until_aborted();
        let mut relay = Relay::new(session, context.engines);
        let mix = relay.run(until, |studio| studio.render(patch.patch(), until))?;
        notes.extend(relay.take_notes());
        let Run { console_match, pruned_match, .. } = *run;
        Ok(Outcome { graph, parameters, mix, console_match, pruned_match, notes, history, timing, ..last })
    }
}

#[cfg(test)]
mod tests {
    use super::super::stop_tests::{self, session};
    use super::super::{Start, Stop};
    use super::*;
    use crate::engine::ENGINES;
    use crate::graph::Graph;
    use crate::graph::Selection;
    use crate::matching::Match;
    use crate::parameters::Parameters;
    use crate::processors::Kind;
    use crate::search::Timing;

    /// A run that kept the first `processors` of a strip.
    fn run(seed: u64, full: f64, processors: usize) -> Run {
        let mut graph = Graph::console(&[("a".into(), None)], &[], Selection::of(&Kind::ALL)).unwrap();
        let removed: Vec<_> = graph.processors().map(|(id, _)| id).skip(processors).collect();
        removed.into_iter().for_each(|id| graph.remove(id).unwrap());
        let pruned_match = Match { full, ..Match::default() };
        let (parameters, console_match) = (Parameters::default(), Match::default());
        let (notes, history, timing) = (vec![], vec![], Timing::default());
        Run { seed, graph, parameters, console_match, pruned_match, notes, history, timing }
    }

    fn chosen(runs: &[(f64, usize)], tolerance: f64) -> Option<u64> {
        let finished = runs.iter().zip(0..).map(|(&(full, processors), seed)| run(seed, full, processors));
        Runs { wanted: runs.len(), finished: finished.collect() }.choose(tolerance).map(|run| run.seed)
    }

    #[test]
    fn the_fewest_processors_are_chosen_among_the_runs_near_the_best() {
        assert_eq!(chosen(&[], 0.01), None);
        assert_eq!(chosen(&[(0.300, 5), (0.309, 3), (0.302, 4), (0.311, 1)], 0.01), Some(1));
        assert_eq!(chosen(&[(0.300, 5), (0.309, 3), (0.302, 3), (0.311, 1)], 0.01), Some(2));
        assert_eq!(chosen(&[(0.300, 5), (0.309, 3)], 0.0), Some(0));
        assert_eq!(chosen(&[(0.300, 3), (0.300, 3)], 0.01), Some(0));
    }

    #[test]
    fn a_share_counts_the_runs_that_kept_a_processor() {
        let runs = Runs {
            wanted: 4,
            finished: vec![run(0, 0.3, 3), run(1, 0.3, 1), run(2, 0.3, 0), run(3, 0.3, 1)],
        };
        let ids: Vec<_> = run(0, 0.3, 7).graph.processors().map(|(id, _)| id).collect();
        let shares: Vec<_> = ids.iter().map(|&id| runs.share(id)).collect();
        assert_eq!(shares, [0.75, 0.25, 0.25, 0.0, 0.0, 0.0, 0.0]);
        let other = run(0, 0.3, 7).graph.nodes().iter().find(|n| !ids.contains(&n.id)).unwrap().id;
        assert_eq!(runs.share(other), 0.0, "what is no processor is not kept");
    }

    fn settings() -> Settings {
        Settings { kinds: vec![Kind::StereoImager, Kind::GainPan], ..stop_tests::settings() }
    }

    /// Keeps every state with the runs that were done by then, as they would be written.
    #[derive(Default)]
    struct All {
        finished: Vec<Run>,
        kept: Vec<String>,
    }

    impl Keeper for All {
        fn is_due(&mut self) -> bool {
            true
        }

        fn keep(&mut self, state: &State) {
            self.kept.push(serde_json::to_string(&(&self.finished, state)).unwrap());
        }

        fn finished(&mut self, run: &Run) {
            self.finished.push(run.clone());
        }
    }

    fn search(finished: Vec<Run>, state: State, stop: &Stop) -> (Outcome, Runs, Vec<String>) {
        let pool = crate::threads::pool(1).unwrap();
        let (events, _) = crossbeam_channel::unbounded();
        let mut runs = Runs { wanted: 3, finished };
        let mut all = All { finished: runs.finished.clone(), ..All::default() };
        let context = Context { pool: &pool, engines: ENGINES, events: &events, stop };
        let outcome = runs.go_on(context, &session(), &settings(), state, &mut all).unwrap();
        (outcome, runs, all.kept)
    }

    fn first() -> State {
        State::new(Start::console(&session(), &settings()).unwrap(), &settings())
    }

    /// All of the runs but how long they took.
    fn found(runs: &Runs) -> Vec<Run> {
        runs.finished.iter().map(|run| Run { timing: Timing::default(), ..run.clone() }).collect()
    }

    #[test]
    fn each_run_is_the_search_of_its_seed_and_any_kept_state_leads_to_the_same_end() {
        let (outcome, runs, kept) = search(vec![], first(), &Stop::default());
        assert_eq!(runs.finished.iter().map(|run| run.seed).collect::<Vec<_>>(), [0, 1, 2]);
        for run in &runs.finished {
            let settings = Settings { seed: run.seed, ..settings() };
            let (events, _) = crossbeam_channel::unbounded();
            let alone = crate::search::solve(&session(), &settings, &events, &Stop::default()).unwrap();
            assert_eq!((&alone.graph, &alone.parameters), (&run.graph, &run.parameters));
            if run.seed == runs.choose(settings.tolerance).unwrap().seed {
                assert_eq!(
                    (&outcome.parameters, outcome.pruned_match),
                    (&alone.parameters, alone.pruned_match)
                );
                assert_eq!(outcome.mix, alone.mix);
            }
        }
        assert_ne!(runs.finished[0].parameters, runs.finished[1].parameters);
        for kept in kept.iter().step_by(11) {
            let (finished, state): (Vec<Run>, State) = serde_json::from_str(kept).unwrap();
            let done = finished.len();
            let (again, its_runs, _) = search(finished, state, &Stop::default());
            assert_eq!(found(&its_runs), found(&runs), "after {done} runs");
            assert_eq!(
                (&again.parameters, &again.mix),
                (&outcome.parameters, &outcome.mix),
                "after {done} runs"
            );
        }
    }

    #[test]
    fn a_stop_keeps_the_runs_that_are_done_or_else_what_was_found() {
        let count = Stop::default();
        let (_, whole, _) = search(vec![], first(), &count);
        let (mut none, mut some) = (0, 0);
        for part in 1..9 {
            let (outcome, runs, _) = search(vec![], first(), &Stop::stopping_at(part * count.looks() / 9));
            assert!(outcome.stopped);
            assert_eq!(found(&runs), found(&whole)[..runs.finished.len()]);
            match runs.choose(settings().tolerance) {
                Some(run) => {
                    some += 1;
                    assert_eq!((&outcome.graph, &outcome.parameters), (&run.graph, &run.parameters));
                }
                None => none += 1,
            }
        }
        assert!(none > 0 && some > 0, "{none} stops in the first run, {some} later");
    }
}

//! How far a search is, and how long it will still take.

use std::time::{Duration, Instant};

use super::runs::Runs;
use super::{Event, Method, Phase, Settings};

/// Follows the events of a search, or of several runs of it one after the other.
///
/// Time left is estimated from the durations of the steps and trials seen so far. A round by dry/wet weight is taken to
/// need as many trials as those before it, a round of brute force one for each processor left.
pub struct Progress {
    settings: Settings,
    /// How many runs there are to be.
    runs: usize,
    /// The run under way, counted from 1; 0 before the first.
    run: usize,
    begun: Instant,
    phase: Phase,
    /// Steps taken in this run and before it was interrupted.
    steps_done: usize,
    steps: Seen,
    trials: Seen,
    /// Rounds by dry/wet weight that were seen, and their trials.
    dry_wet_rounds: usize,
    dry_wet_trials: usize,
    last: Instant,
    /// Match on the last window or of the last evaluation.
    pub matched: f64,
    /// Processors left.
    pub processors: usize,
    /// Processors in the full console.
    pub console: usize,
    /// Steps or trials of the phase.
    step: usize,
}

/// How often something was seen, and how long it took together.
#[derive(Default)]
struct Seen {
    count: u32,
    time: Duration,
}

impl Seen {
    fn add(&mut self, time: Duration) {
        self.count += 1;
        self.time += time;
    }

    fn mean(&self) -> Option<Duration> {
        self.time.checked_div(self.count)
    }
}

/// Steps that a trial is taken to cost before one was seen.
const STEPS_PER_TRIAL: u32 = 3;
/// Trials that a round by dry/wet weight is taken to need before one was seen.
const DRY_WET_TRIALS: usize = 25;

impl Progress {
    /// Nothing has happened yet.
    pub fn new(settings: &Settings) -> Self {
        Self::of_runs(settings, &Runs::default())
    }

    /// No more has happened than some runs.
    pub fn of_runs(settings: &Settings, runs: &Runs) -> Self {
        let now = Instant::now();
        Self {
            settings: settings.clone(),
            runs: runs.wanted,
            run: runs.finished.len(),
            begun: now,
            phase: Phase::Fit { round: 0 },
            steps_done: 0,
            steps: Seen::default(),
            trials: Seen::default(),
            dry_wet_rounds: 0,
            dry_wet_trials: 0,
            last: now,
            matched: f64::NAN,
            processors: 0,
            console: 0,
            step: 0,
        }
    }

    /// Takes notice of an event.
    pub fn see(&mut self, event: &Event) {
        if let Event::Note { .. } = event {
            return;
        }
        let now = Instant::now();
        if event.phase() != self.phase {
            if let Phase::Prune { round } = self.phase
                && !self.settings.method.is_brute_force(round)
            {
                self.dry_wet_rounds += 1;
                self.dry_wet_trials += self.step;
            }
            self.phase = event.phase();
            self.step = 0;
        }
        match event {
            Event::Started { graph, plain_sum, .. } => {
                self.run += 1;
                (self.steps_done, self.step) = (0, 0);
                self.console = graph.processors().count();
                self.processors = self.console;
                self.matched = plain_sum.full;
            }
            Event::Resumed { round, steps, left } => {
                let console = self.settings.steps * usize::from(*round > 0 || steps.is_none());
                let rounds = (round + usize::from(steps.is_none())).saturating_sub(1);
                self.step = steps.unwrap_or(0);
                self.steps_done = console + rounds * self.settings.steps_per_round + self.step;
                self.processors = *left;
            }
            Event::Step { step, matched, .. } => {
                self.step = *step;
                self.steps_done += 1;
                self.steps.add(now - self.last);
                self.matched = matched.full;
            }
            Event::Trial { matched, left, .. } => {
                self.step += 1;
                self.trials.add(now - self.last);
                self.processors = *left;
                self.matched = *matched;
            }
            Event::Evaluated { matched, processors, .. } => {
                self.matched = matched.full;
                self.processors = *processors;
            }
            Event::Note { .. } | Event::PruneStarted { .. } => {}
        }
        self.last = now;
    }

    fn rounds(&self) -> usize {
        if self.settings.method == Method::None { 0 } else { self.settings.prune_rounds }
    }

    /// What is going on, in a few words, such as `prune 2/8, trial 14`, or `run 3/5, fit, step 7/150`.
    pub fn words(&self) -> String {
        let rounds = self.rounds();
        let words = match self.phase {
            Phase::Fit { round: 0 } => format!("fit, step {}/{}", self.step, self.settings.steps),
            Phase::Fit { round } => {
                format!("fit {round}/{rounds}, step {}/{}", self.step, self.settings.steps_per_round)
            }
            Phase::Prune { round } => format!("prune {round}/{rounds}, trial {}", self.step),
        };
        match self.run() {
            Some(run) => format!("{run}, {words}"),
            None => words,
        }
    }

    /// The run under way, such as `run 3/5`; none where there is but one.
    pub fn run(&self) -> Option<String> {
        (self.runs > 1).then(|| format!("run {}/{}", self.run.max(1), self.runs))
    }

    /// The share of the work that is done, 0…1, by estimated time.
    pub fn fraction(&self) -> f64 {
        let spent = self.begun.elapsed().as_secs_f64();
        match self.left() {
            Some(left) => spent / (spent + left.as_secs_f64()).max(1e-9),
            None => 0.0,
        }
    }

    /// How long it will still take; none before the first step or trial.
    pub fn left(&self) -> Option<Duration> {
        let step = self.steps.mean().or_else(|| Some(self.trials.mean()? / STEPS_PER_TRIAL))?;
        let trial = self.trials.mean().unwrap_or(step * STEPS_PER_TRIAL);
        let steps = self.settings.steps + self.rounds() * self.settings.steps_per_round;
        let steps_left = steps.saturating_sub(self.steps_done);
        let of_this = step * steps_left as u32 + trial * self.trials_left() as u32;
        let whole = step * steps as u32 + trial * self.trials_from(1) as u32;
        Some(of_this + whole * self.runs.saturating_sub(self.run.max(1)) as u32)
    }

    /// How many trials are still to come in this run.
    fn trials_left(&self) -> usize {
        match self.phase {
            Phase::Fit { round } => self.trials_from(round + 1),
            Phase::Prune { round } => {
                self.trials_of(round).saturating_sub(self.step) + self.trials_from(round + 1)
            }
        }
    }

    /// How many trials the rounds from `first` on take.
    fn trials_from(&self, first: usize) -> usize {
        (first..=self.rounds()).map(|round| self.trials_of(round)).sum()
    }

    fn trials_of(&self, round: usize) -> usize {
        if self.settings.method.is_brute_force(round) {
            self.processors
        } else {
            self.dry_wet_trials.checked_div(self.dry_wet_rounds).unwrap_or(DRY_WET_TRIALS)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Preset;
    use super::*;
    use crate::graph::{Graph, Selection};
    use crate::matching::Match;
    use crate::processors::Kind;

    #[test]
    fn the_trials_to_come_are_those_of_rounds_like_the_ones_seen() {
        let settings =
            Settings { method: Method::Hybrid, prune_rounds: 5, ..Settings::preset(Preset::Quick) };
        let mut progress = Progress::new(&settings);
        let graph = Graph::console(&[("a".into(), None)], &[], Selection::of(&Kind::ALL)).unwrap();
        progress.see(&Event::Started { graph, plain_sum: Match::default(), rate: 30_000 });
        assert_eq!((progress.left(), progress.trials_left()), (None, 4 * DRY_WET_TRIALS + 7));
        progress.see(&Event::Step { round: 0, step: 1, matched: Match::default() });
        assert!(progress.left().is_some());
        let trial = |round, left| Event::Trial {
            round,
            kind: Kind::Reverb,
            tried: vec![1],
            matched: 0.1,
            removed: false,
            left,
        };
        progress.see(&Event::PruneStarted { round: 1 });
        (0..10).for_each(|_| progress.see(&trial(1, 5)));
        assert_eq!(progress.trials_left(), DRY_WET_TRIALS - 10 + 3 * DRY_WET_TRIALS + 5);
        progress.see(&Event::Step { round: 1, step: 1, matched: Match::default() });
        assert_eq!(progress.trials_left(), 3 * 10 + 5);
        progress.see(&Event::PruneStarted { round: 4 });
        (0..3).for_each(|_| progress.see(&trial(4, 5)));
        assert_eq!(progress.trials_left(), 2 + 10);
    }

    #[test]
    fn runs_that_have_not_begun_are_still_to_come_whole() {
        let settings = Settings { prune_rounds: 0, steps: 10, ..Settings::preset(Preset::Quick) };
        let graph = Graph::console(&[("a".into(), None)], &[], Selection::of(&Kind::ALL)).unwrap();
        let started = Event::Started { graph, plain_sum: Match::default(), rate: 30_000 };
        let mut progress = Progress::of_runs(&settings, &Runs::new(3));
        let mut words = vec![];
        for to_come in [20, 10, 0] {
            progress.see(&started);
            for step in 1..=10 {
                progress.see(&Event::Step { round: 0, step, matched: Match::default() });
            }
            words.push(progress.words());
            assert_eq!(progress.left(), progress.steps.mean().map(|step| step * to_come));
        }
        assert_eq!(
            words,
            ["run 1/3, fit, step 10/10", "run 2/3, fit, step 10/10", "run 3/3, fit, step 10/10"]
        );
    }

    #[test]
    fn a_search_that_goes_on_has_only_what_is_left_before_it() {
        let settings = Settings { prune_rounds: 3, ..Settings::preset(Preset::Quick) };
        let graph = Graph::console(&[("a".into(), None)], &[], Selection::of(&Kind::ALL)).unwrap();
        let seen = |round, steps| {
            let mut progress = Progress::new(&settings);
            progress.see(&Event::Started { graph: graph.clone(), plain_sum: Match::default(), rate: 30_000 });
            progress.see(&Event::Resumed { round, steps, left: 4 });
            (progress.steps_done, progress.words())
        };
        let (steps, per_round) = (settings.steps, settings.steps_per_round);
        assert_eq!(seen(0, Some(9)), (9, format!("fit, step 9/{steps}")));
        assert_eq!(seen(0, None), (steps, "prune 1/3, trial 0".into()));
        assert_eq!(seen(2, Some(5)), (steps + per_round + 5, format!("fit 2/3, step 5/{per_round}")));
        assert_eq!(seen(2, None), (steps + 2 * per_round, "prune 3/3, trial 0".into()));
    }
}

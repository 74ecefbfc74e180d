//! How far a search is, and how long it will still take.

use std::time::{Duration, Instant};

use super::{Event, Method, Phase, Settings};

/// Follows a search's events.
///
/// Time left is estimated from the durations of the steps and rounds seen so far; a later round is taken to cost what
/// the rounds before it cost, and the first one what some trials cost.
pub struct Progress {
    settings: Settings,
    begun: Instant,
    phase: Phase,
    phase_begun: Instant,
    steps_done: usize,
    fit_time: Duration,
    prune_times: Vec<Duration>,
    last: Instant,
    /// Match on the last window or of the last evaluation.
    pub matched: f64,
    /// Processors left.
    pub processors: usize,
    /// Processors in the full console.
    pub console: usize,
    step: usize,
}

/// Steps that a round of pruning is taken to cost before one was seen.
const STEPS_PER_PRUNE: u32 = 80;

impl Progress {
    /// Nothing has happened yet.
    pub fn new(settings: &Settings) -> Self {
        let now = Instant::now();
        Self {
            settings: settings.clone(),
            begun: now,
            phase: Phase::Fit { round: 0 },
            phase_begun: now,
            steps_done: 0,
            fit_time: Duration::ZERO,
            prune_times: Vec::new(),
            last: now,
            matched: f64::NAN,
            processors: 0,
            console: 0,
            step: 0,
        }
    }

    /// Takes notice of an event.
    pub fn see(&mut self, event: &Event) {
        let now = Instant::now();
        if event.phase() != self.phase {
            if let Phase::Prune { .. } = self.phase {
                self.prune_times.push(now - self.phase_begun);
            }
            self.phase = event.phase();
            self.phase_begun = now;
            self.step = 0;
        }
        match event {
            Event::Started { graph, plain_sum } => {
                self.console = graph.processors().count();
                self.processors = self.console;
                self.matched = plain_sum.full;
            }
            Event::Step { step, matched, .. } => {
                self.step = *step;
                self.steps_done += 1;
                self.fit_time += now - self.last;
                self.matched = matched.full;
            }
            Event::Trial { matched, left, .. } => {
                self.step += 1;
                self.processors = *left;
                self.matched = *matched;
            }
            Event::Evaluated { matched, processors, .. } => {
                self.matched = matched.full;
                self.processors = *processors;
            }
            Event::PruneStarted { .. } => {}
        }
        self.last = now;
    }

    fn rounds(&self) -> usize {
        if self.settings.method == Method::None { 0 } else { self.settings.prune_rounds }
    }

    /// What is going on, in a few words, such as `prune 2/8, trial 14`.
    pub fn words(&self) -> String {
        let rounds = self.rounds();
        match self.phase {
            Phase::Fit { round: 0 } => format!("fit, step {}/{}", self.step, self.settings.steps),
            Phase::Fit { round } => {
                format!("fit {round}/{rounds}, step {}/{}", self.step, self.settings.steps_per_round)
            }
            Phase::Prune { round } => format!("prune {round}/{rounds}, trial {}", self.step),
        }
    }

    /// The share of the work that is done, 0…1, by estimated time.
    pub fn fraction(&self) -> f64 {
        let spent = self.begun.elapsed().as_secs_f64();
        match self.left() {
            Some(left) => spent / (spent + left.as_secs_f64()).max(1e-9),
            None => 0.0,
        }
    }

    /// How long it will still take; none before the first step.
    pub fn left(&self) -> Option<Duration> {
        let step = self.fit_time.checked_div(self.steps_done as u32)?;
        let total = self.settings.steps + self.rounds() * self.settings.steps_per_round;
        let fit = step * total.saturating_sub(self.steps_done) as u32;
        let seen: Duration = self.prune_times.iter().sum();
        let per_prune = seen.checked_div(self.prune_times.len() as u32).unwrap_or(step * STEPS_PER_PRUNE);
        let mut prune = per_prune * (self.rounds() - self.prune_times.len().min(self.rounds())) as u32;
        if let Phase::Prune { .. } = self.phase {
            prune = prune.saturating_sub(self.phase_begun.elapsed().min(per_prune));
        }
        Some(fit + prune)
    }
}

//! The search's events as what the window shows.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

use parking_lot::Mutex;

use mixtrace_solver::findings::{self, Report};
use mixtrace_solver::search::{Event, Progress, Settings};

use super::View;

/// Points that a series keeps: more than a plot has pixels, and few enough to be copied for every frame.
const POINTS: usize = 2000;

/// Follows one search.
pub struct Follow {
    settings: Settings,
    /// Once the search has begun.
    progress: Option<Progress>,
    steps: Thinned,
    trials: Thinned,
    /// Counted over all fits.
    step: usize,
    /// Counted over all rounds.
    trial: usize,
}

impl Follow {
    /// Nothing has happened yet.
    pub fn new(settings: &Settings) -> Self {
        Self {
            settings: settings.clone(),
            progress: None,
            steps: Thinned::new(),
            trials: Thinned::new(),
            step: 0,
            trial: 0,
        }
    }

    /// Takes from the view what an earlier search has left, but for its report.
    pub fn clear(view: &mut View) {
        *view = View {
            report: view.report.take(),
            folder: view.folder.take(),
            report_problem: view.report_problem.take(),
            ..View::default()
        };
    }

    /// Takes notice of an event.
    pub fn see(&mut self, event: Event, view: &Mutex<View>) {
        let progress = self.progress.get_or_insert_with(|| Progress::new(&self.settings));
        progress.see(&event);
        let chains = match &event {
            // Some milliseconds of maths, during which the window may look.
            Event::Evaluated { graph, parameters, .. } => findings::strips(graph, parameters).ok(),
            _ => None,
        };
        let view = &mut *view.lock();
        match event {
            Event::Started { graph, .. } => {
                self.trials.push(&mut view.processors, [0.0, graph.processors().count() as f64]);
                view.console = Some(Arc::new(graph));
            }
            Event::Step { matched, .. } => {
                self.step += 1;
                self.steps.push(&mut view.steps, [self.step as f64, matched.full]);
            }
            Event::Trial { tried, removed, left, .. } => {
                self.trial += 1;
                self.trials.push(&mut view.processors, [self.trial as f64, left as f64]);
                if removed {
                    let now = Instant::now();
                    Arc::make_mut(&mut view.removed).extend(tried.into_iter().map(|id| (id, now)));
                }
            }
            Event::Evaluated { matched, .. } => {
                view.evaluated.push([self.step as f64, matched.full]);
                if let Some(chains) = chains {
                    view.chains = Arc::new(chains);
                }
            }
            // The report tells.
            Event::Note { .. } | Event::PruneStarted { .. } | Event::Resumed { .. } => {}
        }
    }

    /// Says how far the search is.
    pub fn tell(&self, view: &mut View) {
        let Some(progress) = &self.progress else { return };
        view.words = progress.words();
        view.fraction = progress.fraction() as f32;
        view.left = progress.left();
    }

    /// The search has ended with `report`: what it has not kept is removed, what it has kept is not, even if the search had
    /// tried without it for a while.
    pub fn settle(view: &mut View, report: &Report) {
        let kept: HashSet<_> = report.graph.nodes.iter().map(|node| node.id).collect();
        let now = Instant::now();
        let console = view.console.iter().flat_map(|console| console.processors());
        let gone = console.filter(|(id, _)| !kept.contains(id));
        let removed: HashMap<_, _> =
            gone.map(|(id, _)| (id, view.removed.get(&id).copied().unwrap_or(now))).collect();
        view.removed = Arc::new(removed);
        view.chains = Arc::new(report.strips.clone());
        view.fraction = 1.0;
        view.left = None;
    }
}

/// Keeps a series at no more than [`POINTS`] points, evenly spread, with the last one always among them.
struct Thinned {
    /// One in so many points is kept.
    stride: usize,
    /// Points that came.
    seen: usize,
}

impl Thinned {
    fn new() -> Self {
        Self { stride: 1, seen: 0 }
    }

    fn push(&mut self, series: &mut Vec<[f64; 2]>, point: [f64; 2]) {
        if self.seen > 0 && !(self.seen - 1).is_multiple_of(self.stride) {
            // It was there only as the last one.
            series.pop();
        }
        if series.len() >= POINTS {
            let mut nth = 0..;
            series.retain(|_| nth.next().is_some_and(|n| n % 2 == 0));
            self.stride *= 2;
        }
        series.push(point);
        self.seen += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_series_stays_short_keeps_its_spread_and_its_last_point() {
        let (mut thinned, mut series) = (Thinned::new(), Vec::new());
        for n in 0..50_000 {
            thinned.push(&mut series, [n as f64, 0.0]);
            assert!(series.len() <= POINTS);
            assert_eq!(series.first(), Some(&[0.0, 0.0]));
            assert_eq!(series.last(), Some(&[n as f64, 0.0]), "after {n}");
            if n < POINTS {
                assert_eq!(series.len(), n + 1);
            }
        }
        let steps: Vec<_> = series.windows(2).map(|pair| pair[1][0] - pair[0][0]).collect();
        let (_, even) = steps.split_last().unwrap();
        assert!(even.iter().all(|step| *step == even[0]), "{even:?}");
        assert!(series.len() > POINTS / 2);
    }
}

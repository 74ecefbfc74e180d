//! The whole-song match.

use std::sync::Arc;

use rayon::prelude::*;

use super::plan::Cache;
use super::{Engine, Plan, Played};
use crate::dsp::Stereo;
use crate::graph::NodeId;
use crate::matching::{Match, Matcher, Target};
use crate::session::Session;
use crate::stop::{Interrupted, Until};

/// Memory that windows which are rendered side by side may take, bytes; one is rendered in any case.
const SIDE_BY_SIDE_BYTES: usize = 256 << 20;

/// The windows of a song and their targets.
pub struct Evaluator<'a> {
    session: &'a Session,
    matcher: Arc<Matcher>,
    windows: Vec<(usize, Target)>,
    /// What each window counts: as much as there is of the song in what is compared of it, 1 where that is all.
    weights: Vec<f64>,
}

impl<'a> Evaluator<'a> {
    /// Takes the targets of all evaluation windows of a session in which something sounds.
    ///
    /// # Errors
    /// Once `until` is over.
    pub fn new(session: &'a Session, matcher: Arc<Matcher>, until: Until<'_>) -> Result<Self, Interrupted> {
        let (windows, starts) = (session.windows(), sounding_windows(session));
        let weights = starts.iter().map(|&start| windows.weight(start)).collect();
        let targets = starts
            .into_par_iter()
            .map(|start| {
                until.check()?;
                let mut mix = Stereo::silence(matcher.samples());
                session.mix.copy_window(start, &mut mix);
                Ok((start, matcher.target(&mix)))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { session, matcher, windows: targets, weights })
    }

    /// Those of a session's own windows.
    #[cfg(test)]
    pub(crate) fn of(session: &'a Session) -> Self {
        let windows = session.windows();
        let matcher = Matcher::new(windows.samples(), windows.warm_up(), session.rate);
        Self::new(session, Arc::new(matcher), Until::DONE).unwrap()
    }

    /// The mean match over all windows, with the parameters that `engine` holds. What is rendered beyond the end of the
    /// song is not compared; the last window counts as much as what is compared of it.
    ///
    /// # Errors
    /// Once `until` is over.
    pub fn evaluate(&self, engine: &Engine, plan: &Plan, until: Until<'_>) -> Result<Match, Interrupted> {
        let window = |window| Ok(self.window(window, engine, plan, &Cache::new(), until)?.0);
        Ok(self.mean(&self.each_window(plan.signals(), window)?))
    }

    /// The mean of the matches of all windows.
    pub(super) fn mean(&self, matches: &[Match]) -> Match {
        mean(matches, &self.weights)
    }

    /// What `work` makes of each window, in their order. One window a thread is under way at a time, as far as there is
    /// memory for it where each holds so many `signals`.
    pub(super) fn each_window<T: Send>(
        &self,
        signals: usize,
        work: impl Fn(usize) -> Result<T, Interrupted> + Sync,
    ) -> Result<Vec<T>, Interrupted> {
        let mut all = Vec::with_capacity(self.windows.len());
        let fit = SIDE_BY_SIDE_BYTES / (self.signal_bytes() * signals.max(1));
        let at_a_time = fit.clamp(1, rayon::current_num_threads());
        for start in (0..self.windows.len()).step_by(at_a_time) {
            let group = start..(start + at_a_time).min(self.windows.len());
            all.extend(group.into_par_iter().map(&work).collect::<Result<Vec<_>, _>>()?);
        }
        Ok(all)
    }

    /// Memory that one signal of one window takes, bytes.
    pub(super) fn signal_bytes(&self) -> usize {
        2 * self.matcher.samples() * size_of::<f32>()
    }

    /// How many windows there are.
    pub(super) fn windows(&self) -> usize {
        self.windows.len()
    }

    /// The match of one window and the signals that the plan keeps; `cache` holds what it takes from there.
    pub(super) fn window(
        &self,
        window: usize,
        engine: &Engine,
        plan: &Plan,
        cache: &Cache,
        until: Until<'_>,
    ) -> Result<(Match, Vec<(NodeId, Stereo)>), Interrupted> {
        let (start, target) = &self.windows[window];
        let stem = |stem: usize, buffer: &mut Stereo| {
            self.session.stems[stem].audio.copy_window(*start, buffer);
        };
        let Played { mix, kept } = engine.play_with(plan, *start, stem, cache, until)?;
        until.check()?;
        // The mix ends where its file ends; how the tails would have gone on nobody knows.
        let end = self.session.len() - start;
        let matched = if end < mix.len() {
            self.matcher.evaluate(target, &mix.head(end))
        } else {
            self.matcher.evaluate(target, &mix)
        };
        engine.recycle([mix]);
        Ok((matched, kept))
    }
}

/// Where the evaluation windows of a session start in which something sounds; all of them if nothing does anywhere.
fn sounding_windows(session: &Session) -> Vec<usize> {
    let windows = session.windows();
    let mut starts = windows.evaluation_starts();
    let sounds = |start: &usize| session.sounds(windows.compared(*start));
    if starts.iter().any(sounds) {
        starts.retain(sounds);
    }
    starts
}

/// The mean by weights, added up in the order of the windows.
pub(super) fn mean(matches: &[Match], weights: &[f64]) -> Match {
    let all: f64 = weights.iter().sum();
    let mut mean = Match::default();
    for (found, weight) in matches.iter().zip(weights) {
        let share = weight / all;
        mean.full += share * found.full;
        mean.lr += share * found.lr;
        mean.mid += share * found.mid;
        mean.side += share * found.side;
    }
    mean
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Graph, Schedule, Selection};
    use crate::parameters::Parameters;
    use crate::session::Options;

    #[test]
    fn silence_after_a_song_changes_nothing() {
        let song = Session::demo(&Options::default()).unwrap();
        let window = song.windows().samples();
        let (kept, longer) = (2 * window, 6 * window);
        let of_length = |len: usize| {
            let mut session = song.clone();
            crate::session::testing::resize(&mut session, kept - window / 2);
            crate::session::testing::resize(&mut session, len);
            session
        };
        let [short, long] = [kept, longer].map(|len| {
            let session = of_length(len);
            let evaluator = Evaluator::of(&session);
            let stems: Vec<_> = session.stems.iter().map(|s| (s.name.clone(), s.group)).collect();
            let graph = Graph::console(&stems, &session.groups, Selection::of(&[])).unwrap();
            let engine = Engine::new(&graph, &Parameters::default().layout(), window, session.rate);
            let schedule = Schedule::new(&graph, |_| false);
            evaluator.evaluate(&engine, &Plan::new(&graph, &schedule), Until::DONE).unwrap()
        });
        assert_eq!(short, long);
        assert!(short.full > 0.1);
    }

    #[test]
    fn a_tenth_of_a_window_counts_a_tenth() {
        let [a, b] = [1.0, 4.0].map(|full| Match { full, ..Match::default() });
        assert_eq!(mean(&[a, b], &[1.0, 1.0]).full, 2.5);
        assert!((mean(&[a, b], &[1.0, 0.1]).full - 1.4 / 1.1).abs() < 1e-12);
        // A song of one window has that window's match, however short it is.
        assert_eq!(mean(&[b], &[0.3]).full, 4.0);
        // As without weights, to the last bit.
        let matches: Vec<_> = (1..8).map(|n| Match { full: 1.0 / n as f64, ..Match::default() }).collect();
        let share = 1.0 / 7.0;
        let plain = matches.iter().fold(0.0, |sum, m| sum + share * m.full);
        assert_eq!(mean(&matches, &[1.0; 7]).full, plain);
    }
}

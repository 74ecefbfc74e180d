//! The whole-song match, from scratch or from what is known of the graph already.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

use crate::dsp::Stereo;
use crate::engine::{Engine, Plan, Source};
use crate::graph::{Graph, NodeId, Schedule};
use crate::matching::{Match, Matcher, Target};
use crate::session::Session;
use crate::session::windows::{WINDOW, evaluation_starts, warm_up};
use crate::stop::{Interrupted, Until};

/// Memory that [`Trials`] may spend on known signals, bytes. Windows that do not fit are rendered whole each time.
const KNOWN_BYTES: usize = 400 << 20;

/// The windows of a song and their targets.
pub struct Evaluator<'a> {
    session: &'a Session,
    matcher: Matcher,
    windows: Vec<(usize, Target)>,
}

impl<'a> Evaluator<'a> {
    /// Takes the targets of all evaluation windows of a session.
    ///
    /// # Errors
    /// Once `until` is over.
    pub fn new(session: &'a Session, until: Until<'_>) -> Result<Self, Interrupted> {
        let matcher = Matcher::new(WINDOW, warm_up(session.len()), session.rate);
        let windows = evaluation_starts(session.len())
            .into_par_iter()
            .map(|start| {
                until.check()?;
                let mut mix = Stereo::silence(WINDOW);
                session.mix.copy_window(start, &mut mix);
                Ok((start, matcher.target(&mix)))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { session, matcher, windows })
    }

    /// The mean match over all windows, with the parameters that `engine` holds. What is rendered beyond the end of the
    /// song is not compared.
    ///
    /// # Errors
    /// Once `until` is over.
    pub fn evaluate(&self, engine: &mut Engine, plan: &Plan, until: Until<'_>) -> Result<Match, Interrupted> {
        let matches = (0..self.windows.len()).map(|w| self.window(w, engine, plan, |_, _| {}, until));
        Ok(mean(&matches.collect::<Result<Vec<_>, _>>()?))
    }

    /// The match of one window; `known` fills in signals that the plan takes as known.
    fn window(
        &self,
        window: usize,
        engine: &mut Engine,
        plan: &Plan,
        known: impl Fn(NodeId, &mut Stereo) + Sync,
        until: Until<'_>,
    ) -> Result<Match, Interrupted> {
        let (start, target) = &self.windows[window];
        let fetch = |source, buffer: &mut Stereo| match source {
            Source::Stem(stem) => self.session.stems[stem].audio.copy_window(*start, buffer),
            Source::Known(id) => known(id, buffer),
        };
        let mix = engine.render(plan, fetch, false, until)?;
        until.check()?;
        // The mix ends where its file ends; how the tails would have gone on nobody knows.
        let end = self.session.len() - start;
        Ok(if end < WINDOW {
            self.matcher.evaluate(target, &mix.head(end))
        } else {
            self.matcher.evaluate(target, mix)
        })
    }
}

fn mean(matches: &[Match]) -> Match {
    let share = 1.0 / matches.len() as f64;
    let mut mean = Match::default();
    for found in matches {
        mean.full += share * found.full;
        mean.lr += share * found.lr;
        mean.mid += share * found.mid;
        mean.side += share * found.side;
    }
    mean
}

/// Whole-song matches of one graph with ever other processors bypassed, its parameters held.
///
/// The signals that enter sums are known from the last accepted trial; a trial renders only what lies on the way from
/// the processors that it bypasses to the output. The result is the same as that of [`Evaluator::evaluate`].
pub struct Trials<'a> {
    evaluator: &'a Evaluator<'a>,
    graph: &'a Graph,
    /// Of each node that was rendered in the last accepted trial, where its inputs came from.
    inputs: HashMap<NodeId, Vec<NodeId>>,
    /// Known signals, window by window.
    known: Vec<HashMap<NodeId, Stereo>>,
    tried: Option<Tried>,
}

/// What the last trial found.
struct Tried {
    inputs: HashMap<NodeId, Vec<NodeId>>,
    /// Nodes whose signals are not those of the last accepted trial.
    changed: HashSet<NodeId>,
    signals: Vec<Vec<(NodeId, Stereo)>>,
}

impl<'a> Trials<'a> {
    /// Nothing is known yet.
    pub fn new(evaluator: &'a Evaluator<'a>, graph: &'a Graph) -> Self {
        Self { evaluator, graph, inputs: HashMap::new(), known: Vec::new(), tried: None }
    }

    /// The mean match over all windows without the processors that `bypassed` names. All trials must use an engine of
    /// the same graph with the same parameters.
    ///
    /// # Errors
    /// Once `until` is over; it is then as if there had been no trial.
    pub fn evaluate(
        &mut self,
        engine: &mut Engine,
        bypassed: impl Fn(NodeId) -> bool,
        until: Until<'_>,
    ) -> Result<Match, Interrupted> {
        let schedule = Schedule::new(self.graph, bypassed);
        let (inputs, changed) = self.compare(&schedule);
        let afresh = Plan::new(self.graph, &schedule);
        let plan = Plan::with_known(self.graph, &schedule, |id| {
            !changed.contains(&id) && self.known.first().is_some_and(|known| known.contains_key(&id))
        });
        if let Some(refused) = self.tried.take() {
            engine.recycle(refused.signals.into_iter().flatten().map(|(_, signal)| signal));
        }
        let windows = self.evaluator.windows.len();
        let mut signals: Vec<Vec<(NodeId, Stereo)>> = Vec::new();
        let mut matches = Vec::with_capacity(windows);
        let mut room = KNOWN_BYTES;
        for window in 0..windows {
            let bytes = |count: usize| count * 2 * WINDOW * size_of::<f32>();
            let first_trial = self.known.is_empty();
            let fits = if first_trial { room > 0 } else { window < self.known.len() };
            let found = if fits {
                let known = |id, buffer: &mut Stereo| buffer.copy_from(&self.known[window][&id]);
                self.evaluator.window(window, engine, &plan, known, until)
            } else {
                self.evaluator.window(window, engine, &afresh, |_, _| {}, until)
            };
            let kept = engine.take_kept();
            room = room.saturating_sub(bytes(kept.len()));
            if fits {
                signals.push(kept);
            }
            match found {
                Ok(matched) => matches.push(matched),
                Err(interrupted) => {
                    engine.recycle(signals.into_iter().flatten().map(|(_, signal)| signal));
                    return Err(interrupted);
                }
            }
        }
        self.tried = Some(Tried { inputs, changed, signals });
        Ok(mean(&matches))
    }

    /// Where every node's inputs come from, and which nodes' signals differ from the last accepted trial's.
    fn compare(&self, schedule: &Schedule) -> (HashMap<NodeId, Vec<NodeId>>, HashSet<NodeId>) {
        let mut inputs = HashMap::with_capacity(schedule.nodes.len());
        let mut changed = HashSet::new();
        for node in &schedule.nodes {
            let from: Vec<_> = node.inputs.iter().map(|&i| schedule.nodes[i].id).collect();
            if self.inputs.get(&node.id) != Some(&from) || from.iter().any(|id| changed.contains(id)) {
                changed.insert(node.id);
            }
            inputs.insert(node.id, from);
        }
        (inputs, changed)
    }

    /// Takes the last trial as what later ones start from.
    pub fn accept(&mut self, engine: &mut Engine) {
        let Some(Tried { inputs, changed, signals }) = self.tried.take() else { return };
        self.inputs = inputs;
        self.known.resize_with(signals.len(), HashMap::new);
        for (known, signals) in self.known.iter_mut().zip(signals) {
            let inputs = &self.inputs;
            let stale = known.extract_if(|id, _| changed.contains(id) || !inputs.contains_key(id));
            engine.recycle(stale.map(|(_, signal)| signal));
            known.extend(signals);
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::engine::{Parameters, own_maps};
    use crate::processors::Kind;
    use crate::session::Options;
    use crate::stop::Stop;

    #[test]
    fn a_trial_finds_what_an_evaluation_from_scratch_finds_though_others_were_cut_short() {
        let session = Session::demo(&Options::default()).unwrap();
        let stems: Vec<_> = session.stems.iter().map(|s| (s.name.clone(), s.group)).collect();
        let graph = Graph::console(&stems, &session.groups, &Kind::ALL, true).unwrap();
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let parameters = Parameters::start(&graph, &mut rng);
        let mut engine = Engine::new(&graph, &parameters.layout(), WINDOW);
        engine.set(&parameters.physical(own_maps).unwrap(), Until::DONE).unwrap();
        let evaluator = Evaluator::new(&session, Until::DONE).unwrap();
        let mut trials = Trials::new(&evaluator, &graph);
        let processors: Vec<_> = graph.processors().map(|(id, _)| id).collect();
        let mut bypassed = HashSet::new();
        for round in 0..8 {
            let mut tried = bypassed.clone();
            tried.extend((0..round.min(3)).map(|_| processors[rng.random_range(0..processors.len())]));
            let stop = Stop::stopping_at(1 + 17 * round);
            let cut = trials.evaluate(&mut engine, |id| id % (round + 2) == 0, stop.until_stopped());
            assert_eq!(cut, Err(Interrupted));
            trials.accept(&mut engine);
            let found = trials.evaluate(&mut engine, |id| tried.contains(&id), Until::DONE).unwrap();
            let schedule = Schedule::new(&graph, |id| tried.contains(&id));
            let wanted = evaluator.evaluate(&mut engine, &Plan::new(&graph, &schedule), Until::DONE).unwrap();
            assert_eq!(found, wanted, "round {round}");
            if round % 3 != 1 {
                trials.accept(&mut engine);
                bypassed = tried;
            }
        }
    }
}

//! Whole-song matches of one graph with ever other processors bypassed, from what is known of it already.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::Evaluator;
use super::evaluate::mean;
use super::{Engine, Keep, Plan};
use crate::dsp::Stereo;
use crate::graph::{Graph, NodeId, NodeKind, Schedule};
use crate::matching::Match;
use crate::stop::{Interrupted, Until};

/// Memory that known signals may take, bytes. What a trial changes comes on top until it is accepted or refused.
pub const KNOWN_BYTES: usize = 512 << 20;

/// Whole-song matches of one graph with ever other processors bypassed, its parameters held.
///
/// The signals of the last accepted trial are known: a trial renders only what lies on the way from the processors that
/// it bypasses to the output. The result is the same as that of [`Evaluator::evaluate`].
///
/// [`KNOWN_BYTES`] bound what is known. Where not all signals of all windows fit, the windows at the end of the song know
/// only those that enter sums, so that there a trial renders the whole strip of a bypassed processor; where not even those
/// fit, nothing is known of them.
pub struct Trials<'s> {
    evaluator: Arc<Evaluator<'s>>,
    graph: Arc<Graph>,
    /// Of each node that was rendered in the last accepted trial, where its inputs came from.
    inputs: HashMap<NodeId, Vec<NodeId>>,
    /// What is kept of each window; known from the first trial on.
    keep: Vec<Keep>,
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

impl<'s> Trials<'s> {
    /// Nothing is known yet.
    pub fn new(evaluator: Arc<Evaluator<'s>>, graph: Arc<Graph>) -> Self {
        Self::within(evaluator, graph, KNOWN_BYTES)
    }

    /// The same with another bound than [`KNOWN_BYTES`].
    pub fn within(evaluator: Arc<Evaluator<'s>>, graph: Arc<Graph>, known_bytes: usize) -> Self {
        let keep = share_out(&graph, evaluator.windows(), known_bytes / evaluator.signal_bytes());
        let known = (0..evaluator.windows()).map(|_| HashMap::new()).collect();
        Self { evaluator, graph, inputs: HashMap::new(), keep, known, tried: None }
    }

    /// The mean match over all windows without the processors that `bypassed` names. All trials must use an engine of
    /// the same graph with the same parameters.
    ///
    /// # Errors
    /// Once `until` is over; it is then as if there had been no trial.
    pub fn evaluate(
        &mut self,
        engine: &Engine,
        bypassed: impl Fn(NodeId) -> bool,
        until: Until<'_>,
    ) -> Result<Match, Interrupted> {
        if let Some(refused) = self.tried.take() {
            engine.recycle(refused.signals.into_iter().flatten().map(|(_, signal)| signal));
        }
        let schedule = Schedule::new(&self.graph, bypassed);
        let (inputs, changed) = self.compare(&schedule);
        let plans = [Keep::Nothing, Keep::Sums, Keep::All].map(|keep| {
            // All windows of which the same is kept know the same nodes.
            let like = self.keep.iter().position(|&k| k == keep)?;
            let known = &self.known[like];
            let known = |id| !changed.contains(&id) && known.contains_key(&id);
            Some((keep, Plan::with_known(&self.graph, &schedule, known, keep)))
        });
        let signals = plans.iter().flatten().map(|(_, plan)| plan.signals()).max().unwrap_or(0);
        let found = self.evaluator.each_window(signals, |window| {
            let plan = plans.iter().flatten().find(|(keep, _)| *keep == self.keep[window]);
            let (_, plan) = plan.expect("there is a plan for what is kept of any window");
            self.evaluator.window(window, engine, plan, |id| &self.known[window][&id], until)
        })?;
        let (matches, signals): (Vec<_>, _) = found.into_iter().unzip();
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
    pub fn accept(&mut self, engine: &Engine) {
        let Some(Tried { inputs, changed, signals }) = self.tried.take() else { return };
        self.inputs = inputs;
        for (known, signals) in self.known.iter_mut().zip(signals) {
            let inputs = &self.inputs;
            let stale = known.extract_if(|id, _| changed.contains(id) || !inputs.contains_key(id));
            engine.recycle(stale.map(|(_, signal)| signal));
            known.extend(signals);
        }
    }

    /// Memory that known signals take, bytes.
    pub fn known_bytes(&self) -> usize {
        self.known.iter().map(HashMap::len).sum::<usize>() * self.evaluator.signal_bytes()
    }
}

/// What to keep of each window so that all of it is `signals` signals at most.
fn share_out(graph: &Graph, windows: usize, signals: usize) -> Vec<Keep> {
    let is_sum = |id| graph.node(id).is_some_and(|n| matches!(n.kind, NodeKind::Sum | NodeKind::Output));
    let entering: HashSet<_> =
        graph.edges().iter().filter(|edge| is_sum(edge.1)).map(|edge| edge.0).collect();
    let made = graph.nodes().iter().filter(|n| {
        let left_out = matches!(n.kind, NodeKind::Input { .. } | NodeKind::Output);
        entering.contains(&n.id) || !left_out
    });
    let (sums, all) = (entering.len().max(1), made.count().max(1));
    let known = (signals / sums).min(windows);
    let whole = match all - sums {
        0 => known,
        more => ((signals - known * sums) / more).min(known),
    };
    let keep = |window| match window {
        _ if window < whole => Keep::All,
        _ if window < known => Keep::Sums,
        _ => Keep::Nothing,
    };
    (0..windows).map(keep).collect()
}

#[cfg(test)]
mod tests {
    use crate::graph::Selection;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::parameters::Parameters;
    use crate::processors::Kind;
    use crate::session::{Options, Session};
    use crate::stop::Stop;

    #[test]
    fn what_is_known_fits_into_its_bytes_and_is_best_spent_on_whole_windows_first() {
        let stems: Vec<_> = (0..4).map(|i| (format!("stem {i}"), Some(i / 2))).collect();
        let graph = Graph::console(&stems, &["a".into(), "b".into()], Selection::of(&Kind::ALL)).unwrap();
        // Six strips of seven processors; two sums of groups.
        let (sums, all) = (6, 6 * 7 + 2);
        let counts = |signals: usize| {
            let keep = share_out(&graph, 5, signals);
            assert!(keep.is_sorted_by_key(|k| match k {
                Keep::All => 0,
                Keep::Sums => 1,
                Keep::Nothing => 2,
            }));
            [Keep::All, Keep::Sums, Keep::Nothing].map(|kept| keep.iter().filter(|&&k| k == kept).count())
        };
        assert_eq!(counts(0), [0, 0, 5]);
        assert_eq!(counts(sums - 1), [0, 0, 5]);
        assert_eq!(counts(3 * sums), [0, 3, 2]);
        assert_eq!(counts(5 * sums), [0, 5, 0]);
        assert_eq!(counts(2 * all + 3 * sums), [2, 3, 0]);
        assert_eq!(counts(5 * all), [5, 0, 0]);
        assert_eq!(counts(1000 * all), [5, 0, 0]);
    }

    #[test]
    fn a_trial_finds_what_an_evaluation_from_scratch_finds_though_others_were_cut_short() {
        let session = Session::demo(&Options::default()).unwrap();
        let stems: Vec<_> = session.stems.iter().map(|s| (s.name.clone(), s.group)).collect();
        let graph =
            Graph::console(&stems, &session.groups, Selection { master: true, ..Selection::of(&Kind::ALL) })
                .unwrap();
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let parameters = Parameters::start(&graph, &mut rng);
        let mut engine = Engine::new(&graph, &parameters.layout(), session.windows().samples(), session.rate);
        engine.set(&parameters.physical().unwrap(), Until::DONE).unwrap();
        let (evaluator, graph) = (Arc::new(Evaluator::of(&session)), Arc::new(graph));
        for signals in [0, 40, 150, 1000] {
            let bytes = signals * evaluator.signal_bytes();
            let mut trials = Trials::within(evaluator.clone(), graph.clone(), bytes);
            let processors: Vec<_> = graph.processors().map(|(id, _)| id).collect();
            let mut bypassed = HashSet::new();
            for round in 0..8 {
                let mut tried = bypassed.clone();
                tried.extend((0..round.min(3)).map(|_| processors[rng.random_range(0..processors.len())]));
                let stop = Stop::stopping_at(1 + 4 * round);
                let cut = trials.evaluate(&engine, |id| id % (round + 2) == 0, stop.until_stopped());
                assert_eq!(cut, Err(Interrupted));
                trials.accept(&engine);
                let found = trials.evaluate(&engine, |id| tried.contains(&id), Until::DONE).unwrap();
                let schedule = Schedule::new(&graph, |id| tried.contains(&id));
                let wanted = evaluator.evaluate(&engine, &Plan::new(&graph, &schedule), Until::DONE).unwrap();
                assert_eq!(found, wanted, "round {round}");
                if round % 3 != 1 {
                    trials.accept(&engine);
                    bypassed = tried;
                }
            }
            assert!(trials.known_bytes() <= bytes);
        }
    }
}

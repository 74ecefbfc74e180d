//! Evaluates bypass sets of one graph on the whole song, caching the signals that they do not change.
//!
//! [`Trials`] evaluates them one after the other, each on top of those that were accepted: window by window, all that it
//! keeps has to fit into the cache. [`sweep`] evaluates sets that do not depend on one another, all of them in one window
//! before the next: the cache is all signals of a single window.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::Evaluator;
use super::plan::Cache;
use super::plan::last_sum;
use super::{Engine, Keep, Plan};
use crate::dsp::Stereo;
use crate::engine::BypassSet;
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
/// fit, only those that enter the last sum, so that it renders the whole group; and then nothing.
pub struct Trials<'s> {
    evaluator: Arc<Evaluator<'s>>,
    graph: Arc<Graph>,
    /// Of each node that was rendered in the last accepted trial, where its inputs came from.
    inputs: HashMap<NodeId, Vec<NodeId>>,
    /// What is kept of each window; known from the first trial on.
    keep: Vec<Keep>,
    /// Known signals, window by window.
    known: Vec<Cache>,
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
        let Compared { inputs, changed } = compare(&self.inputs, &schedule);
        let plans = [Keep::Nothing, Keep::Ends, Keep::Sums, Keep::All].map(|keep| {
            // All windows of which the same is kept know the same nodes.
            let like = self.keep.iter().position(|&k| k == keep)?;
            let known = &self.known[like];
            let known = |id| !changed.contains(&id) && known.contains_key(&id);
            Some((keep, Plan::with_cache(&self.graph, &schedule, known, keep)))
        });
        let signals = plans.iter().flatten().map(|(_, plan)| plan.signals()).max().unwrap_or(0);
        let found = self.evaluator.each_window(signals, |window| {
            let plan = plans.iter().flatten().find(|(keep, _)| *keep == self.keep[window]);
            let (_, plan) = plan.expect("there is a plan for what is kept of any window");
            self.evaluator.window(window, engine, plan, &self.known[window], until)
        })?;
        let (matches, signals): (Vec<_>, _) = found.into_iter().unzip();
        self.tried = Some(Tried { inputs, changed, signals });
        Ok(self.evaluator.mean(&matches))
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

/// The whole-song match of `graph` without the processors of each of `sets`, as [`Trials`] would find it. What is rendered
/// without those of `base` is cached, and only what differs from it is rendered for a set.
///
/// # Errors
/// Once `until` is over.
pub fn sweep(
    evaluator: &Evaluator<'_>,
    engine: &Engine,
    graph: &Graph,
    base: &BypassSet,
    sets: &[BypassSet],
    until: Until<'_>,
) -> Result<Vec<Match>, Interrupted> {
    let schedule = Schedule::new(graph, |id| base.contains(&id));
    let whole = Plan::with_cache(graph, &schedule, |_| false, Keep::All);
    let Compared { inputs, .. } = compare(&HashMap::new(), &schedule);
    let kept: HashSet<_> = whole.kept().collect();
    let plan = |set: &BypassSet| {
        let schedule = Schedule::new(graph, |id| set.contains(&id));
        let Compared { changed, .. } = compare(&inputs, &schedule);
        let known = |id| !changed.contains(&id) && kept.contains(&id);
        Plan::with_cache(graph, &schedule, known, Keep::Nothing)
    };
    let plans: Vec<_> = sets.par_iter().map(plan).collect();
    // Those of the base, and one or two a thread.
    let signals = graph.nodes().len() + 2 * rayon::current_num_threads();
    let matches = evaluator.each_window(signals, |window| {
        let (_, kept) = evaluator.window(window, engine, &whole, &Cache::new(), until)?;
        let known: Cache = kept.into_iter().collect();
        let mut found = Vec::with_capacity(plans.len());
        // A thread that waits for a part of one would begin with any number of others, each with signals of its own.
        for plans in plans.chunks(rayon::current_num_threads()) {
            let each = plans.par_iter().map(|plan| evaluator.window(window, engine, plan, &known, until));
            for (matched, _) in each.collect::<Result<Vec<_>, Interrupted>>()? {
                found.push(matched);
            }
        }
        engine.recycle(known.into_values());
        Ok(found)
    })?;
    let of_set = |set: usize| evaluator.mean(&matches.iter().map(|window| window[set]).collect::<Vec<_>>());
    Ok((0..sets.len()).map(of_set).collect())
}

/// A schedule beside an earlier one of the same graph.
struct Compared {
    /// Where every node's inputs come from.
    inputs: HashMap<NodeId, Vec<NodeId>>,
    /// The nodes whose signals are not those of the earlier one.
    changed: HashSet<NodeId>,
}

/// Compares a schedule with where the inputs of nodes came `before`.
fn compare(before: &HashMap<NodeId, Vec<NodeId>>, schedule: &Schedule) -> Compared {
    let mut inputs = HashMap::with_capacity(schedule.nodes.len());
    let mut changed = HashSet::new();
    for node in &schedule.nodes {
        let from: Vec<_> = node.inputs.iter().map(|&i| schedule.nodes[i].id).collect();
        if before.get(&node.id) != Some(&from) || from.iter().any(|id| changed.contains(id)) {
            changed.insert(node.id);
        }
        inputs.insert(node.id, from);
    }
    Compared { inputs, changed }
}

/// What to keep of each window so that all of it is `room` signals at most: as many windows as possible keep something, and of
/// the rest as many as possible keep more.
fn share_out(graph: &Graph, windows: usize, room: usize) -> Vec<Keep> {
    let schedule = Schedule::new(graph, |_| false);
    let ends: HashSet<_> = schedule.nodes[last_sum(&schedule)].inputs.iter().collect();
    let is_sum = |id| graph.node(id).is_some_and(|n| matches!(n.kind, NodeKind::Sum | NodeKind::Output));
    let entering: HashSet<_> =
        graph.edges().iter().filter(|edge| is_sum(edge.1)).map(|edge| edge.0).collect();
    let made = graph.nodes().iter().filter(|n| {
        let left_out = matches!(n.kind, NodeKind::Input { .. } | NodeKind::Output);
        entering.contains(&n.id) || !left_out
    });
    let signals = [ends.len(), entering.len(), made.count()].map(|signals| signals.max(1));
    let (mut left, mut before, mut windows_with) = (room, 0, windows);
    let counts = signals.map(|signals| {
        let more = signals - before.min(signals);
        before = signals;
        windows_with = left.checked_div(more).map_or(windows_with, |fit| fit.min(windows_with));
        left -= windows_with * more;
        windows_with
    });
    let [ends, sums, all] = counts;
    let keep = |window| match window {
        _ if window < all => Keep::All,
        _ if window < sums => Keep::Sums,
        _ if window < ends => Keep::Ends,
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
        // Two groups; six strips of seven processors; two sums of groups.
        let (ends, sums, all) = (2, 6, 6 * 7 + 2);
        let counts = |signals: usize| {
            let keep = share_out(&graph, 5, signals);
            let tiers = [Keep::All, Keep::Sums, Keep::Ends, Keep::Nothing];
            assert!(keep.is_sorted_by_key(|kept| tiers.iter().position(|tier| tier == kept)));
            tiers.map(|kept| keep.iter().filter(|&&k| k == kept).count())
        };
        assert_eq!(counts(0), [0, 0, 0, 5]);
        assert_eq!(counts(ends - 1), [0, 0, 0, 5]);
        assert_eq!(counts(3 * ends), [0, 0, 3, 2]);
        assert_eq!(counts(5 * ends), [0, 0, 5, 0]);
        assert_eq!(counts(2 * sums + 3 * ends), [0, 2, 3, 0]);
        assert_eq!(counts(5 * sums), [0, 5, 0, 0]);
        assert_eq!(counts(2 * all + 3 * sums), [2, 3, 0, 0]);
        assert_eq!(counts(5 * all), [5, 0, 0, 0]);
        assert_eq!(counts(1000 * all), [5, 0, 0, 0]);
    }

    #[test]
    fn the_last_sum_is_that_of_groups_and_tracks_whatever_is_behind_it() {
        let stems: Vec<_> = (0..4).map(|i| (format!("stem {i}"), (i < 3).then_some(0))).collect();
        for master in [false, true] {
            let graph = Graph::console(
                &stems,
                &["a".into()],
                Selection { master, ..Selection::of(&[Kind::GainPan]) },
            )
            .unwrap();
            let schedule = Schedule::new(&graph, |_| false);
            let ends: HashSet<_> =
                schedule.nodes[last_sum(&schedule)].inputs.iter().map(|&i| schedule.nodes[i].id).collect();
            let wanted = [3, 4].map(|strip| graph.chain(strip)[0]);
            assert_eq!(ends, HashSet::from(wanted), "master: {master}");
        }
        let one = Graph::console(&stems[..1], &["a".into()], Selection::of(&[Kind::GainPan])).unwrap();
        let schedule = Schedule::new(&one, |_| false);
        assert_eq!(last_sum(&schedule), schedule.output);
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
        for signals in [0, 15, 40, 150, 1000] {
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

    #[test]
    fn a_sweep_finds_what_evaluations_from_scratch_find() {
        let session = Session::demo(&Options::default()).unwrap();
        let stems: Vec<_> = session.stems.iter().map(|s| (s.name.clone(), s.group)).collect();
        let kinds = [Kind::Compressor, Kind::Reverb];
        let selection = Selection { master: true, ..Selection::of(&kinds) };
        let graph = Graph::console(&stems, &session.groups, selection).unwrap();
        let parameters = Parameters::start(&graph, &mut ChaCha8Rng::seed_from_u64(5));
        let mut engine = Engine::new(&graph, &parameters.layout(), session.windows().samples(), session.rate);
        engine.set(&parameters.physical().unwrap(), Until::DONE).unwrap();
        let evaluator = Evaluator::of(&session);
        let processors: Vec<_> = graph.processors().map(|(id, _)| id).collect();
        let base: BypassSet = processors.iter().skip(1).step_by(5).copied().collect();
        // None and all, some alone, some together, some beside the base.
        let mut sets = vec![BypassSet::new(), base.clone(), processors.iter().copied().collect()];
        sets.extend(processors.iter().step_by(4).map(|&id| BypassSet::from([id])));
        sets.extend(processors.chunks(6).map(|ids| base.iter().chain(ids).copied().collect()));
        let found = sweep(&evaluator, &engine, &graph, &base, &sets, Until::DONE).unwrap();
        for (set, found) in sets.iter().zip(found) {
            let plan = Plan::new(&graph, &Schedule::new(&graph, |id| set.contains(&id)));
            assert_eq!(evaluator.evaluate(&engine, &plan, Until::DONE).unwrap(), found, "{set:?}");
        }
        let stop = Stop::stopping_at(100);
        let cut = sweep(&evaluator, &engine, &graph, &base, &sets, stop.until_stopped());
        assert_eq!(cut, Err(Interrupted));
    }
}

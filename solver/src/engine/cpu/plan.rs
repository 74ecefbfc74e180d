//! A schedule bound to an engine's buffers.

use std::collections::HashMap;

use crate::dsp::Stereo;
use crate::graph::{BatchKind, Graph, NodeId, NodeKind, Schedule};

/// What an engine does for one schedule: batches of nodes by the slots of their signals.
pub struct Plan {
    /// The graph's nodes: those of the slots.
    pub(super) nodes: Vec<NodeId>,
    /// Nodes whose signals come from a cache, by slot.
    pub(super) cached: Vec<(usize, NodeId)>,
    pub(super) batches: Vec<PlanBatch>,
    pub(super) output: usize,
}

/// Signals of a window that were rendered before.
pub type Cache = HashMap<NodeId, Stereo>;

pub(super) struct PlanBatch {
    pub steps: Vec<PlanStep>,
    /// Slots whose signals nobody needs after this batch; with a node's id where the signal is to be kept.
    pub retired: Vec<(usize, Option<NodeId>)>,
}

pub(super) struct PlanStep {
    pub slot: usize,
    pub work: Work,
    pub inputs: Vec<usize>,
}

/// Where a node's signal comes from.
#[derive(Clone, Copy)]
pub(super) enum Work {
    /// From the dry stem of that number.
    Stem(usize),
    /// From its processor.
    Process,
    /// From adding up its inputs.
    Sum,
}

/// Which signals a render keeps for the next time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// None.
    Nothing,
    /// Those that enter the [`last_sum`]: all that a trial needs of groups that it leaves alone.
    Ends,
    /// Those that enter sums and the output: all that a trial needs of strips that it leaves alone.
    Sums,
    /// All that processors and sums make.
    All,
}

impl Plan {
    /// Binds a schedule of `graph` to slots: positions among the graph's nodes.
    pub fn new(graph: &Graph, schedule: &Schedule) -> Self {
        Self::with_cache(graph, schedule, |_| false, Keep::Nothing)
    }

    /// The same where the signals of some nodes come from a [`Cache`]: what only they need is not rendered. What is
    /// rendered is kept as `keep` says.
    pub fn with_cache(
        graph: &Graph,
        schedule: &Schedule,
        cached: impl Fn(NodeId) -> bool,
        keep: Keep,
    ) -> Self {
        let nodes = &schedule.nodes;
        let slots: Vec<_> = nodes.iter().map(|n| slot(graph, n.id)).collect();
        let cached: Vec<_> = nodes.iter().map(|n| cached(n.id)).collect();
        let mut needed = vec![false; nodes.len()];
        needed[schedule.output] = true;
        // Inputs stand before what they feed.
        for position in (0..nodes.len()).rev() {
            if needed[position] && !cached[position] {
                nodes[position].inputs.iter().for_each(|&input| needed[input] = true);
            }
        }
        let mut batches: Vec<PlanBatch> = Vec::with_capacity(schedule.batches.len());
        let mut last_use = vec![None; nodes.len()];
        let (mut summed, mut ends) = (vec![false; nodes.len()], vec![false; nodes.len()]);
        let last_sum = last_sum(schedule);
        for batch in &schedule.batches {
            let sums = matches!(batch.kind, BatchKind::Sum | BatchKind::Output);
            let mut steps = Vec::with_capacity(batch.nodes.len());
            for position in batch.nodes.clone().filter(|&p| needed[p] && !cached[p]) {
                let node = &nodes[position];
                let work = match node.kind {
                    NodeKind::Input { stem } => Work::Stem(stem),
                    NodeKind::Processor(_) => Work::Process,
                    NodeKind::Sum | NodeKind::Output => Work::Sum,
                };
                for &input in &node.inputs {
                    last_use[input] = Some(batches.len());
                    summed[input] |= sums;
                    ends[input] |= position == last_sum;
                }
                let inputs = node.inputs.iter().map(|&input| slots[input]).collect();
                steps.push(PlanStep { slot: slots[position], work, inputs });
            }
            batches.push(PlanBatch { steps, retired: Vec::new() });
        }
        for (position, last) in last_use.into_iter().enumerate() {
            if let Some(batch) = last {
                let kept = !cached[position]
                    && match keep {
                        Keep::Nothing => false,
                        Keep::Ends => ends[position],
                        Keep::Sums => summed[position],
                        // Inputs are as near in the session.
                        Keep::All => {
                            summed[position] || !matches!(nodes[position].kind, NodeKind::Input { .. })
                        }
                    };
                batches[batch].retired.push((slots[position], kept.then_some(nodes[position].id)));
            }
        }
        let cached = (0..nodes.len()).filter(|&position| needed[position] && cached[position]);
        Self {
            nodes: graph.nodes().iter().map(|node| node.id).collect(),
            cached: cached.map(|position| (slots[position], nodes[position].id)).collect(),
            batches,
            output: slots[schedule.output],
        }
    }
}

impl Plan {
    /// The nodes whose signals are kept.
    pub fn kept(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.batches.iter().flat_map(|batch| &batch.retired).filter_map(|&(_, kept)| kept)
    }

    /// The most signals that playing a window needs at the same time, those of the cache not counted.
    pub fn signals(&self) -> usize {
        let is_cached = |slot: &usize| self.cached.iter().any(|(cached, _)| cached == slot);
        let (mut held, mut most) = (0, 0);
        for PlanBatch { steps, retired } in &self.batches {
            held += steps.len();
            most = most.max(held);
            held -= retired.iter().filter(|(slot, _)| !is_cached(slot)).count();
        }
        most
    }
}

/// The last node on the way to the output that has several inputs, by position: the sum of all tracks and groups in a
/// console, before the master if there is one. The output where no node has.
pub fn last_sum(schedule: &Schedule) -> usize {
    let mut last = schedule.output;
    while let [input] = schedule.nodes[last].inputs[..] {
        last = input;
    }
    if schedule.nodes[last].inputs.is_empty() { schedule.output } else { last }
}

fn slot(graph: &Graph, id: NodeId) -> usize {
    graph.nodes().binary_search_by_key(&id, |n| n.id).expect("the schedule is of this graph")
}

//! A schedule bound to an engine's buffers.

use crate::graph::{BatchKind, Graph, NodeId, NodeKind, Schedule};

/// What an engine does for one schedule: batches of nodes by the slots of their signals.
pub struct Plan {
    pub(super) batches: Vec<PlanBatch>,
    pub(super) output: usize,
}

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
    /// From outside the engine.
    Fetch(Source),
    /// From its processor.
    Process,
    /// From adding up its inputs.
    Sum,
}

/// A signal from outside the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A dry stem, by number.
    Stem(usize),
    /// What a node rendered before.
    Known(NodeId),
}

impl Plan {
    /// Binds a schedule of `graph` to slots: positions among the graph's nodes.
    pub fn new(graph: &Graph, schedule: &Schedule) -> Self {
        Self::bind(graph, schedule, |_| false, false)
    }

    /// The same where the signals of some nodes are known from before: they are fetched, and what only they need is
    /// not rendered. The signals that enter sums are kept for the next time ([`Engine::take_kept`]).
    ///
    /// [`Engine::take_kept`]: super::Engine::take_kept
    pub fn with_known(graph: &Graph, schedule: &Schedule, known: impl Fn(NodeId) -> bool) -> Self {
        Self::bind(graph, schedule, known, true)
    }

    fn bind(graph: &Graph, schedule: &Schedule, known: impl Fn(NodeId) -> bool, keep: bool) -> Self {
        let nodes = &schedule.nodes;
        let slots: Vec<_> = nodes.iter().map(|n| slot(graph, n.id)).collect();
        let fetched: Vec<_> = nodes.iter().map(|n| known(n.id)).collect();
        let mut needed = vec![false; nodes.len()];
        needed[schedule.output] = true;
        // Inputs stand before what they feed.
        for position in (0..nodes.len()).rev() {
            if needed[position] && !fetched[position] {
                nodes[position].inputs.iter().for_each(|&input| needed[input] = true);
            }
        }
        let mut batches: Vec<PlanBatch> = Vec::with_capacity(schedule.batches.len());
        let mut last_use = vec![None; nodes.len()];
        let mut summed = vec![false; nodes.len()];
        for batch in &schedule.batches {
            let sums = matches!(batch.kind, BatchKind::Sum | BatchKind::Output);
            let mut steps = Vec::with_capacity(batch.nodes.len());
            for position in batch.nodes.clone().filter(|&p| needed[p]) {
                let node = &nodes[position];
                let work = match node.kind {
                    _ if fetched[position] => Work::Fetch(Source::Known(node.id)),
                    NodeKind::Input { stem } => Work::Fetch(Source::Stem(stem)),
                    NodeKind::Processor(_) => Work::Process,
                    NodeKind::Sum | NodeKind::Output => Work::Sum,
                };
                let inputs = if fetched[position] { &[][..] } else { &node.inputs[..] };
                for &input in inputs {
                    last_use[input] = Some(batches.len());
                    summed[input] |= sums;
                }
                let inputs = inputs.iter().map(|&input| slots[input]).collect();
                steps.push(PlanStep { slot: slots[position], work, inputs });
            }
            batches.push(PlanBatch { steps, retired: Vec::new() });
        }
        for (position, last) in last_use.into_iter().enumerate() {
            if let Some(batch) = last {
                let kept = keep && summed[position] && !fetched[position];
                batches[batch].retired.push((slots[position], kept.then_some(nodes[position].id)));
            }
        }
        Self { batches, output: slots[schedule.output] }
    }
}

fn slot(graph: &Graph, id: NodeId) -> usize {
    graph.nodes().binary_search_by_key(&id, |n| n.id).expect("the schedule is of this graph")
}

//! A schedule bound to an engine's buffers.

use crate::graph::{Graph, NodeKind, Schedule};

/// What an engine does for one schedule: batches of nodes by the slots of their signals.
pub struct Plan {
    pub(super) batches: Vec<PlanBatch>,
    pub(super) output: usize,
}

pub(super) struct PlanBatch {
    pub steps: Vec<PlanStep>,
    /// Slots whose signals nobody needs after this batch.
    pub retired: Vec<usize>,
}

pub(super) struct PlanStep {
    pub slot: usize,
    pub kind: NodeKind,
    pub inputs: Vec<usize>,
}

impl Plan {
    /// Binds a schedule of `graph` to slots: positions among the graph's nodes.
    pub fn new(graph: &Graph, schedule: &Schedule) -> Self {
        let slot = |position: usize| {
            let id = schedule.nodes[position].id;
            graph.nodes().binary_search_by_key(&id, |n| n.id).expect("the schedule is of this graph")
        };
        let mut batches: Vec<PlanBatch> = Vec::with_capacity(schedule.batches.len());
        let mut last_use = vec![None; graph.nodes().len()];
        for (b, batch) in schedule.batches.iter().enumerate() {
            let steps = batch.nodes.clone().map(|position| {
                let node = &schedule.nodes[position];
                let inputs: Vec<_> = node.inputs.iter().map(|&i| slot(i)).collect();
                inputs.iter().for_each(|&i| last_use[i] = Some(b));
                PlanStep { slot: slot(position), kind: node.kind, inputs }
            });
            let steps = steps.collect();
            batches.push(PlanBatch { steps, retired: Vec::new() });
        }
        for (slot, last) in last_use.into_iter().enumerate() {
            if let Some(b) = last {
                batches[b].retired.push(slot);
            }
        }
        Self { batches, output: slot(schedule.output) }
    }
}

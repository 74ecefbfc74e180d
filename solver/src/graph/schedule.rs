//! The schedule: the order in which a graph is rendered, cut into batches of one kind.
//!
//! Few batches mean few meetings of the threads that share one. To find the fewest is as hard as the shortest common
//! supersequence; the choice here is greedy, and exact for full consoles.

use std::ops::Range;

use super::links::Links;
use super::{Graph, Node, NodeId, NodeKind};
use crate::processors::Kind;

/// What the engine runs: data that knows no console.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    /// The nodes, batch by batch.
    pub nodes: Vec<Scheduled>,
    /// Runs of `nodes` that depend on none of their own, in the order in which they run.
    pub batches: Vec<Batch>,
    /// Position of the output in `nodes`: the last.
    pub output: usize,
}

/// A node in the schedule.
#[derive(Clone, Debug, PartialEq)]
pub struct Scheduled {
    /// The node's id in the graph.
    pub id: NodeId,
    /// What it does.
    pub kind: NodeKind,
    /// Positions in [`Schedule::nodes`] of what it reads, in the order in which a sum adds; one that counts twice comes
    /// twice. All lie in earlier batches.
    pub inputs: Vec<usize>,
}

/// Nodes of one kind that can run at the same time.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// What they all do.
    pub kind: BatchKind,
    /// Where they stand in [`Schedule::nodes`], ids rising.
    pub nodes: Range<usize>,
}

/// What the nodes of a batch have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BatchKind {
    /// Inputs.
    Input,
    /// Processors of one kind.
    Processor(Kind),
    /// Sums.
    Sum,
    /// The output, alone.
    Output,
}

const CLASSES: usize = Kind::ALL.len() + 3;

impl BatchKind {
    /// In the order that decides ties.
    fn class(kind: NodeKind) -> usize {
        match kind {
            NodeKind::Input { .. } => 0,
            NodeKind::Processor(kind) => 1 + kind as usize,
            NodeKind::Sum => CLASSES - 2,
            NodeKind::Output => CLASSES - 1,
        }
    }
}

impl From<NodeKind> for BatchKind {
    fn from(kind: NodeKind) -> Self {
        match kind {
            NodeKind::Input { .. } => Self::Input,
            NodeKind::Processor(kind) => Self::Processor(kind),
            NodeKind::Sum => Self::Sum,
            NodeKind::Output => Self::Output,
        }
    }
}

impl Schedule {
    /// The schedule of `graph` without the processors that `bypassed` picks: what would read one reads its input.
    ///
    /// The gain of a send that is bypassed sends nothing, and what nothing reaches any more is left out. To bypass a
    /// processor gives the same schedule as to remove it from the graph.
    /// Takes time in proportion to the graph's size (times its logarithm).
    pub fn new(graph: &Graph, bypassed: impl Fn(NodeId) -> bool) -> Self {
        let nodes = graph.nodes();
        let links = graph.links();
        let silent = graph.silent(&links, &bypassed);
        let is_off = |n: &Node| n.kind.processor().is_some() && bypassed(n.id);
        let live: Vec<bool> = nodes.iter().zip(&silent).map(|(n, &silent)| !silent && !is_off(n)).collect();
        let inputs = |node: usize| links.inputs(node).iter().filter(|&&input| !silent[input]);

        let rank = ranks(graph, &links, &live, &silent);
        let mut queues: [Queue; CLASSES] = std::array::from_fn(|_| Queue::default());
        for (i, node) in nodes.iter().enumerate().filter(|(i, _)| live[*i]) {
            queues[BatchKind::class(node.kind)].expect(rank[i]);
        }

        let mut waiting: Vec<usize> = (0..nodes.len()).map(|node| inputs(node).count()).collect();
        for (i, node) in nodes.iter().enumerate().filter(|(i, _)| waiting[*i] == 0 && live[*i]) {
            queues[BatchKind::class(node.kind)].push(i, rank[i]);
        }

        // Where a node's sound lies in the schedule; a bypassed node's is its input's.
        let mut place = vec![0; nodes.len()];
        let mut scheduled: Vec<Scheduled> = Vec::with_capacity(nodes.len());
        let mut batches = vec![];
        let mut batch = vec![];
        let mut done = vec![];
        while let Some(class) = next(&queues) {
            queues[class].take(&rank, &mut batch);
            batch.sort_unstable();
            let start = scheduled.len();
            for &node in &batch {
                place[node] = scheduled.len();
                let inputs = inputs(node).map(|&input| place[input]).collect();
                scheduled.push(Scheduled { id: nodes[node].id, kind: nodes[node].kind, inputs });
            }
            batches.push(Batch { kind: nodes[batch[0]].kind.into(), nodes: start..scheduled.len() });
            done.append(&mut batch);
            while let Some(node) = done.pop() {
                for &consumer in links.consumers(node).iter().filter(|&&consumer| !silent[consumer]) {
                    waiting[consumer] -= 1;
                    if waiting[consumer] > 0 {
                        continue;
                    }
                    if live[consumer] {
                        let class = BatchKind::class(nodes[consumer].kind);
                        queues[class].push(consumer, rank[consumer]);
                    } else {
                        place[consumer] = place[node];
                        done.push(consumer);
                    }
                }
            }
        }
        let output = scheduled.len() - 1;
        Self { nodes: scheduled, batches, output }
    }
}

/// For every node, how many of its own kind lie on the way to it that has the most of them.
fn ranks(graph: &Graph, links: &Links, live: &[bool], silent: &[bool]) -> Vec<usize> {
    let mut rank = vec![0; live.len()];
    let mut all = vec![[0; CLASSES]; live.len()];
    for node in links.order() {
        let mut here = [0; CLASSES];
        for &input in links.inputs(node).iter().filter(|&&input| !silent[input]) {
            for (h, &upstream) in here.iter_mut().zip(&all[input]) {
                *h = upstream.max(*h);
            }
        }
        if live[node] {
            let class = BatchKind::class(graph.nodes()[node].kind);
            rank[node] = here[class];
            here[class] += 1;
        }
        all[node] = here;
    }
    rank
}

/// The nodes of one kind that are ready, and how many are still to come.
#[derive(Default)]
struct Queue {
    ready: Vec<usize>,
    /// Nodes not yet scheduled, by rank.
    left: Vec<usize>,
    /// The lowest rank of which there are some left.
    rank: usize,
    /// How many nodes of that rank are ready.
    ready_of_rank: usize,
}

impl Queue {
    /// Counts a node that will be pushed one day.
    fn expect(&mut self, rank: usize) {
        if self.left.len() <= rank {
            self.left.resize(rank + 1, 0);
        }
        self.left[rank] += 1;
    }

    fn push(&mut self, node: usize, rank: usize) {
        self.ready.push(node);
        self.ready_of_rank += usize::from(rank == self.rank);
    }

    /// Moves all ready nodes to `batch`.
    fn take(&mut self, ranks: &[usize], batch: &mut Vec<usize>) {
        batch.append(&mut self.ready);
        for &node in batch.iter() {
            self.left[ranks[node]] -= 1;
        }
        while self.left.get(self.rank) == Some(&0) {
            self.rank += 1;
        }
        self.ready_of_rank = 0;
    }

    /// Whether every node of the lowest rank is ready, so that nothing that waits could still join the next batch.
    ///
    /// In any schedule, the first batch of a kind can hold no others than these: it may as well run now.
    fn complete(&self) -> bool {
        self.left.get(self.rank) == Some(&self.ready_of_rank)
    }
}

/// The class that should run next: the first complete one, else the first one; none when all have run.
///
/// "First" is in strip order, with sums behind processors. In a console, sums wait for the last of their strips that
/// way, so that a pruned one needs no more batches than the full one.
fn next(queues: &[Queue; CLASSES]) -> Option<usize> {
    let ready = || (0..CLASSES).filter(|&class| !queues[class].ready.is_empty());
    ready().find(|&class| queues[class].complete()).or_else(|| ready().next())
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;
    use crate::graph::strategies::{bypassed, diamond, graphs};
    use crate::graph::{Console, Role, Selection, Strip};
    use proptest::prelude::*;

    fn console(stems: &[Option<usize>], groups: usize, master: bool) -> Graph {
        let stems: Vec<_> = stems.iter().enumerate().map(|(i, &g)| (format!("stem {i}"), g)).collect();
        let groups: Vec<_> = (0..groups).map(|i| format!("group {i}")).collect();
        Graph::console(&stems, &groups, Selection { master, ..Selection::of(&Kind::ALL) }).unwrap()
    }

    fn kinds(schedule: &Schedule) -> Vec<BatchKind> {
        schedule.batches.iter().map(|b| b.kind).collect()
    }

    fn seven() -> Vec<BatchKind> {
        Console::PAPER.kinds().into_iter().map(BatchKind::Processor).collect()
    }

    /// What a node puts out if input i brings 2i + 1 and a processor triples and adds its id.
    fn played(kind: NodeKind, id: NodeId, inputs: impl Iterator<Item = u64>) -> u64 {
        let sum = inputs.fold(0u64, |a, b| a.wrapping_add(b));
        match kind {
            NodeKind::Input { stem } => 2 * stem as u64 + 1,
            NodeKind::Processor(_) => sum.wrapping_mul(3).wrapping_add(id as u64),
            NodeKind::Sum | NodeKind::Output => sum,
        }
    }

    fn play(schedule: &Schedule) -> u64 {
        let mut values: Vec<u64> = vec![];
        for node in &schedule.nodes {
            let value = played(node.kind, node.id, node.inputs.iter().map(|&i| values[i]));
            values.push(value);
        }
        values[schedule.output]
    }

    /// The same straight from the graph, from the output backwards.
    fn play_graph(graph: &Graph, id: NodeId, off: &HashSet<NodeId>, known: &mut HashMap<NodeId, u64>) -> u64 {
        if let Some(&value) = known.get(&id) {
            return value;
        }
        let inputs: Vec<u64> = graph.predecessors(id).map(|p| play_graph(graph, p, off, known)).collect();
        let kind = if off.contains(&id) { NodeKind::Sum } else { graph.node(id).unwrap().kind };
        let value = played(kind, id, inputs.into_iter());
        known.insert(id, value);
        value
    }

    #[test]
    fn a_full_console_takes_one_batch_a_kind_and_level() {
        let schedule = Schedule::new(&console(&[Some(0), Some(1), Some(1), None], 2, false), |_| false);
        let wanted =
            [vec![BatchKind::Input], seven(), vec![BatchKind::Sum], seven(), vec![BatchKind::Output]];
        assert_eq!(kinds(&schedule), wanted.concat());
        let sizes: Vec<usize> = schedule.batches.iter().map(|b| b.nodes.len()).collect();
        assert_eq!(sizes, [vec![4; 8], vec![2; 8], vec![1]].concat());

        let schedule = Schedule::new(&console(&[Some(0), Some(1), None], 2, true), |_| false);
        let level = || [vec![BatchKind::Sum], seven()].concat();
        let wanted = [vec![BatchKind::Input], seven(), level(), level(), vec![BatchKind::Output]];
        assert_eq!(kinds(&schedule), wanted.concat());

        let schedule = Schedule::new(&console(&[None, None], 0, false), |_| false);
        assert_eq!(kinds(&schedule), [vec![BatchKind::Input], seven(), vec![BatchKind::Output]].concat());
    }

    #[test]
    fn an_emptied_console_is_the_plain_sum() {
        let schedule = Schedule::new(&console(&[Some(0), Some(0), None], 1, false), |_| true);
        assert_eq!(kinds(&schedule), [BatchKind::Input, BatchKind::Sum, BatchKind::Output]);
        let inputs: Vec<_> = schedule.nodes.iter().map(|n| n.inputs.clone()).collect();
        assert_eq!(inputs, [vec![], vec![], vec![], vec![0, 1], vec![2, 3]]);
    }

    #[test]
    fn a_bypassed_branch_still_counts() {
        let schedule = Schedule::new(&diamond(), |id| id == 20);
        assert_eq!(kinds(&schedule)[1], BatchKind::Processor(Kind::Reverb));
        assert_eq!(schedule.nodes[2].inputs, [0, 1]);
        let schedule = Schedule::new(&diamond(), |_| true);
        assert_eq!(schedule.nodes[1].inputs, [0, 0]);
    }

    #[test]
    fn a_kind_waits_for_its_late_comers() {
        // One track is equalizer → reverb, the other reverb only: both reverbs run together.
        let graph = console(&[None, None], 0, false);
        let kept = |strip: usize, kind| graph.chain(strip)[kind as usize];
        let kept = [kept(0, Kind::Equalizer), kept(0, Kind::Reverb), kept(1, Kind::Reverb)];
        let schedule = Schedule::new(&graph, |id| !kept.contains(&id));
        let found: Vec<usize> = schedule.batches.iter().map(|b| b.nodes.len()).collect();
        assert_eq!(found, [2, 1, 2, 1]);
    }

    #[test]
    fn a_long_chain_is_scheduled_in_linear_time() {
        let count = 100_000;
        let node = |id, kind| Node { id, kind, strip: Some(0) };
        let kind = |id| match id {
            0 => NodeKind::Input { stem: 0 },
            id if id == count - 1 => NodeKind::Output,
            id => NodeKind::Processor(Kind::ALL[id % Kind::ALL.len()]),
        };
        let graph = Graph::from_parts(
            vec![Strip { name: "chain".into(), role: Role::Track, group: None }],
            (0..count).map(|id| node(id, kind(id))).collect(),
            (1..count).map(|id| (id - 1, id)).collect(),
        )
        .unwrap();
        assert_eq!(Schedule::new(&graph, |_| false).batches.len(), count);
        assert_eq!(Schedule::new(&graph, |id| id % 2 == 0).batches.len(), count / 2 + 1);
    }

    proptest! {
        #[test]
        fn every_node_that_is_not_bypassed_runs_once_and_after_its_inputs(
            (graph, off) in bypassed(graphs())
        ) {
            let schedule = Schedule::new(&graph, |id| off.contains(&id));
            let mut ids: Vec<NodeId> = schedule.nodes.iter().map(|n| n.id).collect();
            ids.sort_unstable();
            let wanted: Vec<NodeId> =
                graph.nodes().iter().map(|n| n.id).filter(|id| !off.contains(id)).collect();
            prop_assert_eq!(ids, wanted);

            let mut next = 0;
            for batch in &schedule.batches {
                prop_assert_eq!(batch.nodes.start, next);
                prop_assert!(!batch.nodes.is_empty());
                next = batch.nodes.end;
                let nodes = &schedule.nodes[batch.nodes.clone()];
                prop_assert!(nodes.is_sorted_by_key(|n| n.id));
                for node in nodes {
                    prop_assert_eq!(batch.kind, node.kind.into());
                    prop_assert!(node.inputs.iter().all(|&i| i < batch.nodes.start));
                }
            }
            prop_assert_eq!(next, schedule.nodes.len());
            prop_assert_eq!(schedule.output, next - 1);
            prop_assert_eq!(schedule.nodes[schedule.output].kind, NodeKind::Output);
        }

        #[test]
        fn a_schedule_plays_what_its_graph_says((graph, off) in bypassed(graphs())) {
            let schedule = Schedule::new(&graph, |id| off.contains(&id));
            let output = graph.nodes().iter().find(|n| n.kind == NodeKind::Output).unwrap().id;
            prop_assert_eq!(play(&schedule), play_graph(&graph, output, &off, &mut HashMap::new()));
        }

        #[test]
        fn a_pruned_console_never_needs_more_batches_than_the_full_one(
            (graph, off) in bypassed(
                (prop::collection::vec(prop::option::weighted(0.8, 0..3usize), 1..6), any::<bool>())
                    .prop_map(|(stems, master)| console(&stems, 3, master))
            )
        ) {
            let full = Schedule::new(&graph, |_| false).batches.len();
            prop_assert!(Schedule::new(&graph, |id| off.contains(&id)).batches.len() <= full);
        }
    }
}

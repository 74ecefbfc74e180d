//! Graphs of inputs, processors, sums and one output.
//!
//! [`Graph`] holds nodes and edges and is valid at all times, [`Graph::console`] builds the one that a [`Console`] has for a
//! session, [`GraphFile`] reads and writes any other, and [`Schedule`] is the data that the engine runs. Nothing here knows samples or parameters.

mod console;
mod error;
mod file;
mod links;
mod schedule;
mod sends;
#[cfg(test)]
pub(crate) mod strategies;
mod validate;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::processors::Kind;
pub use console::{Console, Selection, legend};
pub use error::{Error, NodeName};
pub use file::{FileError, GraphFile, NodeFile, StripFile};
use links::Links;
pub use schedule::{Batch, BatchKind, Schedule, Scheduled};
pub use sends::Send;

/// What a strip is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// One stem.
    Track,
    /// A subgroup's bus.
    Group,
    /// A return that strips feed beside their way to the output.
    Send,
    /// The sum of all.
    Master,
}

impl Role {
    /// The name in files: `track`, `group`, `send` or `master`.
    pub fn name(self) -> &'static str {
        match self {
            Role::Track => "track",
            Role::Group => "group",
            Role::Send => "send",
            Role::Master => "master",
        }
    }
}

/// A node's name in its graph. It stays the node's own when others are removed.
pub type NodeId = usize;

/// What a node does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum NodeKind {
    /// Brings in a dry stem.
    Input {
        /// Index of the stem in the session.
        stem: usize,
    },
    /// Changes the sound of its one input.
    Processor(Kind),
    /// Adds up its inputs.
    Sum,
    /// Adds up its inputs; the result is the mix.
    Output,
}

impl NodeKind {
    /// The kind of a processor.
    pub fn processor(self) -> Option<Kind> {
        match self {
            Self::Processor(kind) => Some(kind),
            Self::Input { .. } | Self::Sum | Self::Output => None,
        }
    }

    /// The stem that an input brings in.
    pub fn stem(self) -> Option<usize> {
        match self {
            Self::Input { stem } => Some(stem),
            Self::Processor(_) | Self::Sum | Self::Output => None,
        }
    }
}

impl fmt::Display for NodeKind {
    /// The name in reports: `input`, `sum`, `output` or the processor's kind.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Input { .. } => f.pad("input"),
            Self::Processor(kind) => kind.fmt(f),
            Self::Sum => f.pad("sum"),
            Self::Output => f.pad("output"),
        }
    }
}

/// One node of a graph.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Unique in the graph.
    pub id: NodeId,
    /// What it does.
    pub kind: NodeKind,
    /// Index into [`Graph::strips`] of the strip it is part of.
    pub strip: Option<usize>,
}

/// A track's, a group's, a send's or the master's chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Strip {
    /// The stem's, the group's or the send's name; `master`.
    pub name: String,
    /// What the strip is for.
    pub role: Role,
    /// Index into [`Graph::strips`] of the group that a track is routed to.
    pub group: Option<usize>,
}

/// A directed acyclic graph from inputs to one output.
///
/// A node may feed several others. Two edges between the same two nodes are one signal counted twice: that is what a sum
/// of two parallel branches becomes when both are emptied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parts")]
pub struct Graph {
    /// Tracks, then groups, then sends, then the master.
    pub strips: Vec<Strip>,
    nodes: Vec<Node>,
    edges: Vec<(NodeId, NodeId)>,
}

/// What a graph is read from.
#[derive(Deserialize)]
struct Parts {
    strips: Vec<Strip>,
    nodes: Vec<Node>,
    edges: Vec<(NodeId, NodeId)>,
}

impl TryFrom<Parts> for Graph {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self, Error> {
        Self::from_parts(parts.strips, parts.nodes, parts.edges)
    }
}

impl Graph {
    /// A graph of `nodes`, in any order, and `edges` from node to node by id; the inputs of a sum are added in the
    /// order of its edges.
    ///
    /// # Errors
    /// Those of [`Graph::validate`].
    pub fn from_parts(
        strips: Vec<Strip>,
        mut nodes: Vec<Node>,
        edges: Vec<(NodeId, NodeId)>,
    ) -> Result<Self, Error> {
        nodes.sort_by_key(|n| n.id);
        let graph = Self { strips, nodes, edges };
        graph.validate()?;
        Ok(graph)
    }

    /// All nodes, ids rising.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// All edges `(from, to)`, parallel ones as often as they count.
    pub fn edges(&self) -> &[(NodeId, NodeId)] {
        &self.edges
    }

    /// The node of that id.
    pub fn node(&self, id: NodeId) -> Option<&Node> {
        links::position(&self.nodes, id).map(|i| &self.nodes[i])
    }

    /// All processors, ids rising.
    pub fn processors(&self) -> impl Iterator<Item = (NodeId, Kind)> + '_ {
        self.nodes.iter().filter_map(|n| Some((n.id, n.kind.processor()?)))
    }

    /// The nodes that feed `id`, in the order of their edges.
    pub fn predecessors(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        self.edges.iter().filter(move |e| e.1 == id).map(|e| e.0)
    }

    /// The nodes that `id` feeds, in the order of their edges.
    pub fn successors(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        self.edges.iter().filter(move |e| e.0 == id).map(|e| e.1)
    }

    /// All nodes, each after what feeds it.
    pub fn order(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.links().order().into_iter().map(|i| self.nodes[i].id)
    }

    /// The processors of a strip (an index into [`Graph::strips`]) in the order in which sound passes them, parallel branches
    /// one after the other.
    pub fn chain(&self, strip: usize) -> Vec<NodeId> {
        let nodes = self.links().branches().into_iter().map(|i| &self.nodes[i]);
        let chain = nodes.filter(|n| n.strip == Some(strip) && matches!(n.kind, NodeKind::Processor(_)));
        chain.map(|n| n.id).collect()
    }

    /// Takes a processor out; what fed it feeds its successors instead, in its place and as often as it did. Only the gain
    /// of a [`Send`] feeds nothing any more then, and takes along all that nothing else reaches.
    ///
    /// # Errors
    /// If there is no such node, or it is no processor.
    pub fn remove(&mut self, id: NodeId) -> Result<(), Error> {
        let at = links::position(&self.nodes, id).ok_or(Error::UnknownNode(id))?;
        let source = match self.nodes[at].kind {
            NodeKind::Processor(_) => self.predecessors(id).next(),
            _ => None,
        };
        let source = source.ok_or_else(|| Error::NotAProcessor(self.name(&self.nodes[at])))?;
        let silent = self.silent(&self.links(), |other| other == id);
        if silent[at] {
            let left = |id| links::position(&self.nodes, id).is_some_and(|i| !silent[i]);
            self.edges.retain(|e| left(e.0) && left(e.1));
            let mut silent = silent.into_iter();
            self.nodes.retain(|_| silent.next() == Some(false));
            return Ok(());
        }
        self.nodes.remove(at);
        self.edges.retain(|e| e.1 != id);
        for edge in &mut self.edges {
            if edge.0 == id {
                edge.0 = source;
            }
        }
        Ok(())
    }

    /// How messages name a node.
    fn name(&self, node: &Node) -> NodeName {
        let strip = node.strip.and_then(|s| self.strips.get(s));
        NodeName { id: node.id, kind: node.kind, strip: strip.map(|s| s.name.clone()) }
    }

    /// Who feeds whom, by position in [`Graph::nodes`].
    fn links(&self) -> Links {
        Links::new(&self.nodes, &self.edges).expect("a valid graph's edges join its nodes")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::strategies::{diamond, graphs};
    use proptest::prelude::*;

    #[test]
    fn a_graph_lists_its_nodes_by_id_and_its_neighbours_by_edge() {
        let graph = diamond();
        assert!(graph.nodes().is_sorted_by_key(|n| n.id));
        assert_eq!(graph.predecessors(40).collect::<Vec<_>>(), [20, 30]);
        assert_eq!(graph.successors(10).collect::<Vec<_>>(), [20, 30]);
        assert_eq!(graph.node(30).map(|n| n.kind), Some(NodeKind::Processor(Kind::Reverb)));
        assert_eq!(graph.node(31), None);
        assert_eq!(graph.processors().collect::<Vec<_>>(), [(20, Kind::Equalizer), (30, Kind::Reverb)]);
    }

    #[test]
    fn a_chain_follows_the_sound_and_not_the_ids() {
        let processor = |id, kind| Node { id, kind: NodeKind::Processor(kind), strip: Some(0) };
        let strip = Strip { name: "vox".into(), role: Role::Track, group: None };
        let graph = Graph::from_parts(
            vec![strip],
            vec![
                Node { id: 9, kind: NodeKind::Input { stem: 0 }, strip: Some(0) },
                processor(3, Kind::Reverb),
                processor(7, Kind::Equalizer),
                processor(5, Kind::Compressor),
                Node { id: 0, kind: NodeKind::Output, strip: None },
            ],
            vec![(3, 0), (7, 5), (9, 7), (5, 3)],
        );
        assert_eq!(graph.unwrap().chain(0), [7, 5, 3]);
    }

    #[test]
    fn a_chain_goes_through_parallel_branches_one_after_the_other() {
        let node = |id, kind| Node { id, kind, strip: Some(0) };
        let processor = |id| node(id, NodeKind::Processor(Kind::Equalizer));
        let ends = [node(0, NodeKind::Input { stem: 0 }), node(8, NodeKind::Sum), node(9, NodeKind::Output)];
        let strip = Strip { name: "vox".into(), role: Role::Track, group: None };
        let edges = vec![(0, 1), (0, 2), (1, 3), (2, 4), (3, 8), (4, 8), (8, 9)];
        let graph = Graph::from_parts(vec![strip], (1..5).map(processor).chain(ends).collect(), edges);
        assert_eq!(graph.unwrap().chain(0), [1, 3, 2, 4]);
    }

    #[test]
    fn two_emptied_branches_count_their_input_twice() {
        let mut graph = diamond();
        graph.remove(20).unwrap();
        graph.remove(30).unwrap();
        assert_eq!(graph.edges(), [(10, 40), (10, 40), (40, 50)]);
        assert_eq!(graph.validate(), Ok(()));
        let again = Graph::from_parts(graph.strips.clone(), graph.nodes.clone(), graph.edges.clone());
        assert_eq!(again, Ok(graph));
    }

    #[test]
    fn only_processors_can_be_removed() {
        let mut graph = diamond();
        let before = graph.clone();
        for id in [10, 40, 50] {
            assert!(matches!(graph.remove(id), Err(Error::NotAProcessor(node)) if node.id == id));
        }
        assert_eq!(graph.remove(21), Err(Error::UnknownNode(21)));
        assert_eq!(graph, before);
    }

    proptest! {
        #[test]
        fn removing_any_node_keeps_a_graph_valid_and_equals_bypassing_it(graph in graphs()) {
            for (id, _) in graph.processors() {
                let mut removed = graph.clone();
                removed.remove(id).unwrap();
                prop_assert_eq!(removed.validate(), Ok(()));
                prop_assert_eq!(removed.nodes().len(), graph.nodes().len() - 1);
                prop_assert_eq!(removed.edges().len(), graph.edges().len() - 1);
                prop_assert_eq!(
                    Schedule::new(&removed, |_| false),
                    Schedule::new(&graph, |other| other == id)
                );
            }
        }

        #[test]
        fn the_order_of_removals_does_not_matter(
            (graph, order) in graphs().prop_flat_map(|graph| {
                let ids: Vec<NodeId> = graph.processors().map(|p| p.0).collect();
                (Just(graph), Just(ids).prop_shuffle())
            })
        ) {
            let mut shuffled = graph.clone();
            for id in order {
                shuffled.remove(id).unwrap();
            }
            let mut rising = graph.clone();
            for (id, _) in graph.processors() {
                rising.remove(id).unwrap();
            }
            prop_assert_eq!(shuffled, rising);
        }
    }
}

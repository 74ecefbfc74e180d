//! Who feeds whom, by position in the list of nodes: the form in which a graph is walked.

use super::{Error, Node, NodeId};

/// Where the node of that id stands in `nodes`, whose ids rise.
pub(super) fn position(nodes: &[Node], id: NodeId) -> Option<usize> {
    nodes.binary_search_by_key(&id, |n| n.id).ok()
}

/// The neighbours of every node on one side.
struct Neighbours {
    /// Node `i` owns `list[starts[i] .. starts[i + 1]]`.
    starts: Vec<usize>,
    list: Vec<usize>,
}

impl Neighbours {
    /// From pairs (node, neighbour); a node's neighbours keep the order of the pairs.
    fn new(nodes: usize, pairs: impl Iterator<Item = (usize, usize)> + Clone) -> Self {
        // One place further than needed: filling the list moves every start to its successor.
        let mut starts = vec![0; nodes + 2];
        for (node, _) in pairs.clone() {
            starts[node + 2] += 1;
        }
        for i in 2..starts.len() {
            starts[i] += starts[i - 1];
        }
        let mut list = vec![0; starts[nodes + 1]];
        for (node, neighbour) in pairs {
            list[starts[node + 1]] = neighbour;
            starts[node + 1] += 1;
        }
        Self { starts, list }
    }

    fn of(&self, node: usize) -> &[usize] {
        &self.list[self.starts[node]..self.starts[node + 1]]
    }
}

/// The edges of a graph from both ends.
pub(super) struct Links {
    nodes: usize,
    inputs: Neighbours,
    consumers: Neighbours,
}

impl Links {
    /// Joins `nodes`, whose ids rise, by `edges`.
    ///
    /// # Errors
    /// If an edge names a node that is not there.
    pub fn new(nodes: &[Node], edges: &[(NodeId, NodeId)]) -> Result<Self, Error> {
        let find = |id, &(from, to): &(NodeId, NodeId)| {
            position(nodes, id).ok_or(Error::DanglingEdge { from, to, missing: id })
        };
        let pairs = edges.iter().map(|edge| Ok((find(edge.0, edge)?, find(edge.1, edge)?)));
        let pairs = pairs.collect::<Result<Vec<_>, Error>>()?;
        Ok(Self {
            nodes: nodes.len(),
            inputs: Neighbours::new(nodes.len(), pairs.iter().map(|&(from, to)| (to, from))),
            consumers: Neighbours::new(nodes.len(), pairs.iter().copied()),
        })
    }

    /// What feeds a node, once for each edge, in the order of the edges.
    pub fn inputs(&self, node: usize) -> &[usize] {
        self.inputs.of(node)
    }

    /// What a node feeds, once for each edge, in the order of the edges.
    pub fn consumers(&self, node: usize) -> &[usize] {
        self.consumers.of(node)
    }

    /// All nodes, each after what feeds it and, as far as that allows, branch by branch in the order of the edges.
    pub fn branches(&self) -> Vec<usize> {
        let mut waiting: Vec<usize> = (0..self.nodes).map(|node| self.inputs(node).len()).collect();
        let mut open: Vec<usize> = (0..self.nodes).rev().filter(|&node| waiting[node] == 0).collect();
        let mut order = Vec::with_capacity(self.nodes);
        while let Some(node) = open.pop() {
            order.push(node);
            for &consumer in self.consumers(node).iter().rev() {
                waiting[consumer] -= 1;
                if waiting[consumer] == 0 {
                    open.push(consumer);
                }
            }
        }
        order
    }

    /// All nodes, each after what feeds it; nodes on and behind a cycle are missing.
    pub fn order(&self) -> Vec<usize> {
        let mut waiting: Vec<usize> = (0..self.nodes).map(|node| self.inputs(node).len()).collect();
        let mut order = Vec::with_capacity(self.nodes);
        order.extend((0..self.nodes).filter(|&node| waiting[node] == 0));
        let mut done = 0;
        while let Some(&node) = order.get(done) {
            done += 1;
            for &consumer in self.consumers(node) {
                waiting[consumer] -= 1;
                if waiting[consumer] == 0 {
                    order.push(consumer);
                }
            }
        }
        order
    }
}

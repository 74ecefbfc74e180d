//! What makes a graph one that can be rendered.

use super::{Error, Graph, Links, NodeKind, Role};

impl Graph {
    /// Checks that the graph is acyclic, that every node lies on a way from an input to the one output, that
    /// processors have one input each, that sends can be cut, and that ids, edges and strips name what is there.
    ///
    /// # Errors
    /// The first of these that does not hold, by name of the node.
    pub fn validate(&self) -> Result<(), Error> {
        if let Some(pair) = self.nodes.windows(2).find(|pair| pair[0].id == pair[1].id) {
            return Err(Error::DuplicateNode(pair[0].id));
        }
        self.validate_strips()?;
        let links = Links::new(&self.nodes, &self.edges)?;
        let outputs = self.nodes.iter().filter(|n| n.kind == NodeKind::Output).count();
        if outputs != 1 {
            return Err(Error::Outputs(outputs));
        }
        // Without cycles, a node of a right number of inputs is reached from an input, and a node that feeds another
        // reaches the output: no walk is needed.
        for (i, node) in self.nodes.iter().enumerate() {
            let found = links.inputs(i).len();
            let (holds, right) = match node.kind {
                NodeKind::Input { .. } => (found == 0, "no"),
                NodeKind::Processor(_) => (found == 1, "exactly one"),
                NodeKind::Sum | NodeKind::Output => (found > 0, "at least one"),
            };
            if !holds
                && found == 0
                && let Some(send) = self.send_among(&[i])
            {
                return Err(Error::UnfedSend(send));
            }
            if !holds {
                return Err(Error::Inputs { node: self.name(node), found, right });
            }
            match (node.kind == NodeKind::Output, links.consumers(i).is_empty()) {
                (true, false) => return Err(Error::OutputFeeds(self.name(node))),
                (false, true) => return Err(Error::DeadEnd(self.name(node))),
                _ => {}
            }
        }
        if let Some(cycle) = cycle(&links, self.nodes.len()) {
            return Err(match self.send_among(&cycle) {
                Some(send) => Error::SendCircle(send),
                None => Error::Cycle(self.name(&self.nodes[cycle[0]])),
            });
        }
        self.validate_sends(&links)
    }

    fn validate_strips(&self) -> Result<(), Error> {
        for strip in &self.strips {
            if let Some(group) = strip.group
                && self.strips.get(group).is_none_or(|g| g.role != Role::Group)
            {
                return Err(Error::NotAGroup { strip: strip.name.clone(), group });
            }
        }
        for node in &self.nodes {
            if let Some(strip) = node.strip
                && strip >= self.strips.len()
            {
                return Err(Error::UnknownStrip { node: self.name(node), strip, strips: self.strips.len() });
            }
        }
        Ok(())
    }
}

/// Nodes of which each feeds the one before it and the first one the last, if there are such.
fn cycle(links: &Links, nodes: usize) -> Option<Vec<usize>> {
    let mut free = vec![false; nodes];
    for node in links.order() {
        free[node] = true;
    }
    // Every node that is not free has an input that is not free: going upstream, one must come twice.
    let mut node = free.iter().position(|&f| !f)?;
    let mut seen: Vec<usize> = vec![];
    loop {
        if let Some(first) = seen.iter().position(|&before| before == node) {
            return Some(seen.split_off(first));
        }
        seen.push(node);
        node = links.inputs(node).iter().copied().find(|&input| !free[input])?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::strategies::{diamond, graphs};
    use crate::graph::{Node, NodeId, Strip};
    use crate::processors::Kind;
    use proptest::prelude::*;

    /// The diamond, changed.
    fn changed(change: impl Fn(&mut Vec<Node>, &mut Vec<(NodeId, NodeId)>)) -> Result<Graph, Error> {
        let graph = diamond();
        let (mut nodes, mut edges) = (graph.nodes, graph.edges);
        change(&mut nodes, &mut edges);
        Graph::from_parts(graph.strips, nodes, edges)
    }

    #[test]
    fn the_diamond_is_valid() {
        assert!(changed(|_, _| ()).is_ok());
    }

    #[test]
    fn every_flaw_has_its_error() {
        let sum = |id| Node { id, kind: NodeKind::Sum, strip: None };
        let id = |e: Result<Graph, Error>| match e {
            Err(Error::Inputs { node, found, right }) => (node.id, found, right),
            other => panic!("{other:?}"),
        };
        assert_eq!(id(changed(|_, e| e.push((10, 20)))), (20, 2, "exactly one"));
        assert_eq!(id(changed(|_, e| e.retain(|e| e.1 != 20))), (20, 0, "exactly one"));
        assert_eq!(id(changed(|_, e| e.push((20, 10)))), (10, 1, "no"));
        let unfed = changed(|n, e| {
            n.push(sum(60));
            e.push((60, 40));
        });
        assert_eq!(id(unfed), (60, 0, "at least one"));
        let lone = Node { id: 50, kind: NodeKind::Output, strip: None };
        assert_eq!(id(Graph::from_parts(vec![], vec![lone], vec![])), (50, 0, "at least one"));

        assert_eq!(changed(|n, _| n.push(sum(20))), Err(Error::DuplicateNode(20)));
        let dangling = Error::DanglingEdge { from: 10, to: 60, missing: 60 };
        assert_eq!(changed(|_, e| e.push((10, 60))), Err(dangling));
        let dangling = Error::DanglingEdge { from: 60, to: 40, missing: 60 };
        assert_eq!(changed(|_, e| e.push((60, 40))), Err(dangling));
        assert_eq!(changed(|n, _| n[4].kind = NodeKind::Sum), Err(Error::Outputs(0)));
        assert_eq!(changed(|n, _| n[3].kind = NodeKind::Output), Err(Error::Outputs(2)));
        let spare = changed(|n, e| {
            n.push(sum(60));
            e.push((20, 60));
        });
        assert!(matches!(spare, Err(Error::DeadEnd(node)) if node.id == 60));
        let amid = changed(|_, e| e.push((50, 40)));
        assert!(matches!(amid, Err(Error::OutputFeeds(node)) if node.id == 50));
        assert!(matches!(
            changed(|n, _| n[1].strip = Some(2)),
            Err(Error::UnknownStrip { node, strip: 2, strips: 1 }) if node.id == 20
        ));
        let mut graph = diamond();
        graph.strips.push(Strip { name: "solo".into(), role: Role::Track, group: Some(0) });
        assert_eq!(graph.validate(), Err(Error::NotAGroup { strip: "solo".into(), group: 0 }));
        assert_eq!(Graph::from_parts(vec![], vec![], vec![]), Err(Error::Outputs(0)));
    }

    #[test]
    fn a_cycle_is_found_even_where_no_input_leads_to_it() {
        let beside = changed(|n, e| {
            n.push(Node { id: 60, kind: NodeKind::Sum, strip: None });
            n.push(Node { id: 61, kind: NodeKind::Processor(Kind::Reverb), strip: None });
            e.extend([(60, 61), (61, 60), (61, 40)]);
        });
        assert!(matches!(beside, Err(Error::Cycle(node)) if node.id >= 60));
        let loops = changed(|_, e| e.push((40, 40)));
        assert!(matches!(loops, Err(Error::Cycle(node)) if node.id == 40));
    }

    #[test]
    fn errors_name_the_node() {
        let text = |e: Result<Graph, Error>| e.unwrap_err().to_string();
        assert_eq!(
            text(changed(|_, e| e.push((20, 30)))),
            "node 30 (reverb of strip 'vox') is fed 2 times; it needs exactly one input"
        );
        assert_eq!(
            text(changed(|_, e| e.push((40, 40)))),
            "node 40 (sum) is part of a cycle; sound must flow from the inputs to the output"
        );
        assert_eq!(
            text(changed(|_, e| e.retain(|e| e.0 != 20))),
            "node 20 (equalizer of strip 'vox') feeds no other node; every node must reach the output"
        );
        assert_eq!(
            diamond().remove(10).unwrap_err().to_string(),
            "node 10 (input of strip 'vox') cannot be removed; only processors can"
        );
    }

    proptest! {
        #[test]
        fn random_graphs_are_valid_until_an_edge_turns_back(graph in graphs(), pick in any::<prop::sample::Index>()) {
            prop_assert_eq!(graph.validate(), Ok(()));
            // Sums take any number of inputs, so feeding one from behind breaks nothing but the order.
            let output = graph.nodes().iter().find(|n| n.kind == NodeKind::Output).unwrap().id;
            let sums: Vec<NodeId> =
                graph.nodes().iter().filter(|n| n.kind == NodeKind::Sum).map(|n| n.id).collect();
            prop_assume!(!sums.is_empty());
            let sum = sums[pick.index(sums.len())];
            let mut last = sum;
            while let Some(next) = graph.successors(last).find(|&next| next != output) {
                last = next;
            }
            let mut edges = graph.edges().to_vec();
            edges.push((last, sum));
            let turned = Graph::from_parts(graph.strips.clone(), graph.nodes().to_vec(), edges);
            prop_assert!(matches!(turned, Err(Error::Cycle(_))));
        }
    }
}

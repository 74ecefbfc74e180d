//! The full mixing console: every processor on every strip.

use std::collections::BTreeSet;

use super::{Error, Graph, Node, NodeId, NodeKind, Role, Strip};
use crate::processors::Kind;

impl Graph {
    /// The console of a session (MATH.md §0).
    ///
    /// Every stem has a track: its input and one processor of each of `kinds`, in strip order. Tracks of one group meet
    /// in its sum, which the same processors follow; other stems go on by themselves. The output adds up what is left,
    /// after one more sum with its processors if there is a `master`.
    ///
    /// `stems` are names with the index of their group in `groups`. Groups without stems get no strip. The strips are
    /// the tracks in order, then the groups, then the master.
    ///
    /// # Errors
    /// If there is no stem, or a stem's group does not exist.
    pub fn console(
        stems: &[(String, Option<usize>)],
        groups: &[String],
        kinds: &[Kind],
        master: bool,
    ) -> Result<Self, Error> {
        if stems.is_empty() {
            return Err(Error::NoStems);
        }
        let mut strip_of_group = vec![None; groups.len()];
        for (name, group) in stems {
            if let Some(group) = *group {
                let strip = strip_of_group.get_mut(group).ok_or_else(|| Error::UnknownGroup {
                    stem: name.clone(),
                    group,
                    groups: groups.len(),
                })?;
                *strip = Some(0);
            }
        }
        for (i, strip) in strip_of_group.iter_mut().flatten().enumerate() {
            *strip = stems.len() + i;
        }

        let kinds = Kind::ALL.into_iter().filter(|kind| kinds.contains(kind)).collect();
        let mut desk = Desk { kinds, strips: vec![], nodes: vec![], edges: vec![] };
        let mut to_group = vec![vec![]; groups.len()];
        let mut to_output = vec![];
        for (stem, (name, group)) in stems.iter().enumerate() {
            let route = group.and_then(|g| strip_of_group[g]);
            let end = desk.strip(name, Role::Track, route, NodeKind::Input { stem }, &[]);
            match group {
                Some(group) => to_group[*group].push(end),
                None => to_output.push(end),
            }
        }
        for (name, ends) in groups.iter().zip(&to_group) {
            if !ends.is_empty() {
                to_output.push(desk.strip(name, Role::Group, None, NodeKind::Sum, ends));
            }
        }
        if master {
            to_output = vec![desk.strip("master", Role::Master, None, NodeKind::Sum, &to_output)];
        }
        desk.node(NodeKind::Output, None, &to_output);
        Self::from_parts(desk.strips, desk.nodes, desk.edges)
    }

    /// The plain sum of the stems that the graph brings in, each once.
    pub fn plain_sum(&self) -> Self {
        let stems: BTreeSet<_> = self.nodes().iter().filter_map(|node| node.kind.stem()).collect();
        let mut desk = Desk { kinds: vec![], strips: vec![], nodes: vec![], edges: vec![] };
        let inputs = stems.into_iter().map(|stem| desk.node(NodeKind::Input { stem }, None, &[]));
        let inputs: Vec<_> = inputs.collect();
        desk.node(NodeKind::Output, None, &inputs);
        Self::from_parts(desk.strips, desk.nodes, desk.edges).expect("a valid graph has an input")
    }
}

/// A console in the making.
struct Desk {
    kinds: Vec<Kind>,
    strips: Vec<Strip>,
    nodes: Vec<Node>,
    edges: Vec<(NodeId, NodeId)>,
}

impl Desk {
    /// Adds a strip that begins with a node of kind `head`, fed by `inputs`, and returns its last node.
    fn strip(
        &mut self,
        name: &str,
        role: Role,
        group: Option<usize>,
        head: NodeKind,
        inputs: &[NodeId],
    ) -> NodeId {
        let strip = Some(self.strips.len());
        self.strips.push(Strip { name: name.into(), role, group });
        let mut end = self.node(head, strip, inputs);
        for i in 0..self.kinds.len() {
            end = self.node(NodeKind::Processor(self.kinds[i]), strip, &[end]);
        }
        end
    }

    /// Adds a node fed by `inputs`.
    fn node(&mut self, kind: NodeKind, strip: Option<usize>, inputs: &[NodeId]) -> NodeId {
        let id = self.nodes.len();
        self.nodes.push(Node { id, kind, strip });
        self.edges.extend(inputs.iter().map(|&input| (input, id)));
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stems(groups: &[Option<usize>]) -> Vec<(String, Option<usize>)> {
        groups.iter().enumerate().map(|(i, &group)| (format!("stem {i}"), group)).collect()
    }

    fn names(count: usize) -> Vec<String> {
        (0..count).map(|i| format!("group {i}")).collect()
    }

    /// Kinds met on the way from a stem's input to the output.
    fn way(graph: &Graph, stem: usize) -> Vec<NodeKind> {
        let input = graph.nodes().iter().find(|n| n.kind == NodeKind::Input { stem }).unwrap();
        let mut way = vec![];
        let mut id = input.id;
        while let Some(next) = graph.successors(id).next() {
            assert_eq!(graph.successors(id).count(), 1);
            way.push(graph.node(next).unwrap().kind);
            id = next;
        }
        way
    }

    fn all() -> Vec<NodeKind> {
        Kind::ALL.map(NodeKind::Processor).to_vec()
    }

    #[test]
    fn four_stems_in_three_groups_meet_in_their_groups() {
        let graph =
            Graph::console(&stems(&[Some(0), Some(2), Some(0), Some(1)]), &names(3), &Kind::ALL, false)
                .unwrap();
        assert_eq!(graph.processors().count(), 7 * 7);
        assert_eq!(graph.nodes().len(), 7 * 8 + 1);
        for stem in 0..4 {
            let wanted = [all(), vec![NodeKind::Sum], all(), vec![NodeKind::Output]].concat();
            assert_eq!(way(&graph, stem), wanted);
        }
        let strips: Vec<_> = graph.strips.iter().map(|s| (s.name.as_str(), s.role, s.group)).collect();
        assert_eq!(
            strips,
            [
                ("stem 0", Role::Track, Some(4)),
                ("stem 1", Role::Track, Some(6)),
                ("stem 2", Role::Track, Some(4)),
                ("stem 3", Role::Track, Some(5)),
                ("group 0", Role::Group, None),
                ("group 1", Role::Group, None),
                ("group 2", Role::Group, None),
            ]
        );
        let sum = graph.nodes().iter().find(|n| n.kind == NodeKind::Sum && n.strip == Some(4)).unwrap();
        let feeding: Vec<_> = graph.predecessors(sum.id).map(|id| graph.node(id).unwrap().strip).collect();
        assert_eq!(feeding, [Some(0), Some(2)]);
    }

    #[test]
    fn an_ungrouped_stem_goes_straight_to_the_output() {
        let graph = Graph::console(&stems(&[Some(1), None]), &names(3), &Kind::ALL, false).unwrap();
        assert_eq!(way(&graph, 0).len(), 7 + 1 + 7 + 1);
        assert_eq!(way(&graph, 1), [all(), vec![NodeKind::Output]].concat());
        let strips: Vec<_> = graph.strips.iter().map(|s| (s.name.as_str(), s.group)).collect();
        assert_eq!(strips, [("stem 0", Some(2)), ("stem 1", None), ("group 1", None)]);
    }

    #[test]
    fn without_groups_every_track_feeds_the_output() {
        let graph = Graph::console(&stems(&[None; 3]), &[], &Kind::ALL, false).unwrap();
        assert_eq!(graph.nodes().len(), 3 * 8 + 1);
        assert!(graph.nodes().iter().all(|n| n.kind != NodeKind::Sum));
    }

    #[test]
    fn a_master_comes_after_groups_and_ungrouped_stems() {
        let graph = Graph::console(&stems(&[Some(0), None]), &names(1), &Kind::ALL, true).unwrap();
        let master = [vec![NodeKind::Sum], all(), vec![NodeKind::Output]].concat();
        assert_eq!(way(&graph, 0), [all(), vec![NodeKind::Sum], all(), master.clone()].concat());
        assert_eq!(way(&graph, 1), [all(), master].concat());
        assert_eq!(graph.strips.last().map(|s| s.role), Some(Role::Master));
        assert_eq!(graph.chain(3).len(), 7);
    }

    #[test]
    fn a_subset_of_kinds_keeps_the_order_of_the_strip() {
        let kinds = [Kind::Reverb, Kind::Equalizer, Kind::Reverb];
        let graph = Graph::console(&stems(&[None]), &[], &kinds, false).unwrap();
        let wanted = [Kind::Equalizer, Kind::Reverb].map(NodeKind::Processor);
        assert_eq!(way(&graph, 0), [&wanted[..], &[NodeKind::Output]].concat());
        let bare = Graph::console(&stems(&[None, Some(0)]), &names(1), &[], true).unwrap();
        assert_eq!(bare.processors().count(), 0);
    }

    #[test]
    fn a_console_without_stems_or_with_unknown_groups_is_refused() {
        assert_eq!(Graph::console(&[], &names(1), &Kind::ALL, false), Err(Error::NoStems));
        let refused = Graph::console(&stems(&[None, Some(2)]), &names(2), &Kind::ALL, false);
        assert_eq!(
            refused.unwrap_err().to_string(),
            "stem 'stem 1' is routed to group 2, counted from 0, but there are 2 groups"
        );
    }
}

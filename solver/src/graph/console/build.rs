//! The full graph of a session on a console.

use std::collections::BTreeSet;

use super::super::{Error, Graph, Node, NodeId, NodeKind, Role, Strip};
use super::{Console, Selection};
use crate::processors::Kind;

impl Graph {
    /// What a session has of a console (MATH.md §0).
    ///
    /// Every stem has a track: its input and the processors of the console's tracks, as far as they are selected. Tracks
    /// of one group meet in its sum, which the group's processors follow; other stems go on by themselves. A send of the
    /// console adds up what the tracks send it, each through a gain, and its processors follow. The output adds up what is
    /// left, after one more sum with its processors if a master is selected.
    ///
    /// `stems` are names with the index of their group in `groups`. Groups without stems get no strip. The strips are
    /// the tracks in order, then the groups, then the sends, then the master.
    ///
    /// # Errors
    /// If there is no stem, or a stem's group does not exist.
    pub fn console(
        stems: &[(String, Option<usize>)],
        groups: &[String],
        selection: Selection,
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

        let Console { tracks, groups: buses, master, .. } = selection.console;
        let [tracks, buses, master] = [tracks, buses, master].map(|letters| selection.of_chain(letters));
        let mut desk = Desk::default();
        let mut ends = vec![];
        let mut to_group = vec![vec![]; groups.len()];
        let mut to_output = vec![];
        for (stem, (name, group)) in stems.iter().enumerate() {
            let strip =
                Strip { name: name.clone(), role: Role::Track, group: group.and_then(|g| strip_of_group[g]) };
            let end = desk.strip(strip, NodeKind::Input { stem }, &[], &tracks);
            ends.push(end);
            match group {
                Some(group) => to_group[*group].push(end),
                None => to_output.push(end),
            }
        }
        for (name, members) in groups.iter().zip(&to_group) {
            if !members.is_empty() {
                let strip = Strip { name: name.clone(), role: Role::Group, group: None };
                to_output.push(desk.strip(strip, NodeKind::Sum, members, &buses));
            }
        }
        for (name, gain, chain) in selection.sends() {
            // The gains are part of the strip that comes next.
            let strip = Some(desk.strips.len());
            let gains = ends.iter().map(|&end| desk.node(NodeKind::Processor(gain), strip, &[end]));
            let gains: Vec<_> = gains.collect();
            let strip = Strip { name: name.into(), role: Role::Send, group: None };
            to_output.push(desk.strip(strip, NodeKind::Sum, &gains, &chain));
        }
        if selection.master {
            let strip = Strip { name: "master".into(), role: Role::Master, group: None };
            to_output = vec![desk.strip(strip, NodeKind::Sum, &to_output, &master)];
        }
        desk.node(NodeKind::Output, None, &to_output);
        Self::from_parts(desk.strips, desk.nodes, desk.edges)
    }

    /// The plain sum of the stems that the graph brings in, each once.
    pub fn plain_sum(&self) -> Self {
        let stems: BTreeSet<_> = self.nodes().iter().filter_map(|node| node.kind.stem()).collect();
        let mut desk = Desk::default();
        let inputs = stems.into_iter().map(|stem| desk.node(NodeKind::Input { stem }, None, &[]));
        let inputs: Vec<_> = inputs.collect();
        desk.node(NodeKind::Output, None, &inputs);
        Self::from_parts(desk.strips, desk.nodes, desk.edges).expect("a valid graph has an input")
    }
}

/// A console in the making.
#[derive(Default)]
struct Desk {
    strips: Vec<Strip>,
    nodes: Vec<Node>,
    edges: Vec<(NodeId, NodeId)>,
}

impl Desk {
    /// Adds a strip that begins with a node of kind `head`, fed by `inputs`, and goes on with `chain`. Returns its last
    /// node.
    fn strip(&mut self, strip: Strip, head: NodeKind, inputs: &[NodeId], chain: &[Kind]) -> NodeId {
        let index = Some(self.strips.len());
        self.strips.push(strip);
        let head = self.node(head, index, inputs);
        chain.iter().fold(head, |end, &kind| self.node(NodeKind::Processor(kind), index, &[end]))
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

    const MASTERED: Selection = Selection { console: Console::PAPER, kinds: &Kind::ALL, master: true };

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
        Console::PAPER.kinds().into_iter().map(NodeKind::Processor).collect()
    }

    #[test]
    fn four_stems_in_three_groups_meet_in_their_groups() {
        let graph = Graph::console(
            &stems(&[Some(0), Some(2), Some(0), Some(1)]),
            &names(3),
            Selection::of(&Kind::ALL),
        )
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
        let graph = Graph::console(&stems(&[Some(1), None]), &names(3), Selection::of(&Kind::ALL)).unwrap();
        assert_eq!(way(&graph, 0).len(), 7 + 1 + 7 + 1);
        assert_eq!(way(&graph, 1), [all(), vec![NodeKind::Output]].concat());
        let strips: Vec<_> = graph.strips.iter().map(|s| (s.name.as_str(), s.group)).collect();
        assert_eq!(strips, [("stem 0", Some(2)), ("stem 1", None), ("group 1", None)]);
    }

    #[test]
    fn without_groups_every_track_feeds_the_output() {
        let graph = Graph::console(&stems(&[None; 3]), &[], Selection::of(&Kind::ALL)).unwrap();
        assert_eq!(graph.nodes().len(), 3 * 8 + 1);
        assert!(graph.nodes().iter().all(|n| n.kind != NodeKind::Sum));
    }

    #[test]
    fn a_master_comes_after_groups_and_ungrouped_stems() {
        let graph = Graph::console(&stems(&[Some(0), None]), &names(1), MASTERED).unwrap();
        let master = [vec![NodeKind::Sum], all(), vec![NodeKind::Output]].concat();
        assert_eq!(way(&graph, 0), [all(), vec![NodeKind::Sum], all(), master.clone()].concat());
        assert_eq!(way(&graph, 1), [all(), master].concat());
        assert_eq!(graph.strips.last().map(|s| s.role), Some(Role::Master));
        assert_eq!(graph.chain(3).len(), 7);
    }

    #[test]
    fn a_subset_of_kinds_keeps_the_order_of_the_strip() {
        let kinds = [Kind::Reverb, Kind::Equalizer, Kind::Reverb];
        let graph = Graph::console(&stems(&[None]), &[], Selection::of(&kinds)).unwrap();
        let wanted = [Kind::Equalizer, Kind::Reverb].map(NodeKind::Processor);
        assert_eq!(way(&graph, 0), [&wanted[..], &[NodeKind::Output]].concat());
        let bare = Graph::console(&stems(&[None, Some(0)]), &names(1), Selection { kinds: &[], ..MASTERED })
            .unwrap();
        assert_eq!(bare.processors().count(), 0);
    }

    #[test]
    fn each_role_has_its_own_chain_in_the_order_of_its_console() {
        let selection = Selection { console: Console::BACKWARDS, ..MASTERED };
        let graph = Graph::console(&stems(&[Some(0)]), &names(1), selection).unwrap();
        let chains = (0..3).map(|strip| {
            let kind = |id| graph.node(id).unwrap().kind.processor().unwrap().letter();
            graph.chain(strip).into_iter().map(kind).collect::<String>()
        });
        assert_eq!(chains.collect::<Vec<_>>(), ["gce", "rc", "ce"]);
    }

    #[test]
    fn every_track_is_sent_to_every_send_behind_its_chain() {
        let selection = Selection { console: Console::HALL, ..MASTERED };
        let graph = Graph::console(&stems(&[Some(0), None]), &names(1), selection).unwrap();
        let strips: Vec<_> = graph.strips.iter().map(|s| (s.name.as_str(), s.role)).collect();
        let wanted = [
            ("stem 0", Role::Track),
            ("stem 1", Role::Track),
            ("group 0", Role::Group),
            ("hall", Role::Send),
            ("master", Role::Master),
        ];
        assert_eq!(strips, wanted);
        for send in graph.sends() {
            let from = send.from.unwrap();
            assert_eq!(graph.predecessors(send.gain).collect::<Vec<_>>(), graph.chain(from)[1..]);
        }
        let [master, hall] = [4, 3].map(|strip| graph.chain(strip));
        let sum = graph.nodes().iter().find(|n| n.kind == NodeKind::Sum && n.strip == Some(4)).unwrap();
        assert!(graph.predecessors(sum.id).any(|id| id == *hall.last().unwrap()));
        assert_eq!((master.len(), hall.len()), (1, 4));
    }

    #[test]
    fn a_send_without_its_gain_or_its_chain_is_left_out() {
        for kinds in [[Kind::Reverb, Kind::Equalizer], [Kind::GainPan, Kind::Compressor]] {
            let selection = Selection { console: Console::HALL, kinds: &kinds, master: false };
            let graph = Graph::console(&stems(&[None]), &[], selection).unwrap();
            assert!(graph.strips.iter().all(|strip| strip.role != Role::Send), "{kinds:?}");
        }
    }

    #[test]
    fn a_console_without_stems_or_with_unknown_groups_is_refused() {
        assert_eq!(Graph::console(&[], &names(1), Selection::of(&Kind::ALL)), Err(Error::NoStems));
        let refused = Graph::console(&stems(&[None, Some(2)]), &names(2), Selection::of(&Kind::ALL));
        assert_eq!(
            refused.unwrap_err().to_string(),
            "stem 'stem 1' is routed to group 2, counted from 0, but there are 2 groups"
        );
    }
}

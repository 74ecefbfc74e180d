//! Sends: strips that other strips feed beside their way to the output.
//!
//! A strip with the role `send` begins with a sum. Each strip that feeds it does so through one processor of the send's
//! own strip, which leads straight into that sum: its gain. A gain that is bypassed or removed sends nothing, unlike any
//! other processor, which then passes on what enters it; what nothing reaches any more falls silent with it. Since every
//! node must reach the output without sends, too, a graph stays one whichever of them are cut.

use super::links::Links;
use super::{Error, Graph, NodeId, NodeKind, Role};

/// A way from a strip into a send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Send {
    /// The processor that says how much is sent.
    pub gain: NodeId,
    /// Index into [`Graph::strips`] of the strip that is sent; none for a sum in no strip.
    pub from: Option<usize>,
    /// Index into [`Graph::strips`] of the send.
    pub to: usize,
}

impl Graph {
    /// All ways into sends, ids of gains rising.
    pub fn sends(&self) -> Vec<Send> {
        let links = self.links();
        let gains = self.gains(&links);
        let sends = self.nodes.iter().enumerate().filter(|(i, _)| gains[*i]).filter_map(|(i, node)| {
            let source = links.inputs(i).first().map(|&input| &self.nodes[input])?;
            Some(Send { gain: node.id, from: source.strip, to: node.strip? })
        });
        sends.collect()
    }

    /// How many processors sound if those that `bypassed` picks are bypassed.
    pub fn sounding(&self, bypassed: impl Fn(NodeId) -> bool) -> usize {
        let silent = self.silent(&self.links(), &bypassed);
        self.nodes
            .iter()
            .zip(silent)
            .filter(|(n, silent)| is_processor(n) && !silent && !bypassed(n.id))
            .count()
    }

    /// By position: whether nothing reaches a node if those gains of sends are cut that `cut` picks.
    pub(super) fn silent(&self, links: &Links, cut: impl Fn(NodeId) -> bool) -> Vec<bool> {
        let mut silent = vec![false; self.nodes.len()];
        if !self.has_sends() {
            return silent;
        }
        let gains = self.gains(links);
        for node in links.order() {
            let inputs = links.inputs(node);
            silent[node] = gains[node] && cut(self.nodes[node].id)
                || !inputs.is_empty() && inputs.iter().all(|&input| silent[input]);
        }
        silent
    }

    /// Checks what sends need in a graph without cycles.
    pub(super) fn validate_sends(&self, links: &Links) -> Result<(), Error> {
        if !self.has_sends() {
            return Ok(());
        }
        let gains = self.gains(links);
        for (to, strip) in self.strips.iter().enumerate().filter(|(_, strip)| strip.role == Role::Send) {
            let passed = self.passed(links, to);
            for (i, node) in self.nodes.iter().enumerate().filter(|(_, node)| node.strip == Some(to)) {
                if passed[i] == Passed::SumAndMore {
                    return Err(Error::SendCircle(strip.name.clone()));
                }
                if is_processor(node) && passed[i] == Passed::Nothing && !gains[i] {
                    return Err(Error::BeforeSum(self.name(node)));
                }
            }
        }
        let only_sent = |&i: &usize| !gains[i] && links.consumers(i).iter().all(|&to| gains[to]);
        let mut nodes = (0..self.nodes.len()).filter(|&i| self.nodes[i].kind != NodeKind::Output);
        nodes.find(only_sent).map_or(Ok(()), |i| Err(Error::OnlySent(self.name(&self.nodes[i]))))
    }

    /// The name of the first send that one of these nodes, by position, is part of.
    pub(super) fn send_among(&self, nodes: &[usize]) -> Option<String> {
        let strips = nodes.iter().filter_map(|&i| self.strips.get(self.nodes[i].strip?));
        strips.filter(|strip| strip.role == Role::Send).map(|strip| strip.name.clone()).next()
    }

    /// By position: whether a node is the gain of a send.
    fn gains(&self, links: &Links) -> Vec<bool> {
        let mut gains = vec![false; self.nodes.len()];
        for to in (0..self.strips.len()).filter(|&strip| self.strips[strip].role == Role::Send) {
            let passed = self.passed(links, to);
            let own_sum = |i: usize| self.nodes[i].kind == NodeKind::Sum && self.nodes[i].strip == Some(to);
            for (i, node) in self.nodes.iter().enumerate().filter(|(_, node)| node.strip == Some(to)) {
                let leads_into_sum = links.consumers(i).iter().all(|&to| own_sum(to));
                gains[i] = is_processor(node) && passed[i] == Passed::Nothing && leads_into_sum;
            }
        }
        gains
    }

    /// By position: what of the send `to` has been passed on the way to a node, the node itself not counted.
    fn passed(&self, links: &Links, to: usize) -> Vec<Passed> {
        let mut passed = vec![Passed::Nothing; self.nodes.len()];
        for i in links.order() {
            let behind = |&input: &usize| {
                let node = &self.nodes[input];
                match node.strip {
                    Some(strip) if strip == to && node.kind == NodeKind::Sum => {
                        passed[input].max(Passed::Sum)
                    }
                    Some(strip) if strip != to && passed[input] == Passed::Sum => Passed::SumAndMore,
                    _ => passed[input],
                }
            };
            passed[i] = links.inputs(i).iter().map(behind).max().unwrap_or(Passed::Nothing);
        }
        passed
    }

    fn has_sends(&self) -> bool {
        self.strips.iter().any(|strip| strip.role == Role::Send)
    }
}

/// What of a send lies before a node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Passed {
    Nothing,
    /// Its sum.
    Sum,
    /// Its sum, and then a node of another strip.
    SumAndMore,
}

fn is_processor(node: &super::Node) -> bool {
    node.kind.processor().is_some()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;
    use crate::graph::strategies::{any_consoles, bypassed};
    use crate::graph::{Node, Schedule, Strip};
    use crate::processors::Kind;

    /// Input 0 and fader 1 of `vox`; gain 2, sum 3 and reverb 4 of the send `hall`; output 5.
    fn hall() -> Graph {
        changed(&|_, _| ()).unwrap()
    }

    type Change<'a> = &'a dyn Fn(&mut Vec<Node>, &mut Vec<(NodeId, NodeId)>);

    fn changed(change: Change) -> Result<Graph, Error> {
        let strip = |name: &str, role| Strip { name: name.into(), role, group: None };
        let node = |id, kind, strip| Node { id, kind, strip };
        let mut nodes = vec![
            node(0, NodeKind::Input { stem: 0 }, Some(0)),
            node(1, NodeKind::Processor(Kind::GainPan), Some(0)),
            node(2, NodeKind::Processor(Kind::GainPan), Some(1)),
            node(3, NodeKind::Sum, Some(1)),
            node(4, NodeKind::Processor(Kind::Reverb), Some(1)),
            node(5, NodeKind::Output, None),
        ];
        let mut edges = vec![(0, 1), (1, 2), (2, 3), (3, 4), (1, 5), (4, 5)];
        change(&mut nodes, &mut edges);
        Graph::from_parts(vec![strip("vox", Role::Track), strip("hall", Role::Send)], nodes, edges)
    }

    #[test]
    fn a_gain_says_from_where_to_where_it_leads() {
        assert_eq!(hall().sends(), [Send { gain: 2, from: Some(0), to: 1 }]);
        assert_eq!(hall().chain(1), [2, 4]);
    }

    #[test]
    fn a_gain_that_is_cut_takes_along_what_only_it_fed() {
        let mut graph = hall();
        assert_eq!(
            [graph.sounding(|_| false), graph.sounding(|id| id == 2), graph.sounding(|id| id == 4)],
            [3, 1, 2]
        );
        graph.remove(2).unwrap();
        assert_eq!(graph.nodes().iter().map(|n| n.id).collect::<Vec<_>>(), [0, 1, 5]);
        assert_eq!(graph.edges(), [(0, 1), (1, 5)]);
        assert_eq!(graph.validate(), Ok(()));
    }

    #[test]
    fn what_else_is_removed_passes_on_what_enters_it() {
        let mut graph = hall();
        graph.remove(4).unwrap();
        graph.remove(1).unwrap();
        assert_eq!(graph.edges(), [(0, 2), (2, 3), (0, 5), (3, 5)]);
        assert_eq!(graph.sends(), [Send { gain: 2, from: Some(0), to: 1 }]);
    }

    #[test]
    fn sends_that_cannot_be_are_refused_by_name() {
        let text = |change: Change| changed(change).unwrap_err().to_string();
        assert_eq!(
            text(&|nodes, edges| {
                nodes.remove(2);
                edges.retain(|edge| edge.0 != 2 && edge.1 != 2);
            }),
            "nothing feeds the send 'hall'; lead a gain from another strip into its sum, or take the strip out"
        );
        assert_eq!(
            text(&|_, edges| edges.push((4, 3))),
            "the send 'hall' feeds itself; sends must not run in circles"
        );
        assert_eq!(
            text(&|_, edges| edges.extend([(1, 4)])),
            "node 4 (reverb of strip 'hall') is fed 2 times; it needs exactly one input"
        );
        assert_eq!(
            text(&|nodes, _| nodes[3].strip = None),
            "node 2 (gain_pan of strip 'hall') comes before the sum of its send without leading straight into it; a send \
             begins with a sum, and one gain leads from each strip into it"
        );
        assert_eq!(
            text(&|_, edges| edges.retain(|edge| *edge != (1, 5))),
            "node 1 (gain_pan of strip 'vox') feeds nothing but sends; it must reach the output without them, too"
        );
        // The reverb's echo goes through the vocal's strip and comes back to the send.
        assert_eq!(
            text(&|nodes, edges| {
                nodes.push(Node { id: 6, kind: NodeKind::Processor(Kind::Equalizer), strip: Some(0) });
                nodes.push(Node { id: 7, kind: NodeKind::Processor(Kind::Reverb), strip: Some(1) });
                edges.extend([(4, 6), (6, 7), (7, 5)]);
            }),
            "the send 'hall' feeds itself; sends must not run in circles"
        );
    }

    proptest! {
        #[test]
        fn removing_any_processors_in_any_order_equals_bypassing_them(
            ((graph, off), order) in bypassed(any_consoles()).prop_flat_map(|(graph, off)| {
                let order: Vec<NodeId> = off.iter().copied().collect();
                (Just((graph, off)), Just(order).prop_shuffle())
            })
        ) {
            let is_off = |id| off.contains(&id);
            let removed = |order: &[NodeId]| {
                let mut graph = graph.clone();
                for &id in order {
                    // Another one may have taken it along.
                    if graph.node(id).is_some() {
                        graph.remove(id).unwrap();
                    }
                }
                graph
            };
            let found = removed(&order);
            prop_assert_eq!(found.validate(), Ok(()));
            prop_assert_eq!(found.processors().count(), graph.sounding(is_off));
            prop_assert_eq!(Schedule::new(&found, |_| false), Schedule::new(&graph, is_off));
            let mut rising = order.clone();
            rising.sort_unstable();
            prop_assert_eq!(removed(&rising), found);
        }

        #[test]
        fn every_track_is_sent_to_every_send_of_a_console(graph in any_consoles()) {
            let sends: HashSet<_> = graph.sends().iter().map(|send| (send.from, send.to)).collect();
            let with_role = |role| {
                let strips = graph.strips.iter().enumerate().filter(|(_, strip)| strip.role == role);
                strips.map(|(i, _)| i).collect::<Vec<_>>()
            };
            let tracks = with_role(Role::Track);
            let to_all = |&to: &usize| tracks.iter().map(move |&from| (Some(from), to)).collect::<Vec<_>>();
            prop_assert_eq!(sends, with_role(Role::Send).iter().flat_map(to_all).collect::<HashSet<_>>());
        }
    }
}

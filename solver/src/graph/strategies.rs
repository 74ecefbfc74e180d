//! Graphs for the tests of this room.

use std::collections::HashSet;

use proptest::prelude::*;

use super::{Console, Graph, Node, NodeId, NodeKind, Role, Selection, Strip};
use crate::processors::Kind;

/// Input 10, equalizer 20 beside reverb 30, sum 40, output 50.
pub fn diamond() -> Graph {
    let node = |id, kind, strip| Node { id, kind, strip };
    Graph::from_parts(
        vec![Strip { name: "vox".into(), role: Role::Track, group: None }],
        vec![
            node(10, NodeKind::Input { stem: 0 }, Some(0)),
            node(20, NodeKind::Processor(Kind::Equalizer), Some(0)),
            node(30, NodeKind::Processor(Kind::Reverb), Some(0)),
            node(40, NodeKind::Sum, None),
            node(50, NodeKind::Output, None),
        ],
        vec![(10, 20), (10, 30), (20, 40), (30, 40), (40, 50)],
    )
    .unwrap()
}

/// Any graph: branches, sums of sums, parallel edges, ids in no order.
pub fn graphs() -> impl Strategy<Value = Graph> {
    let inner = (0..10usize, prop::collection::vec(any::<prop::sample::Index>(), 1..4));
    (1..5usize, prop::collection::vec(inner, 0..40)).prop_flat_map(|(inputs, inner)| {
        let count = inputs + inner.len() + 1;
        let ids = Just((0..count).map(|i| 3 * i).collect::<Vec<_>>()).prop_shuffle();
        ids.prop_map(move |ids| {
            let mut nodes: Vec<Node> = vec![];
            let mut edges = vec![];
            let mut used = vec![false; count];
            for (stem, &id) in ids[..inputs].iter().enumerate() {
                nodes.push(Node { id, kind: NodeKind::Input { stem }, strip: None });
            }
            for (kind, sources) in &inner {
                let at = nodes.len();
                let kind = Kind::ALL.get(*kind).map_or(NodeKind::Sum, |&kind| NodeKind::Processor(kind));
                let fed = if kind == NodeKind::Sum { sources.len() } else { 1 };
                for source in &sources[..fed] {
                    let source = source.index(at);
                    used[source] = true;
                    edges.push((ids[source], ids[at]));
                }
                nodes.push(Node { id: ids[at], kind, strip: None });
            }
            let output = nodes.len();
            nodes.push(Node { id: ids[output], kind: NodeKind::Output, strip: None });
            edges.extend((0..output).filter(|&i| !used[i]).map(|i| (ids[i], ids[output])));
            Graph::from_parts(vec![], nodes, edges).unwrap()
        })
    })
}

/// Any graph of [`graphs`] with its nodes in strips: a track for every input, up to three groups and a master, and the
/// processors anywhere.
pub fn graphs_in_strips() -> impl Strategy<Value = Graph> {
    let strips = (0..4usize, any::<bool>(), prop::collection::vec(any::<prop::sample::Index>(), 64));
    (graphs(), strips).prop_map(|(graph, (groups, master, picks))| {
        let inputs = graph.nodes().iter().filter(|node| node.kind.stem().is_some()).count();
        let mut pick = picks.iter().cycle();
        let mut any = |count: usize| pick.next().unwrap().index(count);
        // One more than there are groups means none.
        let mut group = || Some(inputs + any(groups + 1)).filter(|&group| group < inputs + groups);
        let mut strips: Vec<_> = (0..inputs)
            .map(|i| Strip { name: format!("stem \"{i}\" 🎸"), role: Role::Track, group: group() })
            .collect();
        strips.extend((0..groups).map(|i| Strip {
            name: format!("stem {i}"),
            role: Role::Group,
            group: None,
        }));
        strips.extend(master.then(|| Strip { name: "master".into(), role: Role::Master, group: None }));
        let mut nodes = graph.nodes().to_vec();
        for node in &mut nodes {
            node.strip = match node.kind {
                NodeKind::Input { stem } => Some(stem),
                NodeKind::Processor(_) => Some(any(strips.len())),
                // One more than there are strips means none.
                NodeKind::Sum | NodeKind::Output => {
                    Some(any(strips.len() + 1)).filter(|&strip| strip < strips.len())
                }
            };
        }
        Graph::from_parts(strips, nodes, graph.edges().to_vec()).unwrap()
    })
}

/// Sessions of up to five stems on any console, with any of its kinds.
pub fn any_consoles() -> impl Strategy<Value = Graph> {
    let stems = prop::collection::vec(prop::option::weighted(0.7, 0..3usize), 1..6);
    let console = prop::sample::select(Console::ALL);
    (stems, console, any::<bool>(), any::<u8>()).prop_map(|(stems, console, master, picks)| {
        let stems: Vec<_> = stems.iter().enumerate().map(|(i, &g)| (format!("stem {i}"), g)).collect();
        let groups: Vec<_> = (0..3).map(|i| format!("group {i}")).collect();
        let kinds = console.kinds().into_iter().enumerate();
        let kinds: Vec<_> = kinds.filter(|(i, _)| picks & (1 << i) != 0).map(|(_, kind)| kind).collect();
        Graph::console(&stems, &groups, Selection { console, kinds: &kinds, master }).unwrap()
    })
}

/// A graph with any processors bypassed.
pub fn bypassed(graphs: impl Strategy<Value = Graph>) -> impl Strategy<Value = (Graph, HashSet<NodeId>)> {
    graphs.prop_flat_map(|graph| {
        let ids: Vec<NodeId> = graph.processors().map(|p| p.0).collect();
        let count = ids.len();
        (Just(graph), prop::sample::subsequence(ids, 0..=count).prop_map(HashSet::from_iter))
    })
}

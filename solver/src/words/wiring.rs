//! What feeds what, where a graph is no console.
//!
//! In a console, a chain's order, a strip's group and the strip that each gain sends say all. Any other graph needs more
//! words: places in a chain are counted, and each tells what feeds it, unless that is the one before.

use std::collections::{BTreeMap, BTreeSet};

use super::facts;
use crate::findings::{Report, StripView};
use crate::graph::{Graph, GraphFile, NodeFile, NodeId, NodeKind, Role, StripFile};
use crate::processors::Kind;

/// How many sources are named, before a number stands for the rest.
const NAMED: usize = 6;

/// The wiring of a report's graph.
pub struct Wiring<'a> {
    report: &'a Report,
    graph: Option<AnyGraph>,
    /// Whether the graph is no console, so that it needs more words.
    is_any: bool,
}

/// A graph, and where its processors stand in the report.
pub struct AnyGraph {
    /// The graph.
    pub graph: Graph,
    /// Strip, and place in its chain counted from 0.
    pub places: BTreeMap<NodeId, (usize, usize)>,
    /// How many nodes sound passes at most before it comes to each.
    pub depths: BTreeMap<NodeId, usize>,
}

/// Inputs and processors, each with how often its signal counts.
type Sources = BTreeMap<NodeId, u64>;

impl<'a> Wiring<'a> {
    /// Of the report's graph. A graph that does not fit the report's strips is passed over.
    pub fn of(report: &'a Report) -> Self {
        let columns = report.settings.kinds();
        let Some(graph) = graph(report) else { return Self { report, graph: None, is_any: false } };
        let is_any = !is_console(&graph, &columns);
        let any = || {
            let strips = 0..graph.strips.len();
            let places = strips.flat_map(|strip| {
                let chain = graph.chain(strip).into_iter().enumerate();
                chain.map(move |(place, id)| (id, (strip, place)))
            });
            AnyGraph { places: places.collect(), depths: depths(&graph), graph: graph.clone() }
        };
        let drawn = is_any || !graph.sends().is_empty();
        Self { report, graph: drawn.then(any), is_any }
    }

    /// The graph, if it is no console.
    pub fn any(&self) -> Option<&AnyGraph> {
        self.graph.as_ref().filter(|_| self.is_any)
    }

    /// The graph, if it cannot be drawn in a row a strip and a column a kind: if it is no console or one with sends.
    pub fn drawn(&self) -> Option<&AnyGraph> {
        self.graph.as_ref()
    }

    /// The number of a place in a chain (counted from 0), where places are counted: `2.`.
    pub fn number(&self, place: usize) -> Option<String> {
        self.any().map(|_| format!("{}.", place + 1))
    }

    /// What feeds a place in a strip's chain, if it is not what stands before it: `from 1 + vox 2`.
    pub fn source(&self, strip: &StripView, place: usize) -> Option<String> {
        let any = self.any()?;
        let strip = self.index(strip)?;
        let (&id, _) = any.places.iter().find(|(_, found)| **found == (strip, place))?;
        let sources = any.sources(id);
        let is_own = |id: &NodeId| any.strip(*id) == Some(strip);
        let plain = match place.checked_sub(1) {
            Some(before) => {
                let is_before = |(id, times): (&NodeId, &u64)| {
                    *times == 1 && any.places.get(id) == Some(&(strip, before))
                };
                sources.len() == 1 && sources.iter().all(is_before)
            }
            // A track's own stem, or all that is routed to a bus.
            None => match any.graph.predecessors(id).next() {
                Some(head) if is_own(&head) => match any.kind(head) {
                    NodeKind::Sum => !sources.keys().any(is_own),
                    _ => true,
                },
                _ => false,
            },
        };
        (!plain).then(|| format!("from {}", any.names(&sources, strip, self.report)))
    }

    /// Where a strip's signal goes: `output`, or `reverb (1) and output (1 + 2)` where it is not the chain's end alone.
    pub fn destination(&self, strip: &StripView) -> String {
        match (self.any(), self.index(strip)) {
            (Some(any), Some(strip)) => any.destination(strip, self.report),
            _ => facts::destination(self.report, strip.role, strip.group.as_deref()),
        }
    }

    fn index(&self, strip: &StripView) -> Option<usize> {
        self.report.strips.iter().position(|s| std::ptr::eq(s, strip))
    }
}

impl AnyGraph {
    fn kind(&self, id: NodeId) -> NodeKind {
        self.graph.node(id).map_or(NodeKind::Sum, |node| node.kind)
    }

    fn strip(&self, id: NodeId) -> Option<usize> {
        self.graph.node(id).and_then(|node| node.strip)
    }

    /// What feeds a node, sums seen through.
    fn sources(&self, id: NodeId) -> Sources {
        let mut sources = Sources::new();
        self.graph.predecessors(id).for_each(|from| self.add_sources(&mut sources, from, 1));
        sources
    }

    /// Adds a node that feeds something `times` times; in place of a sum, what feeds that.
    fn add_sources(&self, sources: &mut Sources, id: NodeId, times: u64) {
        // Sums of sums can count a signal very often. Those that are still to be seen through stand in the order of sound,
        // so that each comes up once, with all its times.
        let mut open = BTreeMap::from([(self.depths[&id], vec![(id, times)])]);
        while let Some((_, level)) = open.pop_last() {
            let mut sums: BTreeMap<NodeId, u64> = BTreeMap::new();
            for (id, times) in level {
                let into = if self.kind(id) == NodeKind::Sum { &mut sums } else { &mut *sources };
                let sum = into.entry(id).or_default();
                *sum = sum.saturating_add(times);
            }
            for (sum, times) in sums {
                for from in self.graph.predecessors(sum) {
                    open.entry(self.depths[&from]).or_default().push((from, times));
                }
            }
        }
    }

    /// How the text of `strip` names nodes: by number in its own chain, by strip and number in others.
    fn names(&self, sources: &Sources, strip: usize, report: &Report) -> String {
        let name = |(id, times): (&NodeId, &u64)| {
            let of = self.strip(*id).filter(|&of| of != strip).map(|of| report.strips[of].name.as_str());
            let name = match (self.places.get(id), of) {
                (Some((_, place)), None) => (place + 1).to_string(),
                (Some((_, place)), Some(of)) => format!("{of} {}", place + 1),
                (None, None) => "input".into(),
                (None, Some(of)) => format!("input of {of}"),
            };
            if *times == 1 { name } else { format!("{times} × {name}") }
        };
        // The strip's own first, then the others', each in the order of its chain.
        let mut sorted: Vec<_> = sources.iter().collect();
        sorted
            .sort_by_key(|(id, _)| (self.strip(**id) != Some(strip), self.strip(**id), self.places.get(id)));
        let mut names: Vec<_> = sorted.into_iter().take(NAMED).map(name).collect();
        if sources.len() > NAMED {
            names.push(format!("{} more", sources.len() - NAMED));
        }
        names.join(" + ")
    }

    fn destination(&self, strip: usize, report: &Report) -> String {
        let mut tails: BTreeMap<Target, Sources> = BTreeMap::new();
        for &(from, to) in self.graph.edges().iter().filter(|edge| self.strip(edge.0) == Some(strip)) {
            for target in self.targets(to, strip) {
                self.add_sources(tails.entry(target).or_default(), from, 1);
            }
        }
        let end = self.graph.chain(strip).last().copied();
        let told = tails.into_iter().map(|(target, mut tail)| {
            tail.retain(|&id, _| self.strip(id) == Some(strip));
            let name = match target {
                Target::Strip(of) => report.strips[of].name.as_str(),
                Target::Output => "output",
            };
            let is_end =
                tail.len() == 1 && tail.iter().all(|(&id, &n)| n == 1 && end.is_none_or(|end| id == end));
            match is_end || tail.is_empty() {
                true => name.to_string(),
                false => format!("{name} ({})", self.names(&tail, strip, report)),
            }
        });
        told.collect::<Vec<_>>().join(" and ")
    }

    /// The strips, other than `strip`, that a node belongs to, or that the sums outside all strips behind it feed.
    fn targets(&self, id: NodeId, strip: usize) -> BTreeSet<Target> {
        let mut targets = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            match (self.kind(id), self.strip(id)) {
                (NodeKind::Output, _) => {
                    targets.insert(Target::Output);
                }
                (_, Some(of)) => {
                    targets.extend((of != strip).then_some(Target::Strip(of)));
                }
                (_, None) if seen.insert(id) => open.extend(self.graph.successors(id)),
                (_, None) => {}
            }
        }
        targets
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Strip(usize),
    Output,
}

/// The report's graph, if it fits the report's strips.
fn graph(report: &Report) -> Option<Graph> {
    let strips = report.strips.iter().map(|strip| StripFile {
        name: strip.name.clone(),
        role: strip.role,
        group: strip.group.clone(),
    });
    let nodes = report.graph.nodes.iter().map(|node| NodeFile {
        id: node.id,
        kind: node.kind.clone(),
        strip: node.strip,
        wet_logit: None,
        parameters: None,
    });
    let edges = report.graph.edges.iter().map(|&[from, to]| (from, to));
    let file =
        GraphFile { rate: None, strips: strips.collect(), nodes: nodes.collect(), edges: edges.collect() };
    let graph = file.graph().ok()?;
    let fits = |(i, strip): (usize, &StripView)| {
        let chain = graph.chain(i);
        let same = chain.iter().zip(&strip.chain).all(|(&id, processor)| {
            graph.node(id).map(|node| node.kind) == Some(NodeKind::Processor(processor.kind()))
        });
        graph.strips[i].name == strip.name && chain.len() == strip.chain.len() && same
    };
    report.strips.iter().enumerate().all(fits).then_some(graph)
}

fn depths(graph: &Graph) -> BTreeMap<NodeId, usize> {
    let mut depths = BTreeMap::new();
    for id in graph.order() {
        let depth = graph.predecessors(id).map(|from| depths[&from] + 1).max();
        depths.insert(id, depth.unwrap_or(0));
    }
    depths
}

/// True if the graph is a console from which processors may be missing: if its edges are those that its strips call for, and
/// the kinds of every chain stand in the order of `columns`.
fn is_console(graph: &Graph, columns: &[Kind]) -> bool {
    let mut wanted = vec![];
    let sends = graph.sends();
    let master = graph.strips.iter().position(|strip| strip.role == Role::Master);
    let head = |strip: usize| {
        let mut heads = graph.nodes().iter().filter(|node| {
            node.strip == Some(strip) && !matches!(node.kind, NodeKind::Processor(_) | NodeKind::Output)
        });
        heads.next().filter(|_| heads.next().is_none()).map(|head| head.id)
    };
    let output = graph.nodes().iter().find(|node| node.kind == NodeKind::Output).map(|node| node.id);
    for (i, strip) in graph.strips.iter().enumerate() {
        let to = match (strip.role, strip.group) {
            (Role::Track, Some(group)) => head(group),
            (Role::Master, _) => output,
            (Role::Track | Role::Group | Role::Send, _) => master.map_or(output, head),
        };
        if strip.role == Role::Send && graph.nodes().iter().all(|node| node.strip != Some(i)) {
            // Nothing is sent to it any more.
            continue;
        }
        let (Some(mut end), Some(to)) = (head(i), to) else { return false };
        let mut last = None;
        for id in graph.chain(i) {
            if let Some(send) = sends.iter().find(|send| send.gain == id) {
                let Some(from) =
                    send.from.and_then(|from| graph.chain(from).last().copied().or_else(|| head(from)))
                else {
                    return false;
                };
                wanted.extend([(from, id), (id, end)]);
                continue;
            }
            let kind = graph.node(id).and_then(|node| node.kind.processor());
            let column = columns.iter().position(|&column| Some(column) == kind);
            if column.is_some() && last.replace(column).is_some_and(|last| last >= column) {
                return false;
            }
            wanted.push((end, id));
            end = id;
        }
        wanted.push((end, to));
    }
    let mut edges = graph.edges().to_vec();
    edges.sort_unstable();
    wanted.sort_unstable();
    edges == wanted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture;
    use crate::graph::{Console, Selection};
    use crate::result::json;

    fn sources(report: &Report, strip: usize) -> Vec<Option<String>> {
        let (wiring, strip) = (Wiring::of(report), &report.strips[strip]);
        (0..strip.chain.len()).map(|place| wiring.source(strip, place)).collect()
    }

    fn destinations(report: &Report) -> Vec<String> {
        let wiring = Wiring::of(report);
        report.strips.iter().map(|strip| wiring.destination(strip)).collect()
    }

    #[test]
    fn a_console_needs_no_words() {
        for report in [fixture::song(), fixture::of_size(1), fixture::of_size(130)] {
            let report = json::from_str(&json::to_string(&report).unwrap()).unwrap();
            assert!(graph(&report).is_some() && Wiring::of(&report).any().is_none());
            assert!(sources(&report, 0).iter().all(Option::is_none));
            assert_eq!(Wiring::of(&report).number(0), None);
        }
        assert_eq!(destinations(&fixture::song())[..2], ["Drums", "Drums"]);
        assert_eq!(destinations(&fixture::song())[5..], ["master", "master", "master", "output"]);
    }

    #[test]
    fn a_console_with_a_send_needs_no_words_and_is_drawn_as_a_graph() {
        let mut report = fixture::hall();
        let wiring = Wiring::of(&report);
        assert!(wiring.any().is_none() && wiring.drawn().is_some());
        assert_eq!(destinations(&report), ["Drums", "master", "master", "master", "output"]);
        // A send from before the fader.
        let gain = report.graph.nodes.iter().find(|node| node.strip == Some(3)).unwrap().id;
        let feed = report.graph.edges.iter_mut().find(|edge| edge[1] == gain).unwrap();
        feed[0] -= 1;
        let wiring = Wiring::of(&report);
        assert!(wiring.any().is_some());
        assert_eq!(wiring.source(&report.strips[3], 0).as_deref(), Some("from Kick 1"));
    }

    #[test]
    fn the_kinds_of_a_console_stand_in_its_own_order() {
        let stems = [("vox".to_owned(), None)];
        let console = Console::BACKWARDS;
        let kinds = console.kinds();
        let selection = Selection { console, kinds: &kinds, master: false };
        let mut report = fixture::of_graph(&Graph::console(&stems, &[], selection).unwrap());
        report.settings.processors = console.letters();
        assert!(Wiring::of(&report).any().is_some());
        report.settings.console = console;
        assert!(Wiring::of(&report).any().is_none());
    }

    #[test]
    fn one_edge_more_makes_a_console_another_graph() {
        let mut report = fixture::song();
        let input = report.graph.nodes.iter().find(|n| n.kind == "input" && n.strip == Some(5)).unwrap().id;
        let output = report.graph.nodes.last().unwrap().id;
        report.graph.edges.push([input, output]);
        assert!(Wiring::of(&report).any().is_some());
        assert_eq!(destinations(&report)[5], "master and output (input)");
        assert_eq!(sources(&report, 5), [None, None]);
    }

    #[test]
    fn branches_are_told_by_number() {
        let report = fixture::parallel();
        assert_eq!(sources(&report, 0), [const { None }; 4]);
        assert_eq!(sources(&report, 2), [None]);
        assert_eq!(Wiring::of(&report).number(1).as_deref(), Some("2."));
        assert_eq!(destinations(&report), ["space (1) and output (3 + 4)", "space and output", "output"]);
    }

    #[test]
    fn what_is_not_fed_by_the_one_before_says_what_feeds_it() {
        let mut report = fixture::parallel();
        let edges = |report: &mut Report, edges: &[[usize; 2]]| report.graph.edges = edges.to_vec();
        // The vocal's reverb beside its second compressor, and the bus fed by a processor alone.
        edges(
            &mut report,
            &[
                [0, 1],
                [1, 2],
                [2, 3],
                [2, 4],
                [4, 5],
                [4, 5],
                [3, 5],
                [5, 9],
                [6, 9],
                [4, 8],
                [8, 9],
                [0, 7],
                [7, 9],
                [9, 10],
            ],
        );
        assert_eq!(sources(&report, 0), [None, None, None, Some("from 2".into())]);
        assert_eq!(sources(&report, 2), [Some("from vox 4".into())]);
        // Twice the reverb, since two edges join it to the sum.
        assert_eq!(destinations(&report)[0], "space (input + 4) and output (3 + 2 × 4)");
    }

    #[test]
    fn a_signal_that_sums_double_over_and_over_is_counted_in_time() {
        let mut report = fixture::parallel();
        let strip = report.strips.remove(1);
        report.strips = vec![strip];
        let node = |id: usize| crate::findings::NodeView { id, kind: "sum".into(), strip: None };
        report.graph.nodes = (0..102).map(node).collect();
        for (id, kind) in [(0, "input"), (101, "output")] {
            report.graph.nodes[id].kind = kind.into();
        }
        report.graph.nodes[0].strip = Some(0);
        report.graph.nodes[70].strip = Some(0);
        report.graph.edges = (0..101).flat_map(|id| [[id, id + 1]; 2]).collect();
        assert_eq!(destinations(&report), [format!("output ({} × input)", u64::MAX)]);
    }

    #[test]
    fn a_graph_that_does_not_fit_its_strips_is_passed_over() {
        let mut report = fixture::parallel();
        report.strips[0].chain.pop();
        assert!(Wiring::of(&report).any().is_none());
        assert_eq!(destinations(&report), ["output"; 3]);
    }
}

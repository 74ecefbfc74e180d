//! Any graph: a row or more a strip, a column a step of the signal's way.
//!
//! A node stands one column behind the last of those that feed it. A signal that is needed further on runs in a lane of
//! its strip from column to column, as if a node stood there, so that no line runs through a box.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use super::{BLOCK_GAP, BOX, ROW, Sheet};
use crate::findings::Report;
use crate::graph::{NodeId, NodeKind};
use crate::words::order::strips;
use crate::words::wiring::AnyGraph;

const COLUMN: f64 = 104.0;
/// Radius of a sum's circle.
const SUM: f64 = 7.0;

/// Draws the graph.
pub(super) fn draw<'a>(report: &'a Report, graph: &AnyGraph) -> Result<Sheet<'a>, fmt::Error> {
    let mut sheet = Sheet::new(report);
    let lanes = Lanes::new(graph);
    let columns = graph.depths.values().max().copied().unwrap_or(0);
    sheet.width = sheet.left() + columns as f64 * COLUMN + 86.0;
    let tops = rows(&mut sheet, &lanes)?;
    let place = |column: usize, id: NodeId| {
        let strip = lanes.strips[&id];
        let (x, lane) = (sheet.left() + column as f64 * COLUMN, lanes.lanes[&(column, id)]);
        (x, tops[strip] + (lane as f64 + 0.5) * ROW)
    };
    let places: BTreeMap<_, _> =
        lanes.lanes.keys().map(|&(column, id)| ((column, id), place(column, id))).collect();
    for &id in lanes.strips.keys() {
        wires(&mut sheet, graph, &lanes, &places, id)?;
        let (x, y) = places[&(graph.depths[&id], id)];
        match graph.graph.node(id).map(|node| node.kind) {
            Some(NodeKind::Processor(_)) => {
                let (strip, place) = graph.places[&id];
                sheet.processor((x, y), &report.strips[strip].chain[place])?;
            }
            Some(NodeKind::Input { .. }) => sheet.dot(x, y, 7.0)?,
            Some(NodeKind::Output) => sheet.output(x, y)?,
            _ => sum(&mut sheet, x, y)?,
        }
    }
    Ok(sheet)
}

/// Gives every strip its rows. Returns where each begins.
fn rows(sheet: &mut Sheet, lanes: &Lanes) -> Result<Vec<f64>, fmt::Error> {
    let report = sheet.report;
    let right = sheet.width - 62.0;
    let mut tops = vec![0.0; report.strips.len().max(1)];
    for strip in strips(report) {
        let Some(i) = report.strips.iter().position(|s| std::ptr::eq(s, strip)) else { continue };
        let top = sheet.y;
        tops[i] = top;
        sheet.name(strip, top + ROW / 2.0)?;
        sheet.y += lanes.counts.get(&i).copied().unwrap_or(1) as f64 * ROW;
        sheet.panel(top, sheet.y, right)?;
        sheet.y += BLOCK_GAP / 2.0;
    }
    Ok(tops)
}

/// Draws the lines from a node to all that it feeds.
fn wires(
    sheet: &mut Sheet,
    graph: &AnyGraph,
    lanes: &Lanes,
    places: &BTreeMap<(usize, NodeId), (f64, f64)>,
    id: NodeId,
) -> fmt::Result {
    let depth = graph.depths[&id];
    let half = |id: NodeId| match graph.graph.node(id).map(|node| node.kind) {
        Some(NodeKind::Processor(_)) => BOX.0 / 2.0,
        Some(NodeKind::Sum) => SUM,
        _ => 0.0,
    };
    for column in depth..lanes.last[&id] {
        let (from, to) = (places[&(column, id)], places[&(column + 1, id)]);
        let start = if column == depth { half(id) } else { 0.0 };
        line(sheet, (from.0 + start, from.1), to)?;
    }
    let mut fed: BTreeMap<NodeId, usize> = BTreeMap::new();
    graph.graph.successors(id).for_each(|to| *fed.entry(to).or_default() += 1);
    for (to, times) in fed {
        let column = graph.depths[&to];
        let (from, end) = (places[&(column - 1, id)], places[&(column, to)]);
        let start = if column - 1 == depth { half(id) } else { 0.0 };
        line(sheet, (from.0 + start, from.1), (end.0 - half(to), end.1))?;
        if times > 1 {
            let (x, y) = (end.0 - half(to) - 12.0, end.1 - 5.0);
            writeln!(
                sheet.names,
                r#"<text x="{x}" y="{y}" font-size="10.5" text-anchor="middle">×{times}</text>"#
            )?;
        }
    }
    Ok(())
}

/// A line to the right, bent where the lanes differ.
fn line(sheet: &mut Sheet, (x, y): (f64, f64), (to, end): (f64, f64)) -> fmt::Result {
    if y == end {
        return writeln!(sheet.wires, r#"<path d="M{x} {y}H{to}"/>"#);
    }
    // The bend lies in the gap between two columns of boxes.
    let (from, until) = (to - (COLUMN - BOX.0) - BOX.0 / 2.0, to - BOX.0 / 2.0);
    let (from, until) = (from.max(x), until.max(x + 8.0).min(to));
    let middle = (from + until) / 2.0;
    writeln!(sheet.wires, r#"<path d="M{x} {y}H{from}C{middle} {y} {middle} {end} {until} {end}H{to}"/>"#)
}

/// A circle with a plus in it.
fn sum(sheet: &mut Sheet, x: f64, y: f64) -> fmt::Result {
    let arm = SUM - 3.5;
    writeln!(sheet.wires, r#"<circle cx="{x}" cy="{y}" r="{SUM}"/>"#)?;
    writeln!(sheet.wires, r#"<path d="M{} {y}h{}M{x} {}v{}"/>"#, x - arm, 2.0 * arm, y - arm, 2.0 * arm)
}

/// Where every signal runs.
struct Lanes {
    /// The strip in whose rows a node stands and its signal runs.
    strips: BTreeMap<NodeId, usize>,
    /// Lane in its strip, by column and the node whose signal it is.
    lanes: BTreeMap<(usize, NodeId), usize>,
    /// The last column in which a node's signal runs.
    last: BTreeMap<NodeId, usize>,
    /// How many lanes each strip has.
    counts: BTreeMap<usize, usize>,
}

impl Lanes {
    fn new(graph: &AnyGraph) -> Self {
        let mut strips = BTreeMap::new();
        let mut columns: Vec<Vec<NodeId>> = vec![];
        for id in graph.graph.order() {
            // What is in no strip stands with the first that feeds it.
            let own = graph.graph.node(id).and_then(|node| node.strip);
            let first = || graph.graph.predecessors(id).next().map(|from| strips[&from]);
            strips.insert(id, own.or_else(first).unwrap_or(0));
            let depth = graph.depths[&id];
            columns.resize_with(columns.len().max(depth + 1), Vec::new);
            columns[depth].push(id);
        }
        let (lanes, last, counts) = Default::default();
        let mut drawn = Self { strips, lanes, last, counts };
        // Signals that are still needed behind their node's column.
        let mut running: Vec<NodeId> = vec![];
        for (column, nodes) in columns.iter().enumerate() {
            running.retain(|id| drawn.last[id] >= column);
            let mut taken: BTreeMap<usize, Vec<bool>> = BTreeMap::new();
            // Nodes choose first, so that a chain is straight and the lines around it bend.
            for &id in nodes {
                let strip = drawn.strips[&id];
                let before = graph.graph.predecessors(id).filter(|from| drawn.strips[from] == strip);
                let before = before.map(|from| drawn.lanes[&(column - 1, from)]).min();
                let lane = take(taken.entry(strip).or_default(), before);
                drawn.lanes.insert((column, id), lane);
            }
            for &id in &running {
                let before = drawn.lanes[&(column - 1, id)];
                let lane = take(taken.entry(drawn.strips[&id]).or_default(), Some(before));
                drawn.lanes.insert((column, id), lane);
            }
            for (strip, taken) in taken {
                let count = drawn.counts.entry(strip).or_default();
                *count = taken.len().max(*count);
            }
            for &id in nodes {
                let last = graph.graph.successors(id).map(|to| graph.depths[&to] - 1).max();
                drawn.last.insert(id, last.unwrap_or(column));
            }
            running.extend(nodes.iter().filter(|id| drawn.last[id] > column));
        }
        drawn
    }
}

/// Takes the wished lane, or the first that is free.
fn take(taken: &mut Vec<bool>, wish: Option<usize>) -> usize {
    let is_free = |lane: usize| taken.get(lane).is_none_or(|&taken| !taken);
    let lane = wish.filter(|&lane| is_free(lane));
    let lane = lane.or_else(|| (0..).find(|&lane| is_free(lane))).expect("some lane is free");
    taken.resize(taken.len().max(lane + 1), false);
    taken[lane] = true;
    lane
}

#[cfg(test)]
mod tests {
    use super::super::to_string;
    use super::*;
    use crate::findings::fixture;
    use crate::graph::strategies::graphs_in_strips;
    use crate::pages::{html, markdown};
    use crate::words::wiring::Wiring;
    use proptest::prelude::*;

    #[test]
    fn a_signal_that_counts_twice_says_so() {
        let mut report = fixture::parallel();
        assert!(!to_string(&report).contains("×2"));
        report.graph.edges.push([4, 5]);
        assert_eq!(to_string(&report).matches(">×2</text>").count(), 1);
    }

    #[test]
    fn a_chain_is_straight_and_what_runs_beside_it_bends() {
        let report = fixture::parallel();
        let wiring = Wiring::of(&report);
        let lanes = Lanes::new(wiring.any().unwrap());
        let straight = [(0, 0), (1, 1), (2, 2), (3, 3)].map(|key| lanes.lanes[&key]);
        assert_eq!(straight, [0; 4]);
        // The second compressor's signal passes the reverb beside it, on its way to their sum.
        assert_eq!((lanes.lanes[&(4, 4)], lanes.lanes[&(4, 3)]), (0, 1));
        assert_eq!(lanes.counts[&0], 2);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn every_signal_has_a_lane_of_its_own_and_every_processor_a_box(graph in graphs_in_strips()) {
            let report = fixture::of_graph(&graph);
            let wiring = Wiring::of(&report);
            if let Some(any) = wiring.any() {
                let lanes = Lanes::new(any);
                let mut places: Vec<_> =
                    lanes.lanes.iter().map(|(&(column, id), &lane)| (column, lanes.strips[&id], lane)).collect();
                let signals = places.len();
                places.sort_unstable();
                places.dedup();
                prop_assert_eq!(places.len(), signals);
                for (from, to) in graph.edges() {
                    prop_assert!(any.depths[from] < any.depths[to]);
                    prop_assert!(lanes.last[from] >= any.depths[to] - 1);
                }
            }
            let svg = to_string(&report);
            let document = roxmltree::Document::parse(&svg).unwrap();
            let kept = |n: &roxmltree::Node| n.attribute("class").is_some_and(|c| c.starts_with("kept "));
            prop_assert_eq!(document.descendants().filter(kept).count(), graph.processors().count());
            let (page, text) = (html::to_string(&report, None), markdown::to_string(&report));
            prop_assert_eq!(page.matches("class=\"chip\"").count(), graph.processors().count());
            prop_assert!(text.contains("## Strips"));
        }
    }
}

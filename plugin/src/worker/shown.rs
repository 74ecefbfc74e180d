//! A report read back from its folder.

use std::fs;
use std::path::Path;

use mixtrace_solver::findings::Report;
use mixtrace_solver::graph::{Graph, Node, NodeKind, Role, Strip};
use mixtrace_solver::processors::Kind;
use mixtrace_solver::result::json;

/// The report in a folder.
///
/// # Errors
/// A sentence for the window.
pub fn read(folder: &Path) -> Result<Report, String> {
    let path = folder.join("report.json");
    let text = fs::read_to_string(&path).map_err(|reason| {
        format!(
            "The report {} cannot be read ({reason}); put it back there, or solve the take again.",
            path.display()
        )
    })?;
    json::from_str(&text)
        .map_err(|reason| format!("The report {} cannot be shown: {reason}.", path.display()))
}

/// The graph of a report; none if it is not one.
pub fn graph(report: &Report) -> Option<Graph> {
    let index = |name: &String| {
        report.strips.iter().position(|strip| strip.role == Role::Group && strip.name == *name)
    };
    let strips = report.strips.iter().map(|strip| Strip {
        name: strip.name.clone(),
        role: strip.role,
        group: strip.group.as_ref().and_then(index),
    });
    let nodes = report.graph.nodes.iter().map(|node| {
        let kind = match node.kind.as_str() {
            // Tracks come first, and one track is one stem.
            "input" => NodeKind::Input { stem: node.strip? },
            "sum" => NodeKind::Sum,
            "output" => NodeKind::Output,
            name => NodeKind::Processor(Kind::named(name)?),
        };
        Some(Node { id: node.id, kind, strip: node.strip })
    });
    let edges = report.graph.edges.iter().map(|&[from, to]| (from, to));
    Graph::from_parts(strips.collect(), nodes.collect::<Option<_>>()?, edges.collect()).ok()
}

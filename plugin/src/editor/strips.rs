//! The console strip by strip, as it is drawn: from the full console while a search runs, from the report after it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use mixtrace_solver::findings::{ProcessorView, Report, StripView};
use mixtrace_solver::graph::{Graph, NodeId, NodeKind, Role};
use mixtrace_solver::processors::Kind;
use mixtrace_solver::words::order;

/// Whether a processor is still there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum State {
    /// It is.
    Kept,
    /// It was removed at this moment.
    Removed(Instant),
    /// It was removed before the report was written.
    Gone,
}

/// A processor's place in a chain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place<'a> {
    /// What it does.
    pub kind: Kind,
    /// Whether it is still there.
    pub state: State,
    /// What it is set to, once that is known.
    pub processor: Option<&'a ProcessorView>,
}

/// A strip.
#[derive(Clone, Debug, PartialEq)]
pub struct Row<'a> {
    /// The stem's or group's name; `master`.
    pub name: &'a str,
    /// What it is for.
    pub role: Role,
    /// Its chain, in order.
    pub places: Vec<Place<'a>>,
}

/// Strips that belong together: a group's tracks and then the group, the tracks without a group, the sends, or the master.
pub type Block<'a> = Vec<Row<'a>>;

/// The strips of a report.
pub fn of_report(report: &Report) -> Vec<Block<'_>> {
    let kinds = report.settings.kinds();
    let row = |strip| row(strip, &kinds);
    let blocks = order::blocks(report).into_iter();
    let blocks = blocks.map(|b| b.tracks.into_iter().chain(b.group).map(row).collect::<Block>());
    let buses: [Block; 2] =
        [order::sends(report), order::masters(report)].map(|strips| strips.into_iter().map(row).collect());
    blocks.chain(buses.into_iter().filter(|bus| !bus.is_empty())).collect()
}

fn row<'a>(strip: &'a StripView, kinds: &[Kind]) -> Row<'a> {
    let kept = |p: &'a ProcessorView| Place { kind: p.kind(), state: State::Kept, processor: Some(p) };
    let gone = |&kind: &Kind| Place { kind, state: State::Gone, processor: None };
    // One processor a kind in the order of kinds: then what is missing has a place, too.
    let column = |p: &ProcessorView| kinds.iter().position(|&kind| kind == p.kind());
    let of_console = strip.chain.iter().all(|p| p.from.is_none() && column(p).is_some())
        && strip.chain.windows(2).all(|pair| column(&pair[0]) < column(&pair[1]));
    let places = if of_console {
        let find = |kind: &Kind| strip.chain.iter().find(|p| p.kind() == *kind);
        kinds.iter().map(|kind| find(kind).map_or_else(|| gone(kind), kept)).collect()
    } else {
        strip.chain.iter().map(kept).collect()
    };
    Row { name: &strip.name, role: strip.role, places }
}

/// The chains of a console. Finding them means walking the whole graph, too much for every frame.
#[derive(Default)]
pub struct Chains {
    of: Option<Arc<Graph>>,
    chains: Vec<Vec<(NodeId, Kind)>>,
}

impl Chains {
    /// The strips of a console of which some processors were removed; `set` is what the last fit set its strips to, in
    /// the console's order, if one has ended.
    pub fn of_console<'a>(
        &mut self,
        console: &'a Arc<Graph>,
        removed: &HashMap<NodeId, Instant>,
        set: &'a [StripView],
    ) -> Vec<Block<'a>> {
        if !self.of.as_ref().is_some_and(|known| Arc::ptr_eq(known, console)) {
            self.chains = (0..console.strips.len()).map(|strip| chain(console, strip)).collect();
            self.of = Some(Arc::clone(console));
        }
        let row = |strip: usize| {
            let mut left = set.get(strip).map_or(&[][..], |view| &view.chain);
            let place = |&(id, kind): &(NodeId, Kind)| {
                // The fit's chain is this one without what was removed before it.
                let processor = left.first().filter(|p| p.kind() == kind);
                left = if processor.is_some() { &left[1..] } else { left };
                match removed.get(&id) {
                    Some(&when) => Place { kind, state: State::Removed(when), processor: None },
                    None => Place { kind, state: State::Kept, processor },
                }
            };
            let places = self.chains.get(strip).map_or(vec![], |chain| chain.iter().map(place).collect());
            Row { name: &console.strips[strip].name, role: console.strips[strip].role, places }
        };
        blocks(console).into_iter().map(|block| block.into_iter().map(row).collect()).collect()
    }
}

fn chain(console: &Graph, strip: usize) -> Vec<(NodeId, Kind)> {
    let kind = |id| match console.node(id)?.kind {
        NodeKind::Processor(kind) => Some((id, kind)),
        _ => None,
    };
    console.chain(strip).into_iter().filter_map(kind).collect()
}

/// The console's strips by index, each group's tracks before it.
fn blocks(console: &Graph) -> Vec<Vec<usize>> {
    let strips = || console.strips.iter().enumerate();
    let groups = strips().filter(|(_, s)| s.role == Role::Group).map(|(g, _)| {
        let tracks = strips().filter(|(_, s)| s.role == Role::Track && s.group == Some(g)).map(|(i, _)| i);
        tracks.chain([g]).collect::<Vec<_>>()
    });
    let free = strips().filter(|(_, s)| s.role == Role::Track && s.group.is_none()).map(|(i, _)| i).collect();
    let with_role = |role| strips().filter(move |(_, s)| s.role == role).map(|(i, _)| i).collect();
    groups
        .chain([free, with_role(Role::Send), with_role(Role::Master)])
        .filter(|block| !block.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor::sample;
    use mixtrace_solver::graph::Console;

    #[test]
    fn a_report_has_a_place_for_each_kind_of_its_console() {
        let report = sample::report(6);
        let blocks = of_report(&report);
        assert_eq!(blocks.iter().map(Vec::len).sum::<usize>(), report.strips.len());
        for row in blocks.iter().flatten() {
            let kinds: Vec<Kind> = row.places.iter().map(|p| p.kind).collect();
            assert_eq!(kinds, Console::PAPER.kinds());
            assert!(row.places.iter().all(|p| (p.state == State::Kept) == p.processor.is_some()));
        }
    }

    #[test]
    fn a_chain_that_is_not_the_consoles_is_shown_as_it_is() {
        let mut report = sample::report(6);
        let chain = report.strips[0].chain.clone();
        report.strips[0].chain = chain.iter().cycle().take(2 * chain.len()).cloned().collect();
        let name = report.strips[0].name.clone();
        let blocks = of_report(&report);
        let row = blocks.iter().flatten().find(|row| row.name == name).unwrap();
        assert_eq!(row.places.len(), 2 * chain.len());
    }

    #[test]
    fn a_console_is_drawn_like_its_report_and_knows_what_was_removed() {
        let shot = sample::solving();
        let console = shot.worker.console.clone().unwrap();
        let mut chains = Chains::default();
        let blocks = chains.of_console(&console, &shot.worker.removed, &[]);
        let drawn =
            |blocks: &[Block]| blocks.iter().flatten().map(|r| r.name.to_string()).collect::<Vec<_>>();
        assert_eq!(drawn(&blocks), drawn(&of_report(&sample::report(6))));
        let removed =
            blocks.iter().flatten().flat_map(|r| &r.places).filter(|p| p.state != State::Kept).count();
        assert_eq!(removed, shot.worker.removed.len());
        assert!(removed > 0);
    }

    #[test]
    fn what_the_last_fit_set_is_shown_on_what_is_left_of_it() {
        let shot = sample::solving();
        let console = shot.worker.console.clone().unwrap();
        let set = sample::report(6).strips;
        let mut chains = Chains::default();
        let blocks = chains.of_console(&console, &shot.worker.removed, &set);
        let rows: Vec<&Row> = blocks.iter().flatten().collect();
        for strip in &set {
            let row = rows.iter().find(|row| row.name == strip.name && row.role == strip.role).unwrap();
            for place in &row.places {
                let fitted = strip.chain.iter().find(|p| p.kind() == place.kind);
                assert_eq!(place.processor, fitted.filter(|_| place.state == State::Kept));
            }
        }
        assert!(rows.iter().flat_map(|row| &row.places).any(|place| place.processor.is_some()));
    }
}

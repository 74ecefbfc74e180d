//! From an outcome to a report: every parameter turned into its units.

use std::collections::BTreeMap;

use super::agreement;
use super::schema::{
    CONSOLE, GraphView, MatchView, Matches, NodeView, ProcessorView, Pruning, Report, RoundView, SCHEMA,
    SessionView, SettingsView, StripView, Timing,
};
use crate::PROGRAM;
use crate::graph::{Graph, NodeId};
use crate::matching::Match;
use crate::parameters::{self, Parameters};
use crate::processors::Kind;
use crate::search::runs::Runs;
use crate::search::{Fitted, Outcome, Settings};
use crate::session::Session;

impl Report {
    /// What a search over `session` with `settings` found, if it began with the full console; what else it began with is
    /// to be put in [`SettingsView::start`].
    ///
    /// # Errors
    /// If the tensor maths fails, which is a defect of the program.
    pub fn of(session: &Session, settings: &Settings, outcome: &Outcome) -> Result<Self, parameters::Error> {
        Ok(Self {
            schema: SCHEMA,
            program: PROGRAM.to_string(),
            stopped: outcome.stopped,
            session: SessionView {
                name: session.name.clone(),
                sample_rate: session.sample_rate,
                duration_s: session.duration_s,
                stems: session.stems.iter().map(|s| s.name.clone()).collect(),
                groups: session.groups.clone(),
                tempo: None,
                notes: session.notes.iter().chain(&outcome.notes).cloned().collect(),
                source: None,
                fingerprint: None,
            },
            settings: SettingsView {
                rate: session.rate,
                steps: settings.steps,
                prune_rounds: settings.prune_rounds,
                steps_per_round: settings.steps_per_round,
                method: settings.method.name().to_string(),
                tolerance: settings.tolerance,
                start: CONSOLE.to_string(),
                console: settings.console,
                processors: settings.kinds.iter().map(|k| k.letter()).collect(),
                master: settings.master,
                seed: settings.seed,
                runs: 1,
            },
            matches: Matches {
                plain_sum: match_view(outcome.plain_sum),
                static_mix: None,
                console: match_view(outcome.console_match),
                pruned: match_view(outcome.pruned_match),
            },
            error: None,
            pruning: pruning(outcome),
            history: outcome.history.iter().map(round_view).collect(),
            runs: Vec::new(),
            graph: graph_view(&outcome.graph),
            strips: strips(&outcome.graph, &outcome.parameters)?,
            timing: Timing {
                fit_s: outcome.timing.fit.as_secs_f64(),
                prune_s: outcome.timing.prune.as_secs_f64(),
                step_ms_median: outcome.timing.step_median.as_secs_f64() * 1000.0,
                evaluations: outcome.timing.evaluations,
                threads: settings.threads,
            },
        })
    }

    /// The same of the chosen one of several `runs`, whose outcome is given. With less than two runs done, it says no more
    /// than [`of`](Self::of).
    ///
    /// # Errors
    /// Those of [`of`](Self::of).
    pub fn of_runs(
        session: &Session,
        settings: &Settings,
        outcome: &Outcome,
        runs: &Runs,
    ) -> Result<Self, parameters::Error> {
        let mut report = Self::of(session, settings, outcome)?;
        report.settings.runs = runs.wanted;
        if runs.finished.len() > 1 {
            agreement::add(&mut report, &outcome.graph, runs);
        }
        Ok(report)
    }
}

fn round_view(&Fitted { round, processors, matched }: &Fitted) -> RoundView {
    RoundView { round, processors, matched }
}

pub(super) fn match_view(m: Match) -> MatchView {
    MatchView { full: m.full, lr: m.lr, mid: m.mid, side: m.side }
}

fn pruning(outcome: &Outcome) -> Pruning {
    let kept: Vec<_> = outcome.graph.processors().collect();
    let removed_share = |before: usize, after: usize| (before - after) as f64 / before.max(1) as f64;
    let by_kind: BTreeMap<_, _> = Kind::ALL
        .into_iter()
        .filter_map(|kind| {
            let of = |nodes: &[(NodeId, Kind)]| nodes.iter().filter(|n| n.1 == kind).count();
            let before = of(&outcome.console);
            (before > 0).then(|| (kind, removed_share(before, of(&kept))))
        })
        .collect();
    Pruning {
        processors_before: outcome.console.len(),
        processors_after: kept.len(),
        ratio: removed_share(outcome.console.len(), kept.len()),
        by_kind,
    }
}

pub(super) fn graph_view(graph: &Graph) -> GraphView {
    let nodes = graph.nodes().iter();
    let nodes = nodes.map(|node| NodeView { id: node.id, kind: node.kind.to_string(), strip: node.strip });
    GraphView { nodes: nodes.collect(), edges: graph.edges().iter().map(|&(from, to)| [from, to]).collect() }
}

/// The chains of a graph whose processors are set to `parameters`: of a search's outcome, or of one that is still going on.
///
/// # Errors
/// If the tensor maths fails, which is a defect of the program.
pub fn strips(graph: &Graph, parameters: &Parameters) -> Result<Vec<StripView>, parameters::Error> {
    let flat = parameters.physical()?;
    let layout = parameters.layout();
    let sends = graph.sends();
    let processor = |id: NodeId| {
        let place = layout.places.iter().find(|p| p.id == id)?;
        let wet = flat[place.wet];
        let physical = &flat[place.physical.clone()];
        let settings = place.kind.definition().settings(physical, wet);
        let send = sends.iter().find(|send| send.gain == id);
        let from =
            send.map(|send| send.from.map_or("a sum".into(), |strip| graph.strips[strip].name.clone()));
        Some(ProcessorView { from, ..ProcessorView::new(wet as f64, settings) })
    };
    let strips = graph.strips.iter().enumerate().map(|(i, strip)| StripView {
        name: strip.name.clone(),
        role: strip.role,
        group: strip.group.map(|group| graph.strips[group].name.clone()),
        heard: None,
        chain: graph.chain(i).into_iter().filter_map(processor).collect(),
        tone: None,
        also: Vec::new(),
    });
    Ok(strips.collect())
}

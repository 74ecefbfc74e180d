//! How far several runs of a search agree: in which share of them each processor was kept.

use std::collections::BTreeMap;

use super::schema::{AlsoView, Report, RunView};
use crate::graph::{Graph, NodeId, NodeKind};
use crate::processors::Kind;
use crate::search::runs::{Run, Runs};

/// Tells in a report on `graph`, the chosen run's, what the other runs kept.
pub(super) fn add(report: &mut Report, graph: &Graph, runs: &Runs) {
    for (i, strip) in report.strips.iter_mut().enumerate() {
        for (id, processor) in graph.chain(i).into_iter().zip(&mut strip.chain) {
            processor.kept_in_runs = Some(runs.share(id));
        }
        strip.also = also(i, graph, runs);
    }
    let chosen = runs.choose(report.settings.tolerance).map(|run| run.seed);
    let view = |run: &Run| RunView {
        seed: run.seed,
        matched: run.pruned_match.full,
        processors: run.graph.processors().count(),
        chosen: Some(run.seed) == chosen,
    };
    report.runs = runs.finished.iter().map(view).collect();
    let timing = |of: fn(&Run) -> f64| runs.finished.iter().map(of).sum();
    report.timing.fit_s = timing(|run| run.timing.fit.as_secs_f64());
    report.timing.prune_s = timing(|run| run.timing.prune.as_secs_f64());
    report.timing.evaluations = runs.finished.iter().map(|run| run.timing.evaluations).sum();
}

/// What other runs kept in a strip and `graph` does not hold: the most often kept first.
fn also(strip: usize, graph: &Graph, runs: &Runs) -> Vec<AlsoView> {
    let nodes = runs.finished.iter().flat_map(|run| run.graph.nodes());
    let others: BTreeMap<NodeId, Kind> = nodes
        .filter(|node| node.strip == Some(strip) && graph.processors().all(|(id, _)| id != node.id))
        .filter_map(|node| match node.kind {
            NodeKind::Processor(kind) => Some((node.id, kind)),
            _ => None,
        })
        .collect();
    let view = |(id, kind)| AlsoView { kind, kept_in_runs: runs.share(id) };
    let mut also: Vec<_> = others.into_iter().map(view).collect();
    also.sort_by(|a, b| b.kept_in_runs.total_cmp(&a.kept_in_runs));
    also
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::graph::Selection;
    use crate::matching::Match;
    use crate::parameters::Parameters;
    use crate::search::Timing;
    use std::time::Duration;

    /// The console of two tracks in a group without the nodes that `leaves_out` says.
    fn run(seed: u64, full: f64, leaves_out: impl Fn(usize, Kind) -> bool) -> Run {
        let stems = [("a".into(), Some(0)), ("b".into(), Some(0))];
        let mut graph = Graph::console(&stems, &["both".into()], Selection::of(&Kind::ALL)).unwrap();
        for node in graph.clone().nodes() {
            if let (NodeKind::Processor(kind), Some(strip)) = (node.kind, node.strip)
                && leaves_out(strip, kind)
            {
                graph.remove(node.id).unwrap();
            }
        }
        let timing = Timing { fit: Duration::from_secs(2), evaluations: 5, ..Timing::default() };
        let pruned_match = Match { full, ..Match::default() };
        let (parameters, console_match) = (Parameters::default(), Match::default());
        Run { seed, graph, parameters, console_match, pruned_match, notes: vec![], history: vec![], timing }
    }

    #[test]
    fn a_report_tells_how_often_each_processor_was_kept_and_what_else_was() {
        let runs = Runs {
            wanted: 4,
            finished: vec![
                run(7, 0.3, |strip, kind| strip == 0 && kind != Kind::Equalizer),
                run(8, 0.3, |strip, kind| strip == 1 || kind != Kind::Equalizer),
                run(9, 0.3, |strip, kind| strip == 1 && kind != Kind::Reverb),
                run(10, 0.3, |strip, kind| strip == 1 && kind == Kind::Reverb),
            ],
        };
        let graph = &runs.choose(0.01).unwrap().graph;
        let mut report = fixture::song();
        report.strips.truncate(3);
        let chain = |kinds: &[Kind]| kinds.iter().map(|&kind| fixture::processor(kind, 0.5)).collect();
        report.strips[0].chain = chain(&[Kind::Equalizer]);
        report.strips[1].chain = chain(&[]);
        report.strips[2].chain = chain(&[Kind::Equalizer]);
        add(&mut report, graph, &runs);

        let shares = |strip: usize| {
            report.strips[strip].chain.iter().map(|p| p.kept_in_runs.unwrap()).collect::<Vec<_>>()
        };
        assert_eq!([shares(0), shares(1), shares(2)], [vec![1.0], vec![], vec![1.0]]);
        let also = &report.strips[1].also;
        let reverb = also.iter().find(|also| also.kind == Kind::Reverb).unwrap();
        assert_eq!((also.len(), reverb.kept_in_runs, also[0].kept_in_runs), (7, 0.5, 0.5));
        let chosen: Vec<_> = report.runs.iter().filter(|run| run.chosen).map(|run| run.seed).collect();
        assert_eq!(chosen, [8]);
        assert_eq!((report.timing.fit_s, report.timing.evaluations), (8.0, 20));
    }
}

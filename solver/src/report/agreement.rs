//! How far several runs of a search agree: in which share of them each processor was kept, and in words.

use std::collections::BTreeMap;

use super::phrases::{fixed, percent};
use super::schema::{AlsoView, ProcessorView, Report, RunView, StripView};
use super::{look, words};
use crate::graph::{Graph, NodeId, NodeKind};
use crate::processors::Kind;
use crate::search::runs::{Run, Runs};

/// How the shares are to be read.
pub const WHAT_RUNS_MEAN: &str = "Each run searched with another seed. The report is of the one that needs the fewest \
     processors among those whose match is within the tolerance of the best. What most runs kept is what the mix asks for; \
     what few kept may be chance, or one of several ways to the same sound.";

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

/// A run a line, such as `seed 3: match 0.3813, 17 processors – this report`; nothing where there was but one.
pub fn lines(report: &Report) -> Vec<String> {
    let line = |run: &RunView| {
        let (matched, processors) = (fixed(run.matched, 4), words::count(run.processors, "processor"));
        let chosen = if run.chosen { " – this report" } else { "" };
        format!("seed {}: match {matched}, {processors}{chosen}", run.seed)
    };
    report.runs.iter().map(line).collect()
}

/// In how many runs a processor was kept, such as `80 % of runs`; nothing where there was but one.
pub fn share(processor: &ProcessorView) -> Option<String> {
    processor.kept_in_runs.map(|share| format!("{} of runs", percent(share)))
}

/// The same as a count, such as `8 of 10 runs`.
pub fn count(report: &Report, share: f64) -> String {
    let runs = report.runs.len();
    format!("{} of {runs} runs", (share * runs as f64).round())
}

/// What other runs kept in a strip, such as `in other runs also: reverb (40 %), delay (20 %)`.
pub fn others(strip: &StripView) -> Option<String> {
    let named: Vec<String> = strip
        .also
        .iter()
        .map(|also| format!("{} ({})", look::of(also.kind).title.to_lowercase(), percent(also.kept_in_runs)))
        .collect();
    (!named.is_empty()).then(|| format!("in other runs also: {}", named.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::engine::Parameters;
    use crate::matching::Match;
    use crate::search::Timing;
    use std::time::Duration;

    /// The console of two tracks in a group without the nodes that `leaves_out` says.
    fn run(seed: u64, full: f64, leaves_out: impl Fn(usize, Kind) -> bool) -> Run {
        let stems = [("a".into(), Some(0)), ("b".into(), Some(0))];
        let mut graph = Graph::console(&stems, &["both".into()], &Kind::ALL, false).unwrap();
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
        Run { seed, graph, parameters, console_match, pruned_match, history: vec![], timing }
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
        assert_eq!(share(&report.strips[0].chain[0]).unwrap(), "100 % of runs");
        let also = &report.strips[1].also;
        let reverb = also.iter().find(|also| also.kind == Kind::Reverb).unwrap();
        assert_eq!((also.len(), reverb.kept_in_runs, also[0].kept_in_runs), (7, 0.5, 0.5));
        assert_eq!(count(&report, 0.5), "2 of 4 runs");
        let chosen: Vec<_> = report.runs.iter().filter(|run| run.chosen).map(|run| run.seed).collect();
        assert_eq!(chosen, [8]);
        assert_eq!((report.timing.fit_s, report.timing.evaluations), (8.0, 20));
    }

    #[test]
    fn a_run_is_told_in_a_line() {
        assert_eq!(lines(&fixture::song()), [""; 0]);
        let lines = lines(&fixture::song_of_runs());
        assert_eq!(lines[3], "seed 3: match 0.3860, 17 processors");
        assert_eq!(lines[4], "seed 4: match 0.3880, 16 processors – this report");
    }

    #[test]
    fn what_others_kept_is_said_in_a_line_and_nothing_in_none() {
        let mut strip = fixture::song().strips.swap_remove(0);
        assert_eq!(others(&strip), None);
        strip.also = vec![
            AlsoView { kind: Kind::Reverb, kept_in_runs: 0.4 },
            AlsoView { kind: Kind::NoiseGate, kept_in_runs: 0.2 },
        ];
        assert_eq!(others(&strip).unwrap(), "in other runs also: reverb (40 %), noise gate (20 %)");
    }
}

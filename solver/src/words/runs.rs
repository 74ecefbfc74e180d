//! How far several runs of a search agree, in words.

use crate::findings::{ProcessorView, Report, RunView, StripView};
use crate::units::{self, fixed, percent};

/// How the shares are to be read.
pub const WHAT_RUNS_MEAN: &str = "Each run searched with another seed. The report is of the one that needs the fewest \
     processors among those whose match is within the tolerance of the best. What most runs kept is what the mix asks for; \
     what few kept may be chance, or one of several ways to the same sound.";

/// A run a line, such as `seed 3: match 0.3813, 17 processors – this report`; nothing where there was but one.
pub fn lines(report: &Report) -> Vec<String> {
    let line = |run: &RunView| {
        let (matched, processors) = (fixed(run.matched, 4), units::count(run.processors, "processor"));
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
        .map(|also| format!("{} ({})", also.kind.look().title.to_lowercase(), percent(also.kept_in_runs)))
        .collect();
    (!named.is_empty()).then(|| format!("in other runs also: {}", named.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::{AlsoView, fixture};
    use crate::processors::Kind;

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

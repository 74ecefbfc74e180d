//! `report.md`: the findings as a page of Markdown.

use std::fmt::{self, Write};

use super::escape::markdown as safe;
use super::table;
use crate::findings::{MatchView, ProcessorView, Report, StripView};
use crate::graph::Role;
use crate::processors::Response;
use crate::units::{self, fixed, hertz, percent};
use crate::words::{facts, order, runs, strip_sentence};

/// The report as Markdown.
pub fn to_string(report: &Report) -> String {
    let mut page = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut page, report);
    page
}

fn write(page: &mut String, report: &Report) -> fmt::Result {
    writeln!(page, "# {}\n", safe(&report.session.name))?;
    writeln!(page, "{}.\n", safe(&facts::summary(report)))?;
    if report.stopped {
        writeln!(page, "**{}**\n", facts::STOPPED)?;
    }
    matches(page, report)?;
    trust(page, report)?;
    processors(page, report)?;
    in_words(page, report)?;
    strips(page, report)?;
    matters(page, report)?;
    runs(page, report)?;
    if !report.session.notes.is_empty() {
        writeln!(page, "## Notes on the session\n")?;
        for note in &report.session.notes {
            writeln!(page, "- {}", safe(note))?;
        }
        writeln!(page)?;
    }
    for (title, facts) in [("Settings", facts::settings(report)), ("Timing", facts::timing(report))] {
        writeln!(page, "## {title}\n\n| | |\n|---|---|")?;
        for (name, value) in facts {
            writeln!(page, "| {name} | {} |", safe(&value))?;
        }
        writeln!(page)?;
    }
    writeln!(page, "---\n\nWritten by {}.", safe(&report.program))
}

fn matches(page: &mut String, report: &Report) -> fmt::Result {
    writeln!(page, "## Match\n\n| | full | left/right | mid | side |\n|---|---:|---:|---:|---:|")?;
    for (stage, m) in facts::stages(report) {
        let MatchView { full, lr, mid, side } = m;
        let [full, lr, mid, side] = [full, lr, mid, side].map(|v| fixed(v, 4));
        writeln!(page, "| {stage} | {full} | {lr} | {mid} | {side} |")?;
    }
    writeln!(page, "\n{}\n", facts::WHAT_MATCH_MEANS)
}

/// How far the match can be trusted: where it is off, and which strips are uncertain.
fn trust(page: &mut String, report: &Report) -> fmt::Result {
    if let Some(error) = &report.error {
        let Response { hz, db } = &error.by_frequency;
        writeln!(page, "## Error\n\n{}\n", facts::what_errors_mean())?;
        writeln!(page, "| from | to | error |\n|---:|---:|---:|")?;
        // An octave a row: three thirds, or those of them that are heard.
        let thirds: Vec<(f64, f64)> = hz.iter().copied().zip(db.iter().copied()).collect();
        let octave = |third: &(f64, f64)| facts::third_octave(third.0) / 3;
        for thirds in thirds.chunk_by(|a, b| octave(a) == octave(b)) {
            let mean = thirds.iter().map(|third| third.1).sum::<f64>() / thirds.len() as f64;
            let ends = [thirds[0], thirds[thirds.len() - 1]].map(|third| hertz(third.0));
            writeln!(page, "| {} | {} | {} |", ends[0], ends[1], units::db(mean))?;
        }
        let (s, db) = (&error.over_time.s, &error.over_time.db);
        let worst = s.iter().zip(db).max_by(|a, b| a.1.total_cmp(b.1));
        if let Some((s, worst)) = worst {
            writeln!(page, "\nLargest at {} s: {}.", fixed(*s, 0), units::db(*worst))?;
        }
        writeln!(page)?;
    }
    let uncertain = strip_sentence::uncertain(report);
    if !uncertain.is_empty() {
        let names: Vec<String> = uncertain.iter().map(|strip| safe(&strip.name)).collect();
        writeln!(page, "**Uncertain: {}.** {}\n", names.join(", "), facts::WHAT_UNCERTAIN_MEANS)?;
    }
    Ok(())
}

/// A sentence a strip.
fn in_words(page: &mut String, report: &Report) -> fmt::Result {
    writeln!(page, "## In words\n")?;
    for strip in order::strips(report) {
        writeln!(page, "- {}", safe(&strip_sentence::of(strip)))?;
    }
    writeln!(page)
}

/// What each processor is worth, the most first.
fn matters(page: &mut String, report: &Report) -> fmt::Result {
    let worth = |strip: &StripView, p: &ProcessorView| Some((strip.name.clone(), p.kind(), p.matters?));
    let mut all: Vec<_> =
        report.strips.iter().flat_map(|s| s.chain.iter().filter_map(|p| worth(s, p))).collect();
    if all.is_empty() {
        return Ok(());
    }
    all.sort_by(|a, b| b.2.total_cmp(&a.2));
    writeln!(page, "## What matters\n\n{}\n", facts::WHAT_MATTERS_MEANS)?;
    writeln!(page, "| strip | processor | match without it |\n|---|---|---:|")?;
    for (name, kind, cost) in all {
        let sign = if cost > 0.0 { "+" } else { "" };
        writeln!(page, "| {} | {} | {sign}{} |", safe(&name), kind.look().title, fixed(cost, 4))?;
    }
    writeln!(page)
}

fn processors(page: &mut String, report: &Report) -> fmt::Result {
    let pruning = &report.pruning;
    writeln!(page, "## Processors\n\n{}\n", facts::pruned(pruning))?;
    if pruning.by_kind.is_empty() {
        return Ok(());
    }
    writeln!(page, "| kind | kept | removed |\n|---|---:|---:|")?;
    for kind in report.settings.kinds() {
        let removed = pruning.by_kind.get(&kind).map_or("–".into(), |&ratio| percent(ratio));
        writeln!(page, "| {} | {} | {removed} |", kind.look().title, facts::kept(report, kind))?;
    }
    writeln!(page)
}

fn strips(page: &mut String, report: &Report) -> fmt::Result {
    writeln!(page, "## Strips\n\n| strip | goes to | chain, in order |\n|---|---|---|")?;
    for row in table::rows(report) {
        let name = match row.role {
            Role::Track => safe(&row.name),
            Role::Group | Role::Send | Role::Master => format!("**{}**", safe(&row.name)),
        };
        let to = safe(&row.to);
        let chain = if row.chain.is_empty() { vec![facts::NOTHING.to_string()] } else { row.chain };
        let mut chain: Vec<String> = chain.iter().map(|phrase| safe(phrase)).collect();
        chain.extend(row.also.map(|also| format!("*{}*", safe(&also))));
        writeln!(page, "| {name} | {to} | {} |", chain.join("<br>"))?;
    }
    writeln!(page, "\n{}\n", facts::as_heard())
}

fn runs(page: &mut String, report: &Report) -> fmt::Result {
    if report.runs.is_empty() {
        return Ok(());
    }
    writeln!(page, "## Runs\n\n{}\n", runs::WHAT_RUNS_MEAN)?;
    for line in runs::lines(report) {
        writeln!(page, "- {}", safe(&line))?;
    }
    writeln!(page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture;
    use crate::result::json;

    #[test]
    fn every_strip_and_processor_is_in_the_table() {
        let report = fixture::song();
        let page = to_string(&report);
        let lines = rows(&page);
        for (row, line) in table::rows(&report).into_iter().zip(&lines) {
            assert!(line.contains(&safe(&row.name)), "{line}");
            for phrase in row.chain {
                assert!(line.contains(&safe(&phrase)), "{phrase} is missing in {line}");
            }
        }
        assert_eq!(lines.len(), report.strips.len());
    }

    /// The rows of the strips.
    fn rows(page: &str) -> Vec<&str> {
        let (_, strips) = page.split_once("## Strips\n\n").unwrap();
        strips.lines().take_while(|l| l.starts_with('|')).skip(2).collect()
    }

    #[test]
    fn runs_are_told_where_there_were_several() {
        assert!(!to_string(&fixture::song()).contains("runs also"));
        let report = fixture::song_of_runs();
        let page = to_string(&report);
        assert_eq!(page.matches("in other runs also").count(), 2);
        assert_eq!(
            page.matches("% of runs").count(),
            report.strips.iter().map(|s| s.chain.len()).sum::<usize>()
        );
        assert!(page.contains("- seed 4: match 0.3880, 16 processors – this report"), "{page}");
    }

    #[test]
    fn an_octave_in_which_a_third_is_not_heard_is_still_an_octave() {
        let page = to_string(&fixture::song());
        let (_, error) = page.split_once("| from | to | error |").unwrap();
        let ends: Vec<_> = error.lines().skip(2).map(|row| row.rsplit_once(" | ").map(|row| row.0)).collect();
        let wanted = ["| 31.5 Hz | 31.5 Hz", "| 40 Hz | 50 Hz", "| 80 Hz | 125 Hz", "| 160 Hz | 250 Hz"];
        assert_eq!(ends[..4], wanted.map(Some));
    }

    #[test]
    fn a_table_row_has_its_three_cells_whatever_the_name() {
        for row in rows(&to_string(&fixture::song())) {
            assert_eq!(row.replace("\\|", "").matches('|').count(), 4, "{row}");
        }
    }

    #[test]
    fn the_match_is_the_one_of_the_json() {
        let report = json::from_str(&json::to_string(&fixture::song()).unwrap()).unwrap();
        let page = to_string(&report);
        assert_eq!(page, to_string(&json::from_str(&json::to_string(&report).unwrap()).unwrap()));
        for m in [report.matches.plain_sum, report.matches.console, report.matches.pruned] {
            let row = [m.full, m.lr, m.mid, m.side].map(|v| format!("{v:.4}")).join(" | ");
            assert!(page.contains(&row), "{row}");
        }
    }

    #[test]
    fn notes_and_a_stop_are_told() {
        let mut report = fixture::song();
        assert!(!to_string(&report).contains(facts::STOPPED));
        report.stopped = true;
        let page = to_string(&report);
        assert!(page.contains(facts::STOPPED));
        let (_, notes) = page.split_once("## Notes on the session").unwrap();
        assert_eq!(notes.matches("\n- ").count(), report.session.notes.len());
    }
}

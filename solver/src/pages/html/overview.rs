//! How close the match is, how far it can be trusted, and the pruned graph.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use super::{bar, figure, link, open, row, table_head};
use crate::findings::{ErrorOverTime, ErrorView, Report};
use crate::pages::escape::markup as safe;
use crate::pages::{plots, svg};
use crate::units;
use crate::words::{facts, strip_sentence};

/// What is said of tracks.
const WHAT_HEARD_MEANS: &str =
    "What is heard of a track is the share of its energy that stands out of the mix.";
/// Seconds a row in the table of errors.
const SECONDS: usize = 10;

pub(super) fn write(page: &mut String, report: &Report) -> fmt::Result {
    open(page, "overview", "Overview")?;
    tiles(page, report)?;
    matches(page, report)?;
    trust(page, report)?;
    writeln!(page, "<h3>Graph</h3>")?;
    writeln!(
        page,
        "<div class=\"graph\" role=\"region\" aria-label=\"The pruned graph\" tabindex=\"0\">{}</div></section>",
        svg::to_string(report)
    )
}

/// The figures to remember.
fn tiles(page: &mut String, report: &Report) -> fmt::Result {
    let m = &report.matches;
    let (plain, pruned) = (m.plain_sum.full, m.pruned.full);
    let closer = match facts::closer(plain, pruned) {
        Some(closer) => format!("match, {closer} than the plain sum"),
        None => "match".into(),
    };
    let pruning = &report.pruning;
    let cost = pruned - m.console.full;
    let sign = if cost > 0.0 { "+" } else { "" };
    let of = format!("of {} processors are left", figure::count(pruning.processors_before));
    writeln!(page, "<div class=\"tiles\">")?;
    for (figure, text) in [
        (figure::fixed(pruned, 4), closer),
        (figure::count(pruning.processors_after), of),
        (figure::percent(pruning.ratio), "were pruned".into()),
        (format!("{sign}{}", units::fixed(cost, 4)), "change of the match by pruning".into()),
    ] {
        writeln!(page, "<p class=\"paper-card\"><strong>{figure}</strong> {text}</p>")?;
    }
    writeln!(page, "</div>")
}

fn matches(page: &mut String, report: &Report) -> fmt::Result {
    let stages = facts::stages(report);
    let farthest = stages.iter().map(|(_, m)| m.full).fold(1e-9, f64::max);
    writeln!(page, "<h3>Match</h3>\n<div class=\"paper-card\"><table class=\"match\">")?;
    let columns = ["lower is closer", "full", "left/right", "mid", "side"];
    writeln!(page, "{}<tbody>", table_head("The match, stage by stage", &columns))?;
    for (stage, m) in stages {
        let figures = [m.full, m.lr, m.mid, m.side].map(|v| figure::fixed(v, 4));
        writeln!(page, "{}", row(&format!("{stage}{}", bar(m.full / farthest)), &figures))?;
    }
    writeln!(page, "</tbody></table></div>\n<p class=\"note\">{}</p>", facts::WHAT_MATCH_MEANS)
}

fn trust(page: &mut String, report: &Report) -> fmt::Result {
    let uncertain = strip_sentence::uncertain(report);
    let is_known = report.strips.iter().any(|strip| strip.heard.is_some());
    if report.error.is_none() && !is_known {
        return Ok(());
    }
    writeln!(page, "<h3>How far to trust it</h3>")?;
    if let Some(error) = &report.error {
        errors(page, error)?;
    }
    if uncertain.is_empty() {
        let told = "Every track stands out of the mix enough to be traced.";
        return if is_known {
            writeln!(page, "<p class=\"note\">{told} {WHAT_HEARD_MEANS}</p>")
        } else {
            Ok(())
        };
    }
    writeln!(
        page,
        "<div class=\"paper-card uncertain\"><p><strong>Uncertain.</strong> {}</p><ul>",
        facts::WHAT_UNCERTAIN_MEANS
    )?;
    for strip in uncertain {
        let heard = strip.heard.map(figure::percent).unwrap_or_default();
        writeln!(page, "<li>{} <span class=\"muted\">({heard} heard)</span></li>", link(report, strip))?;
    }
    writeln!(page, "</ul></div>\n<p class=\"note\">{WHAT_HEARD_MEANS}</p>")
}

fn errors(page: &mut String, error: &ErrorView) -> fmt::Result {
    writeln!(page, "<div class=\"pair\">")?;
    let frequency = &error.by_frequency;
    if let Some(plot) = plots::error_by_frequency(frequency) {
        let head = table_head("Error by frequency", &["third octave", "error"]);
        let rows = frequency.hz.iter().zip(&frequency.db);
        let rows = rows.map(|(&hz, &db)| row(&figure::hertz(hz), &[figure::db(db)]));
        plotted(
            page,
            "Error by frequency, dB",
            &plot,
            &format!("<table class=\"numbers\">{head}<tbody>{}</tbody></table>", rows.collect::<String>()),
        )?;
    }
    let time = &error.over_time;
    if let Some(plot) = plots::error_over_time(time) {
        plotted(page, "Error over time, dB", &plot, &seconds(time))?;
    }
    writeln!(page, "</div>\n<p class=\"note\">{}</p>", facts::what_errors_mean())
}

/// A plot with its figures below, for who wants them.
fn plotted(page: &mut String, title: &str, plot: &str, figures: &str) -> fmt::Result {
    writeln!(page, "<figure class=\"paper-card\"><figcaption>{}</figcaption>{plot}", safe(title))?;
    writeln!(
        page,
        "<details><summary>Figures</summary><div class=\"scroll\">{figures}</div></details></figure>"
    )
}

/// Errors second by second, ten a row; a row in which nothing is heard is left out.
fn seconds(error: &ErrorOverTime) -> String {
    let mut rows: BTreeMap<usize, [Option<f64>; SECONDS]> = BTreeMap::new();
    for (&s, &db) in error.s.iter().zip(&error.db) {
        let second = s as usize;
        rows.entry(second / SECONDS).or_default()[second % SECONDS] = Some(db);
    }
    let columns: Vec<String> = (0..SECONDS).map(|i| format!("+{i} s")).collect();
    let columns: Vec<&str> = std::iter::once("from").chain(columns.iter().map(String::as_str)).collect();
    let rows = rows.into_iter().map(|(number, db)| {
        let figures = db.map(|db| db.map_or("–".into(), |db| figure::fixed(db, 1)));
        row(&figure::clock((number * SECONDS) as f64), &figures)
    });
    let rows: String = rows.collect();
    format!(
        "<table class=\"numbers\">{}<tbody>{rows}</tbody></table>",
        table_head("Error over time in dB", &columns)
    )
}

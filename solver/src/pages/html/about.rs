//! How it was found: runs, notes, settings and timing.

use std::fmt::{self, Write};

use super::{figure, open, row, table_head};
use crate::findings::Report;
use crate::pages::escape::markup as safe;
use crate::words::{facts, runs};

pub(super) fn write(page: &mut String, report: &Report) -> fmt::Result {
    runs(page, report)?;
    notes(page, report)?;
    open(page, "settings", "Settings and timing")?;
    writeln!(page, "<div class=\"pair\">")?;
    for (title, facts) in [("Settings", facts::settings(report)), ("Timing", facts::timing(report))] {
        writeln!(page, "<div class=\"paper-card\"><table class=\"facts\"><caption>{title}</caption><tbody>")?;
        for (name, value) in facts {
            writeln!(
                page,
                "<tr><th scope=\"row\">{name}</th><td class=\"value\">{}</td></tr>",
                safe(&value)
            )?;
        }
        writeln!(page, "</tbody></table></div>")?;
    }
    writeln!(page, "</div></section>")
}

fn runs(page: &mut String, report: &Report) -> fmt::Result {
    if report.runs.is_empty() {
        return Ok(());
    }
    open(page, "runs", "Runs")?;
    writeln!(
        page,
        "<div class=\"paper-card\"><table>{}<tbody>",
        table_head("Runs", &["seed", "match", "processors"])
    )?;
    for run in &report.runs {
        let chosen = if run.chosen { " – this report" } else { "" };
        let figures = [figure::fixed(run.matched, 4), run.processors.to_string()];
        writeln!(page, "{}", row(&format!("{}{chosen}", run.seed), &figures))?;
    }
    writeln!(page, "</tbody></table></div>\n<p class=\"note\">{}</p></section>", runs::WHAT_RUNS_MEAN)
}

fn notes(page: &mut String, report: &Report) -> fmt::Result {
    if report.session.notes.is_empty() {
        return Ok(());
    }
    open(page, "notes", "Notes on the session")?;
    writeln!(page, "<div class=\"paper-card\"><ul class=\"notes\">")?;
    for note in &report.session.notes {
        writeln!(page, "<li>{}</li>", safe(note))?;
    }
    writeln!(page, "</ul></div></section>")
}

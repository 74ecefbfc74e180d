//! What pruning removed, and how the match fared.

use std::fmt::{self, Write};

use super::{figure, open, row, table_head};
use crate::findings::Report;
use crate::pages::plots;
use crate::words::facts;

pub(super) fn write(page: &mut String, report: &Report) -> fmt::Result {
    open(page, "pruning", "Pruning")?;
    let pruning = &report.pruning;
    writeln!(page, "<p>{}</p>\n<div class=\"pair\">", facts::pruned(pruning))?;
    writeln!(
        page,
        "<div class=\"paper-card\"><table>{}<tbody>",
        table_head("Processors by kind", &["kind", "kept", "removed"])
    )?;
    for kind in report.settings.kinds() {
        let removed = pruning.by_kind.get(&kind).map_or("–".into(), |&ratio| figure::percent(ratio));
        let kept = facts::kept(report, kind).to_string();
        writeln!(page, "{}", row(kind.look().title, &[kept, removed]))?;
    }
    writeln!(page, "</tbody></table></div>")?;
    history(page, report)?;
    writeln!(page, "</div></section>")
}

fn history(page: &mut String, report: &Report) -> fmt::Result {
    let Some(plot) = plots::history(&report.history) else { return Ok(()) };
    writeln!(
        page,
        "<figure class=\"paper-card\"><figcaption>Match over the processors that are left</figcaption>{plot}"
    )?;
    let columns = ["after round", "processors", "match"];
    writeln!(page, "<table class=\"numbers\">{}<tbody>", table_head("Rounds of pruning", &columns))?;
    for round in &report.history {
        let of =
            if round.round == 0 { facts::beginning(report).to_string() } else { round.round.to_string() };
        writeln!(page, "{}", row(&of, &[figure::count(round.processors), figure::fixed(round.matched, 4)]))?;
    }
    writeln!(page, "</tbody></table></figure>")
}

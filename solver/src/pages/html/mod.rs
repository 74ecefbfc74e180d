//! `report.html`: the findings as one page that needs nothing but the `original.wav` and `match.wav` beside it.
//!
//! It is well-formed XML as well, so that any reader of XML finds its figures: each stands in a `data` element whose value
//! is that of `report.json`.

mod about;
mod figure;
mod listen;
mod overview;
mod processors;
mod pruning;
mod spectrograms;
mod strips;
#[cfg(test)]
mod tests;

use std::fmt::{self, Write};

use crate::findings::{Report, StripView};
use crate::pages::escape::markup as safe;
use crate::pages::spectrogram::Pictures;
use crate::processors::Kind;
use crate::words::facts;

const STYLE: &str = include_str!("page.css");

/// The report as a page, for light and dark screens, phones and paper; with pictures of what is to be heard, if there are.
pub fn to_string(report: &Report, pictures: Option<&Pictures>) -> String {
    let mut page = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut page, report, pictures);
    page
}

fn write(page: &mut String, report: &Report, pictures: Option<&Pictures>) -> fmt::Result {
    head(page, report)?;
    writeln!(page, "<body>\n<a class=\"skip\" href=\"#strips\">Skip to the strips</a>")?;
    let tempo = report.session.tempo.as_ref().map(|tempo| format!(", {}", facts::tempo(tempo)));
    writeln!(
        page,
        "<header><p>The mix, traced</p><h1>{}</h1><p>{}</p></header>",
        safe(&report.session.name),
        safe(&(facts::summary(report) + &tempo.unwrap_or_default()))
    )?;
    navigation(page, report, pictures)?;
    writeln!(page, "<main>")?;
    if report.stopped {
        writeln!(page, "<p class=\"stopped\">{}</p>", facts::STOPPED)?;
    }
    overview::write(page, report)?;
    listen::write(page, report, pictures)?;
    if let Some(pictures) = pictures {
        spectrograms::write(page, pictures)?;
    }
    strips::write(page, report)?;
    pruning::write(page, report)?;
    about::write(page, report)?;
    writeln!(page, "</main>\n<footer>Written by {}.</footer>", safe(&report.program))?;
    writeln!(page, "{}\n</body>\n</html>", listen::script())
}

fn head(page: &mut String, report: &Report) -> fmt::Result {
    let name = safe(&report.session.name);
    writeln!(page, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>")?;
    writeln!(page, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>")?;
    writeln!(page, "<meta name=\"color-scheme\" content=\"light dark\"/>")?;
    writeln!(page, "<title>{name} – Mixtrace</title>\n<style>\n{STYLE}")?;
    for kind in Kind::ALL {
        let look = kind.look();
        writeln!(page, ".{} {{ --kind: {}; }}", look.class(), look.colour)?;
    }
    writeln!(page, "</style>\n</head>")
}

fn navigation(page: &mut String, report: &Report, pictures: Option<&Pictures>) -> fmt::Result {
    let parts = [
        ("overview", "Overview", true),
        ("listen", "Listen", true),
        ("spectrograms", "Spectrograms", pictures.is_some()),
        ("strips", "Strips", true),
        ("pruning", "Pruning", true),
        ("runs", "Runs", !report.runs.is_empty()),
        ("notes", "Notes", !report.session.notes.is_empty()),
        ("settings", "Settings", true),
    ];
    writeln!(page, "<nav class=\"parts\" aria-label=\"Parts of the report\"><ul>")?;
    for (id, title, _) in parts.into_iter().filter(|part| part.2) {
        writeln!(page, "<li><a href=\"#{id}\">{title}</a></li>")?;
    }
    writeln!(page, "</ul></nav>")
}

/// Opens a part of the page, which `</section>` ends.
fn open(page: &mut String, id: &str, title: &str) -> fmt::Result {
    writeln!(page, "<section id=\"{id}\" aria-labelledby=\"{id}-title\"><h2 id=\"{id}-title\">{title}</h2>")
}

/// A table's head: its caption for who cannot see where it stands, and its columns, figures from the second on.
fn table_head(caption: &str, columns: &[&str]) -> String {
    let mut head = format!("<caption class=\"unseen\">{caption}</caption><thead><tr>");
    for (i, column) in columns.iter().enumerate() {
        let class = if i > 0 { " class=\"figure\"" } else { "" };
        head += &format!("<th scope=\"col\"{class}>{column}</th>");
    }
    head + "</tr></thead>"
}

/// A row of a table: what it is of, and its figures.
fn row(of: &str, figures: &[String]) -> String {
    let cells: String = figures.iter().map(|figure| format!("<td class=\"figure\">{figure}</td>")).collect();
    format!("<tr><th scope=\"row\">{of}</th>{cells}</tr>")
}

/// A bar as long as a share of what is the most, for the eye alone: the figure stands beside it.
fn bar(share: f64) -> String {
    let width = crate::units::fixed(100.0 * share.clamp(0.0, 1.0), 1);
    format!("<span class=\"bar\" aria-hidden=\"true\"><span style=\"width:{width}%\"></span></span>")
}

/// Where a strip's card stands on the page.
fn anchor(report: &Report, strip: &StripView) -> String {
    let index = report.strips.iter().position(|s| std::ptr::eq(s, strip)).unwrap_or_default();
    format!("strip-{index}")
}

/// A link to a strip's card.
fn link(report: &Report, strip: &StripView) -> String {
    format!("<a href=\"#{}\">{}</a>", anchor(report, strip), safe(&strip.name))
}

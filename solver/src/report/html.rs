//! `report.html`: the findings as one page that needs nothing but the `match.wav` beside it.

use std::fmt::{self, Write};

use super::escape::markup as safe;
use super::order::{blocks, masters};
use super::phrases::{detail, fixed, percent};
use super::schema::{ProcessorView, Report, StripView};
use super::wiring::Wiring;
use super::{agreement, look, plots, svg, words};
use crate::graph::Role;
use crate::processors::Kind;

const STYLE: &str = include_str!("page.css");

/// The report as a page, for light and dark screens, phones and paper.
pub fn to_string(report: &Report) -> String {
    let mut page = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut page, report);
    page
}

fn write(page: &mut String, report: &Report) -> fmt::Result {
    let name = safe(&report.session.name);
    writeln!(page, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>")?;
    writeln!(page, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>")?;
    writeln!(page, "<title>{name} – Mixtrace</title>\n<style>\n{STYLE}")?;
    for kind in Kind::ALL {
        let look::Look { class, colour, .. } = look::of(kind);
        writeln!(page, ".{class} {{ --kind: {colour}; }}")?;
    }
    writeln!(page, "</style>\n</head>\n<body>\n<main>")?;
    writeln!(
        page,
        "<header><p>The mix, traced</p><h1>{name}</h1><p>{}</p></header>",
        safe(&words::summary(report))
    )?;
    if report.stopped {
        writeln!(page, "<p class=\"stopped\">{}</p>", words::STOPPED)?;
    }
    tiles(page, report)?;
    matches(page, report)?;
    chains(page, report)?;
    writeln!(page, "<h2>Graph</h2>\n<figure class=\"graph\">{}</figure>", svg::to_string(report))?;
    processors(page, report)?;
    runs(page, report)?;
    notes(page, report)?;
    facts(page, report)?;
    writeln!(page, "<footer>Written by {}.</footer>\n</main>\n</body>\n</html>", safe(&report.program))
}

/// The three figures to remember.
fn tiles(page: &mut String, report: &Report) -> fmt::Result {
    let m = &report.matches;
    let (plain, pruned) = (m.plain_sum.full, m.pruned.full);
    let closer = match words::closer(plain, pruned) {
        Some(closer) => format!("match, {closer} than the plain sum"),
        None => "match".into(),
    };
    let pruning = &report.pruning;
    let cost = pruned - m.console.full;
    let sign = if cost > 0.0 { "+" } else { "" };
    writeln!(page, "<div class=\"tiles\">")?;
    let of = format!("of {} processors are left", pruning.processors_before);
    for (figure, text) in [
        (fixed(pruned, 4), closer),
        (pruning.processors_after.to_string(), of),
        (format!("{sign}{}", fixed(cost, 4)), "change of the match by pruning".into()),
    ] {
        writeln!(page, "<div class=\"paper-card\"><p><strong>{figure}</strong>{text}</p></div>")?;
    }
    writeln!(page, "</div>")
}

fn matches(page: &mut String, report: &Report) -> fmt::Result {
    let stages = words::stages(report);
    let farthest = stages.iter().map(|(_, m)| m.full).fold(1e-9, f64::max);
    writeln!(
        page,
        "<h2>Match</h2>\n<div class=\"paper-card\"><table class=\"match\">\n<tr><th>lower is closer</th>"
    )?;
    writeln!(
        page,
        "{}</tr>",
        ["full", "left/right", "mid", "side"].map(|t| format!("<th class=\"figure\">{t}</th>")).concat()
    )?;
    for (stage, m) in stages {
        let share = fixed(100.0 * m.full.max(0.0) / farthest, 1);
        let bar = format!("<div class=\"bar\"><span style=\"width:{share}%\"></span></div>");
        let figures =
            [m.full, m.lr, m.mid, m.side].map(|v| format!("<td class=\"figure\">{}</td>", fixed(v, 4)));
        writeln!(page, "<tr><td>{stage}{bar}</td>{}</tr>", figures.concat())?;
    }
    writeln!(page, "</table></div>\n<p class=\"note\">{}</p>", words::WHAT_MATCH_MEANS)?;
    writeln!(
        page,
        "<div class=\"listen\"><h2>Listen</h2><div class=\"paper-card\">The pruned graph's mix, whole song."
    )?;
    writeln!(page, "<audio controls=\"\" preload=\"none\" src=\"match.wav\"></audio></div></div>")
}

fn chains(page: &mut String, report: &Report) -> fmt::Result {
    writeln!(page, "<h2>Strips</h2>")?;
    let wiring = Wiring::of(report);
    for block in blocks(report) {
        writeln!(page, "<section class=\"paper-card block\">")?;
        for track in block.tracks {
            strip(page, report, &wiring, track)?;
        }
        if let Some(group) = block.group {
            strip(page, report, &wiring, group)?;
        }
        writeln!(page, "</section>")?;
    }
    for master in masters(report) {
        writeln!(page, "<section class=\"paper-card block\">")?;
        strip(page, report, &wiring, master)?;
        writeln!(page, "</section>")?;
    }
    writeln!(page, "<p class=\"note\">{}</p>", words::AS_HEARD)
}

fn strip(page: &mut String, report: &Report, wiring: &Wiring, strip: &StripView) -> fmt::Result {
    let (class, role) = match strip.role {
        Role::Track => ("strip", "track"),
        Role::Group => ("strip bus", "group"),
        Role::Master => ("strip bus", "master"),
    };
    let to = safe(&wiring.destination(strip));
    writeln!(
        page,
        "<article class=\"{class}\"><div><h3>{}</h3><p>{role} → {to}</p></div>",
        safe(&strip.name)
    )?;
    if strip.chain.is_empty() {
        writeln!(page, "<p>{}</p>", words::NOTHING)?;
    } else {
        chain(page, report, wiring, strip)?;
    }
    if let Some(others) = agreement::others(strip) {
        writeln!(page, "<p class=\"also\">{}</p>", safe(&others))?;
    }
    writeln!(page, "</article>")
}

fn chain(page: &mut String, report: &Report, wiring: &Wiring, strip: &StripView) -> fmt::Result {
    writeln!(page, "<ol class=\"chain\">")?;
    for (place, processor) in strip.chain.iter().enumerate() {
        let look::Look { title, label, class, .. } = look::of(processor.kind());
        let plot = plots::of(&processor.settings).unwrap_or_default();
        // Lines break between figures, never within one.
        let source = wiring.source(strip, place);
        let words: Vec<String> = detail(processor)
            .split(", ")
            .chain(source.as_deref())
            .map(|w| format!("<span class=\"bit\">{}</span>", safe(w)))
            .collect();
        let number = wiring.number(place).map(|number| number + " ").unwrap_or_default();
        let words = number + &words.join(", ") + &share(report, processor);
        writeln!(
            page,
            "<li class=\"{class}\"><span class=\"chip\" title=\"{title}\">{label}</span><span>{words}</span>{plot}</li>"
        )?;
    }
    writeln!(page, "</ol>")
}

/// In how many runs a processor was kept, as a bar and in figures.
fn share(report: &Report, processor: &ProcessorView) -> String {
    let Some(share) = processor.kept_in_runs else { return String::new() };
    let (width, count) = (fixed(100.0 * share, 0), agreement::count(report, share));
    format!(
        "<span class=\"runs\"><span class=\"bar\"><span style=\"width:{width}%\"></span></span>{count}</span>"
    )
}

fn processors(page: &mut String, report: &Report) -> fmt::Result {
    let pruning = &report.pruning;
    writeln!(
        page,
        "<h2>Processors</h2>\n<div class=\"paper-card\"><p class=\"muted\">{}</p>",
        words::pruned(pruning)
    )?;
    writeln!(
        page,
        "<table><tr><th>kind</th><th class=\"figure\">kept</th><th class=\"figure\">removed</th></tr>"
    )?;
    for kind in look::console_kinds(report) {
        let removed = pruning.by_kind.get(&kind).map_or("–".into(), |&ratio| percent(ratio));
        let (title, kept) = (look::of(kind).title, words::kept(report, kind));
        writeln!(
            page,
            "<tr><td>{title}</td><td class=\"figure\">{kept}</td><td class=\"figure\">{removed}</td></tr>"
        )?;
    }
    writeln!(page, "</table></div>")
}

fn runs(page: &mut String, report: &Report) -> fmt::Result {
    if report.runs.is_empty() {
        return Ok(());
    }
    writeln!(
        page,
        "<h2>Runs</h2>\n<div class=\"paper-card\"><table><tr><th>seed</th><th class=\"figure\">match</th>\
         <th class=\"figure\">processors</th></tr>"
    )?;
    for run in &report.runs {
        let (matched, processors) = (fixed(run.matched, 4), run.processors);
        let chosen = if run.chosen { " – this report" } else { "" };
        writeln!(
            page,
            "<tr><td>{}{chosen}</td><td class=\"figure\">{matched}</td><td class=\"figure\">{processors}</td></tr>",
            run.seed
        )?;
    }
    writeln!(page, "</table></div>\n<p class=\"note\">{}</p>", agreement::WHAT_RUNS_MEAN)
}

fn notes(page: &mut String, report: &Report) -> fmt::Result {
    if report.session.notes.is_empty() {
        return Ok(());
    }
    writeln!(page, "<h2>Notes on the session</h2>\n<div class=\"paper-card\"><ul class=\"notes\">")?;
    for note in &report.session.notes {
        writeln!(page, "<li>{}</li>", safe(note))?;
    }
    writeln!(page, "</ul></div>")
}

fn facts(page: &mut String, report: &Report) -> fmt::Result {
    writeln!(page, "<div class=\"pair\">")?;
    for (title, facts) in [("Settings", words::settings(report)), ("Timing", words::timing(report))] {
        writeln!(page, "<section><h2>{title}</h2>\n<div class=\"paper-card\"><table>")?;
        for (name, value) in facts {
            writeln!(
                page,
                "<tr><td class=\"muted\">{name}</td><td class=\"value\">{}</td></tr>",
                safe(&value)
            )?;
        }
        writeln!(page, "</table></div></section>")?;
    }
    writeln!(page, "</div>")
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    fn parsed(page: &str) -> roxmltree::Document<'_> {
        let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
        roxmltree::Document::parse_with_options(page, options).unwrap()
    }

    /// All text of the elements with a class or a tag.
    fn texts(page: &str, named: &str) -> Vec<String> {
        let document = parsed(page);
        let wanted =
            document.descendants().filter(|n| n.has_tag_name(named) || n.attribute("class") == Some(named));
        wanted.map(|n| n.descendants().filter(|d| d.is_text()).filter_map(|d| d.text()).collect()).collect()
    }

    #[test]
    fn every_strip_and_processor_is_on_the_page() {
        for report in [fixture::song(), fixture::of_size(1), fixture::of_size(130)] {
            let page = to_string(&report);
            let names = texts(&page, "h3");
            assert_eq!(names.len(), report.strips.len());
            let chains = texts(&page, "article");
            for strip in &report.strips {
                assert!(names.contains(&strip.name));
                for processor in &strip.chain {
                    let phrase = detail(processor);
                    assert!(
                        chains.iter().any(|c| c.contains(&strip.name) && c.contains(&phrase)),
                        "{phrase}"
                    );
                }
            }
        }
    }

    #[test]
    fn runs_are_told_where_there_were_several() {
        let one = to_string(&fixture::song());
        assert!(!one.contains("class=\"runs\"") && !one.contains("<h2>Runs"));
        let report = fixture::song_of_runs();
        let page = to_string(&report);
        let kept = report.strips.iter().flat_map(|s| &s.chain).map(|p| p.kept_in_runs.unwrap());
        let mut wanted: Vec<_> = kept.map(|share| agreement::count(&report, share)).collect();
        let mut told = texts(&page, "runs");
        // Groups stand after their tracks on the page.
        wanted.sort();
        told.sort();
        assert_eq!(told, wanted);
        assert!(told[0].starts_with("1 of 5 runs"), "{told:?}");
        let also = ["compressor (60 %), noise gate (20 %)", "reverb (20 %)"];
        assert_eq!(texts(&page, "also"), also.map(|also| format!("in other runs also: {also}")));
        assert_eq!(page.matches(" – this report").count(), 1);
    }

    #[test]
    fn the_match_stands_at_all_three_stages() {
        let report = fixture::song();
        let rows = texts(&to_string(&report), "match").concat();
        for (_, m) in words::stages(&report) {
            for figure in [m.full, m.lr, m.mid, m.side] {
                assert!(rows.contains(&format!("{figure:.4}")), "{figure}");
            }
        }
    }

    #[test]
    fn the_page_fetches_nothing_but_the_audio_beside_it() {
        let page = to_string(&fixture::song());
        let document = parsed(&page);
        let links = document
            .descendants()
            .flat_map(|n| n.attributes())
            .filter(|a| matches!(a.name(), "src" | "href"));
        assert_eq!(links.map(|a| a.value()).collect::<Vec<_>>(), ["match.wav"]);
        assert!(!page.contains("url(") && !page.contains("@import"));
    }

    #[test]
    fn a_name_is_text_and_never_markup() {
        let mut report = fixture::song();
        let name = "</h3><script>alert(1)</script>";
        report.strips[0].name = name.into();
        report.session.notes.push(name.into());
        report.session.name = name.into();
        let page = to_string(&report);
        assert!(!page.contains("<script"));
        assert!(texts(&page, "h3").contains(&name.to_string()));
    }

    #[test]
    fn a_report_of_nothing_is_still_a_page() {
        let mut report = fixture::of_size(1);
        report.strips.clear();
        report.pruning.by_kind.clear();
        report.session.notes.clear();
        report.matches = Default::default();
        parsed(&to_string(&report));
    }
}

//! The strips: an index, then a card each.

use std::collections::BTreeSet;
use std::fmt::{self, Write};

use super::processors::Scale;
use super::{anchor, figure, link, open, processors};
use crate::findings::{ProcessorView, Report, StripView};
use crate::graph::Role;
use crate::pages::escape::markup as safe;
use crate::processors::Kind;
use crate::units::{capitalised, list};
use crate::words::order::{blocks, masters, sends, strips};
use crate::words::wiring::Wiring;
use crate::words::{facts, runs, strip_sentence};

pub(super) fn write(page: &mut String, report: &Report) -> fmt::Result {
    open(page, "strips", "Strips")?;
    index(page, report)?;
    let scale = Scale::of(report);
    let wiring = Wiring::of(report);
    for block in blocks(report) {
        let label =
            block.group.map_or("Tracks without a group".into(), |group| format!("Group {}", group.name));
        writeln!(page, "<div class=\"block\" role=\"group\" aria-label=\"{}\">", safe(&label))?;
        for strip in block.tracks.into_iter().chain(block.group) {
            card(page, report, (&wiring, &scale), strip)?;
        }
        writeln!(page, "</div>")?;
    }
    for strip in sends(report).into_iter().chain(masters(report)) {
        card(page, report, (&wiring, &scale), strip)?;
    }
    writeln!(page, "<p class=\"note\">{}</p></section>", facts::as_heard())
}

/// All strips, groups after their tracks, with what is in their chains.
fn index(page: &mut String, report: &Report) -> fmt::Result {
    writeln!(page, "<nav class=\"index\" aria-label=\"Strips\"><ul>")?;
    strips(report).into_iter().try_for_each(|strip| entry(page, report, strip))?;
    writeln!(page, "</ul></nav>")
}

fn entry(page: &mut String, report: &Report, strip: &StripView) -> fmt::Result {
    let class = if strip.role == Role::Track { "" } else { " class=\"bus\"" };
    let kinds = strip.chain.iter().map(|p| p.kind().look());
    let dots: String =
        kinds.map(|look| format!("<i class=\"{}\" title=\"{}\"></i>", look.class(), look.title)).collect();
    writeln!(page, "<li{class}>{}<span class=\"dots\">{dots}</span></li>", link(report, strip))
}

fn card(
    page: &mut String,
    report: &Report,
    (wiring, scale): (&Wiring, &Scale),
    strip: &StripView,
) -> fmt::Result {
    let anchor = anchor(report, strip);
    let (mut class, role) = match strip.role {
        Role::Track => ("strip".to_string(), "track"),
        Role::Group => ("strip bus".into(), "group"),
        Role::Send => ("strip bus".into(), "send"),
        Role::Master => ("strip bus".into(), "master"),
    };
    if strip_sentence::is_uncertain(strip) {
        class += " doubtful";
    }
    writeln!(
        page,
        "<article class=\"{class} paper-card\" id=\"{anchor}\" aria-labelledby=\"{anchor}-name\">\
         <div class=\"strip-head\"><h3 id=\"{anchor}-name\">{}</h3><p class=\"muted\">{role} → {}{}</p>{}</div>",
        safe(&strip.name),
        safe(&wiring.destination(strip)),
        strip.heard.map(|heard| format!(", {} heard", figure::percent(heard))).unwrap_or_default(),
        if strip_sentence::is_uncertain(strip) {
            format!("<p class=\"badge\">{}</p>", facts::UNCERTAIN)
        } else {
            String::new()
        },
    )?;
    writeln!(page, "<p class=\"sentence\">{}</p>", safe(&strip_sentence::chain(strip)))?;
    if !strip.chain.is_empty() {
        writeln!(page, "<ol class=\"chain\">")?;
        for (place, processor) in strip.chain.iter().enumerate() {
            let told = processors::Told {
                report,
                scale,
                anchor: format!("{anchor}-{place}"),
                number: wiring.number(place),
                source: wiring.source(strip, place),
            };
            processors::write(page, &told, processor)?;
        }
        writeln!(page, "</ol>")?;
    }
    if let Some(tone) = &strip.tone {
        let parts = capitalised(&parts_of_tone(strip));
        writeln!(
            page,
            "<div class=\"tone\"><h4>{parts} together</h4>{}</div>",
            processors::bands(tone, &format!("{parts} as bands"))
        )?;
    }
    if let Some(others) = runs::others(strip) {
        writeln!(page, "<p class=\"also\">{}</p>", safe(&others))?;
    }
    writeln!(page, "</article>")
}

/// The processors of a strip that make its tone: `equaliser and reverb`.
fn parts_of_tone(strip: &StripView) -> String {
    let kinds: BTreeSet<Kind> = strip.chain.iter().map(ProcessorView::kind).collect();
    let toned = kinds.into_iter().filter(|kind| kind.definition().tone().is_some());
    list(&toned.map(|kind| kind.look().noun).collect::<Vec<_>>())
}

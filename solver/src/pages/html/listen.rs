//! The mix against the match, to be heard.

use std::fmt::{self, Write};

use super::open;
use crate::findings::Report;
use crate::pages::spectrogram::Pictures;
use crate::units::{clock, fixed};

/// The player's script. It holds no `<` and no `&`, which XML would take for markup.
const SCRIPT: &str = include_str!("player.js");

/// Two players, in place of which the script puts one set of controls that switches between both.
pub(super) fn write(page: &mut String, report: &Report, pictures: Option<&Pictures>) -> fmt::Result {
    open(page, "listen", "Listen")?;
    writeln!(page, "<div class=\"paper-card\"><div class=\"plain\" id=\"plain\">")?;
    for (id, title, file) in [("audio-mix", "Mix", "original.wav"), ("audio-match", "Match", "match.wav")] {
        writeln!(
            page,
            "<p><span id=\"{id}-title\">{title}</span><audio id=\"{id}\" aria-labelledby=\"{id}-title\" controls=\"\" preload=\"metadata\" src=\"{file}\"></audio></p>"
        )?;
    }
    let (seconds, end) = (fixed(report.session.duration_s, 2), clock(report.session.duration_s));
    writeln!(
        page,
        "</div>\n<div class=\"player\" id=\"player\" role=\"group\" aria-label=\"Mix against match\" hidden=\"\">"
    )?;
    writeln!(page, "<button type=\"button\" id=\"play\">Play</button>")?;
    writeln!(
        page,
        "<button type=\"button\" id=\"toggle\" aria-label=\"Mix / Match: switch\" aria-keyshortcuts=\"x\">\
         <span class=\"side\" id=\"side-mix\">Mix</span><span class=\"side\" id=\"side-match\">Match</span></button>\
         <span class=\"unseen\" id=\"heard\" role=\"status\"></span>"
    )?;
    writeln!(
        page,
        "<input type=\"range\" id=\"seek\" aria-label=\"Position\" min=\"0\" max=\"{seconds}\" step=\"0.1\" value=\"0\"/>\
         <span class=\"clock\"><span id=\"clock\">0:00</span> / {end}</span>"
    )?;
    if let Some(pictures) = pictures {
        writeln!(
            page,
            "<label><input type=\"checkbox\" id=\"level\" data-louder-db=\"{}\"/> at the same loudness</label>",
            pictures.louder_db
        )?;
    }
    writeln!(
        page,
        "<p class=\"muted\">Both play at once, and one is heard: the key <kbd>x</kbd> or the wide button switches.</p>\
         <p class=\"muted\" id=\"said\" role=\"status\"></p></div></div>"
    )?;
    writeln!(
        page,
        "<p class=\"note\">The mix and the pruned graph's mix are <a href=\"original.wav\">original.wav</a> and \
         <a href=\"match.wav\">match.wav</a> beside this page.</p></section>"
    )
}

/// The script as the page's end.
pub(super) fn script() -> String {
    format!("<script>\n{SCRIPT}</script>")
}

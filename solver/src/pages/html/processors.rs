//! A processor in a strip's card: its name, its phrase, its picture and its figures.

use std::fmt::{self, Write};

use super::{bar, figure, row, table_head};
use crate::bands::{Bands, Shape};
use crate::findings::{ProcessorView, Reduction, Report};
use crate::pages::escape::markup as safe;
use crate::pages::plots;
use crate::processors::{Decay, Settings, Tap};
use crate::words::processor_phrase::{detail, shape_name};
use crate::words::{look, runs};

/// What bars are measured by.
pub(super) struct Scale {
    /// What the processor matters that matters most.
    pub most: f64,
}

impl Scale {
    pub fn of(report: &Report) -> Self {
        let matters = report.strips.iter().flat_map(|s| &s.chain).filter_map(|p| p.matters);
        Self { most: matters.map(f64::abs).fold(1e-9, f64::max) }
    }
}

/// What a card knows of a processor besides its settings.
pub(super) struct Told<'a> {
    pub report: &'a Report,
    pub scale: &'a Scale,
    /// Where it stands on the page.
    pub anchor: String,
    /// Its number in the chain, where places are counted.
    pub number: Option<String>,
    /// What feeds it, where that is not plain.
    pub source: Option<String>,
}

pub(super) fn write(page: &mut String, told: &Told, processor: &ProcessorView) -> fmt::Result {
    let look::Look { title, label, class, .. } = look::of(processor.kind());
    let title =
        processor.from.as_ref().map_or_else(|| title.to_owned(), |from| format!("Send from {}", safe(from)));
    // Lines break between figures, never within one.
    let words: Vec<String> = detail(processor)
        .split(", ")
        .chain(told.source.as_deref())
        .map(|w| format!("<span class=\"bit\">{}</span>", safe(w)))
        .collect();
    let number = told.number.as_ref().map(|number| format!("{number} ")).unwrap_or_default();
    writeln!(
        page,
        "<li class=\"processor {class}\" id=\"{}\"><div class=\"what\"><h4>{number}<span class=\"chip\" aria-hidden=\"true\">{label}</span> {title}</h4>\
         <p>{}</p>{}{}</div>",
        told.anchor,
        words.join(", "),
        matters(told.scale, processor),
        share(told.report, processor)
    )?;
    let plot = plots::of(processor, told.report.session.sample_rate).unwrap_or_default();
    writeln!(page, "<div class=\"picture\">{plot}</div><div class=\"set\">{}</div></li>", figures(processor))
}

/// What the match would lose without it.
fn matters(scale: &Scale, processor: &ProcessorView) -> String {
    let Some(matters) = processor.matters else { return String::new() };
    let (bar, figure) = (bar(matters / scale.most), figure::signed(matters, 4));
    let told = if matters < 0.0 { ": closer without it" } else { "" };
    format!("<p class=\"meter\">{bar}<span>match {figure} if bypassed{told}</span></p>")
}

/// In how many runs it was kept, as a bar and in figures.
fn share(report: &Report, processor: &ProcessorView) -> String {
    let Some(share) = processor.kept_in_runs else { return String::new() };
    let (bar, count) = (bar(share), runs::count(report, share));
    format!("<p class=\"meter\">{bar}<data class=\"runs\" value=\"{share}\">{count}</data></p>")
}

fn figures(processor: &ProcessorView) -> String {
    let wet = ("wet", figure::percent(processor.wet));
    let of_bands = |caption| processor.bands.as_ref().map(|found| bands(found, caption)).unwrap_or_default();
    match &processor.settings {
        Settings::Equalizer { .. } => of_bands("The equaliser as bands"),
        Settings::Compressor { threshold_db, ratio, knee_db, time_ms }
        | Settings::NoiseGate { threshold_db, ratio, knee_db, time_ms } => {
            let settings = [
                ("threshold", figure::db(*threshold_db)),
                ("ratio", figure::to_one(*ratio)),
                ("knee", figure::db(*knee_db)),
                ("time constant", figure::milliseconds(*time_ms)),
                wet,
            ];
            list(&settings, &processor.reduction.map(reduction).unwrap_or_default())
        }
        Settings::StereoImager { width } => list(&[("side gain", figure::fixed(*width, 2))], ""),
        Settings::GainPan { gain_db, pan, left_db, right_db } => {
            let settings = [
                ("fader", figure::signed_db(*gain_db)),
                ("pan pot", figure::pan_pot(*pan)),
                ("left channel", figure::signed_db(*left_db)),
                ("right channel", figure::signed_db(*right_db)),
            ];
            list(&settings, "")
        }
        Settings::MultitapDelay { taps } => echoes(taps),
        Settings::Reverb { rt60_s, rt60_by_octave, pre_delay_ms, pre_wet_db } => {
            let settings = [
                ("RT60", figure::seconds(*rt60_s)),
                ("pre-delay", figure::milliseconds(*pre_delay_ms)),
                ("level", figure::db(*pre_wet_db)),
                wet,
            ];
            list(&settings, "") + &octaves(rt60_by_octave) + &of_bands("The reverb's colour as bands")
        }
    }
}

/// Settings in two columns, then what takes a line of its own.
fn list(settings: &[(&str, String)], more: &str) -> String {
    let pairs = settings.iter().map(|(name, figure)| format!("<div><dt>{name}</dt><dd>{figure}</dd></div>"));
    format!("<dl>{}{more}</dl>", pairs.collect::<String>())
}

fn reduction(found: Reduction) -> String {
    let (median, most) = (figure::db(found.median_db), figure::db(found.max_db));
    format!("<div class=\"wide\"><dt>gain reduction</dt><dd>median {median}, max {most}</dd></div>")
}

/// Bands as a table, and how far they are from what they stand for.
pub(super) fn bands(found: &Bands, caption: &str) -> String {
    let rows = found.bands.iter().map(|band| {
        let gain = match band.shape {
            Shape::HighPass | Shape::LowPass => "–".into(),
            Shape::LowShelf | Shape::Bell | Shape::HighShelf => figure::signed_db(band.db),
        };
        row(shape_name(band.shape), &[figure::hertz(band.hz), gain, figure::fixed(band.q, 2)])
    });
    let rows: String = rows.collect();
    let head = table_head(caption, &["band", "frequency", "gain", "Q"]);
    let table = if rows.is_empty() {
        rows
    } else {
        format!("<table class=\"numbers\">{head}<tbody>{rows}</tbody></table>")
    };
    let (level, residual) = (figure::signed_db(found.bands_level_db), figure::db(found.bands_residual_db));
    format!("{table}<p class=\"remark\">level {level}; the bands are {residual} RMS off the curve</p>")
}

fn echoes(taps: &[Tap]) -> String {
    let rows = taps.iter().map(|tap| {
        let note = tap.note.as_deref().map(safe).unwrap_or("–".into());
        row(&safe(&tap.channel), &[figure::milliseconds(tap.time_ms), note, figure::db(tap.gain_db)])
    });
    let rows: String = rows.collect();
    let head = table_head("Echoes", &["echo", "after", "note", "level"]);
    if rows.is_empty() {
        rows
    } else {
        format!("<table class=\"numbers\">{head}<tbody>{rows}</tbody></table>")
    }
}

/// Decay times, an octave a column.
fn octaves(decay: &Decay) -> String {
    if decay.s.is_empty() {
        return String::new();
    }
    let head =
        decay.hz.iter().map(|&hz| format!("<th scope=\"col\" class=\"figure\">{}</th>", figure::hertz(hz)));
    let cells = decay.s.iter().map(|&s| format!("<td class=\"figure\">{}</td>", figure::fixed(s, 2)));
    format!(
        "<div class=\"scroll\"><table class=\"numbers octaves\"><caption class=\"unseen\">RT60 by octave</caption><thead><tr><th scope=\"col\">octave</th>{}</tr></thead>\
         <tbody><tr><th scope=\"row\">RT60, s</th>{}</tr></tbody></table></div>",
        head.collect::<String>(),
        cells.collect::<String>()
    )
}

//! A processor in a strip's card: its name, its phrase, its picture and its figures.

use std::fmt::{self, Write};

use super::{bar, figure, row, table_head};
use crate::bands::{Bands, Shape};
use crate::findings::{ProcessorView, Report};
use crate::pages::escape::markup as safe;
use crate::pages::plots;
use crate::processors::{Cell, Cells, Column, Curve, Holds, Look, Reduction, Row, Tone, Value};
use crate::words::processor_phrase::detail;
use crate::words::runs;

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
    let look @ Look { title, .. } = processor.kind().look();
    let (label, class) = (look.label(), look.class());
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
    let (settings, definition) = (&processor.settings, processor.kind().definition());
    let numbers = settings.all_numbers();
    let mut pairs: Vec<_> =
        numbers.map(|(figure, unit, value)| (figure.title, figure::of(value, unit))).collect();
    if !definition.states_what_is_heard() {
        pairs.push(("wet", figure::percent(processor.wet)));
    }
    let mut page = list(&pairs, &processor.reduction.map(reduction).unwrap_or_default());
    for (figure, value) in settings.figures() {
        match (figure.holds, value) {
            (Holds::Curve { over, of, listed: true }, Value::Curve(curve)) => {
                page += &points(figure.title, (&over, &of), curve);
            }
            (Holds::Rows { columns, .. }, Value::Rows(rows)) => page += &table(figure.title, columns, rows),
            _ => {}
        }
    }
    let noun = definition.look().noun;
    let caption = match definition.tone() {
        Some(Tone::Colour(_)) => format!("The {noun}'s colour as bands"),
        Some(Tone::Filter(_)) | None => format!("The {noun} as bands"),
    };
    page + &processor.bands.as_ref().map(|found| bands(found, &caption)).unwrap_or_default()
}

/// Settings in two columns, then what takes a line of its own.
fn list(settings: &[(&str, String)], more: &str) -> String {
    if settings.is_empty() {
        return more.into();
    }
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
        row(band.shape.title(), &[figure::hertz(band.hz), gain, figure::fixed(band.q, 2)])
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

/// A table of settings, a note behind the time that it names.
fn table(caption: &str, columns: &[Column], rows: &[Row]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut order: Vec<usize> = (0..columns.len()).collect();
    let time = |&place: &usize| match columns[place].cells {
        Cells::Notes { of } => (columns.iter().position(|column| column.key == of).unwrap_or(place), true),
        Cells::Numbers(_) | Cells::Words => (place, false),
    };
    order.sort_by_key(time);
    let cell = |cell: &Cell, column: &Column| match cell {
        Cell::Number(value) => figure::of(*value, column.unit()),
        Cell::Text(text) => safe(text),
        Cell::Empty => "–".into(),
    };
    let line = |cells: &Row| {
        let mut cells = order.iter().map(|&place| cell(&cells[place], &columns[place]));
        let of = cells.next().unwrap_or_default();
        row(&of, &cells.collect::<Vec<_>>())
    };
    let heads: Vec<_> = order.iter().map(|&place| columns[place].label).collect();
    let (head, lines) = (table_head(caption, &heads), rows.iter().map(line).collect::<String>());
    format!("<table class=\"numbers\">{head}<tbody>{lines}</tbody></table>")
}

/// The points of a curve, a column each.
fn points(caption: &str, (over, of): (&Column, &Column), curve: &Curve) -> String {
    if curve.of.is_empty() {
        return String::new();
    }
    let head = curve
        .over
        .iter()
        .map(|&at| format!("<th scope=\"col\" class=\"figure\">{}</th>", figure::of(at, over.unit())));
    let cells =
        curve.of.iter().map(|&value| format!("<td class=\"figure\">{}</td>", figure::fixed(value, 2)));
    format!(
        "<div class=\"scroll\"><table class=\"numbers octaves\"><caption class=\"unseen\">{caption}</caption><thead><tr><th scope=\"col\">{}</th>{}</tr></thead>\
         <tbody><tr><th scope=\"row\">{}, {}</th>{}</tr></tbody></table></div>",
        over.label,
        head.collect::<String>(),
        of.label,
        of.unit().symbol(),
        cells.collect::<String>()
    )
}

//! A processor's settings: as a picture, and as figures in units.

use egui::{Align2, Color32, Stroke, Ui};
use mixtrace_solver::findings::ProcessorView;
use mixtrace_solver::processors::{
    Cell, Cells, Column, Curve, Echo, Fader, Holds, Picture, Row, Settings, StaticCurve, Value,
};
use mixtrace_solver::units::{capitalised, fixed, hertz, percent, signed_db};

use super::chart::{Chart, Scale};
use super::theme;

const HEIGHT: f32 = 150.0;

/// Draws what a processor does, in its kind's colour.
pub fn draw(ui: &mut Ui, settings: &Settings, colour: Color32) {
    match settings.kind().definition().picture(settings) {
        None => {}
        Some(Picture::Response(response)) => levels(ui, &response, colour),
        Some(Picture::Static(curve)) => transfer(ui, &curve, colour),
        Some(Picture::Width(width)) => {
            fader(ui, width, [0.0, 2.0], &[(0.0, "mono"), (1.0, "as is"), (2.0, "wide")], colour);
        }
        Some(Picture::Fader(Fader { gain_db, pan })) => {
            fader(
                ui,
                gain_db,
                [-24.0, 12.0],
                &[(-24.0, "−24"), (-12.0, "−12"), (0.0, "0"), (12.0, "+12")],
                colour,
            );
            fader(ui, pan, [-1.0, 1.0], &[(-1.0, "L"), (0.0, "C"), (1.0, "R")], colour);
        }
        Some(Picture::Echoes(taps)) => echoes(ui, &taps, colour),
        Some(Picture::Decay { overall_s, by_frequency }) => decay(ui, overall_s, &by_frequency, colour),
    }
}

fn frequencies(chart: &Chart) {
    for (hz, text) in [(20.0, "20"), (100.0, "100"), (1000.0, "1k"), (10_000.0, "10k"), (20_000.0, "")] {
        chart.upright(hz, text);
    }
}

fn levels(ui: &mut Ui, response: &Curve, colour: Color32) {
    // Full scale in steps of 6 dB, so that curves of one size look alike; deeper cuts leave the frame.
    let farthest = response.of.iter().fold(0.0f64, |far, db| far.max(db.abs()));
    let full = 6.0 * (farthest / 6.0).ceil().clamp(1.0, 4.0);
    let chart =
        Chart::new(ui, "Level in dB over Hz", HEIGHT, Scale::log(20.0, 20_000.0), Scale::linear(-full, full));
    frequencies(&chart);
    for level in [-full, -full / 2.0, 0.0, full / 2.0, full] {
        chart.level(level, &signed(level));
    }
    chart.line(response.points(), Stroke::new(2.0, colour));
}

fn signed(level: f64) -> String {
    signed_db(level).trim_end_matches(" dB").trim_end_matches(".0").to_string()
}

fn transfer(ui: &mut Ui, curve: &StaticCurve, colour: Color32) {
    let threshold_db = curve.threshold_db;
    let floor = 20.0 * ((threshold_db - 12.0) / 20.0).floor().clamp(-6.0, -3.0);
    let chart = Chart::new(
        ui,
        "Output over input in dB",
        HEIGHT + 20.0,
        Scale::linear(floor, 0.0),
        Scale::linear(floor, 0.0),
    );
    let mut mark = floor;
    while mark <= 0.0 {
        chart.upright(mark, &fixed(mark, 0));
        chart.level(mark, &fixed(mark, 0));
        mark += 20.0;
    }
    chart.dashes((floor, floor), (0.0, 0.0), theme::QUIET);
    chart.dashes((threshold_db, floor), (threshold_db, 0.0), theme::AMBER);
    let levels = (0..=120).map(|i| floor * (1.0 - f64::from(i) / 120.0));
    let points = levels.map(|level| (level, level + curve.gain_db(level)));
    chart.line(points, Stroke::new(2.0, colour));
}

fn echoes(ui: &mut Ui, taps: &[Echo], colour: Color32) {
    let last = taps.iter().map(|t| t.time_ms).fold(0.0, f64::max);
    let loudest = taps.iter().map(|t| t.gain_db).fold(f64::NEG_INFINITY, f64::max);
    // Full scale in steps of 500 ms; what is 40 dB below the loudest is nothing.
    let full = 500.0 * (last / 500.0).ceil().max(1.0);
    let chart =
        Chart::new(ui, "Echoes over time", HEIGHT, Scale::linear(0.0, full), Scale::linear(-1.0, 1.0));
    chart.upright(0.0, "0");
    chart.upright(full / 2.0, &fixed(full / 2.0, 0));
    chart.upright(full, &format!("{} ms", fixed(full, 0)));
    chart.level(0.0, "");
    chart.beside(0.5, "left");
    chart.beside(-0.5, "right");
    for tap in taps {
        let length = (1.0 + (tap.gain_db - loudest) / 40.0).clamp(0.02, 1.0) * 0.92;
        let end = if tap.is_right { -length } else { length };
        chart.bar(tap.time_ms, 0.0, end, 3.0, colour);
    }
}

fn decay(ui: &mut Ui, overall_s: f64, by_octave: &Curve, colour: Color32) {
    let longest =
        by_octave.of.iter().copied().filter(|s| *s < ENDLESS_S).fold(overall_s.min(ENDLESS_S), f64::max);
    let full = 0.5 * (longest.max(0.1) / 0.5).ceil().clamp(1.0, 20.0);
    let chart = Chart::new(
        ui,
        "Decay time by octave, overall dashed",
        HEIGHT,
        Scale::log(44.0, 22_627.0),
        Scale::linear(0.0, full * 1.1),
    );
    for hz in &by_octave.over {
        let text = hertz(*hz).replace(" kHz", "k").replace(" Hz", "");
        let wide = ui.available_width() > 250.0;
        chart.upright(*hz, if wide || matches!(*hz as u32, 125 | 500 | 2000 | 8000) { &text } else { "" });
    }
    for share in [0.5, 1.0] {
        chart.level(
            share * full,
            &format!("{} s", fixed(share * full, 2).trim_end_matches('0').trim_end_matches('.')),
        );
    }
    for (hz, s) in by_octave.points() {
        chart.bar(hz, 0.0, s, 12.0, colour);
    }
    chart.dashes((44.0, overall_s), (22_627.0, overall_s), theme::TEXT);
}

/// Longer decays leave the frame, s.
const ENDLESS_S: f64 = 10.0;

/// A fader on its track with marks below.
fn fader(ui: &mut Ui, value: f64, [from, to]: [f64; 2], marks: &[(f64, &str)], colour: Color32) {
    let (rect, _) = ui.allocate_exact_size(egui::vec2(ui.available_width(), 52.0), egui::Sense::hover());
    let painter = ui.painter();
    let track = egui::Rangef::new(rect.left() + 16.0, rect.right() - 16.0);
    let x = |v: f64| track.min + track.span() * ((v - from) / (to - from)).clamp(0.0, 1.0) as f32;
    let y = rect.top() + 20.0;
    painter.hline(track, y, Stroke::new(4.0, theme::GROUND));
    let rest = marks.iter().map(|m| m.0).find(|m| *m == 1.0 || *m == 0.0).unwrap_or(from);
    // A width fader rests at 1, the others at 0.
    let rest = if from == 0.0 { 1.0 } else { rest };
    painter.hline(
        egui::Rangef::new(x(rest).min(x(value)), x(rest).max(x(value))),
        y,
        Stroke::new(4.0, colour),
    );
    for (mark, text) in marks {
        painter.vline(x(*mark), egui::Rangef::new(y + 9.0, y + 13.0), Stroke::new(1.0, theme::QUIET));
        let at = egui::pos2(x(*mark), y + 15.0);
        painter.text(at, Align2::CENTER_TOP, text, theme::tiny(), theme::QUIET);
    }
    let knob = egui::Rect::from_center_size(egui::pos2(x(value), y), egui::vec2(9.0, 20.0));
    painter.rect_filled(knob, 2.0, theme::TEXT);
    painter.vline(x(value), egui::Rangef::new(y - 7.0, y + 7.0), Stroke::new(1.0, theme::GROUND));
}

/// A processor's figures, name and value, in units: numbers first, then lists.
pub fn facts(processor: &ProcessorView) -> Vec<(String, String)> {
    let settings = &processor.settings;
    let numbers = settings.numbers_in_words().filter(|(figure, _)| !figure.is_minor);
    let mut facts: Vec<_> = numbers.map(|(figure, value)| (capitalised(figure.label), value)).collect();
    if !processor.kind().definition().states_what_is_heard() {
        facts.push(("Wet".into(), percent(processor.wet)));
    }
    for (figure, value) in settings.figures() {
        match (figure.holds, value) {
            (Holds::Curve { over, of, listed: true }, Value::Curve(curve)) => {
                let text = |(at, value)| (over.unit().text(at), of.unit().text(value));
                facts.extend(curve.points().map(text));
            }
            (Holds::Curve { over, of, listed: false }, Value::Curve(curve)) => {
                facts.extend(extremes(curve, (&over, &of)));
            }
            (Holds::Rows { columns, ranked_by }, Value::Rows(rows)) => {
                facts.extend(ranked(rows, columns, ranked_by));
            }
            _ => {}
        }
    }
    facts
}

/// The highest and the lowest point of a curve.
fn extremes(curve: &Curve, (over, of): (&Column, &Column)) -> Vec<(String, String)> {
    let extreme = |name: &str, is_better: fn(f64, f64) -> bool| {
        let found =
            curve.points().reduce(|best, point| if is_better(point.1, best.1) { point } else { best });
        found.map(|(at, value)| {
            (name.to_string(), format!("{} at {}", of.unit().text(value), over.unit().text(at)))
        })
    };
    [extreme("Highest", |a, b| a > b), extreme("Lowest", |a, b| a < b)].into_iter().flatten().collect()
}

/// The rows of a table, the highest in the column `ranked_by` first: its value, named by what else is in the row.
fn ranked(rows: &[Row], columns: &[Column], ranked_by: &str) -> Vec<(String, String)> {
    let Some(place) = columns.iter().position(|column| column.key == ranked_by) else { return vec![] };
    let rank = |row: &Row| row[place].number().unwrap_or(f64::NEG_INFINITY);
    let mut rows: Vec<&Row> = rows.iter().collect();
    rows.sort_by(|a, b| rank(b).total_cmp(&rank(a)));
    let text = |cell: &Cell, column: &Column| cell.in_words(column).unwrap_or_default();
    let fact = |row: &Row| {
        let others = columns
            .iter()
            .zip(row)
            .filter(|(column, _)| column.key != ranked_by && !matches!(column.cells, Cells::Notes { .. }));
        let name: Vec<String> = others.map(|(column, cell)| text(cell, column)).collect();
        (name.join(" "), text(&row[place], &columns[place]))
    };
    rows.into_iter().map(fact).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor::sample;
    use mixtrace_solver::processors::Kind;

    fn of(kind: Kind) -> Vec<(String, String)> {
        facts(&sample::processor(kind, 0.5))
    }

    #[test]
    fn every_kind_has_figures_in_units() {
        assert!(of(Kind::Compressor).contains(&("Ratio".into(), "3.6:1".into())));
        assert!(of(Kind::NoiseGate).contains(&("Threshold".into(), "−41.3 dB".into())));
        assert!(of(Kind::GainPan).contains(&("Pan".into(), "R27".into())));
        assert!(of(Kind::StereoImager).contains(&("Width".into(), "1.30".into())));
        assert!(of(Kind::Reverb).contains(&("RT60".into(), "1.4 s".into())));
        assert!(of(Kind::Reverb).contains(&("4 kHz".into(), "0.90 s".into())));
        assert_eq!(of(Kind::Equalizer).len(), 2);
    }

    #[test]
    fn echoes_are_listed_with_the_loudest_first() {
        let taps = of(Kind::MultitapDelay);
        assert_eq!(taps[0], ("left 125 ms".into(), "−14.0 dB".into()));
        assert_eq!(taps.len(), 4);
    }
}

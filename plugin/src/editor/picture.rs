//! A processor's settings: as a picture, and as figures in units.

use egui::{Align2, Color32, Stroke, Ui};
use mixtrace_solver::findings::ProcessorView;
use mixtrace_solver::pages::plots::static_gain;
use mixtrace_solver::processors::{Decay, Response, Settings, Tap};
use mixtrace_solver::words::units::{
    db, fixed, hertz, milliseconds, pan_pot, percent, seconds, signed_db, to_one,
};

use super::chart::{Chart, Scale};
use super::theme;

const HEIGHT: f32 = 150.0;

/// Draws what a processor does, in its kind's colour.
pub fn draw(ui: &mut Ui, settings: &Settings, colour: Color32) {
    match settings {
        Settings::Equalizer { response } => equaliser(ui, response, colour),
        Settings::Compressor { threshold_db, .. } | Settings::NoiseGate { threshold_db, .. } => {
            dynamics(ui, settings, *threshold_db, colour);
        }
        Settings::StereoImager { width } => {
            fader(ui, *width, [0.0, 2.0], &[(0.0, "mono"), (1.0, "as is"), (2.0, "wide")], colour);
        }
        Settings::GainPan { gain_db, pan, .. } => {
            fader(
                ui,
                *gain_db,
                [-24.0, 12.0],
                &[(-24.0, "−24"), (-12.0, "−12"), (0.0, "0"), (12.0, "+12")],
                colour,
            );
            fader(ui, *pan, [-1.0, 1.0], &[(-1.0, "L"), (0.0, "C"), (1.0, "R")], colour);
        }
        Settings::MultitapDelay { taps } => delay(ui, taps, colour),
        Settings::Reverb { rt60_s, rt60_by_octave, .. } => reverb(ui, *rt60_s, rt60_by_octave, colour),
    }
}

fn frequencies(chart: &Chart) {
    for (hz, text) in [(20.0, "20"), (100.0, "100"), (1000.0, "1k"), (10_000.0, "10k"), (20_000.0, "")] {
        chart.upright(hz, text);
    }
}

fn equaliser(ui: &mut Ui, response: &Response, colour: Color32) {
    // Full scale in steps of 6 dB, so that curves of one size look alike; deeper cuts leave the frame.
    let farthest = response.db.iter().fold(0.0f64, |far, db| far.max(db.abs()));
    let full = 6.0 * (farthest / 6.0).ceil().clamp(1.0, 4.0);
    let chart =
        Chart::new(ui, "Level in dB over Hz", HEIGHT, Scale::log(20.0, 20_000.0), Scale::linear(-full, full));
    frequencies(&chart);
    for level in [-full, -full / 2.0, 0.0, full / 2.0, full] {
        chart.level(level, &signed(level));
    }
    chart.line(points(&response.hz, &response.db), Stroke::new(2.0, colour));
}

fn signed(level: f64) -> String {
    signed_db(level).trim_end_matches(" dB").trim_end_matches(".0").to_string()
}

fn points<'a>(x: &'a [f64], y: &'a [f64]) -> impl Iterator<Item = (f64, f64)> + 'a {
    x.iter().copied().zip(y.iter().copied())
}

fn dynamics(ui: &mut Ui, settings: &Settings, threshold_db: f64, colour: Color32) {
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
    let curve = levels.map(|level| (level, level + static_gain(settings, level).unwrap_or(0.0)));
    chart.line(curve, Stroke::new(2.0, colour));
}

fn delay(ui: &mut Ui, taps: &[Tap], colour: Color32) {
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
        let end = if tap.channel == "right" { -length } else { length };
        chart.bar(tap.time_ms, 0.0, end, 3.0, colour);
    }
}

fn reverb(ui: &mut Ui, rt60_s: f64, by_octave: &Decay, colour: Color32) {
    let longest =
        by_octave.s.iter().copied().filter(|s| *s < ENDLESS_S).fold(rt60_s.min(ENDLESS_S), f64::max);
    let full = 0.5 * (longest.max(0.1) / 0.5).ceil().clamp(1.0, 20.0);
    let chart = Chart::new(
        ui,
        "Decay time by octave, overall dashed",
        HEIGHT,
        Scale::log(44.0, 22_627.0),
        Scale::linear(0.0, full * 1.1),
    );
    for hz in &by_octave.hz {
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
    for (hz, s) in points(&by_octave.hz, &by_octave.s) {
        chart.bar(hz, 0.0, s, 12.0, colour);
    }
    chart.dashes((44.0, rt60_s), (22_627.0, rt60_s), theme::TEXT);
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

/// A processor's figures, name and value, in units.
pub fn facts(processor: &ProcessorView) -> Vec<(String, String)> {
    let wet = ("Wet".into(), percent(processor.wet));
    let fact = |name: &str, value: String| (name.to_string(), value);
    match &processor.settings {
        Settings::Equalizer { response } => {
            let extreme = |better: fn(f64, f64) -> bool| {
                let all = points(&response.hz, &response.db);
                all.reduce(|best, p| if better(p.1, best.1) { p } else { best })
            };
            let named = |name, found: Option<(f64, f64)>| {
                found.map(|(hz, db)| fact(name, format!("{} at {}", signed_db(db), hertz(hz))))
            };
            [named("Highest", extreme(|a, b| a > b)), named("Lowest", extreme(|a, b| a < b))]
                .into_iter()
                .flatten()
                .collect()
        }
        Settings::Compressor { threshold_db, ratio, knee_db, time_ms }
        | Settings::NoiseGate { threshold_db, ratio, knee_db, time_ms } => vec![
            fact("Threshold", db(*threshold_db)),
            fact("Ratio", to_one(*ratio)),
            fact("Knee", db(*knee_db)),
            fact("Time", milliseconds(*time_ms)),
            wet,
        ],
        Settings::StereoImager { width } => vec![fact("Width", fixed(*width, 2))],
        Settings::GainPan { gain_db, pan, left_db, right_db } => vec![
            fact("Gain", signed_db(*gain_db)),
            fact("Pan", pan_pot(*pan)),
            fact("Left", signed_db(*left_db)),
            fact("Right", signed_db(*right_db)),
        ],
        Settings::MultitapDelay { taps } => {
            let mut loudest: Vec<&Tap> = taps.iter().collect();
            loudest.sort_by(|a, b| b.gain_db.total_cmp(&a.gain_db));
            loudest
                .into_iter()
                .map(|t| (format!("{} {}", t.channel, milliseconds(t.time_ms)), db(t.gain_db)))
                .collect()
        }
        Settings::Reverb { rt60_s, rt60_by_octave, pre_wet_db, .. } => {
            let octaves = points(&rt60_by_octave.hz, &rt60_by_octave.s);
            [fact("RT60", seconds(*rt60_s)), fact("Level", db(*pre_wet_db)), wet]
                .into_iter()
                .chain(octaves.map(|(hz, s)| (hertz(hz), seconds(s))))
                .collect()
        }
    }
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

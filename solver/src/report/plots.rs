//! Small pictures of settings that are curves: responses, static curves, echoes, decays.
//!
//! Each is an SVG that takes its colour from the page (`currentColor`).

use std::fmt::Write;

use super::phrases::{fixed, hertz, short};
use crate::processors::{Decay, Response, Settings, Tap};

const WIDTH: f64 = 190.0;
const HEIGHT: f64 = 64.0;
/// Room for labels below the plot and to its right.
const BELOW: f64 = 13.0;
const BESIDE: f64 = 30.0;

/// The picture of a processor's settings, where they are more than a few figures.
pub fn of(settings: &Settings) -> Option<String> {
    match settings {
        Settings::Equalizer { response } => equaliser(response),
        Settings::Compressor { threshold_db, .. } => Some(transfer("compressor", *threshold_db, settings)),
        Settings::NoiseGate { threshold_db, .. } => Some(transfer("noise gate", *threshold_db, settings)),
        Settings::MultitapDelay { taps } => delay(taps),
        Settings::Reverb { rt60_by_octave, .. } => decay(rt60_by_octave),
        Settings::StereoImager { .. } | Settings::GainPan { .. } => None,
    }
}

/// What a compressor or a noise gate does to a steady level, both in dB; none for the other kinds.
pub fn static_gain(settings: &Settings, level_db: f64) -> Option<f64> {
    match settings {
        Settings::Compressor { threshold_db, ratio, knee_db, .. } => {
            Some(-(1.0 - 1.0 / ratio.max(1.0)) * knee(level_db - threshold_db, *knee_db))
        }
        Settings::NoiseGate { threshold_db, ratio, knee_db, .. } => {
            Some(-(ratio - 1.0).max(0.0) * knee(threshold_db - level_db, *knee_db))
        }
        _ => None,
    }
}

/// How far beyond the threshold a level counts, dB, by the quadratic knee of MATH.md §2.
fn knee(over: f64, width: f64) -> f64 {
    let half = width / 2.0;
    if over >= half {
        over
    } else if over <= -half {
        0.0
    } else {
        (over + half).powi(2) / (4.0 * half)
    }
}

/// A plot's frame with labels `(x, text)` along its foot.
struct Plot {
    svg: String,
}

impl Plot {
    fn new(what: &str, labels: &[(f64, String)]) -> Self {
        let (width, height, foot) = (WIDTH + BESIDE, HEIGHT + BELOW, HEIGHT + BELOW - 2.0);
        let mut svg = format!(
            r#"<svg class="plot" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="{what}">"#
        );
        for (x, text) in labels {
            let anchor = match *x {
                x if x < 12.0 => "start",
                x if x > WIDTH - 12.0 => "end",
                _ => "middle",
            };
            let _ = write!(svg, r#"<text x="{x:.1}" y="{foot}" text-anchor="{anchor}">{text}</text>"#);
        }
        Self { svg }
    }

    /// A faint line across, with what it stands for at its end.
    fn level(&mut self, y: f64, text: &str) {
        let (x, baseline) = (WIDTH + BESIDE, y + 3.5);
        let _ = write!(self.svg, r#"<path class="grid" d="M0 {y:.1}H{WIDTH}"/>"#);
        let _ = write!(self.svg, r#"<text x="{x}" y="{baseline:.1}" text-anchor="end">{text}</text>"#);
    }

    /// A faint line upwards.
    fn upright(&mut self, x: f64) {
        let _ = write!(self.svg, r#"<path class="grid" d="M{x:.1} 0V{HEIGHT}"/>"#);
    }

    fn curve(&mut self, points: impl Iterator<Item = (f64, f64)>) {
        let points: Vec<String> =
            points.map(|(x, y)| format!("{x:.1},{:.1}", y.clamp(1.0, HEIGHT - 1.0))).collect();
        let _ = write!(self.svg, r#"<polyline class="curve" points="{}"/>"#, points.join(" "));
    }

    fn close(self) -> String {
        self.svg + "</svg>"
    }
}

/// Where a frequency lies between 20 Hz and 20 kHz.
fn across(hz: f64) -> f64 {
    WIDTH * ((hz / 20.0).log10() / 3.0).clamp(0.0, 1.0)
}

fn frequencies(what: &str) -> Plot {
    let marks = [100.0, 1000.0, 10_000.0];
    let mut plot = Plot::new(what, &marks.map(|hz| (across(hz), hertz(hz))));
    marks.iter().for_each(|&hz| plot.upright(across(hz)));
    plot
}

fn equaliser(response: &Response) -> Option<String> {
    if response.db.is_empty() {
        return None;
    }
    // Full scale in steps of 6 dB, so that curves of one size look alike; deeper cuts leave the plot.
    let farthest = response.db.iter().fold(0.0f64, |far, db| far.max(db.abs()));
    let scale = 6.0 * (farthest / 6.0).ceil().clamp(1.0, 3.0);
    let y = |db: f64| HEIGHT / 2.0 * (1.0 - db / scale);
    let mut plot = frequencies("response");
    plot.level(y(0.0), "0 dB");
    plot.level(y(scale / 2.0), &format!("+{}", fixed(scale / 2.0, 0)));
    plot.level(y(-scale / 2.0), &fixed(-scale / 2.0, 0));
    plot.curve(response.hz.iter().zip(&response.db).map(|(&hz, &db)| (across(hz), y(db))));
    Some(plot.close())
}

/// Output over input level.
fn transfer(what: &str, threshold_db: f64, settings: &Settings) -> String {
    let quietest = 20.0 * ((threshold_db - 12.0) / 20.0).floor().clamp(-6.0, -3.0);
    let x = |db: f64| WIDTH * (1.0 - db / quietest);
    let y = |db: f64| HEIGHT * db / quietest;
    let mark = x(threshold_db.clamp(quietest, 0.0));
    let mut labels = vec![(mark, fixed(threshold_db, 1))];
    // The threshold's label may need the room of its neighbours.
    if mark > 60.0 {
        labels.push((0.0, format!("{} dB", fixed(quietest, 0))));
    }
    if mark < WIDTH - 60.0 {
        labels.push((WIDTH, "0 dB in".into()));
    }
    let mut plot = Plot::new(what, &labels);
    plot.upright(mark);
    let _ = write!(plot.svg, r#"<path class="grid" d="M0 {HEIGHT}L{WIDTH} 0"/>"#);
    let steps = (0..=110).map(|i| quietest * (1.0 - f64::from(i) / 110.0));
    plot.curve(steps.map(|db| (x(db), y(db + static_gain(settings, db).unwrap_or(0.0)))));
    plot.close()
}

fn delay(taps: &[Tap]) -> Option<String> {
    let last = taps.iter().map(|t| t.time_ms).fold(0.0, f64::max);
    let loudest = taps.iter().map(|t| t.gain_db).fold(f64::NEG_INFINITY, f64::max);
    if taps.is_empty() {
        return None;
    }
    // Full scale in steps of 500 ms.
    let scale = 500.0 * (last / 500.0).ceil().max(1.0);
    let x = |ms: f64| WIDTH * ms / scale;
    let middle = HEIGHT / 2.0;
    let marks =
        [(0.0, "0".into()), (WIDTH / 2.0, fixed(scale / 2.0, 0)), (WIDTH, format!("{} ms", fixed(scale, 0)))];
    let mut plot = Plot::new("echoes, left above right", &marks);
    let _ = write!(plot.svg, r#"<path class="grid" d="M0 {middle}H{WIDTH}"/><text x="0" y="9">L</text>"#);
    let _ = write!(plot.svg, r#"<text x="0" y="{}">R</text>"#, HEIGHT - 2.0);
    for tap in taps {
        // 40 dB below the loudest is nothing.
        let length = (middle - 2.0) * (1.0 + (tap.gain_db - loudest) / 40.0).clamp(0.02, 1.0);
        let y = if tap.channel == "right" { middle + length } else { middle - length };
        let at = x(tap.time_ms);
        let _ = write!(plot.svg, r#"<path class="curve" d="M{at:.1} {middle}V{y:.1}"/>"#);
    }
    Some(plot.close())
}

fn decay(decay: &Decay) -> Option<String> {
    let longest = decay.s.iter().copied().fold(0.0, f64::max);
    if decay.s.is_empty() || longest <= 0.0 {
        return None;
    }
    // Full scale in half seconds, ten at most: what lasts longer leaves the plot.
    let scale = 0.5 * (longest / 0.5).ceil().clamp(1.0, 10.0);
    let y = |s: f64| HEIGHT * (1.0 - s / (1.15 * scale));
    let mut plot = frequencies("decay time");
    plot.level(y(scale), &format!("{} s", short(scale, 1)));
    plot.level(y(scale / 2.0), &short(scale / 2.0, 2));
    plot.curve(decay.hz.iter().zip(&decay.s).map(|(&hz, &s)| (across(hz), y(s))));
    Some(plot.close())
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::processors::Kind;

    #[test]
    fn what_is_drawn_is_well_formed_and_stays_within_its_frame() {
        for kind in Kind::ALL {
            let Some(svg) = of(&fixture::processor(kind, 0.5).settings) else { continue };
            let document = roxmltree::Document::parse(&svg).unwrap();
            let lines = document.descendants().filter_map(|n| n.attribute("points"));
            for pair in lines.flat_map(|p| p.split(' ')) {
                let (x, y) = pair.split_once(',').unwrap();
                assert!((0.0..=WIDTH).contains(&x.parse().unwrap()), "{kind:?} {pair}");
                assert!((0.0..=HEIGHT).contains(&y.parse().unwrap()), "{kind:?} {pair}");
            }
        }
    }

    #[test]
    fn a_knee_joins_both_sides_without_a_step() {
        for width in [0.0, 6.0] {
            assert_eq!(knee(-3.1, width), 0.0);
            assert!((knee(3.0, width) - 3.0).abs() < 1e-12);
        }
        assert!((knee(0.0, 6.0) - 0.75).abs() < 1e-12);
    }

    #[test]
    fn settings_without_points_draw_nothing() {
        let empty = [
            Settings::Equalizer { response: Response { hz: vec![], db: vec![] } },
            Settings::MultitapDelay { taps: vec![] },
            Settings::Reverb {
                rt60_s: 1.0,
                rt60_by_octave: Decay { hz: vec![], s: vec![] },
                pre_delay_ms: 0.0,
                pre_wet_db: 0.0,
            },
        ];
        assert!(empty.iter().all(|s| of(s).is_none()));
    }
}

//! Faders and pots, as they stand on a desk.

use std::f64::consts::PI;

use crate::units::{fixed, pan_pot, signed_db};

/// The fader's scale: gains, dB, and where they are marked, from the top 0 to the bottom 1.
const SCALE: [(f64, f64); 6] =
    [(12.0, 0.0), (6.0, 0.16), (0.0, 0.34), (-12.0, 0.64), (-24.0, 0.82), (-48.0, 1.0)];
/// How far a pot turns from its middle, radians.
const TURN: f64 = 0.75 * PI;
const RADIUS: f64 = 30.0;

/// A fader and a pan pot.
pub(super) fn gain_pan(gain_db: f64, pan: f64) -> String {
    let what = format!("fader at {}, pan pot at {}", signed_db(gain_db), pan_pot(pan));
    frame(&what, 130.0, &(fader(gain_db) + &pot((196.0, 62.0), pan, ["L", "C", "R"])))
}

/// A pot from mono to twice the width.
pub(super) fn width(width: f64) -> String {
    let what = format!("width at {} times", fixed(width, 2));
    frame(&what, 98.0, &pot((150.0, 54.0), width - 1.0, ["0", "1", "2"]))
}

fn frame(what: &str, height: f64, parts: &str) -> String {
    format!(
        r#"<svg class="plot" viewBox="0 0 292 {height}" width="292" height="{height}" role="img" aria-label="{what}">{parts}</svg>"#
    )
}

fn fader(gain_db: f64) -> String {
    let y = |place: f64| 14.0 + 100.0 * place;
    let mut svg = format!(r#"<path class="slot" d="M76 {}V{}"/>"#, y(0.0), y(1.0));
    for (db, place) in SCALE {
        let (line, baseline) = (y(place), y(place) + 3.5);
        svg += &format!(r#"<path class="frame" d="M56 {line:.1}h10M86 {line:.1}h10"/>"#);
        svg += &format!(r#"<text x="48" y="{baseline:.1}" text-anchor="end">{}</text>"#, fixed(db, 0));
    }
    let at = y(place(gain_db));
    let top = at - 7.0;
    svg + &format!(
        r#"<rect class="cap" x="62" y="{top:.1}" width="28" height="14" rx="2"/><path class="curve" d="M64 {at:.1}h24"/>"#
    )
}

/// Where a gain lies on the scale.
fn place(gain_db: f64) -> f64 {
    let between = SCALE.windows(2).find(|pair| gain_db >= pair[1].0);
    let Some([(upper, from), (lower, to)]) = between else { return 1.0 };
    (to - (to - from) * (gain_db - lower) / (upper - lower)).max(0.0)
}

/// A pot around a point, turned by −1 … 1, with a mark at both ends and in the middle.
fn pot((x, y): (f64, f64), turned: f64, marks: [&str; 3]) -> String {
    let point = |turned: f64, radius: f64| {
        let (sin, cos) = (TURN * turned).sin_cos();
        (x + radius * sin, y - radius * cos)
    };
    let turned = turned.clamp(-1.0, 1.0);
    let mut svg = format!(r#"<circle class="cap" cx="{x}" cy="{y}" r="{}"/>"#, RADIUS - 8.0);
    svg += &arc("frame", point(-1.0, RADIUS), point(1.0, RADIUS), (true, true));
    if turned.abs() > 0.005 {
        svg += &arc("curve", point(0.0, RADIUS), point(turned, RADIUS), (false, turned > 0.0));
    }
    let (from, to) = (point(turned, 6.0), point(turned, RADIUS - 9.0));
    svg += &format!(r#"<path class="curve" d="M{:.1} {:.1}L{:.1} {:.1}"/>"#, from.0, from.1, to.0, to.1);
    for (mark, at) in marks.into_iter().zip([-1.0, 0.0, 1.0]) {
        let (x, y) = point(at, RADIUS + 12.0);
        svg += &format!(r#"<text x="{x:.1}" y="{:.1}" text-anchor="middle">{mark}</text>"#, y + 4.0);
    }
    svg
}

/// A part of the pot's edge: whether it is more than half of it, and whether it runs clockwise.
fn arc(class: &str, from: (f64, f64), to: (f64, f64), (large, clockwise): (bool, bool)) -> String {
    let [large, clockwise] = [large, clockwise].map(u8::from);
    format!(
        r#"<path class="{class}" d="M{:.1} {:.1}A{RADIUS} {RADIUS} 0 {large} {clockwise} {:.1} {:.1}"/>"#,
        from.0, from.1, to.0, to.1
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fader_stands_at_its_mark_between_marks_and_never_beyond_its_ends() {
        for (db, at) in SCALE {
            assert!((place(db) - at).abs() < 1e-12, "{db}");
        }
        assert!((place(-18.0) - 0.73).abs() < 1e-12);
        assert_eq!([place(30.0), place(-120.0)], [0.0, 1.0]);
    }
}

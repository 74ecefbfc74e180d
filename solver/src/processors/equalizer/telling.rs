//! How an equaliser is told: by its bands, or, where none were fitted, by the bends of its curve.

use super::{Equalizer, response};
use crate::bands;
use crate::processors::telling::{
    Column, Curve, Device, Figure, Look, Picture, Settings, Telling, Told, Tone,
};
use crate::units::{Unit, hertz, signed_db};

/// Bends of a curve that a phrase names.
const BENDS: usize = 4;
/// A curve turns where it comes back by so much, dB.
const TURN_DB: f64 = 1.0;
/// Bends and levels below this are not worth a knob, dB.
const NEGLIGIBLE_DB: f64 = 0.5;
/// Frequencies of bends worth naming, Hz: a solver at 30 kHz sees nothing above, and bins of 15 Hz little below.
const SPOKEN_OF: std::ops::RangeInclusive<f64> = 30.0..=12_500.0;

/// Third octave by third octave, the dry part included.
const FIGURES: [Figure; 1] = [Figure::curve(
    "response",
    "response",
    Column::numbers("hz", "frequency", Unit::Hz),
    Column::numbers("db", "level", Unit::Gain),
)];

impl Telling for Equalizer {
    fn look(&self) -> Look {
        Look { title: "Equaliser", short: "EQ", noun: "equaliser", colour: "#3f7fd0" }
    }

    fn figures(&self) -> &'static [Figure] {
        &FIGURES
    }

    fn states_what_is_heard(&self) -> bool {
        true
    }

    fn phrase(&self, told: &Told) -> String {
        match told.bands {
            Some(found) => bands::phrase(found),
            None => bent(told.settings.curve("response")),
        }
    }

    fn clause(&self, told: &Told) -> Option<String> {
        match told.bands {
            Some(found) => bands::clause(found),
            None => Some(format!("EQ {}", self.phrase(told))),
        }
    }

    fn picture(&self, settings: &Settings) -> Option<Picture> {
        Some(Picture::Response(settings.curve("response").clone()))
    }

    fn device(&self) -> Device {
        Device::Equaliser
    }

    fn tone(&self) -> Option<Tone> {
        Some(Tone::Filter(response))
    }
}

/// `−3.2 dB @ 315 Hz, +2.1 dB @ 8 kHz, level −4.0 dB`.
fn bent(response: &Curve) -> String {
    let level = level(response);
    let mut parts: Vec<String> =
        bends(response).iter().map(|(hz, db)| format!("{} @ {}", signed_db(*db), hertz(*hz))).collect();
    if parts.is_empty() {
        parts.push("flat".into());
    }
    if level.abs() >= NEGLIGIBLE_DB {
        parts.push(format!("level {}", signed_db(level)));
    }
    parts.join(", ")
}

/// The level that a curve stands at: its median over the bands, which a deep cut at one end does not move.
fn level(response: &Curve) -> f64 {
    let mut sorted = response.of.clone();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len();
    if n == 0 { 0.0 } else { (sorted[(n - 1) / 2] + sorted[n / 2]) / 2.0 }
}

/// The few bends that say a curve's shape: `(Hz, dB against the level)`, frequencies rising.
///
/// A bend is a turning point that the curve leaves by at least [`TURN_DB`] on both sides, or an end of the curve.
fn bends(response: &Curve) -> Vec<(f64, f64)> {
    let level = level(response);
    let points = response.points().map(|(hz, db)| (hz, db - level));
    let curve: Vec<(f64, f64)> = points.filter(|(hz, _)| SPOKEN_OF.contains(hz)).collect();
    let turns = turning_points(&curve);
    let mut found: Vec<(f64, f64)> = vec![];
    for (i, &turn) in turns.iter().enumerate() {
        let neighbour = if i > 0 { turns.get(i - 1) } else { turns.get(1) };
        // A dip between two boosts that stays above the level is no cut, nor the other way round.
        let away = neighbour.is_none_or(|n| (turn.1 - n.1) * turn.1 > 0.0);
        if away && turn.1.abs() >= NEGLIGIBLE_DB {
            found.push(turn);
        }
    }
    found.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    found.truncate(BENDS);
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    found
}

/// Both ends and all peaks and dips that stand out by [`TURN_DB`], in order; of a curve that never moves so far, the
/// point farthest from its level.
fn turning_points(curve: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let Some(&first) = curve.first() else { return vec![] };
    let (mut low, mut high) = (first, first);
    // Up is 1, down −1; none before the first clear move.
    let mut direction: Option<f64> = None;
    let mut turns = vec![];
    // The farthest point in the present direction.
    let mut farthest = first;
    for &point in curve {
        if let Some(sign) = direction {
            let onward = sign * (point.1 - farthest.1);
            if onward > 0.0 {
                farthest = point;
            } else if onward <= -TURN_DB {
                turns.push(farthest);
                (direction, farthest) = (Some(-sign), point);
            }
            continue;
        }
        if point.1 < low.1 {
            low = point;
        } else if point.1 > high.1 {
            high = point;
        }
        if high.1 - low.1 >= TURN_DB {
            let (from, sign) = if point == high { (low, 1.0) } else { (high, -1.0) };
            turns.push(from);
            (direction, farthest) = (Some(sign), point);
        }
    }
    if direction.is_none() {
        farthest = if low.1.abs() > high.1.abs() { low } else { high };
    }
    turns.push(farthest);
    turns
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::processors::telling::testing::phrase;
    use crate::processors::{Kind, THIRD_OCTAVES};

    fn curve(db: impl Fn(f64) -> f64) -> Curve {
        Curve { over: THIRD_OCTAVES.to_vec(), of: THIRD_OCTAVES.iter().map(|&hz| db(hz)).collect() }
    }

    fn equaliser(response: Curve) -> String {
        phrase(&Settings::new(Kind::Equalizer, [("response", response.into())]), 0.62)
    }

    /// A bell of 1.5 octaves in dB.
    fn bell(hz: f64, centre: f64, db: f64) -> f64 {
        db * (-((hz / centre).log2() / 0.75).powi(2)).exp()
    }

    #[test]
    fn without_bands_an_equaliser_is_told_by_its_bends_and_its_level() {
        let two_bells = curve(|hz| bell(hz, 315.0, -3.2) + bell(hz, 8000.0, 2.1) - 4.0);
        assert_eq!(equaliser(two_bells), "−3.2 dB @ 315 Hz, +2.1 dB @ 8 kHz, level −4.0 dB");
    }

    #[test]
    fn a_cut_at_an_end_is_a_bend_and_ripple_is_not() {
        let low_cut = curve(|hz| -12.0 * (25.0 / hz).powi(2) + 0.3 * (hz.ln() * 9.0).sin());
        let found = bends(&low_cut);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].0, 31.5);
    }

    #[test]
    fn only_the_strongest_bends_are_named_in_order_of_frequency() {
        let comb = curve(|hz| (hz.log2() * 3.0).sin() * hz.log2());
        let found = bends(&comb);
        assert_eq!(found.len(), BENDS);
        assert!(found.windows(2).all(|w| w[0].0 < w[1].0));
    }

    #[test]
    fn a_flat_equaliser_says_so() {
        assert_eq!(equaliser(curve(|_| 0.1)), "flat");
        assert_eq!(equaliser(curve(|_| -6.0)), "flat, level −6.0 dB");
        assert_eq!(equaliser(Curve::default()), "flat");
    }
}

//! What a processor is set to, in words that can be dialled in.
//!
//! Equaliser, width, gain and echoes are stated as heard, the dry part included; compressor, gate and reverb are stated
//! as set, with their wet share.

use crate::processors::{Kind, Response, Settings, Tap};

use super::units::{db, fixed, hertz, milliseconds, pan_pot, percent, seconds, signed_db, to_one};
use crate::bands::{Band, Bands, Shape};
use crate::findings::{ProcessorView, Reduction};

/// Bends of an equaliser's curve that a phrase names.
const BENDS: usize = 4;
/// A curve turns where it comes back by so much, dB.
const TURN_DB: f64 = 1.0;
/// Bends and levels below this are not worth a knob, dB.
const NEGLIGIBLE_DB: f64 = 0.5;
/// Frequencies of bends worth naming, Hz: a solver at 30 kHz sees nothing above, and bins of 15 Hz little below.
const SPOKEN_OF: std::ops::RangeInclusive<f64> = 30.0..=12_500.0;
/// Echoes that a phrase names.
const ECHOES: usize = 3;
/// A short phrase in units, such as `comp 3.1:1 above −24.3 dB, knee 6.0 dB, 12 ms (60 % wet)` or, of a send's gain,
/// `send from vox −14.0 dB`.
pub fn describe(processor: &ProcessorView) -> String {
    if let Some(from) = &processor.from {
        return format!("send from {from} {}", detail(processor));
    }
    let name = match processor.kind() {
        Kind::Equalizer => "EQ",
        Kind::Compressor => "comp",
        Kind::NoiseGate => "gate",
        Kind::StereoImager => "width",
        Kind::GainPan => "gain",
        Kind::MultitapDelay => "delay",
        Kind::Reverb => "reverb",
    };
    format!("{name} {}", detail(processor))
}

/// The phrase of [`describe`] without the processor's name.
pub fn detail(processor: &ProcessorView) -> String {
    let wet = percent(processor.wet);
    match &processor.settings {
        Settings::Equalizer { response } => match &processor.bands {
            Some(bands) => banded(bands),
            None => equaliser(response),
        },
        Settings::Compressor { threshold_db, ratio, knee_db, time_ms } => {
            let set = dynamics(*ratio, "above", *threshold_db, *knee_db, *time_ms);
            format!("{set} ({wet} wet){}", reduction(processor))
        }
        Settings::NoiseGate { threshold_db, ratio, knee_db, time_ms } => {
            let set = dynamics(*ratio, "below", *threshold_db, *knee_db, *time_ms);
            format!("{set} ({wet} wet){}", reduction(processor))
        }
        Settings::StereoImager { width } => fixed(*width, 2),
        Settings::GainPan { gain_db, pan, .. } => format!("{}, pan {}", signed_db(*gain_db), pan_pot(*pan)),
        Settings::MultitapDelay { taps } => delay(taps),
        Settings::Reverb { rt60_s, pre_wet_db, .. } => {
            format!("RT60 {}, {} ({wet} wet)", seconds(*rt60_s), db(*pre_wet_db))
        }
    }
}

/// The gain reduction where it was measured, median and maximum: `, GR 2.3 dB (max 7.5 dB)`.
fn reduction(processor: &ProcessorView) -> String {
    let Some(Reduction { median_db, max_db }) = processor.reduction else { return String::new() };
    format!(", GR {} (max {})", db(median_db), db(max_db))
}

/// `high-pass 41 Hz, −3.2 dB @ 312 Hz Q 1.1, level −1.5 dB`.
fn banded(bands: &Bands) -> String {
    let mut parts: Vec<String> = bands.bands.iter().map(band).collect();
    if parts.is_empty() {
        parts.push("flat".into());
    }
    if bands.bands_level_db.abs() >= NEGLIGIBLE_DB {
        parts.push(format!("level {}", signed_db(bands.bands_level_db)));
    }
    parts.join(", ")
}

/// A band as it is dialled in: `low shelf +2.0 dB @ 120 Hz`.
fn band(&Band { shape, hz, db, q }: &Band) -> String {
    let (name, at) = (shape_name(shape), hertz(hz));
    match shape {
        Shape::HighPass | Shape::LowPass => format!("{name} {at}"),
        Shape::LowShelf | Shape::HighShelf => format!("{name} {} @ {at}", signed_db(db)),
        Shape::Bell => format!("{} @ {at} Q {}", signed_db(db), fixed(q, 1)),
    }
}

/// What a band is called on a desk.
pub fn shape_name(shape: Shape) -> &'static str {
    match shape {
        Shape::HighPass => "high-pass",
        Shape::LowShelf => "low shelf",
        Shape::Bell => "bell",
        Shape::HighShelf => "high shelf",
        Shape::LowPass => "low-pass",
    }
}

fn dynamics(ratio: f64, side: &str, threshold_db: f64, knee_db: f64, time_ms: f64) -> String {
    format!("{} {side} {}, knee {}, {}", to_one(ratio), db(threshold_db), db(knee_db), milliseconds(time_ms))
}

fn equaliser(response: &Response) -> String {
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
fn level(response: &Response) -> f64 {
    let mut sorted = response.db.clone();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len();
    if n == 0 { 0.0 } else { (sorted[(n - 1) / 2] + sorted[n / 2]) / 2.0 }
}

/// The few bends that say a curve's shape: `(Hz, dB against the level)`, frequencies rising.
///
/// A bend is a turning point that the curve leaves by at least [`TURN_DB`] on both sides, or an end of the curve.
fn bends(response: &Response) -> Vec<(f64, f64)> {
    let level = level(response);
    let points = response.hz.iter().zip(&response.db).map(|(&hz, &db)| (hz, db - level));
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

fn delay(taps: &[Tap]) -> String {
    let mut loudest: Vec<&Tap> = taps.iter().collect();
    loudest.sort_by(|a, b| b.gain_db.total_cmp(&a.gain_db).then(a.time_ms.total_cmp(&b.time_ms)));
    let named: Vec<String> = loudest
        .iter()
        .take(ECHOES)
        .map(|t| {
            let side = if t.channel == "right" { "R" } else { "L" };
            let note = t.note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
            format!("{}{note} {side} {}", milliseconds(t.time_ms), db(t.gain_db))
        })
        .collect();
    match taps.len() {
        0 => "without echoes".into(),
        n => {
            let more = if n > ECHOES { ", …" } else { "" };
            format!("{n} tap{}: {}{more}", if n == 1 { "" } else { "s" }, named.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::{ENDLESS, fixture};
    use crate::processors::THIRD_OCTAVES;

    fn response(db: impl Fn(f64) -> f64) -> Response {
        Response { hz: THIRD_OCTAVES.to_vec(), db: THIRD_OCTAVES.iter().map(|&hz| db(hz)).collect() }
    }

    /// A bell of 1.5 octaves in dB.
    fn bell(hz: f64, centre: f64, db: f64) -> f64 {
        db * (-((hz / centre).log2() / 0.75).powi(2)).exp()
    }

    fn phrase(settings: Settings, wet: f64) -> String {
        describe(&ProcessorView::new(wet, settings))
    }

    #[test]
    fn an_equaliser_is_named_by_its_bends_and_its_level() {
        let two_bells = response(|hz| bell(hz, 315.0, -3.2) + bell(hz, 8000.0, 2.1) - 4.0);
        let text = phrase(Settings::Equalizer { response: two_bells }, 0.62);
        assert_eq!(text, "EQ −3.2 dB @ 315 Hz, +2.1 dB @ 8 kHz, level −4.0 dB");
    }

    #[test]
    fn a_cut_at_an_end_is_a_bend_and_ripple_is_not() {
        let low_cut = response(|hz| -12.0 * (25.0 / hz).powi(2) + 0.3 * (hz.ln() * 9.0).sin());
        let found = bends(&low_cut);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].0, 31.5);
    }

    #[test]
    fn only_the_strongest_bends_are_named_in_order_of_frequency() {
        let comb = response(|hz| (hz.log2() * 3.0).sin() * hz.log2());
        let found = bends(&comb);
        assert_eq!(found.len(), BENDS);
        assert!(found.windows(2).all(|w| w[0].0 < w[1].0));
    }

    #[test]
    fn a_flat_equaliser_says_so() {
        assert_eq!(phrase(Settings::Equalizer { response: response(|_| 0.1) }, 0.5), "EQ flat");
        assert_eq!(
            phrase(Settings::Equalizer { response: response(|_| -6.0) }, 0.5),
            "EQ flat, level −6.0 dB"
        );
        let empty = Response { hz: vec![], db: vec![] };
        assert_eq!(phrase(Settings::Equalizer { response: empty }, 0.5), "EQ flat");
    }

    #[test]
    fn dynamics_state_ratio_threshold_knee_time_and_wet() {
        let comp = Settings::Compressor { threshold_db: -24.31, ratio: 3.12, knee_db: 6.0, time_ms: 12.4 };
        assert_eq!(phrase(comp, 0.6), "comp 3.1:1 above −24.3 dB, knee 6.0 dB, 12 ms (60 % wet)");
        let gate = Settings::NoiseGate { threshold_db: -41.0, ratio: 2.0, knee_db: 0.04, time_ms: 1.24 };
        assert_eq!(phrase(gate, 1.0), "gate 2.0:1 below −41.0 dB, knee 0.0 dB, 1.2 ms (100 % wet)");
        let limiter = Settings::Compressor { threshold_db: -1.0, ratio: ENDLESS, knee_db: 0.0, time_ms: 5.0 };
        assert!(phrase(limiter, 1.0).starts_with("comp ∞:1 above"));
    }

    #[test]
    fn the_gain_of_a_send_says_what_it_sends() {
        let gain = ProcessorView { from: Some("vox".into()), ..fixture::processor(Kind::GainPan, 0.0) };
        assert_eq!(describe(&gain), "send from vox −4.2 dB, pan L23");
    }

    #[test]
    fn bands_and_reductions_are_told_where_they_were_found() {
        assert_eq!(
            describe(&fixture::processor(Kind::Equalizer, 0.0)),
            "EQ high-pass 41 Hz, −3.2 dB @ 312 Hz Q 1.1, +2.1 dB @ 6.3 kHz Q 0.9, low-pass 12.4 kHz, level −1.5 dB"
        );
        let comp = describe(&fixture::processor(Kind::Compressor, 0.0));
        assert!(comp.ends_with("(20 % wet), GR 2.2 dB (max 7.5 dB)"), "{comp}");
    }

    #[test]
    fn width_gain_echoes_and_reverb_read_like_a_desk() {
        assert_eq!(phrase(Settings::StereoImager { width: 1.348 }, 0.5), "width 1.35");
        let gain = |gain_db, pan| Settings::GainPan { gain_db, pan, left_db: 0.0, right_db: 0.0 };
        assert_eq!(phrase(gain(-4.2, -0.23), 0.5), "gain −4.2 dB, pan L23");
        assert_eq!(phrase(gain(1.0, 1.0), 0.5), "gain +1.0 dB, pan R100");
        assert_eq!(phrase(gain(-0.01, 0.004), 0.5), "gain 0.0 dB, pan C");
        let tap =
            |channel: &str, time_ms, gain_db| Tap { channel: channel.into(), time_ms, gain_db, note: None };
        let taps = vec![
            tap("left", 125.0, -14.0),
            tap("left", 480.0, -30.0),
            tap("right", 250.4, -17.2),
            tap("right", 3.2, -20.0),
        ];
        let text = phrase(Settings::MultitapDelay { taps: taps.clone() }, 0.2);
        assert_eq!(text, "delay 4 taps: 125 ms L −14.0 dB, 250 ms R −17.2 dB, 3.2 ms R −20.0 dB, …");
        let one = Settings::MultitapDelay { taps: taps[..1].to_vec() };
        assert_eq!(phrase(one, 0.2), "delay 1 tap: 125 ms L −14.0 dB");
        assert_eq!(phrase(Settings::MultitapDelay { taps: vec![] }, 0.2), "delay without echoes");
        let reverb =
            fixture::song().strips.iter().flat_map(|s| s.chain.clone()).find_map(|p| match p.settings {
                Settings::Reverb { .. } => Some(describe(&p)),
                _ => None,
            });
        assert_eq!(reverb.unwrap(), "reverb RT60 1.4 s, −14.0 dB (20 % wet)");
    }
}

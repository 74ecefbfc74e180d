//! A strip's chain in a plain sentence: what an engineer would say of it.

use super::processor_phrase::detail;
use super::units::{fixed, hertz, percent, seconds, signed_db};
use super::{facts, units};
use crate::bands::{Band, Bands, Shape};
use crate::findings::{ProcessorView, Report, StripView, UNCERTAIN};
use crate::graph::Role;
use crate::processors::{Decay, Settings, Tap};

/// Bands of an equaliser, and compressors and gates, that move less than this are not worth a word, dB.
const NEGLIGIBLE_DB: f64 = 0.5;
/// A dynamics processor that is less wet works in parallel.
const PARALLEL: f64 = 0.9;
/// Widths this near to 1 leave the signal as it is.
const NEGLIGIBLE_WIDTH: f64 = 0.05;
/// Pan positions this near to the middle are the middle.
const NEGLIGIBLE_PAN: f64 = 0.03;

/// The sentence, such as `Vocals: high-pass 110 Hz, −3 dB at 310 Hz; 3:1 above −24 dB; plate-like reverb 1.4 s at −14 dB.`
pub fn of(strip: &StripView) -> String {
    let doubt = if is_uncertain(strip) { format!(" {}.", facts::UNCERTAIN) } else { String::new() };
    format!("{}: {}{doubt}", strip.name, chain(strip))
}

/// The sentence without the strip's name, and without a doubt.
pub fn chain(strip: &StripView) -> String {
    let said: Vec<String> = strip.chain.iter().filter_map(clause).collect();
    match said.is_empty() {
        true if strip.role == Role::Send => "nothing is sent to it.".into(),
        true => "as it is.".into(),
        false => said.join("; ") + ".",
    }
}

/// True for a track whose stem hardly stands out of the mix, so that little can be said of its chain.
pub fn is_uncertain(strip: &StripView) -> bool {
    strip.heard.is_some_and(|heard| heard < UNCERTAIN)
}

/// The tracks of a report that are uncertain.
pub fn uncertain(report: &Report) -> Vec<&StripView> {
    report.strips.iter().filter(|strip| is_uncertain(strip)).collect()
}

/// What a processor does; nothing where it does next to nothing.
fn clause(processor: &ProcessorView) -> Option<String> {
    if let Some(from) = &processor.from {
        return Some(format!("from {from} {}", detail(processor)));
    }
    if processor.reduction.is_some_and(|reached| reached.max_db < NEGLIGIBLE_DB) {
        return None;
    }
    let in_parallel = if processor.wet < PARALLEL {
        format!(" ({} in parallel)", percent(processor.wet))
    } else {
        String::new()
    };
    match &processor.settings {
        Settings::Equalizer { .. } => match &processor.bands {
            Some(bands) => equaliser(bands),
            None => Some(format!("EQ {}", detail(processor))),
        },
        Settings::Compressor { threshold_db, ratio, .. } => {
            Some(format!("{} above {}{in_parallel}", to_one(*ratio), whole_db(*threshold_db)))
        }
        Settings::NoiseGate { threshold_db, ratio, .. } => {
            Some(format!("gate {} below {}{in_parallel}", to_one(*ratio), whole_db(*threshold_db)))
        }
        Settings::StereoImager { width } => width_of(*width),
        Settings::GainPan { gain_db, pan, .. } => fader(*gain_db, *pan),
        Settings::MultitapDelay { taps } => echoes(taps),
        Settings::Reverb { rt60_s, rt60_by_octave, pre_wet_db, .. } => {
            let (like, time) = (likeness(*rt60_s, rt60_by_octave), seconds(*rt60_s));
            Some(format!("{like} reverb {time} at {}", whole_db(*pre_wet_db)))
        }
    }
}

fn to_one(ratio: f64) -> String {
    let text = units::to_one(ratio);
    text.strip_suffix(".0:1").map(|whole| format!("{whole}:1")).unwrap_or(text)
}

/// `−24 dB`, as it is said.
fn whole_db(db: f64) -> String {
    signed_db(db.round()).replace(".0 dB", " dB").replace('+', "")
}

/// `−3.2 dB` or `+3 dB`: a gain.
fn gain(db: f64) -> String {
    signed_db(db).replace(".0 dB", " dB")
}

fn equaliser(Bands { bands, bands_level_db, .. }: &Bands) -> Option<String> {
    let mut said: Vec<String> = bands.iter().filter_map(band).collect();
    if bands_level_db.abs() >= NEGLIGIBLE_DB {
        said.push(format!("{} overall", gain(*bands_level_db)));
    }
    (!said.is_empty()).then(|| said.join(", "))
}

fn band(&Band { shape, hz, db, .. }: &Band) -> Option<String> {
    let at = hertz(rounded(hz));
    let moves = db.abs() >= NEGLIGIBLE_DB;
    match shape {
        Shape::HighPass => Some(format!("high-pass {at}")),
        Shape::LowPass => Some(format!("low-pass {at}")),
        Shape::LowShelf => moves.then(|| format!("{} below {at}", gain(db))),
        Shape::HighShelf => moves.then(|| format!("{} above {at}", gain(db))),
        Shape::Bell => moves.then(|| format!("{} at {at}", gain(db))),
    }
}

/// Two digits of a frequency: more is not heard.
fn rounded(hz: f64) -> f64 {
    let step = 10f64.powf(hz.max(1.0).log10().floor() - 1.0);
    (hz / step).round() * step
}

fn width_of(width: f64) -> Option<String> {
    match width {
        w if (w - 1.0).abs() < NEGLIGIBLE_WIDTH => None,
        w if w.abs() < NEGLIGIBLE_WIDTH => Some("mono".into()),
        w if w < 0.0 => Some(format!("sides swapped at {}", percent(-w))),
        w if w < 1.0 => Some(format!("narrowed to {}", percent(w))),
        w => Some(format!("widened to {}", percent(w))),
    }
}

fn fader(gain_db: f64, pan: f64) -> Option<String> {
    let level = (gain_db.abs() >= NEGLIGIBLE_DB / 2.0).then(|| format!("fader {}", gain(gain_db)));
    let side = if pan < 0.0 { "left" } else { "right" };
    let pan = (pan.abs() >= NEGLIGIBLE_PAN).then(|| format!("{} {side}", percent(pan.abs())));
    let said: Vec<String> = level.into_iter().chain(pan).collect();
    (!said.is_empty()).then(|| said.join(", "))
}

fn echoes(taps: &[Tap]) -> Option<String> {
    let loudest = taps.iter().max_by(|a, b| a.gain_db.total_cmp(&b.gain_db))?;
    let note = loudest.note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
    let more = match taps.len() - 1 {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    Some(format!("echo at {} ms{note} at {}{more}", fixed(loudest.time_ms, 0), whole_db(loudest.gain_db)))
}

/// What a reverb sounds like, by how long it rings and how its treble lasts.
fn likeness(rt60_s: f64, by_octave: &Decay) -> &'static str {
    let at = |hz: f64| by_octave.hz.iter().zip(&by_octave.s).find(|(at, _)| **at == hz).map(|(_, s)| *s);
    let bright = match (at(1000.0), at(8000.0)) {
        (Some(middle), Some(treble)) => treble >= 0.4 * middle,
        _ => false,
    };
    match rt60_s {
        s if s < 0.6 => "room-like",
        s if s < 2.5 && bright => "plate-like",
        _ => "hall-like",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::Reduction;
    use crate::findings::fixture;
    use crate::graph::Role;
    use crate::processors::Kind;

    fn strip(name: &str, chain: Vec<ProcessorView>) -> StripView {
        StripView {
            name: name.into(),
            role: Role::Track,
            group: None,
            heard: Some(0.5),
            chain,
            tone: None,
            also: vec![],
        }
    }

    #[test]
    fn a_strip_reads_as_an_engineer_would_say_it() {
        let band = |shape, hz, db| Band { shape, hz, db, q: 0.7 };
        let mut eq = fixture::processor(Kind::Equalizer, 0.5);
        let bands = vec![band(Shape::HighPass, 112.0, 0.0), band(Shape::Bell, 309.0, -3.02)];
        eq.bands = Some(Bands { bands, bands_level_db: 0.1, bands_residual_db: 0.2 });
        let comp = Settings::Compressor { threshold_db: -24.2, ratio: 3.0, knee_db: 6.0, time_ms: 10.0 };
        let reverb = fixture::processor(Kind::Reverb, 1.0);
        let vocals = strip("Vocals", vec![eq, ProcessorView::new(1.0, comp), reverb]);
        assert_eq!(
            of(&vocals),
            "Vocals: high-pass 110 Hz, −3 dB at 310 Hz; 3:1 above −24 dB; plate-like reverb 1.4 s at −14 dB."
        );
    }

    #[test]
    fn what_does_nothing_is_not_said_and_doubt_is() {
        let gain = |gain_db, pan| Settings::GainPan { gain_db, pan, left_db: 0.0, right_db: 0.0 };
        let none = strip("Pad", vec![ProcessorView::new(1.0, gain(0.01, 0.0))]);
        assert_eq!(of(&none), "Pad: as it is.");
        let mut quiet = strip("Pad", vec![ProcessorView::new(1.0, gain(-4.2, -0.23))]);
        quiet.heard = Some(0.01);
        assert_eq!(of(&quiet), "Pad: fader −4.2 dB, 23 % left. Hardly audible in the mix: uncertain.");
        assert!(is_uncertain(&quiet) && !is_uncertain(&none));
        let bus = StripView { heard: None, ..quiet };
        assert!(!is_uncertain(&bus));
    }

    #[test]
    fn a_send_says_what_is_sent_to_it() {
        let gain =
            |from: &str| ProcessorView { from: Some(from.into()), ..fixture::processor(Kind::GainPan, 0.0) };
        let chain = vec![gain("Kick"), gain("Vox"), fixture::processor(Kind::Reverb, 1.0)];
        let hall = StripView { role: Role::Send, heard: None, ..strip("Hall", chain) };
        assert_eq!(
            of(&hall),
            "Hall: from Kick −4.2 dB, pan L23; from Vox −4.2 dB, pan L23; plate-like reverb 1.4 s at −14 dB."
        );
        assert_eq!(of(&StripView { chain: vec![], ..hall }), "Hall: nothing is sent to it.");
    }

    #[test]
    fn a_compressor_or_a_gate_that_takes_nothing_off_is_not_worth_a_word() {
        for kind in [Kind::Compressor, Kind::NoiseGate] {
            let reaching = |max_db| {
                let reduction = Some(Reduction { median_db: 0.0, max_db });
                strip("Pad", vec![ProcessorView { reduction, ..fixture::processor(kind, 0.5) }])
            };
            assert_eq!(of(&reaching(0.4)), "Pad: as it is.");
            assert_ne!(of(&reaching(0.5)), "Pad: as it is.");
        }
    }

    #[test]
    fn parallel_compression_width_and_echoes_have_their_words() {
        let comp = Settings::Compressor { threshold_db: -30.0, ratio: 8.0, knee_db: 6.0, time_ms: 10.0 };
        assert_eq!(clause(&ProcessorView::new(0.4, comp)).unwrap(), "8:1 above −30 dB (40 % in parallel)");
        let width = |width| clause(&ProcessorView::new(1.0, Settings::StereoImager { width }));
        assert_eq!(
            [1.3, 0.6, 0.0].map(|w| width(w).unwrap()),
            ["widened to 130 %", "narrowed to 60 %", "mono"]
        );
        assert_eq!(width(1.01), None);
        let delay = fixture::processor(Kind::MultitapDelay, 0.2);
        assert_eq!(clause(&delay).unwrap(), "echo at 125 ms at −14 dB and 3 more");
    }
}

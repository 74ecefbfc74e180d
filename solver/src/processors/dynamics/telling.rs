//! How compressor and noise gate are told.

use super::Units;
use crate::processors::Kind;
use crate::processors::telling::{Dynamics, Figure, Picture, Settings, Side, StaticCurve, Told, Value};
use crate::units::{self, Unit, db, milliseconds, spoken};

/// What both are set to: as applied to amplitude in dB, levels in dB RMS of the mean of both channels.
pub const FIGURES: [Figure; 4] = [
    Figure::number("threshold_db", "threshold", Unit::Db),
    // Of a compressor dB in per dB out above the threshold, of a gate dB out per dB in below it.
    Figure::number("ratio", "ratio", Unit::Ratio),
    Figure::number("knee_db", "knee", Unit::Db),
    // The time constant of the level's smoothing.
    Figure::number("time_ms", "time", Unit::Ms).titled("time constant"),
];

impl Units {
    /// The settings of a kind of this ratio.
    pub fn settings(&self, kind: Kind, ratio: f64) -> Settings {
        let values = [self.threshold_db, ratio, self.knee_db, self.time_ms];
        Settings::new(kind, FIGURES.iter().map(|figure| figure.key).zip(values.map(Value::Number)))
    }
}

/// `3.1:1 above −24.3 dB, knee 6.0 dB, 12 ms (60 % wet), GR 2.3 dB (max 7.5 dB)`.
pub fn phrase(told: &Told, side: Side) -> String {
    let [threshold_db, ratio, knee_db, time_ms] =
        told.settings.numbers(["threshold_db", "ratio", "knee_db", "time_ms"]);
    format!(
        "{} {} {}, knee {}, {} ({}){}",
        units::to_one(ratio),
        name(side),
        db(threshold_db),
        db(knee_db),
        milliseconds(time_ms),
        told.wet_share(),
        told.reached()
    )
}

/// `3:1 above −24 dB (60 % in parallel)`.
pub fn clause(told: &Told, side: Side) -> String {
    let [threshold_db, ratio] = told.settings.numbers(["threshold_db", "ratio"]);
    let (ratio, threshold) = (spoken::to_one(ratio), spoken::level(threshold_db));
    format!("{ratio} {} {threshold}{}", name(side), told.in_parallel())
}

fn name(side: Side) -> &'static str {
    match side {
        Side::Above => "above",
        Side::Below => "below",
    }
}

/// The static curve that takes `slope` dB off for each dB beyond the threshold.
pub fn picture(settings: &Settings, side: Side, slope: f64) -> Picture {
    let [threshold_db, knee_db] = settings.numbers(["threshold_db", "knee_db"]);
    Picture::Static(StaticCurve { threshold_db, knee_db, slope, side })
}

/// One time constant is attack and release at once.
pub fn device(settings: &Settings) -> Dynamics {
    let [threshold_db, ratio, time_ms] = settings.numbers(["threshold_db", "ratio", "time_ms"]);
    Dynamics { threshold_db, ratio, attack_ms: time_ms, release_ms: time_ms }
}

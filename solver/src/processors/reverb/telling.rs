//! How a reverb is told: by how long it rings.

use super::{Reverb, colour};
use crate::processors::telling::{
    Column, Curve, Device, Figure, Look, Picture, Settings, Telling, Told, Tone,
};
use crate::units::{Unit, db, seconds, spoken};

const FIGURES: [Figure; 4] = [
    // Time to −60 dB, overall.
    Figure::number("rt60_s", "RT60", Unit::S).in_tables("rt60"),
    // The same, octave by octave.
    Figure::listed(
        "rt60_by_octave",
        "RT60 by octave",
        Column::numbers("hz", "octave", Unit::Hz),
        Column::numbers("s", "RT60", Unit::S),
    )
    .in_tables("rt60"),
    // From the sound to the loudest of its reverberation; the first reports did not tell it.
    Figure::number("pre_delay_ms", "pre-delay", Unit::Ms).or(0.0).minor(),
    // Level of the reverberation against the dry signal.
    Figure::number("pre_wet_db", "level", Unit::Db).in_tables("level against dry"),
];

impl Telling for Reverb {
    fn look(&self) -> Look {
        Look { title: "Reverb", short: "reverb", noun: "reverb", colour: "#7d68c9" }
    }

    fn figures(&self) -> &'static [Figure] {
        &FIGURES
    }

    fn phrase(&self, told: &Told) -> String {
        let [rt60_s, level_db] = told.settings.numbers(["rt60_s", "pre_wet_db"]);
        format!("RT60 {}, {} ({})", seconds(rt60_s), db(level_db), told.wet_share())
    }

    fn clause(&self, told: &Told) -> Option<String> {
        let [rt60_s, level_db] = told.settings.numbers(["rt60_s", "pre_wet_db"]);
        let like = likeness(rt60_s, told.settings.curve("rt60_by_octave"));
        Some(format!("{like} reverb {} at {}", seconds(rt60_s), spoken::level(level_db)))
    }

    fn picture(&self, settings: &Settings) -> Option<Picture> {
        let by_frequency = settings.curve("rt60_by_octave").clone();
        Some(Picture::Decay { overall_s: settings.number("rt60_s"), by_frequency })
    }

    fn device(&self) -> Device {
        Device::ImpulseResponse
    }

    fn tone(&self) -> Option<Tone> {
        Some(Tone::Colour(|physical, _wet| colour(physical)))
    }
}

/// What a reverb sounds like, by how long it rings and how its treble lasts.
fn likeness(rt60_s: f64, by_octave: &Curve) -> &'static str {
    let at = |hz: f64| by_octave.points().find(|(at, _)| *at == hz).map(|(_, s)| s);
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
    use crate::processors::Kind;
    use crate::processors::telling::testing::{clause, phrase};

    fn reverb(rt60_s: f64, treble_s: f64) -> Settings {
        let by_octave = Curve { over: vec![1000.0, 8000.0], of: vec![rt60_s, treble_s] };
        let values = [
            ("rt60_s", rt60_s.into()),
            ("rt60_by_octave", by_octave.into()),
            ("pre_delay_ms", 0.0.into()),
            ("pre_wet_db", (-14.0).into()),
        ];
        Settings::new(Kind::Reverb, values)
    }

    #[test]
    fn a_reverb_is_told_by_its_time_and_its_level() {
        assert_eq!(phrase(&reverb(1.4, 0.6), 0.2), "RT60 1.4 s, −14.0 dB (20 % wet)");
    }

    #[test]
    fn a_reverb_is_like_the_room_that_rings_as_it_does() {
        let like = |rt60_s, treble_s| clause(&reverb(rt60_s, treble_s), 0.2).unwrap();
        assert_eq!(like(0.4, 0.1), "room-like reverb 0.40 s at −14 dB");
        assert_eq!(like(1.4, 0.6), "plate-like reverb 1.4 s at −14 dB");
        assert_eq!(like(1.4, 0.3), "hall-like reverb 1.4 s at −14 dB");
        assert_eq!(like(4.0, 4.0), "hall-like reverb 4.0 s at −14 dB");
    }
}

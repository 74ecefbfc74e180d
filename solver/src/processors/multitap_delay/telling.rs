//! How a delay is told: by its loudest echoes.

use super::MultitapDelay;
use crate::processors::Kind;
use crate::processors::telling::{
    Cell, Column, Device, Echo, Figure, Look, Picture, Row, Settings, Telling, Told, Value,
};
use crate::units::{Unit, db, milliseconds, spoken};

/// Echoes that a phrase names.
const ECHOES: usize = 3;

const COLUMNS: [Column; 4] = [
    // `left` or `right`.
    Column::words("channel", "echo").in_tables("channel"),
    Column::numbers("time_ms", "after", Unit::Ms).in_tables("time"),
    // The wet weight included.
    Column::numbers("gain_db", "level", Unit::Db).in_tables("gain"),
    Column::notes("note", "note", "time_ms"),
];

/// Echoes within 40 dB of the loudest, in order of channel and time.
const FIGURES: [Figure; 1] = [Figure::rows("taps", "Echoes", &COLUMNS, "gain_db").in_tables("tap")];

const RIGHT: &str = "right";

impl Telling for MultitapDelay {
    fn look(&self) -> Look {
        Look { title: "Multitap delay", short: "delay", noun: "echoes", colour: "#b45a9c" }
    }

    fn figures(&self) -> &'static [Figure] {
        &FIGURES
    }

    fn states_what_is_heard(&self) -> bool {
        true
    }

    fn phrase(&self, told: &Told) -> String {
        let mut loudest: Vec<(Echo, Option<&str>)> = echoes(told.settings).collect();
        loudest
            .sort_by(|(a, _), (b, _)| b.gain_db.total_cmp(&a.gain_db).then(a.time_ms.total_cmp(&b.time_ms)));
        let name = |(echo, note): &(Echo, Option<&str>)| {
            let side = if echo.is_right { "R" } else { "L" };
            format!("{}{} {side} {}", milliseconds(echo.time_ms), noted(*note), db(echo.gain_db))
        };
        let named: Vec<String> = loudest.iter().take(ECHOES).map(name).collect();
        match loudest.len() {
            0 => "without echoes".into(),
            n => {
                let more = if n > ECHOES { ", …" } else { "" };
                format!("{n} tap{}: {}{more}", if n == 1 { "" } else { "s" }, named.join(", "))
            }
        }
    }

    fn clause(&self, told: &Told) -> Option<String> {
        let taps = echoes(told.settings);
        let (loudest, note) = taps.max_by(|(a, _), (b, _)| a.gain_db.total_cmp(&b.gain_db))?;
        let more = match told.settings.rows("taps").len() - 1 {
            0 => String::new(),
            n => format!(" and {n} more"),
        };
        let (time, level) = (spoken::milliseconds(loudest.time_ms), spoken::level(loudest.gain_db));
        Some(format!("echo at {time}{} at {level}{more}", noted(note)))
    }

    fn picture(&self, settings: &Settings) -> Option<Picture> {
        Some(Picture::Echoes(echoes(settings).map(|(echo, _)| echo).collect()))
    }

    fn device(&self) -> Device {
        Device::ImpulseResponse
    }
}

/// Settings of these echoes.
pub fn settings(echoes: impl IntoIterator<Item = Echo>) -> Settings {
    let row = |Echo { is_right, time_ms, gain_db }| {
        vec![(if is_right { RIGHT } else { "left" }).into(), time_ms.into(), gain_db.into(), Cell::Empty]
    };
    let rows: Vec<Row> = echoes.into_iter().map(row).collect();
    Settings::new(Kind::MultitapDelay, [("taps", Value::Rows(rows))])
}

/// The echoes of settings, with their note values.
fn echoes(settings: &Settings) -> impl Iterator<Item = (Echo, Option<&str>)> {
    settings.rows("taps").iter().filter_map(|row| match row.as_slice() {
        [Cell::Text(channel), Cell::Number(time_ms), Cell::Number(gain_db), note] => {
            let echo = Echo { is_right: channel == RIGHT, time_ms: *time_ms, gain_db: *gain_db };
            Some((echo, note.text()))
        }
        _ => None,
    })
}

fn noted(note: Option<&str>) -> String {
    note.map(|note| format!(" ({note})")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::processors::telling::testing::{clause, phrase};

    fn delay(taps: &[(bool, f64, f64)]) -> Settings {
        settings(taps.iter().map(|&(is_right, time_ms, gain_db)| Echo { is_right, time_ms, gain_db }))
    }

    const TAPS: [(bool, f64, f64); 4] =
        [(false, 125.0, -14.0), (false, 480.0, -30.0), (true, 250.4, -17.2), (true, 3.2, -20.0)];

    #[test]
    fn the_loudest_echoes_are_named_first() {
        let told = phrase(&delay(&TAPS), 0.2);
        assert_eq!(told, "4 taps: 125 ms L −14.0 dB, 250 ms R −17.2 dB, 3.2 ms R −20.0 dB, …");
        assert_eq!(phrase(&delay(&TAPS[..1]), 0.2), "1 tap: 125 ms L −14.0 dB");
        assert_eq!(phrase(&delay(&[]), 0.2), "without echoes");
    }

    #[test]
    fn a_sentence_has_the_loudest_echo_and_the_count_of_the_others() {
        assert_eq!(clause(&delay(&TAPS), 0.2).unwrap(), "echo at 125 ms at −14 dB and 3 more");
        assert_eq!(clause(&delay(&TAPS[..1]), 0.2).unwrap(), "echo at 125 ms at −14 dB");
        assert_eq!(clause(&delay(&[]), 0.2), None);
    }

    #[test]
    fn an_echo_that_falls_on_a_note_says_which() {
        let mut settings = delay(&TAPS[..2]);
        settings.name_notes(|ms| (ms == 125.0).then(|| "1/16".into()));
        assert_eq!(phrase(&settings, 0.2), "2 taps: 125 ms (1/16) L −14.0 dB, 480 ms L −30.0 dB");
        assert_eq!(clause(&settings, 0.2).unwrap(), "echo at 125 ms (1/16) at −14 dB and 1 more");
    }
}

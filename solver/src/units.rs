//! Figures in the units of the desk, as text.
//!
//! The plain functions give what is dialled in (`−24.3 dB`), those of [`spoken`] what is said of it (`−24 dB`).

/// What stands for infinity: a ratio of ∞:1, a reverb that never ends. JSON has no word for it.
pub const ENDLESS: f64 = 1e6;

/// Beyond this a ratio is a limiter's.
const LIMITER_RATIO: f64 = 100.0;

/// What a figure is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A level, dB.
    Db,
    /// A gain, dB, with its sign.
    Gain,
    /// A frequency, Hz.
    Hz,
    /// A short time, ms.
    Ms,
    /// A long time, s.
    S,
    /// To one.
    Ratio,
    /// A share of one.
    Share,
    /// A pan pot, −1 (left) … 1 (right).
    Pan,
    /// A plain number with so many decimals.
    Plain(usize),
}

impl Unit {
    /// A value in words: `−24.3 dB`, `3.1:1`, `L23`.
    pub fn text(self, value: f64) -> String {
        match self {
            Unit::Db => db(value),
            Unit::Gain => signed_db(value),
            Unit::Hz => hertz(value),
            Unit::Ms => milliseconds(value),
            Unit::S => seconds(value),
            Unit::Ratio => to_one(value),
            Unit::Share => percent(value),
            Unit::Pan => pan_pot(value),
            Unit::Plain(decimals) => fixed(value, decimals),
        }
    }

    /// The unit beside the bare number; empty where there is none.
    pub fn symbol(self) -> &'static str {
        match self {
            Unit::Db | Unit::Gain => "dB",
            Unit::Hz => "Hz",
            Unit::Ms => "ms",
            Unit::S => "s",
            Unit::Ratio => ":1",
            Unit::Share | Unit::Pan | Unit::Plain(_) => "",
        }
    }
}

/// `−12.3 dB`.
pub fn db(value: f64) -> String {
    format!("{} dB", fixed(value, 1))
}

/// `+2.1 dB`, `−3.2 dB`, `0.0 dB`.
pub fn signed_db(value: f64) -> String {
    let text = db(value);
    if value > 0.0 && !text.starts_with("0.0 ") { format!("+{text}") } else { text }
}

/// `31.5 Hz`, `315 Hz`, `3.15 kHz`.
pub fn hertz(value: f64) -> String {
    if value < 1000.0 {
        format!("{} Hz", short(value, if value < 100.0 { 1 } else { 0 }))
    } else {
        format!("{} kHz", short(value / 1000.0, 2))
    }
}

/// `62 %`.
pub fn percent(share: f64) -> String {
    format!("{} %", fixed(100.0 * share, 0))
}

/// A number with `decimals` decimals, a real minus sign and no −0.
pub fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(digits) if digits.bytes().all(|b| matches!(b, b'0' | b'.')) => digits.to_string(),
        Some(digits) => format!("−{digits}"),
        None => text,
    }
}

/// As [`fixed`], without zeros at the end.
pub fn short(value: f64, decimals: usize) -> String {
    let text = fixed(value, decimals);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text }
}

/// `4.2 ms`, `125 ms`.
pub fn milliseconds(value: f64) -> String {
    format!("{} ms", if value < 10.0 { fixed(value, 1) } else { fixed(value, 0) })
}

/// `0.62 s`, `1.4 s`, `endless`.
pub fn seconds(value: f64) -> String {
    if value >= ENDLESS {
        "endless".into()
    } else {
        format!("{} s", fixed(value, if value < 1.0 { 2 } else { 1 }))
    }
}

/// `3:37`, for a time in a song in s.
pub fn clock(seconds: f64) -> String {
    let whole = seconds.max(0.0).round() as u64;
    format!("{}:{:02}", whole / 60, whole % 60)
}

/// `3.1:1`, `∞:1`.
pub fn to_one(ratio: f64) -> String {
    if ratio >= LIMITER_RATIO { "∞:1".into() } else { format!("{}:1", fixed(ratio, 1)) }
}

/// `L23`, `R100`, `C`.
pub fn pan_pot(pan: f64) -> String {
    match (100.0 * pan).round() as i64 {
        0 => "C".into(),
        left if left < 0 => format!("L{}", -left),
        right => format!("R{right}"),
    }
}

/// `one`, `one and two`, `one, two and three`.
pub fn list(items: &[impl AsRef<str>]) -> String {
    let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    match items.split_last() {
        None => String::new(),
        Some((last, [])) => last.to_string(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
    }
}

/// `1 stem`, `6 stems`.
pub fn count(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// `8.2 s`, `30 min 34 s`, `2 h 05 min`.
pub fn duration(seconds: f64) -> String {
    let whole = seconds.clamp(0.0, ENDLESS).round() as u64;
    match whole {
        0..60 => format!("{} s", fixed(seconds, 1)),
        60..3600 => format!("{} min {:02} s", whole / 60, whole % 60),
        _ => format!("{} h {:02} min", whole / 3600, whole % 3600 / 60),
    }
}

/// With a capital at its head.
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// With its article: `a reverb`, `an equaliser`.
pub fn with_article(noun: &str) -> String {
    let is_open = noun.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {noun}", if is_open { "an" } else { "a" })
}

/// A small number as it is spoken: `seven`.
pub fn in_letters(n: usize) -> String {
    const LETTERS: [&str; 13] = [
        "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve",
    ];
    LETTERS.get(n).map_or_else(|| n.to_string(), |letters| letters.to_string())
}

/// Figures in a plain sentence: no more digits than are heard.
pub mod spoken {
    use super::{fixed, hertz, signed_db};

    /// Gains that move less than this are not worth a word, dB.
    pub const NEGLIGIBLE_DB: f64 = 0.5;

    /// `3:1`, `3.5:1`.
    pub fn to_one(ratio: f64) -> String {
        let text = super::to_one(ratio);
        text.strip_suffix(".0:1").map(|whole| format!("{whole}:1")).unwrap_or(text)
    }

    /// A level: `−24 dB`.
    pub fn level(db: f64) -> String {
        signed_db(db.round()).replace(".0 dB", " dB").replace('+', "")
    }

    /// A gain: `−3.2 dB`, `+3 dB`.
    pub fn gain(db: f64) -> String {
        signed_db(db).replace(".0 dB", " dB")
    }

    /// A frequency with two digits: `310 Hz`.
    pub fn frequency(hz: f64) -> String {
        let step = 10f64.powf(hz.max(1.0).log10().floor() - 1.0);
        hertz((hz / step).round() * step)
    }

    /// `125 ms`.
    pub fn milliseconds(ms: f64) -> String {
        format!("{} ms", fixed(ms, 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequencies_take_the_unit_that_reads_best() {
        let found = [31.5, 312.4, 999.0, 1000.0, 1250.0, 3150.0, 20_000.0].map(hertz);
        assert_eq!(found, ["31.5 Hz", "312 Hz", "999 Hz", "1 kHz", "1.25 kHz", "3.15 kHz", "20 kHz"]);
    }

    #[test]
    fn durations_take_the_unit_that_reads_best() {
        assert_eq!([8.24, 1834.2, 7512.0].map(duration), ["8.2 s", "30 min 34 s", "2 h 05 min"]);
    }

    #[test]
    fn every_unit_says_what_its_value_is() {
        let said = [
            (Unit::Db, 3.24, "3.2 dB"),
            (Unit::Gain, 3.24, "+3.2 dB"),
            (Unit::Gain, 0.01, "0.0 dB"),
            (Unit::Ms, 4.21, "4.2 ms"),
            (Unit::S, ENDLESS, "endless"),
            (Unit::Ratio, ENDLESS, "∞:1"),
            (Unit::Share, 0.62, "62 %"),
            (Unit::Pan, -0.234, "L23"),
            (Unit::Plain(2), -0.001, "0.00"),
        ];
        for (unit, value, wanted) in said {
            assert_eq!(unit.text(value), wanted);
        }
    }

    #[test]
    fn a_sentence_has_no_more_digits_than_are_heard() {
        assert_eq!([3.0, 3.54, 1e6].map(spoken::to_one), ["3:1", "3.5:1", "∞:1"]);
        assert_eq!(spoken::level(-24.31), "−24 dB");
        assert_eq!([3.02, -3.24].map(spoken::gain), ["+3 dB", "−3.2 dB"]);
        assert_eq!([112.0, 309.0, 6340.0].map(spoken::frequency), ["110 Hz", "310 Hz", "6.3 kHz"]);
    }

    #[test]
    fn a_list_ends_with_an_and() {
        assert_eq!(list(&[""; 0]), "");
        assert_eq!(list(&["a"]), "a");
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
        assert_eq!(capitalised(&with_article("equaliser")), "An equaliser");
        assert_eq!(with_article("reverb"), "a reverb");
        assert_eq!([7, 12, 13].map(in_letters), ["seven", "twelve", "13"]);
    }
}

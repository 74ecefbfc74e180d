//! Numbers with their units, as an engineer reads them.

use crate::findings::ENDLESS;

/// Beyond this a ratio is a limiter's.
const LIMITER_RATIO: f64 = 100.0;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_take_the_unit_that_reads_best() {
        assert_eq!([8.24, 1834.2, 7512.0].map(duration), ["8.2 s", "30 min 34 s", "2 h 05 min"]);
    }

    #[test]
    fn frequencies_take_the_unit_that_reads_best() {
        let found = [31.5, 312.4, 999.0, 1000.0, 1250.0, 3150.0, 20_000.0].map(hertz);
        assert_eq!(found, ["31.5 Hz", "312 Hz", "999 Hz", "1 kHz", "1.25 kHz", "3.15 kHz", "20 kHz"]);
    }
}

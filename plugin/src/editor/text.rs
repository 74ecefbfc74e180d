//! Numbers as the window writes them.

use mixtrace_solver::units::fixed;

/// A running time or a place in the song: `0:42.3`, `1:02:03.4`, `−0:02.0`.
pub fn clock(seconds: f64) -> String {
    let tenths = (seconds.abs() * 10.0).round() as u64;
    let sign = if seconds < 0.0 && tenths > 0 { "−" } else { "" };
    format!("{sign}{}.{}", whole(tenths / 10), tenths % 10)
}

/// How long a take is: `0:42`, `1:02:03`.
pub fn length(seconds: f64) -> String {
    whole(seconds.max(0.0).round() as u64)
}

fn whole(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// How long something will still take, roughly: `20 s`, `12 min`, `5 h 10 min`, `9 days`.
pub fn duration(seconds: f64) -> String {
    let seconds = seconds.max(0.0);
    match seconds.round() as u64 {
        0..90 => format!("{} s", seconds.ceil()),
        s @ 90..3600 => format!("{} min", s.div_ceil(60)),
        s @ 3600..172_800 => format!("{} h {:02} min", s / 3600, s % 3600 / 60),
        s => format!("{} days", s / 86_400),
    }
}

/// A peak in dB full scale: `−12.3`, `+0.4`, `−∞`.
pub fn peak(db: f32) -> String {
    if db <= QUIETEST_DB {
        return "−∞".into();
    }
    let text = fixed(f64::from(db), 1);
    if db > 0.0 && text != "0.0" { format!("+{text}") } else { text }
}

/// What counts as silence on a meter, dB full scale.
pub const QUIETEST_DB: f32 = -90.0;

/// A linear level in dB full scale, not below [`QUIETEST_DB`].
pub fn decibels(level: f32) -> f32 {
    (20.0 * level.log10()).max(QUIETEST_DB)
}

/// A size on disk: `812 MB`, `12.4 GB`.
pub fn bytes(bytes: u64) -> String {
    let megabytes = bytes as f64 / 1e6;
    if megabytes < 999.5 {
        format!("{megabytes:.0} MB")
    } else if megabytes < 999_950.0 {
        format!("{:.1} GB", megabytes / 1e3)
    } else {
        format!("{:.1} TB", megabytes / 1e6)
    }
}

/// For how long a disk will do: time, and what it is measured by.
pub fn disk(free: Option<u64>, bytes_per_second: u64) -> String {
    match free {
        None => "unknown".into(),
        Some(free) if bytes_per_second == 0 => format!("{} free", bytes(free)),
        Some(free) => duration(free as f64 / bytes_per_second as f64),
    }
}

/// A number with its thousands apart: `12 345`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push('\u{a0}');
        }
        text.push(digit);
    }
    text
}

/// Frames that were lost, with their share of time: `none`, `512 (11 ms)`.
pub fn lost(frames: u64, sample_rate: u32) -> String {
    match frames {
        0 => "none".into(),
        n if sample_rate == 0 => grouped(n),
        n => {
            let ms = 1000.0 * n as f64 / f64::from(sample_rate);
            let time = if ms < 1000.0 { format!("{ms:.0} ms") } else { format!("{:.1} s", ms / 1000.0) };
            format!("{} ({time})", grouped(n))
        }
    }
}

/// `1 stem`, `6 stems`.
pub fn count(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_shows_tenths_and_hours_only_where_there_are_any() {
        let shown = [0.0, 42.31, 59.96, 187.0, 3723.4, -2.0, -0.01].map(clock);
        assert_eq!(shown, ["0:00.0", "0:42.3", "1:00.0", "3:07.0", "1:02:03.4", "−0:02.0", "0:00.0"]);
    }

    #[test]
    fn a_length_is_rounded_to_seconds() {
        assert_eq!([0.4, 59.6, 3599.7].map(length), ["0:00", "1:00", "1:00:00"]);
    }

    #[test]
    fn what_is_left_takes_the_unit_that_reads_best() {
        let shown = [0.0, 19.2, 90.0, 700.0, 18_600.0, 800_000.0].map(duration);
        assert_eq!(shown, ["0 s", "20 s", "2 min", "12 min", "5 h 10 min", "9 days"]);
    }

    #[test]
    fn a_peak_has_one_decimal_and_a_sign_that_means_over() {
        assert_eq!([-12.34, 0.0, 0.44, QUIETEST_DB].map(peak), ["−12.3", "0.0", "+0.4", "−∞"]);
        assert_eq!(decibels(0.0), QUIETEST_DB);
        assert!((decibels(0.5) + 6.02).abs() < 0.01);
    }

    #[test]
    fn a_disk_lasts_as_long_as_its_bytes_at_the_present_rate() {
        assert_eq!(disk(Some(36_000_000_000), 1_000_000), "10 h 00 min");
        assert_eq!(disk(Some(12_400_000_000), 0), "12.4 GB free");
        assert_eq!(disk(None, 1_000_000), "unknown");
        assert_eq!([812_000_000, 1_500_000_000_000].map(bytes), ["812 MB", "1.5 TB"]);
    }

    #[test]
    fn lost_frames_are_told_with_their_time() {
        assert_eq!(lost(0, 48_000), "none");
        assert_eq!(lost(528, 48_000), "528 (11 ms)");
        assert_eq!(lost(123_456, 48_000), "123\u{a0}456 (2.6 s)");
        assert_eq!(lost(7, 0), "7");
    }

    #[test]
    fn one_stem_is_not_plural() {
        assert_eq!([count(1, "stem"), count(0, "stem")], ["1 stem", "0 stems"]);
    }
}

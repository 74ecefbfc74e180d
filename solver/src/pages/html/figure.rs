//! Figures as the page shows them: each beside the value of report.json that it stands for, so that both can be compared.

use crate::units::{self, Unit};

/// A value in words: `<data value="0.62">62 %</data>`.
fn figure(value: f64, text: &str) -> String {
    format!(r#"<data value="{value}">{text}</data>"#)
}

/// A value in its unit.
pub fn of(value: f64, unit: Unit) -> String {
    figure(value, &unit.text(value))
}

/// `−12.3 dB`.
pub fn db(value: f64) -> String {
    figure(value, &units::db(value))
}

/// `+2.1 dB`.
pub fn signed_db(value: f64) -> String {
    figure(value, &units::signed_db(value))
}

/// `3.15 kHz`.
pub fn hertz(value: f64) -> String {
    figure(value, &units::hertz(value))
}

/// `62 %`.
pub fn percent(share: f64) -> String {
    figure(share, &units::percent(share))
}

/// A number with so many decimals.
pub fn fixed(value: f64, decimals: usize) -> String {
    figure(value, &units::fixed(value, decimals))
}

/// The same with its sign.
pub fn signed(value: f64, decimals: usize) -> String {
    let text = units::fixed(value, decimals);
    let is_positive = value > 0.0 && text.bytes().any(|b| matches!(b, b'1'..=b'9'));
    figure(value, &if is_positive { format!("+{text}") } else { text })
}

/// A count.
pub fn count(value: usize) -> String {
    figure(value as f64, &value.to_string())
}

/// A time in a song: `1:05`.
pub fn clock(seconds: f64) -> String {
    figure(seconds, &units::clock(seconds))
}

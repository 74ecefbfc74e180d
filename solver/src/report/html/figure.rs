//! Figures as the page shows them: each beside the value of report.json that it stands for, so that both can be compared.

use super::super::phrases;

/// A value in words: `<data value="0.62">62 %</data>`.
fn figure(value: f64, text: &str) -> String {
    format!(r#"<data value="{value}">{text}</data>"#)
}

/// `−12.3 dB`.
pub fn db(value: f64) -> String {
    figure(value, &phrases::db(value))
}

/// `+2.1 dB`.
pub fn signed_db(value: f64) -> String {
    figure(value, &phrases::signed_db(value))
}

/// `3.15 kHz`.
pub fn hertz(value: f64) -> String {
    figure(value, &phrases::hertz(value))
}

/// `125 ms`.
pub fn milliseconds(value: f64) -> String {
    figure(value, &phrases::milliseconds(value))
}

/// `1.4 s`.
pub fn seconds(value: f64) -> String {
    figure(value, &phrases::seconds(value))
}

/// `3.1:1`.
pub fn to_one(value: f64) -> String {
    figure(value, &phrases::to_one(value))
}

/// `L23`.
pub fn pan_pot(value: f64) -> String {
    figure(value, &phrases::pan_pot(value))
}

/// `62 %`.
pub fn percent(share: f64) -> String {
    figure(share, &phrases::percent(share))
}

/// A number with so many decimals.
pub fn fixed(value: f64, decimals: usize) -> String {
    figure(value, &phrases::fixed(value, decimals))
}

/// The same with its sign.
pub fn signed(value: f64, decimals: usize) -> String {
    let text = phrases::fixed(value, decimals);
    let is_positive = value > 0.0 && text.bytes().any(|b| matches!(b, b'1'..=b'9'));
    figure(value, &if is_positive { format!("+{text}") } else { text })
}

/// A count.
pub fn count(value: usize) -> String {
    figure(value as f64, &value.to_string())
}

/// A time in a song: `1:05`.
pub fn clock(seconds: f64) -> String {
    figure(seconds, &phrases::clock(seconds))
}

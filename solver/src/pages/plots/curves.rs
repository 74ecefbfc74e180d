//! Plots of one processor's settings.

use super::chart::{Chart, across, step};
use crate::bands::{Bands, total_db};
use crate::processors::{Curve, Echo, StaticCurve};
use crate::units::{fixed, short};

/// The frame, in CSS pixels.
pub(super) const SIZE: (f64, f64) = (240.0, 102.0);

/// A response, and the bands that come near it where they are known, which run at `rate` Hz.
pub(super) fn response(response: &Curve, fitted: Option<&Bands>, rate: f64) -> Option<String> {
    if response.of.is_empty() {
        return None;
    }
    // Full scale in steps of 6 dB, so that curves of one size look alike; deeper cuts leave the plot.
    let farthest = response.of.iter().fold(0.0f64, |far, db| far.max(db.abs()));
    let scale = 6.0 * (farthest / 6.0).ceil().clamp(1.0, 3.0);
    let what = match fitted {
        Some(_) => "response in dB over frequency; dashed, that of the bands",
        None => "response in dB over frequency",
    };
    let mut plot = Chart::new(what, SIZE);
    let middle = plot.height / 2.0;
    let y = |db: f64| middle * (1.0 - db / scale);
    plot.frequencies();
    for share in [-1.0, -0.5, 0.0, 0.5, 1.0] {
        let sign = if share > 0.0 { "+" } else { "" };
        plot.level(y(share * scale), &format!("{sign}{}", fixed(share * scale, 0)));
    }
    let width = plot.width;
    let x = |hz: f64| across(width, hz);
    plot.curve("curve", response.points().map(|(hz, db)| (x(hz), y(db))));
    if let Some(fitted) = fitted {
        plot.curve("fitted", sampled().map(|hz| (x(hz), y(total_db(fitted, hz, rate)))));
    }
    Some(plot.close())
}

/// Frequencies close enough together for a smooth line, Hz.
fn sampled() -> impl Iterator<Item = f64> {
    (0..=120).map(|i| 20.0 * 10f64.powf(3.0 * f64::from(i) / 120.0))
}

/// Output over input level.
pub(super) fn transfer(what: &str, curve: &StaticCurve) -> String {
    let threshold_db = curve.threshold_db;
    let quietest = 20.0 * ((threshold_db - 12.0) / 20.0).floor().clamp(-6.0, -3.0);
    let what = format!("{what}: level out over level in, dB");
    let mut plot = Chart::new(&what, SIZE);
    let (width, height) = (plot.width, plot.height);
    let x = |db: f64| width * (1.0 - db / quietest);
    let y = |db: f64| height * db / quietest;
    for i in 0..=(-quietest / 20.0) as i32 {
        let db = -20.0 * f64::from(i);
        plot.upright(x(db), &fixed(db, 0));
        plot.level(y(db), &fixed(db, 0));
    }
    plot.put(&format!(r#"<path class="grid" d="M0 {height}L{width} 0"/>"#));
    let mark = x(threshold_db.clamp(quietest, 0.0));
    plot.put(&format!(r#"<path class="mark" d="M{mark:.1} 0V{height}"/>"#));
    let steps = (0..=110).map(|i| quietest * (1.0 - f64::from(i) / 110.0));
    plot.curve("curve", steps.map(|db| (x(db), y(db + curve.gain_db(db)))));
    plot.close()
}

/// Echoes: the left channel's above, the right one's below.
pub(super) fn echoes(taps: &[Echo]) -> Option<String> {
    let last = taps.iter().map(|t| t.time_ms).fold(0.0, f64::max);
    let loudest = taps.iter().map(|t| t.gain_db).fold(f64::NEG_INFINITY, f64::max);
    if taps.is_empty() {
        return None;
    }
    let apart = step(last.max(10.0), 5.0);
    let scale = apart * (last / apart).ceil().max(1.0);
    let mut plot = Chart::new("echoes over time in ms, left above right", SIZE);
    let (width, middle) = (plot.width, plot.height / 2.0);
    let x = |ms: f64| width * ms / scale;
    for i in 0..=(scale / apart).round() as i32 {
        plot.upright(x(f64::from(i) * apart), &fixed(f64::from(i) * apart, 0));
    }
    plot.put(&format!(r#"<path class="frame" d="M0 {middle}H{width}"/>"#));
    for (side, y) in [("L", middle / 2.0), ("R", 1.5 * middle)] {
        plot.put(&format!(r#"<text x="-6" y="{:.1}" text-anchor="end">{side}</text>"#, y + 3.5));
    }
    for tap in taps {
        // 40 dB below the loudest is nothing.
        let length = (middle - 2.0) * (1.0 + (tap.gain_db - loudest) / 40.0).clamp(0.02, 1.0);
        let y = if tap.is_right { middle + length } else { middle - length };
        plot.put(&format!(r#"<path class="curve" d="M{:.1} {middle}V{y:.1}"/>"#, x(tap.time_ms)));
    }
    Some(plot.close())
}

/// Decay times over frequency.
pub(super) fn decay(decay: &Curve) -> Option<String> {
    let longest = decay.of.iter().copied().fold(0.0, f64::max);
    if decay.of.is_empty() || longest <= 0.0 {
        return None;
    }
    // Ten seconds at most: what lasts longer leaves the plot.
    let apart = step(longest.min(10.0), 4.0);
    let scale = apart * (longest.min(10.0) / apart).ceil();
    let mut plot = Chart::new("decay time in s over frequency", SIZE);
    let height = plot.height;
    let y = |s: f64| height * (1.0 - s / scale);
    plot.frequencies();
    for i in 0..=(scale / apart).round() as i32 {
        let s = f64::from(i) * apart;
        plot.level(y(s), &short(s, 2));
    }
    let width = plot.width;
    let x = |hz: f64| across(width, hz);
    plot.curve("curve", decay.points().map(|(hz, s)| (x(hz), y(s))));
    Some(plot.close())
}

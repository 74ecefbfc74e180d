//! A frame for curves: a grid with labels below and to its left.

use std::fmt::Write;

use crate::units::hertz;

/// Room for labels to the left, above, to the right and below, in CSS pixels as all lengths here.
const MARGIN: (f64, f64, f64, f64) = (38.0, 8.0, 14.0, 20.0);

/// A picture while it is drawn. Its points are counted from the frame's upper left corner.
pub(super) struct Chart {
    svg: String,
    /// Width of the frame.
    pub width: f64,
    /// Height of the frame.
    pub height: f64,
}

impl Chart {
    /// A frame of a size within a picture that is `what` for who cannot see it.
    pub fn new(what: &str, (width, height): (f64, f64)) -> Self {
        let (left, top, right, below) = MARGIN;
        let (whole, tall) = (left + width + right, top + height + below);
        let svg = format!(
            r#"<svg class="plot" viewBox="0 0 {whole} {tall}" width="{whole}" height="{tall}" role="img" aria-label="{what}"><g transform="translate({left} {top})"><path class="frame" d="M0 0V{height}H{width}"/>"#
        );
        Self { svg, width, height }
    }

    /// A faint line upwards with what it stands for below; without a text, the line alone.
    pub fn upright(&mut self, x: f64, text: &str) {
        let (height, foot) = (self.height, self.height + 14.0);
        self.put(&format!(r#"<path class="grid" d="M{x:.1} 0V{height}"/>"#));
        if !text.is_empty() {
            self.put(&format!(r#"<text x="{x:.1}" y="{foot}" text-anchor="middle">{text}</text>"#));
        }
    }

    /// A faint line across with what it stands for to its left.
    pub fn level(&mut self, y: f64, text: &str) {
        let (width, baseline) = (self.width, y + 3.5);
        self.put(&format!(r#"<path class="grid" d="M0 {y:.1}H{width}"/>"#));
        self.put(&format!(r#"<text x="-6" y="{baseline:.1}" text-anchor="end">{text}</text>"#));
    }

    /// Faint lines at 100 Hz, 1 kHz and 10 kHz.
    pub fn frequencies(&mut self) {
        for hz in [100.0, 1000.0, 10_000.0] {
            self.upright(across(self.width, hz), &hertz(hz));
        }
    }

    /// A line through points; what lies outside of the frame is drawn on its edge.
    pub fn curve(&mut self, class: &str, points: impl Iterator<Item = (f64, f64)>) {
        let points: Vec<String> =
            points.map(|(x, y)| format!("{x:.1},{:.1}", y.clamp(0.0, self.height))).collect();
        self.put(&format!(r#"<polyline class="{class}" points="{}"/>"#, points.join(" ")));
    }

    /// Whatever else belongs into the frame.
    pub fn put(&mut self, svg: &str) {
        // Writing to a string cannot fail.
        let _ = write!(self.svg, "{svg}");
    }

    /// The picture.
    pub fn close(self) -> String {
        self.svg + "</g></svg>"
    }
}

/// Where a frequency lies between 20 Hz and 20 kHz.
pub(super) fn across(width: f64, hz: f64) -> f64 {
    width * ((hz / 20.0).log10() / 3.0).clamp(0.0, 1.0)
}

/// 1, 2 or 5 times a power of ten, so that at most `count` steps reach `range`.
pub(super) fn step(range: f64, count: f64) -> f64 {
    let least = (range / count).max(1e-6);
    let power = 10f64.powf(least.log10().floor());
    let times = [1.0, 2.0, 5.0, 10.0].into_iter().find(|times| times * power >= least * (1.0 - 1e-9));
    times.unwrap_or(10.0) * power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_goes_in_ones_twos_and_fives() {
        let found = [(0.9, 4.0), (4.0, 4.0), (7.0, 4.0), (0.013, 3.0), (230.0, 7.0)].map(|(r, n)| step(r, n));
        for (found, wanted) in found.into_iter().zip([0.5, 1.0, 2.0, 0.005, 50.0]) {
            assert!((found / wanted - 1.0).abs() < 1e-9, "{found} {wanted}");
        }
    }
}

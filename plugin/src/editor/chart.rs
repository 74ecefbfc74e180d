//! A small chart: a frame, two scales, lines.

use egui::{Align2, Color32, FontId, Painter, Pos2, Rangef, Rect, Shape, Stroke, Ui, pos2};

use super::theme;

/// A scale from a value to a place.
#[derive(Clone, Copy)]
pub struct Scale {
    from: f64,
    to: f64,
    log: bool,
}

impl Scale {
    /// Equal steps for equal differences.
    pub fn linear(from: f64, to: f64) -> Self {
        Self { from, to, log: false }
    }

    /// Equal steps for equal ratios.
    pub fn log(from: f64, to: f64) -> Self {
        Self { from, to, log: true }
    }

    /// Where a value lies, 0…1 within the scale.
    fn at(&self, value: f64) -> f32 {
        let map = |v: f64| if self.log { v.max(1e-12).ln() } else { v };
        ((map(value) - map(self.from)) / (map(self.to) - map(self.from))) as f32
    }
}

/// A chart in the middle of being drawn.
pub struct Chart {
    painter: Painter,
    plot: Rect,
    x: Scale,
    y: Scale,
}

impl Chart {
    /// An empty chart in all the width there is; `y` grows upwards.
    pub fn new(ui: &mut Ui, height: f32, x: Scale, y: Scale) -> Self {
        let (rect, _) =
            ui.allocate_exact_size(egui::vec2(ui.available_width(), height), egui::Sense::hover());
        let plot = Rect::from_min_max(rect.min, pos2(rect.right() - 34.0, rect.bottom() - 16.0));
        ui.painter().rect_filled(plot, 3.0, theme::GROUND);
        Self { painter: ui.painter().clone(), plot, x, y }
    }

    fn place(&self, x: f64, y: f64) -> Pos2 {
        let (u, v) = (self.x.at(x), self.y.at(y));
        pos2(self.plot.left() + u * self.plot.width(), self.plot.bottom() - v * self.plot.height())
    }

    fn font() -> FontId {
        FontId::monospace(9.5)
    }

    /// A line upwards with its text below; the texts at the ends stay within the frame.
    pub fn upright(&self, x: f64, text: &str) {
        let at = self.place(x, self.y.from).x;
        self.painter.vline(at, self.plot.y_range(), Stroke::new(1.0, theme::LINE));
        let share = self.x.at(x);
        let align = match share {
            s if s < 0.06 => Align2::LEFT_TOP,
            s if s > 0.94 => Align2::RIGHT_TOP,
            _ => Align2::CENTER_TOP,
        };
        self.painter.text(pos2(at, self.plot.bottom() + 4.0), align, text, Self::font(), theme::QUIET);
    }

    /// A line across with its text on the right.
    pub fn level(&self, y: f64, text: &str) {
        let at = self.place(self.x.from, y).y;
        self.painter.hline(self.plot.x_range(), at, Stroke::new(1.0, theme::LINE));
        let inside = at.clamp(self.plot.top() + 5.0, self.plot.bottom() - 5.0);
        self.painter.text(
            pos2(self.plot.right() + 5.0, inside),
            Align2::LEFT_CENTER,
            text,
            Self::font(),
            theme::QUIET,
        );
    }

    /// A line through points, cut at the frame.
    pub fn line(&self, points: impl Iterator<Item = (f64, f64)>, stroke: Stroke) {
        let points: Vec<Pos2> = points.map(|(x, y)| self.place(x, y)).collect();
        self.painter.with_clip_rect(self.plot.intersect(self.painter.clip_rect())).line(points, stroke);
    }

    /// A dashed line from one point to another.
    pub fn dashes(&self, from: (f64, f64), to: (f64, f64), colour: Color32) {
        let ends = [self.place(from.0, from.1), self.place(to.0, to.1)];
        let painter = self.painter.with_clip_rect(self.plot.intersect(self.painter.clip_rect()));
        painter.extend(Shape::dashed_line(&ends, Stroke::new(1.0, colour), 4.0, 3.0));
    }

    /// A bar from `foot` to `y`.
    pub fn bar(&self, x: f64, foot: f64, y: f64, width: f32, colour: Color32) {
        let (a, b) = (self.place(x, foot), self.place(x, y));
        let rect = Rect::from_x_y_ranges(
            Rangef::new(a.x - width / 2.0, a.x + width / 2.0),
            Rangef::new(a.y.min(b.y), a.y.max(b.y)),
        );
        self.painter.rect_filled(rect.intersect(self.plot), 0.0, colour);
    }

    /// A word in a corner.
    pub fn word(&self, align: Align2, text: &str) {
        let at = align.pos_in_rect(&self.plot.shrink2(egui::vec2(6.0, 4.0)));
        self.painter.text(at, align, text, Self::font(), theme::QUIET);
    }
}

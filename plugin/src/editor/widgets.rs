//! Small parts that several views share.

use egui::{
    Align, Align2, Button, Color32, CornerRadius, FontId, Frame, Layout, Margin, Rect, Response, RichText,
    ScrollArea, Sense, Shape, Stroke, StrokeKind, TextWrapMode, Ui, UiBuilder, Vec2, pos2, vec2,
};
use mixtrace_solver::processors::Kind;

use super::meters::{Bus, Meter};
use super::theme;

/// A panel with its content inset.
pub fn card<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
    let frame = Frame::new()
        .fill(theme::PANEL)
        .corner_radius(CornerRadius::same(theme::RADIUS))
        .inner_margin(Margin::same(theme::MARGIN as i8));
    frame.show(ui, content).inner
}

/// A card that fills `rect`, its content from the top down and clipped to it.
pub fn card_in<R>(ui: &mut Ui, rect: Rect, content: impl FnOnce(&mut Ui) -> R) -> R {
    ui.painter().rect_filled(rect, CornerRadius::same(theme::RADIUS), theme::PANEL);
    let layout = Layout::top_down(Align::Min);
    let inner = UiBuilder::new().max_rect(rect.shrink(theme::MARGIN)).layout(layout);
    ui.scope_builder(inner, |ui| {
        ui.shrink_clip_rect(rect);
        content(ui)
    })
    .inner
}

/// Content that scrolls up and down in all the room there is, the bar in the margin on its right.
pub fn scroll<R>(ui: &mut Ui, id: &str, content: impl FnOnce(&mut Ui) -> R) -> R {
    let inner = ui.available_rect_before_wrap();
    let outer = inner.with_max_x(inner.right() + theme::MARGIN - 2.0);
    ui.scope_builder(UiBuilder::new().max_rect(outer), |ui| {
        ScrollArea::vertical().id_salt(id).auto_shrink(false).show(ui, |ui| {
            ui.set_max_width(inner.width());
            content(ui)
        })
    })
    .inner
    .inner
}

/// Which way a triangle points.
#[derive(Clone, Copy)]
pub enum Points {
    /// To what lies below.
    Down,
    /// To what could be unfolded.
    Right,
}

/// A small triangle.
pub fn triangle(ui: &Ui, centre: egui::Pos2, points: Points, colour: Color32) {
    let (a, b) = (3.2, 4.0);
    let corners = match points {
        Points::Down => [vec2(-b, -a), vec2(b, -a), vec2(0.0, a)],
        Points::Right => [vec2(-a, -b), vec2(a, 0.0), vec2(-a, b)],
    };
    let corners = corners.map(|corner| centre + corner).to_vec();
    ui.painter().add(Shape::convex_polygon(corners, colour, Stroke::NONE));
}

/// A card's heading.
pub fn heading(ui: &mut Ui, text: &str) {
    ui.label(RichText::new(text).font(theme::small()).color(theme::QUIET));
}

/// Text that explains.
pub fn quiet(text: impl Into<String>) -> RichText {
    RichText::new(text).color(theme::QUIET)
}

/// A name above a value; the value is what is read.
pub fn readout(ui: &mut Ui, name: &str, value: &str, font: FontId, colour: Color32) -> Response {
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        heading(ui, name);
        ui.add(
            egui::Label::new(RichText::new(value).font(font).color(colour)).wrap_mode(TextWrapMode::Extend),
        );
    })
    .response
}

/// A button for what a view is for.
pub fn primary(ui: &mut Ui, enabled: bool, text: &str) -> Response {
    let label = RichText::new(text).color(theme::GROUND);
    ui.add_enabled(
        enabled,
        Button::new(label).fill(theme::ACCENT).stroke(Stroke::NONE).min_size(vec2(84.0, 28.0)),
    )
}

/// Several words of which one holds; returns the one that was pressed.
pub fn one_of<T: PartialEq + Copy>(ui: &mut Ui, choices: &[(T, &str)], chosen: T) -> Option<T> {
    let mut pressed = None;
    let width = ui.available_width();
    let (rect, _) = ui.allocate_exact_size(vec2(width, 28.0), Sense::hover());
    ui.painter().rect_filled(rect, CornerRadius::same(theme::RADIUS), theme::GROUND);
    let step = width / choices.len() as f32;
    for (i, (value, text)) in choices.iter().enumerate() {
        let place =
            Rect::from_min_size(rect.min + vec2(i as f32 * step, 0.0), vec2(step, rect.height())).shrink(2.0);
        let response = ui.interact(place, ui.scope_id().with(("one of", *text)), Sense::click());
        let holds = *value == chosen;
        let fill = match (holds, response.hovered()) {
            (true, _) => theme::mix(theme::RAISED, theme::ACCENT, 0.35),
            (false, true) => theme::RAISED,
            (false, false) => Color32::TRANSPARENT,
        };
        let colour = if holds { theme::TEXT } else { theme::QUIET };
        ui.painter().rect_filled(place, CornerRadius::same(theme::RADIUS - 1), fill);
        write(ui, place.center(), Align2::CENTER_CENTER, text, theme::body(), colour);
        if response.clicked() {
            pressed = Some(*value);
        }
    }
    pressed
}

/// A switch with a word beside it; true when it was pressed.
pub fn switch(ui: &mut Ui, enabled: bool, on: bool, text: &str) -> bool {
    ui.add_enabled_ui(enabled, |ui| {
        let galley = ui.painter().layout_no_wrap(text.into(), theme::body(), theme::TEXT);
        let size = vec2(40.0 + GAP_TO_WORD + galley.size().x, 28.0);
        let (rect, response) = ui.allocate_exact_size(size, Sense::click());
        let track = Rect::from_min_size(pos2(rect.left(), rect.center().y - 10.0), vec2(40.0, 20.0));
        let share = ui.ctx().animate_bool(response.id, on);
        let fill = theme::mix(theme::RAISED, theme::ACCENT, share);
        let edge = if response.hovered() { theme::QUIET } else { theme::LINE };
        ui.painter().rect(track, CornerRadius::same(10), fill, Stroke::new(1.0, edge), StrokeKind::Inside);
        let x = track.left() + 10.0 + share * 20.0;
        ui.painter().circle_filled(pos2(x, track.center().y), 7.0, theme::TEXT);
        let place = pos2(track.right() + GAP_TO_WORD, rect.center().y - galley.size().y / 2.0);
        ui.painter().galley(place, galley, theme::TEXT);
        response.clicked()
    })
    .inner
}

const GAP_TO_WORD: f32 = 10.0;

/// A text cut to `width` with an ellipsis, painted at a fixed place.
pub fn cut_text(
    ui: &Ui,
    at: egui::Pos2,
    align: Align2,
    text: &str,
    font: FontId,
    colour: Color32,
    width: f32,
) -> Rect {
    let mut job = egui::text::LayoutJob::simple_singleline(text.into(), font, colour);
    job.wrap = egui::text::TextWrapping::truncate_at_width(width.max(8.0));
    let galley = ui.painter().layout_job(job);
    let rect = align.anchor_size(at, galley.size());
    ui.painter().galley(rect.min, galley, colour);
    rect
}

/// Text painted at a fixed place.
pub fn write(ui: &Ui, at: egui::Pos2, align: Align2, text: &str, font: FontId, colour: Color32) -> Rect {
    ui.painter().text(at, align, text, font, colour)
}

/// A kind's name in its colour, in a box of fixed width.
pub fn badge(ui: &mut Ui, kind: Kind, width: f32) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(width, 18.0), Sense::hover());
    let colour = theme::kind(kind);
    ui.painter().rect_filled(rect, CornerRadius::same(3), theme::mix(theme::PANEL, colour, 0.45));
    let label = kind.look().label();
    write(ui, rect.center(), Align2::CENTER_CENTER, &label, theme::tiny(), theme::TEXT);
    response
}

/// The bottom of a meter's scale, dB full scale.
const FLOOR_DB: f32 = -60.0;
/// The marks on it.
pub const MARKS_DB: [f32; 6] = [-60.0, -40.0, -24.0, -12.0, -6.0, 0.0];

/// How far along a meter a level lies, 0…1: the upper half of the scale shows the last 20 dB.
pub fn along(db: f32) -> f32 {
    let share = ((db - FLOOR_DB) / -FLOOR_DB).clamp(0.0, 1.0);
    share.powf(1.7)
}

/// A stereo meter that fills `rect`.
pub fn meter(ui: &Ui, rect: Rect, bus: &Bus) {
    let height = (rect.height() - 2.0) / 2.0;
    for (i, channel) in bus.channels.iter().enumerate() {
        let min = pos2(rect.left(), rect.top() + i as f32 * (height + 2.0));
        bar(ui, Rect::from_min_size(min, vec2(rect.width(), height)), channel);
    }
}

fn bar(ui: &Ui, rect: Rect, channel: &Meter) {
    let painter = ui.painter();
    painter.rect_filled(rect, 1.0, theme::GROUND);
    let x = |db: f32| rect.left() + rect.width() * along(db);
    let level = x(channel.level_db);
    for (from, to, colour) in
        [(FLOOR_DB, -12.0, theme::GREEN), (-12.0, -3.0, theme::AMBER), (-3.0, 0.0, theme::RED)]
    {
        let (from, to) = (x(from), x(to).min(level));
        if to > from {
            let part = Rect::from_x_y_ranges(from..=to, rect.y_range());
            painter.rect_filled(part, 0.0, colour.gamma_multiply(0.85));
        }
    }
    if channel.held_db > FLOOR_DB {
        let held = x(channel.held_db).clamp(rect.left() + 1.0, rect.right() - 1.0);
        painter.vline(held, rect.y_range(), Stroke::new(1.5, theme::TEXT));
    }
}

/// The meter's scale above a column of meters.
pub fn scale(ui: &Ui, rect: Rect) {
    for db in MARKS_DB {
        let x = rect.left() + rect.width() * along(db);
        let (align, text) = match db {
            FLOOR_DB => (Align2::LEFT_CENTER, "−60".into()),
            0.0 => (Align2::RIGHT_CENTER, "0".into()),
            db => (Align2::CENTER_CENTER, format!("−{}", -db)),
        };
        if rect.width() < 150.0 && (db == -40.0 || db == -6.0) {
            continue;
        }
        write(ui, pos2(x, rect.center().y), align, &text, theme::tiny(), theme::QUIET);
    }
}

/// A dot that says how things are, with its text.
pub fn dot(ui: &mut Ui, colour: Color32, text: &str, width: f32) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(width, 20.0), Sense::hover());
    ui.painter().circle_filled(pos2(rect.left() + 4.0, rect.center().y), 3.5, colour);
    let at = pos2(rect.left() + 15.0, rect.center().y);
    cut_text(ui, at, Align2::LEFT_CENTER, text, theme::small(), theme::QUIET, width - 15.0);
    response.on_hover_text(text)
}

/// A thin horizontal line across what is left.
pub fn hairline(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 1.0), Sense::hover());
    ui.painter().hline(rect.x_range(), rect.center().y, Stroke::new(1.0, theme::LINE));
}

/// A row of a table of facts: name on the left, value on the right.
pub fn fact(ui: &mut Ui, name: &str, value: &str) {
    let (rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 20.0), Sense::hover());
    let value = write(ui, rect.right_center(), Align2::RIGHT_CENTER, value, theme::figures(), theme::TEXT);
    let width = value.left() - rect.left() - theme::GAP;
    cut_text(ui, rect.left_center(), Align2::LEFT_CENTER, name, theme::small(), theme::QUIET, width);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meter_gives_most_of_its_length_to_the_levels_that_matter() {
        assert_eq!([along(-90.0), along(FLOOR_DB), along(0.0), along(6.0)], [0.0, 0.0, 1.0, 1.0]);
        assert!(along(-20.0) < 0.52 && along(-20.0) > 0.45);
    }
}

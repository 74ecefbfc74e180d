//! Graph: the console strip by strip, and what a processor is set to.

use std::time::Instant;

use egui::{
    Align2, Color32, CornerRadius, FontId, Rect, RichText, Sense, Stroke, StrokeKind, Ui, pos2, vec2,
};
use mixtrace_solver::graph::Role;
use mixtrace_solver::processors::{Figure, Kind};
use mixtrace_solver::words::processor_phrase;

use crate::editor::snapshot::Snapshot;
use crate::editor::strips::{self, Block, Chains, Place, Row, State};
use crate::editor::widgets::{self, card_in, fact, hairline, quiet};
use crate::editor::{picture, theme};

/// How long a removed processor takes to fade, s.
const FADE: f32 = 1.0;
const HEIGHT: f32 = 24.0;
const ROW: f32 = 32.0;

/// What this view remembers.
#[derive(Default)]
pub struct Memory {
    chains: Chains,
    /// The processor that was clicked.
    pub chosen: Option<Chosen>,
}

/// A place in the console: the strip and the processor in its chain, both counted from 0 as they are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The strip, counted over all blocks.
    pub strip: usize,
    /// The processor.
    pub place: usize,
}

/// Draws the view.
pub fn show(ui: &mut Ui, shot: &Snapshot, memory: &mut Memory) {
    let blocks = match (shot.settled_report(), &shot.worker.console) {
        (Some(report), _) => strips::of_report(report),
        (None, Some(console)) => memory.chains.of_console(console, &shot.worker.removed, &shot.worker.chains),
        (None, None) => vec![],
    };
    if blocks.is_empty() {
        ui.label(quiet("The console appears here as soon as a solve has begun."));
        return;
    }
    let whole = ui.available_rect_before_wrap();
    let beside = (whole.width() * 0.34).clamp(248.0, 420.0);
    let (left, right) = whole.split_left_right_at_x(whole.right() - beside);
    let chosen = &mut memory.chosen;
    card_in(ui, left.with_max_x(left.right() - theme::GAP), |ui| console(ui, shot.now, &blocks, chosen));
    card_in(ui, right, |ui| detail(ui, shot, &blocks, *chosen));
}

fn console(ui: &mut Ui, now: Instant, blocks: &[Block], chosen: &mut Option<Chosen>) {
    widgets::scroll(ui, "strips", |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let mut strip = 0;
        for block in blocks {
            let top = ui.cursor().top();
            let grouped = block.last().is_some_and(|row| row.role == Role::Group);
            for row in block {
                draw_row(ui, now, row, strip, chosen);
                strip += 1;
            }
            if grouped {
                let x = ui.max_rect().left() + 3.0;
                let span = egui::Rangef::new(top + 5.0, ui.cursor().top() - 5.0);
                ui.painter().vline(x, span, Stroke::new(2.0, theme::LINE));
            }
            ui.add_space(theme::GAP);
        }
    });
}

fn draw_row(ui: &mut Ui, now: Instant, row: &Row, strip: usize, chosen: &mut Option<Chosen>) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    if !ui.is_rect_visible(rect) {
        return;
    }
    let names = (rect.width() * 0.26).clamp(104.0, 190.0);
    let indent = if row.role == Role::Track { 14.0 } else { 10.0 };
    let colour = if row.role == Role::Track { theme::TEXT } else { theme::ACCENT };
    let at = pos2(rect.left() + indent, rect.center().y);
    widgets::cut_text(ui, at, Align2::LEFT_CENTER, row.name, theme::body(), colour, names - indent - 4.0);

    let start = rect.left() + names;
    let count = row.places.len().max(1) as f32;
    let step = ((rect.right() - start) / count).min(96.0);
    let end = start + step * count - 4.0;
    ui.painter().hline(egui::Rangef::new(start - 2.0, end), rect.center().y, Stroke::new(1.0, theme::LINE));
    for (i, place) in row.places.iter().enumerate() {
        let min = pos2(start + i as f32 * step, rect.center().y - HEIGHT / 2.0);
        let slot = Rect::from_min_size(min, vec2(step - 4.0, HEIGHT));
        let here = Chosen { strip, place: i };
        if draw_place(ui, now, slot, place, here, *chosen == Some(here)) {
            *chosen = Some(here);
        }
    }
}

/// Draws a processor; true when it was clicked.
fn draw_place(ui: &mut Ui, now: Instant, slot: Rect, place: &Place, here: Chosen, chosen: bool) -> bool {
    let response = ui.interact(slot, ui.scope_id().with((here.strip, here.place)), Sense::click());
    let colour = theme::kind(place.kind);
    let left = presence(place.state, now);
    let radius = CornerRadius::same(4);
    let painter = ui.painter();
    // The line behind must not shine through.
    painter.rect_filled(slot, radius, theme::PANEL);
    painter.rect_filled(slot, radius, theme::mix(theme::PANEL, colour, 0.5 * left));
    let edge = match (chosen, response.hovered()) {
        (true, _) => Stroke::new(2.0, theme::TEXT),
        (false, true) => Stroke::new(1.0, theme::QUIET),
        (false, false) => Stroke::new(1.0, theme::mix(theme::LINE, colour, left)),
    };
    painter.rect_stroke(slot, radius, edge, StrokeKind::Inside);
    if let Some(processor) = place.processor {
        // How wet it is, as a line along the foot.
        let foot =
            Rect::from_min_max(pos2(slot.left() + 3.0, slot.bottom() - 4.0), slot.max - vec2(3.0, 2.0));
        let wet = Rect::from_min_size(
            foot.min,
            vec2(foot.width() * processor.wet.clamp(0.0, 1.0) as f32, foot.height()),
        );
        painter.rect_filled(wet, 1.0, colour);
    }
    let look = place.kind.look();
    let word = theme::mix(theme::mix(theme::PANEL, theme::QUIET, 0.35), theme::TEXT, left);
    let size = if slot.width() < 52.0 { 9.5 } else { 10.5 };
    let at = slot.center() - vec2(0.0, 1.0);
    widgets::write(ui, at, Align2::CENTER_CENTER, &look.label(), FontId::proportional(size), word);
    let clicked = response.clicked();
    response.on_hover_ui(|ui| {
        let told = match (place.processor, place.state) {
            (Some(processor), _) => processor_phrase::describe(processor),
            (None, State::Kept) => look.title.into(),
            (None, _) => format!("{}: removed, the match does not need it", look.title),
        };
        ui.label(told);
    });
    clicked
}

/// How much of a processor is still to be seen, 0…1.
fn presence(state: State, now: Instant) -> f32 {
    match state {
        State::Kept => 1.0,
        State::Removed(when) => 1.0 - (now.saturating_duration_since(when).as_secs_f32() / FADE).min(1.0),
        State::Gone => 0.0,
    }
}

fn detail(ui: &mut Ui, shot: &Snapshot, blocks: &[Block], chosen: Option<Chosen>) {
    let found = chosen.and_then(|c| {
        let row = blocks.iter().flatten().nth(c.strip)?;
        Some((row, row.places.get(c.place)?))
    });
    let Some((row, place)) = found else {
        summary(ui, shot, blocks);
        return;
    };
    let look = place.kind.look();
    let colour = theme::kind(place.kind);
    title(ui, look.title, row.name, colour);
    match (place.processor, place.state) {
        (Some(processor), _) => {
            picture::draw(ui, &processor.settings, colour);
            ui.add_space(4.0);
            widgets::scroll(ui, "settings", |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                // Elsewhere the phrase says what the figures below say.
                if place.kind.definition().figures().iter().any(Figure::is_dense) {
                    ui.add(egui::Label::new(processor_phrase::detail(processor)).wrap());
                    ui.add_space(6.0);
                    hairline(ui);
                }
                for (name, value) in picture::facts(processor) {
                    fact(ui, &name, &value);
                }
            });
        }
        (None, State::Kept) => {
            ui.label(quiet("Settings appear when the fit has ended."));
        }
        (None, _) => {
            ui.label(quiet("Removed: the match does not need it."));
        }
    }
}

fn title(ui: &mut Ui, title: &str, strip: &str, colour: Color32) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 40.0), Sense::hover());
    let bar = Rect::from_min_size(rect.min + vec2(0.0, 2.0), vec2(3.0, 34.0));
    ui.painter().rect_filled(bar, 1.0, colour);
    let left = rect.left() + 12.0;
    let width = rect.right() - left;
    let at = pos2(left, rect.top() + 10.0);
    widgets::cut_text(ui, at, Align2::LEFT_CENTER, title, FontId::proportional(16.0), theme::TEXT, width);
    let at = pos2(left, rect.top() + 29.0);
    widgets::cut_text(ui, at, Align2::LEFT_CENTER, strip, theme::small(), theme::QUIET, width);
    ui.add_space(2.0);
}

/// What there is, where nothing is chosen.
fn summary(ui: &mut Ui, shot: &Snapshot, blocks: &[Block]) {
    let all = || blocks.iter().flatten().flat_map(|row| &row.places);
    let kept = all().filter(|place| place.state == State::Kept).count();
    ui.label(
        RichText::new(format!("{kept} of {} processors", all().count())).font(FontId::proportional(16.0)),
    );
    let told = if shot.settled_report().is_some() {
        "are needed for the match. Click one to see what it is set to."
    } else {
        "are left. Settings appear when a fit has ended."
    };
    ui.add(egui::Label::new(quiet(told)).wrap());
    ui.add_space(theme::GAP);
    for kind in Kind::ALL {
        let of_kind = || all().filter(|place| place.kind == kind);
        if of_kind().next().is_none() {
            continue;
        }
        let kept = of_kind().filter(|place| place.state == State::Kept).count();
        ui.horizontal(|ui| {
            widgets::badge(ui, kind, 58.0);
            let width = ui.available_width();
            ui.allocate_ui(vec2(width, 20.0), |ui| {
                fact(ui, kind.look().title, &format!("{kept} of {}", of_kind().count()));
            });
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_removed_processor_fades_out_within_a_second() {
        let now = Instant::now();
        let after = |ms| presence(State::Removed(now), now + Duration::from_millis(ms));
        assert_eq!(after(0), 1.0);
        assert!((after(500) - 0.5).abs() < 0.01);
        assert_eq!(after(2000), 0.0);
        assert_eq!(presence(State::Removed(now + Duration::from_secs(1)), now), 1.0);
    }
}

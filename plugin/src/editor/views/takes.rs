//! The takes: where they go, which there are, which one is solved.

use std::path::PathBuf;

use egui::{Align2, Button, Color32, CornerRadius, Margin, Rect, RichText, Sense, TextEdit, Ui, pos2, vec2};

use super::capture::Memory;
use crate::editor::snapshot::{Action, Snapshot};
use crate::editor::widgets::{self, heading, quiet};
use crate::editor::{text, theme};
use crate::recorder::Take;

/// Draws the folder for takes and what is in it.
pub fn takes(ui: &mut Ui, shot: &Snapshot, memory: &mut Memory, actions: &mut Vec<Action>) {
    heading(ui, "Folder for takes");
    home(ui, shot, memory, actions);
    ui.add_space(theme::GAP);
    heading(ui, "Takes; the marked one is solved");
    if shot.recorder.takes.is_empty() {
        ui.label(quiet("None yet. Press Capture and play the song from its start to its end."));
        return;
    }
    widgets::scroll(ui, "takes", |ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        for take in &shot.recorder.takes {
            take_row(ui, shot, take, actions);
        }
    });
}

fn home(ui: &mut Ui, shot: &Snapshot, memory: &mut Memory, actions: &mut Vec<Action>) {
    let saved = shot.project.home.as_ref().map_or(String::new(), |home| home.display().to_string());
    let mut typed = memory.home.clone().unwrap_or_else(|| saved.clone());
    let hint = shot.recorder.home.display().to_string();
    let edit = TextEdit::singleline(&mut typed)
        .id_salt("home")
        .hint_text(RichText::new(hint).color(theme::QUIET))
        .margin(Margin::symmetric(6, 4))
        .desired_width(f32::INFINITY);
    let told = format!(
        "Takes go to {}. Type another folder and press Enter to change that; leave it empty for the usual place.",
        shot.recorder.home.display()
    );
    let response = ui.add(edit).on_hover_text(told);
    if response.lost_focus() {
        memory.home = None;
        let typed = typed.trim();
        if typed != saved {
            actions.push(Action::Home((!typed.is_empty()).then(|| PathBuf::from(typed))));
        }
    } else if response.has_focus() {
        memory.home = Some(typed);
    }
}

fn take_row(ui: &mut Ui, shot: &Snapshot, take: &Take, actions: &mut Vec<Action>) {
    let (row, _) = ui.allocate_exact_size(vec2(ui.available_width(), 46.0), Sense::hover());
    let response = ui.interact(row, ui.scope_id().with(&take.folder), Sense::click());
    let chosen = shot.project.session.as_ref() == Some(&take.folder);
    let fill = match (chosen, response.hovered()) {
        (true, _) => theme::mix(theme::PANEL, theme::ACCENT, 0.2),
        (false, true) => theme::HOVERED,
        (false, false) => theme::RAISED,
    };
    ui.painter().rect_filled(row, CornerRadius::same(theme::RADIUS), fill);
    if chosen {
        let mark = Rect::from_min_size(row.min, vec2(3.0, row.height()));
        ui.painter().rect_filled(mark, CornerRadius::same(1), theme::ACCENT);
    }
    let inner = row.shrink2(vec2(10.0, 6.0));
    let show = Rect::from_min_size(pos2(inner.right() - 46.0, inner.top() - 1.0), vec2(46.0, 20.0));
    let pressed = ui.push_id(&take.folder, |ui| {
        ui.spacing_mut().button_padding.x = 4.0;
        ui.place(show, Button::new(RichText::new("Show").font(theme::small())).small())
    });
    let pressed = pressed.inner;
    if pressed.on_hover_text("Show the folder").clicked() {
        actions.push(Action::Open(take.folder.clone()));
    }
    let length = text::length(take.seconds);
    let at = pos2(show.left() - theme::GAP, inner.top() + 9.0);
    let length = widgets::write(ui, at, Align2::RIGHT_CENTER, &length, theme::figures(), theme::TEXT);
    let width = length.left() - inner.left() - theme::GAP;
    widgets::cut_text(
        ui,
        pos2(inner.left(), inner.top() + 9.0),
        Align2::LEFT_CENTER,
        &take.name,
        theme::body(),
        theme::TEXT,
        width,
    );
    let (colour, detail) = detail(take);
    let at = pos2(inner.left(), inner.bottom() - 7.0);
    widgets::cut_text(ui, at, Align2::LEFT_CENTER, &detail, theme::small(), colour, inner.width());
    let clicked = response.clicked() && !chosen;
    response.on_hover_ui(|ui| {
        ui.label(take.folder.display().to_string());
        if take.lost_frames > 0 {
            let lost = text::grouped(take.lost_frames);
            ui.label(format!("{lost} frames were lost while it was recorded; they are silent in all stems."));
        }
    });
    if clicked {
        actions.push(Action::Session(take.folder.clone()));
    }
}

/// What is in a take, where it lies, what it lacks.
fn detail(take: &Take) -> (Color32, String) {
    let position = take.position_s.map(|s| format!(" from {}", text::length(s)));
    let lost = (take.lost_frames > 0).then(|| format!(", {} lost", text::grouped(take.lost_frames)));
    let colour = if lost.is_some() { theme::RED } else { theme::QUIET };
    let stems = text::count(take.stems, "stem");
    (colour, format!("{stems}{}{}", position.unwrap_or_default(), lost.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor::sample;

    #[test]
    fn a_takes_detail_says_what_it_lacks() {
        let takes = sample::recording().recorder.takes;
        assert_eq!(detail(&takes[0]), (theme::RED, "8 stems from 0:12, 512 lost".into()));
        assert_eq!(detail(&takes[2]), (theme::QUIET, "8 stems".into()));
    }
}

//! The buses: a meter, a name and a group for each.

use egui::{Align2, Button, Color32, Margin, Popup, Rect, RichText, Sense, TextEdit, Ui, pos2, vec2};

use super::capture::Memory;
use crate::editor::snapshot::{Action, Snapshot};
use crate::editor::widgets::{self, quiet};
use crate::editor::{text, theme};
use crate::project::Label;

/// Between a field's edge and its text; what stands in no field keeps to the same line.
const INSET: f32 = 6.0;

/// Where the parts of a bus's row lie.
struct Columns {
    number: Rect,
    meter: Rect,
    peak: Rect,
    name: Rect,
    group: Rect,
}

impl Columns {
    fn of(row: Rect) -> Self {
        let text = row.width() - 24.0 - 48.0 - 3.0 * theme::GAP;
        let widths = [24.0, text * 0.36, 48.0, text * 0.34, text * 0.30];
        let mut left = row.left();
        let [number, meter, peak, name, group] = widths.map(|width| {
            let cell = Rect::from_min_size(pos2(left, row.top()), vec2(width, row.height()));
            left += width + if width == 24.0 { 0.0 } else { theme::GAP };
            cell
        });
        Self { number, meter, peak, name, group }
    }
}

/// Draws all buses, the unused ones folded away.
pub fn buses(ui: &mut Ui, shot: &Snapshot, memory: &mut Memory, actions: &mut Vec<Action>) {
    let (row, _) = ui.allocate_exact_size(vec2(ui.available_width(), 14.0), Sense::hover());
    let columns = Columns::of(row);
    widgets::scale(ui, columns.meter);
    for (cell, title, align) in [
        (columns.peak, "Peak dB", Align2::RIGHT_CENTER),
        (columns.name, "Stem", Align2::LEFT_CENTER),
        (columns.group, "Group", Align2::LEFT_CENTER),
    ] {
        let at = align.pos_in_rect(&cell.shrink2(vec2(INSET, 0.0)));
        widgets::write(ui, at, align, title, theme::small(), theme::QUIET);
    }
    let (used, unused): (Vec<usize>, Vec<usize>) =
        (0..shot.capture.buses).partition(|&bus| bus == 0 || is_used(shot, memory, bus));
    let groups = group_names(&shot.project.stems);
    widgets::scroll(ui, "buses", |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        used.iter().for_each(|&bus| bus_row(ui, shot, memory, bus, &groups, actions));
        if unused.is_empty() {
            return;
        }
        if fold(ui, memory.unfolded, unused.len()) {
            memory.unfolded = !memory.unfolded;
        }
        if memory.unfolded {
            unused.iter().for_each(|&bus| bus_row(ui, shot, memory, bus, &groups, actions));
        }
    });
}

/// The line that unused side chains are folded under; true when it was pressed.
fn fold(ui: &mut Ui, unfolded: bool, count: usize) -> bool {
    let (row, response) = ui.allocate_exact_size(vec2(ui.available_width(), theme::ROW), Sense::click());
    let colour = if response.hovered() { theme::TEXT } else { theme::QUIET };
    let points = if unfolded { widgets::Points::Down } else { widgets::Points::Right };
    widgets::triangle(ui, row.left_center() + vec2(6.0, 0.0), points, colour);
    let at = row.left_center() + vec2(24.0, 0.0);
    let text = text::count(count, "unused side chain");
    widgets::write(ui, at, Align2::LEFT_CENTER, &text, theme::body(), colour);
    response.clicked()
}

/// Whether a stem has sounded or was given a name or a group.
fn is_used(shot: &Snapshot, memory: &Memory, bus: usize) -> bool {
    let label = shot.project.stems.get(bus - 1);
    memory.meters.bus(bus).sounded
        || label.is_some_and(|l| !l.group.is_empty() || l.name != format!("Stem {bus}"))
}

/// Names of groups, in the order of the stems.
fn group_names(stems: &[Label]) -> Vec<String> {
    let mut names: Vec<String> = vec![];
    for group in stems.iter().map(|label| label.group.trim()).filter(|group| !group.is_empty()) {
        if !names.iter().any(|known| known == group) {
            names.push(group.into());
        }
    }
    names
}

fn bus_row(
    ui: &mut Ui,
    shot: &Snapshot,
    memory: &mut Memory,
    bus: usize,
    groups: &[String],
    actions: &mut Vec<Action>,
) {
    let (row, _) = ui.allocate_exact_size(vec2(ui.available_width(), theme::ROW), Sense::hover());
    if !ui.is_rect_visible(row) {
        return;
    }
    let columns = Columns::of(row);
    let state = memory.meters.bus(bus);
    let colour = if state.sounded { theme::TEXT } else { theme::QUIET };
    if bus > 0 {
        let number = bus.to_string();
        widgets::write(
            ui,
            columns.number.left_center(),
            Align2::LEFT_CENTER,
            &number,
            theme::figures(),
            theme::QUIET,
        );
    }
    widgets::meter(ui, columns.meter.shrink2(vec2(0.0, 7.0)), &state);

    let held = state.channels.map(|channel| channel.held_db).into_iter().fold(text::QUIETEST_DB, f32::max);
    if state.clipped {
        let mark = columns.peak.shrink2(vec2(0.0, 5.0));
        ui.painter().rect_filled(mark, 3.0, theme::mix(theme::PANEL, theme::RED, 0.6));
        let click = ui.interact(mark, ui.scope_id().with(("clip", bus)), Sense::click());
        if click.on_hover_text("Reached full scale. Click to clear all marks.").clicked() {
            memory.meters.clear_clips();
        }
    }
    let at = columns.peak.right_center() - vec2(INSET, 0.0);
    widgets::write(ui, at, Align2::RIGHT_CENTER, &text::peak(held), theme::figures(), colour);

    let Some(stem) = bus.checked_sub(1) else {
        let at = columns.name.left_center() + vec2(INSET, 0.0);
        widgets::write(ui, at, Align2::LEFT_CENTER, "Mix", theme::body(), theme::TEXT);
        return;
    };
    let Some(label) = shot.project.stems.get(stem) else { return };
    let mut new = label.clone();
    field(ui, columns.name, ("name", bus), &mut new.name, "", colour);
    let arrow = 24.0;
    let typed = columns.group.with_max_x(columns.group.right() - arrow);
    field(ui, typed, ("group", bus), &mut new.group, "none", colour);
    let arrow = columns.group.with_min_x(columns.group.right() - arrow + 2.0);
    if let Some(group) = group_menu(ui, arrow, bus, groups) {
        new.group = group;
    }
    if new != *label {
        actions.push(Action::Label(stem, new));
    }
}

fn field(
    ui: &mut Ui,
    cell: Rect,
    id: (&str, usize),
    value: &mut String,
    hint: &'static str,
    colour: Color32,
) {
    let edit = TextEdit::singleline(value)
        .id_salt(id)
        .hint_text(RichText::new(hint).color(theme::QUIET.gamma_multiply(0.6)))
        .text_color(colour)
        .margin(Margin::symmetric(INSET as i8, 2))
        .align(Align2::LEFT_CENTER)
        .char_limit(100)
        .desired_width(f32::INFINITY);
    ui.place(cell.shrink2(vec2(0.0, 2.0)), edit);
}

/// The groups that there are, to choose from; empty for none.
fn group_menu(ui: &mut Ui, cell: Rect, bus: usize, groups: &[String]) -> Option<String> {
    let mut chosen = None;
    let response =
        ui.push_id(("groups", bus), |ui| ui.place(cell.shrink2(vec2(0.0, 2.0)), Button::new(""))).inner;
    widgets::triangle(ui, response.rect.center(), widgets::Points::Down, theme::QUIET);
    Popup::menu(&response).show(|ui| {
        ui.set_min_width(130.0);
        if ui.button(quiet("no group")).clicked() {
            chosen = Some(String::new());
        }
        for group in groups {
            if ui.button(group).clicked() {
                chosen = Some(group.clone());
            }
        }
    });
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor::sample;

    #[test]
    fn a_stem_is_used_if_it_sounded_or_was_labelled() {
        let mut shot = sample::empty();
        let mut memory = Memory::default();
        let mut peaks = vec![[0.0; 2]; 32];
        peaks[3] = [0.1, 0.0];
        memory.meters.feed(&peaks, 0.03);
        shot.project.stems[4].group = "Drums".into();
        shot.project.stems[6].name = "Bass".into();
        let used: Vec<usize> = (1..32).filter(|&bus| is_used(&shot, &memory, bus)).collect();
        assert_eq!(used, [3, 5, 7]);
    }

    #[test]
    fn groups_are_offered_once_each() {
        let stems = sample::recording().project.stems;
        assert_eq!(group_names(&stems), ["Drums", "Vocals", "Keys"]);
    }
}

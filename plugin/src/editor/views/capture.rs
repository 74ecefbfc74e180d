//! Capture: what arrives on the buses, what they are called, and the takes.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use egui::{
    Align, Align2, Button, Color32, CornerRadius, Layout, Margin, Popup, Rect, RichText, ScrollArea, Sense,
    Stroke, StrokeKind, TextEdit, Ui, pos2, vec2,
};

use crate::editor::host_help::{Host, NO_TRANSPORT, NOTHING_ARRIVES};
use crate::editor::meters::Meters;
use crate::editor::snapshot::{Action, Snapshot};
use crate::editor::widgets::{self, card_in, heading, place, quiet, readout};
use crate::editor::{text, theme};
use crate::project::Label;
use crate::recorder::Take;

/// How long `Capture` stays off while it is armed anew: several of the longest blocks, so that the audio thread sees it.
const OFF_FOR: Duration = Duration::from_millis(300);

/// What this view remembers.
pub struct Memory {
    /// The buses' meters; they fall while other views are shown, too.
    pub meters: Meters,
    /// Whether unused side chains are shown.
    pub unfolded: bool,
    /// The home folder while it is typed.
    home: Option<String>,
    /// The host that the routing help is for.
    host: Host,
    /// Since when `Capture` is off in order to be switched on again.
    arming: Option<Instant>,
}

impl Default for Memory {
    fn default() -> Self {
        Self::new(Host::Other)
    }
}

impl Memory {
    /// With help for `host`.
    pub fn new(host: Host) -> Self {
        Self { meters: Meters::default(), unfolded: false, home: None, host, arming: None }
    }

    /// Whether anything here is in motion.
    pub fn moving(&self) -> bool {
        self.meters.moving() || self.arming.is_some()
    }

    /// The second half of arming a `Capture` that was saved switched on: off came first, on follows.
    pub fn go_on_arming(&mut self, shot: &Snapshot, actions: &mut Vec<Action>) {
        let Some(since) = self.arming else { return };
        if !shot.capture_on && shot.now.saturating_duration_since(since) >= OFF_FOR {
            actions.push(Action::Capture(true));
            self.arming = None;
        }
    }

    fn press_capture(&mut self, shot: &Snapshot, actions: &mut Vec<Action>) {
        let disarmed = shot.capture_on && !shot.capture.armed && shot.capture.buses > 0;
        if self.arming.take().is_some() {
            return;
        }
        if disarmed {
            self.arming = Some(shot.now);
        }
        actions.push(Action::Capture(!shot.capture_on));
    }
}

/// Draws the view.
pub fn show(ui: &mut Ui, shot: &Snapshot, memory: &mut Memory, actions: &mut Vec<Action>) {
    let whole = ui.available_rect_before_wrap();
    let (top, below) = whole.split_top_bottom_at_y(whole.top() + 76.0);
    let below = below.with_min_y(below.top() + theme::GAP);
    card_in(ui, top, |ui| head(ui, shot, memory, actions));
    let takes_width = (whole.width() * 0.3).clamp(236.0, 360.0);
    let (left, right) = below.split_left_right_at_x(below.right() - takes_width);
    card_in(ui, left.with_max_x(left.right() - theme::GAP), |ui| buses(ui, shot, memory, actions));
    card_in(ui, right, |ui| takes(ui, shot, memory, actions));
}

fn head(ui: &mut Ui, shot: &Snapshot, memory: &mut Memory, actions: &mut Vec<Action>) {
    let whole = ui.max_rect();
    let button = Rect::from_min_size(whole.min, vec2(124.0, whole.height()));
    record_button(ui, button, shot, memory, actions);

    let rate = shot.capture.sample_rate;
    let recording = shot.recorder.recording.as_ref();
    let seconds = recording.map_or(0.0, |take| take.seconds);
    let position = match shot.capture.transport.position {
        Some(samples) if rate > 0 => text::clock(samples as f64 / f64::from(rate)),
        _ => "–".into(),
    };
    let bytes = recording.map_or_else(|| at_most(shot), |take| take.bytes_per_second);
    let lost = recording.map_or(shot.capture.lost_frames, |take| take.lost_frames);
    let colour = if recording.is_some() { theme::TEXT } else { theme::QUIET };
    let lost_colour = if lost > 0 { theme::RED } else { theme::TEXT };
    let readouts = [
        ("Take", text::clock(seconds), theme::big_figures(), colour, 0.36),
        ("Song position", position, theme::numbers(), theme::TEXT, 0.22),
        ("Disk lasts", text::disk(shot.recorder.free_bytes, bytes), theme::numbers(), theme::TEXT, 0.22),
        ("Lost frames", text::lost(lost, rate), theme::numbers(), lost_colour, 0.2),
    ];
    let mut left = button.right() + 24.0;
    let room = whole.right() - left;
    for (name, value, font, colour, share) in readouts {
        let cell = Rect::from_min_size(pos2(left, whole.top()), vec2(room * share, whole.height()));
        place(ui, cell, |ui| readout(ui, name, &value, font, colour));
        left = cell.right();
    }
}

/// Bytes that a second takes if every bus sounds: stereo, four bytes a sample.
fn at_most(shot: &Snapshot) -> u64 {
    shot.capture.buses as u64 * 8 * u64::from(shot.capture.sample_rate)
}

fn record_button(ui: &mut Ui, rect: Rect, shot: &Snapshot, memory: &mut Memory, actions: &mut Vec<Action>) {
    let response = ui.interact(rect, ui.scope_id().with("record"), Sense::click());
    let armed = shot.capture_on && shot.capture.armed;
    let (fill, edge) = match (armed, response.hovered()) {
        (true, _) => (theme::mix(theme::RAISED, theme::RED, 0.35), theme::RED),
        (false, true) => (theme::HOVERED, theme::QUIET),
        (false, false) => (theme::RAISED, theme::LINE),
    };
    let painter = ui.painter();
    painter.rect(rect, CornerRadius::same(theme::RADIUS), fill, Stroke::new(1.0, edge), StrokeKind::Inside);
    let dot = pos2(rect.left() + 24.0, rect.center().y);
    if shot.capture.capturing {
        painter.rect_filled(Rect::from_center_size(dot, vec2(14.0, 14.0)), 2.0, theme::TEXT);
    } else {
        painter.circle_filled(dot, 8.0, theme::RED);
    }
    let word = match (memory.arming.is_some(), armed, shot.capture_on, shot.capture.capturing) {
        (true, ..) => "Arming…",
        (_, _, _, true) => "Stop",
        (_, true, ..) => "Armed",
        (_, false, true, _) => "Arm",
        _ => "Capture",
    };
    painter.text(
        pos2(rect.left() + 44.0, rect.center().y),
        Align2::LEFT_CENTER,
        word,
        theme::body(),
        theme::TEXT,
    );
    let help = if shot.capture.transport.present {
        "Records a take whenever the transport runs."
    } else {
        NO_TRANSPORT
    };
    if response.on_hover_text(help).clicked() {
        memory.press_capture(shot, actions);
    }
}

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

fn buses(ui: &mut Ui, shot: &Snapshot, memory: &mut Memory, actions: &mut Vec<Action>) {
    if shot.capture.buses == 0 {
        ui.label(quiet("The host has not started the plug-in yet. Meters appear as soon as it does."));
        return;
    }
    advice(ui, shot, memory);
    let bar = 16.0;
    let (row, _) = ui.allocate_exact_size(vec2(ui.available_width() - bar, 14.0), Sense::hover());
    let columns = Columns::of(row);
    widgets::scale(ui, columns.meter);
    for (cell, title, align) in [
        (columns.peak, "Peak dB", Align2::RIGHT_CENTER),
        (columns.name, "Stem", Align2::LEFT_CENTER),
        (columns.group, "Group", Align2::LEFT_CENTER),
    ] {
        let at = align.pos_in_rect(&cell);
        widgets::write(ui, at, align, title, theme::small(), theme::QUIET);
    }
    let (used, unused): (Vec<usize>, Vec<usize>) =
        (0..shot.capture.buses).partition(|&bus| bus == 0 || is_used(shot, memory, bus));
    let groups = group_names(&shot.project.stems);
    ScrollArea::vertical().id_salt("buses").auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        used.iter().for_each(|&bus| bus_row(ui, shot, memory, bus, &groups, actions));
        if unused.is_empty() {
            return;
        }
        let sign = if memory.unfolded { "⏷" } else { "⏵" };
        let title = format!("{sign}  {}", text::count(unused.len(), "unused side chain"));
        if ui.add(Button::new(quiet(title)).frame(false)).clicked() {
            memory.unfolded = !memory.unfolded;
        }
        if memory.unfolded {
            unused.iter().for_each(|&bus| bus_row(ui, shot, memory, bus, &groups, actions));
        }
    });
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
    let at = columns.peak.right_center() - vec2(4.0, 0.0);
    widgets::write(ui, at, Align2::RIGHT_CENTER, &text::peak(held), theme::figures(), colour);

    let Some(stem) = bus.checked_sub(1) else {
        let at = columns.name.left_center() + vec2(7.0, 0.0);
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
        .margin(Margin::symmetric(6, 2))
        .align(Align2::LEFT_CENTER)
        .char_limit(100)
        .desired_width(f32::INFINITY);
    ui.place(cell.shrink2(vec2(0.0, 2.0)), edit);
}

/// The groups that there are, to choose from; empty for none.
fn group_menu(ui: &mut Ui, cell: Rect, bus: usize, groups: &[String]) -> Option<String> {
    let mut chosen = None;
    let response =
        ui.push_id(("groups", bus), |ui| ui.place(cell.shrink2(vec2(0.0, 2.0)), Button::new("⏷"))).inner;
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

/// What to do where nothing arrives.
fn advice(ui: &mut Ui, shot: &Snapshot, memory: &mut Memory) {
    let transport = shot.capture.transport;
    if !transport.present {
        ui.label(RichText::new(NO_TRANSPORT).color(theme::AMBER));
    }
    let expected = shot.capture.armed || transport.playing;
    if memory.meters.any_stem() || !expected {
        return;
    }
    ui.horizontal(|ui| {
        ui.label(RichText::new(NOTHING_ARRIVES).color(theme::AMBER));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            egui::ComboBox::from_id_salt("host").selected_text(memory.host.title()).width(96.0).show_ui(
                ui,
                |ui| {
                    for host in Host::ALL {
                        ui.selectable_value(&mut memory.host, host, host.title());
                    }
                },
            );
        });
    });
    for (i, step) in memory.host.steps().iter().enumerate() {
        ui.horizontal_top(|ui| {
            ui.label(quiet(format!("{}.", i + 1)));
            ui.add(egui::Label::new(quiet(*step)).wrap());
        });
    }
    ui.add_space(theme::GAP);
}

fn takes(ui: &mut Ui, shot: &Snapshot, memory: &mut Memory, actions: &mut Vec<Action>) {
    heading(ui, "Folder for takes");
    home(ui, shot, memory, actions);
    ui.add_space(theme::GAP);
    heading(ui, "Takes; the marked one is solved");
    if shot.recorder.takes.is_empty() {
        ui.label(quiet("None yet. Press Capture and play the song from its start to its end."));
        return;
    }
    ScrollArea::vertical().id_salt("takes").auto_shrink(false).show(ui, |ui| {
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
    let response = ui.add(edit).on_hover_text(
        "Every take becomes a folder in here, as soon as you press Enter. Leave it empty for the Mixtrace folder in \
         your documents.",
    );
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
    let show = Rect::from_min_size(pos2(inner.right() - 46.0, inner.top() + 2.0), vec2(46.0, 20.0));
    let button = Button::new(RichText::new("Show").font(theme::small())).small();
    let pressed = ui.push_id(&take.folder, |ui| ui.place(show, button)).inner;
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
    if response.clicked() && !chosen {
        actions.push(Action::Session(take.folder.clone()));
    }
}

/// Where a take lies, what is in it, what it lacks.
fn detail(take: &Take) -> (Color32, String) {
    let position = take.position_s.map(|s| format!(" from {}", text::clock(s)));
    let lost = (take.lost_frames > 0).then(|| format!(", {} frames lost", text::grouped(take.lost_frames)));
    let colour = if lost.is_some() { theme::RED } else { theme::QUIET };
    let stems = text::count(take.stems, "stem");
    (colour, format!("{stems}{}{}", position.unwrap_or_default(), lost.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor::sample;

    #[test]
    fn a_capture_that_was_saved_switched_on_is_armed_by_off_and_then_on() {
        let mut shot = sample::empty();
        shot.capture_on = true;
        let mut memory = Memory::default();
        let mut actions = vec![];
        memory.press_capture(&shot, &mut actions);
        memory.go_on_arming(&shot, &mut actions);
        assert_eq!(actions, [Action::Capture(false)]);
        shot.capture_on = false;
        memory.go_on_arming(&shot, &mut actions);
        assert_eq!(actions.len(), 1, "the audio thread must have seen it off");
        shot.now += OFF_FOR;
        memory.go_on_arming(&shot, &mut actions);
        assert_eq!(actions, [Action::Capture(false), Action::Capture(true)]);
        memory.go_on_arming(&shot, &mut actions);
        assert_eq!(actions.len(), 2);
    }

    #[test]
    fn an_armed_capture_is_switched_off_and_stays_off() {
        let shot = sample::recording();
        let mut memory = Memory::default();
        let mut actions = vec![];
        memory.press_capture(&shot, &mut actions);
        assert_eq!(actions, [Action::Capture(false)]);
        assert!(memory.arming.is_none());
    }

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

    #[test]
    fn a_takes_detail_says_what_it_lacks() {
        let takes = sample::recording().recorder.takes;
        assert_eq!(detail(&takes[0]), (theme::RED, "8 stems from 0:12.0, 512 frames lost".into()));
        assert_eq!(detail(&takes[2]), (theme::QUIET, "8 stems".into()));
    }
}

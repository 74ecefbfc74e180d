//! Capture: what arrives on the buses, what they are called, and the takes.

use std::time::{Duration, Instant};

use egui::{Align, Align2, CornerRadius, Layout, Rect, RichText, Sense, Stroke, StrokeKind, Ui, pos2, vec2};

use super::buses::buses;
use super::takes::takes;
use crate::editor::host_help::{Host, NO_TRANSPORT, NOTHING_ARRIVES};
use crate::editor::meters::Meters;
use crate::editor::snapshot::{Action, Asked, Snapshot};
use crate::editor::widgets::{self, card_in, quiet};
use crate::editor::{text, theme};

/// How long `Capture` stays off while it is armed anew: several of the longest blocks, so that the audio thread sees it.
const OFF_FOR: Duration = Duration::from_millis(300);

/// What this view remembers.
pub struct Memory {
    /// The buses' meters; they fall while other views are shown, too.
    pub meters: Meters,
    /// Whether unused side chains are shown.
    pub unfolded: bool,
    /// The home folder while it is typed.
    pub home: Option<String>,
    /// The host that the routing help is for.
    host: Host,
    /// Since when `Capture` is off in order to be switched on again.
    arming: Option<Instant>,
    asked: Asked<bool>,
}

impl Default for Memory {
    fn default() -> Self {
        Self::new(Host::Other)
    }
}

impl Memory {
    /// With help for `host`.
    pub fn new(host: Host) -> Self {
        Self {
            meters: Meters::default(),
            unfolded: false,
            home: None,
            host,
            arming: None,
            asked: Asked::default(),
        }
    }

    /// Whether anything here is in motion.
    pub fn moving(&self) -> bool {
        self.meters.moving() || self.arming.is_some()
    }

    /// The second half of arming a `Capture` that was saved switched on: off came first, on follows.
    pub fn go_on_arming(&mut self, shot: &Snapshot, actions: &mut Vec<Action>) {
        self.asked.see(shot.capture_on);
        let Some(since) = self.arming else { return };
        if !shot.capture_on && shot.now.saturating_duration_since(since) >= OFF_FOR {
            actions.push(Action::Capture(self.asked.ask(true)));
            self.arming = None;
        }
    }

    fn press_capture(&mut self, shot: &Snapshot, actions: &mut Vec<Action>) {
        let on = self.asked.or(shot.capture_on);
        let disarmed = on && !self.asked.is_open() && !shot.capture.armed && shot.capture.buses > 0;
        if self.arming.take().is_some() {
            return;
        }
        if disarmed {
            self.arming = Some(shot.now);
        }
        actions.push(Action::Capture(self.asked.ask(!on)));
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
    card_in(ui, left.with_max_x(left.right() - theme::GAP), |ui| stems(ui, shot, memory, actions));
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
        ("Take", text::clock(seconds), theme::big_figures(), colour, 0.31),
        ("Song position", position, theme::numbers(), theme::TEXT, 0.23),
        ("Disk lasts", text::disk(shot.recorder.free_bytes, bytes), theme::numbers(), theme::TEXT, 0.23),
        ("Lost frames", text::lost(lost, rate), theme::numbers(), lost_colour, 0.23),
    ];
    let mut left = button.right() + 24.0;
    let room = whole.right() - left;
    for (name, value, font, colour, share) in readouts {
        let at = pos2(left, whole.top() + 6.0);
        widgets::write(ui, at, Align2::LEFT_CENTER, name, theme::small(), theme::QUIET);
        // All values stand on one line, whatever their size.
        let lift = if font.size > 20.0 { 1.0 } else { -3.0 };
        let at = pos2(left, whole.bottom() + lift);
        let width = room * share - theme::GAP;
        widgets::cut_text(ui, at, Align2::LEFT_BOTTOM, &value, font, colour, width);
        left += room * share;
    }
}

/// Bytes that a second takes if every bus sounds: stereo, four bytes a sample.
fn at_most(shot: &Snapshot) -> u64 {
    shot.capture.buses as u64 * 8 * u64::from(shot.capture.sample_rate)
}

fn record_button(ui: &mut Ui, rect: Rect, shot: &Snapshot, memory: &mut Memory, actions: &mut Vec<Action>) {
    let response = ui.interact(rect, ui.scope_id().with("record"), Sense::click());
    let armed = shot.capture_on && shot.capture.armed;
    let (fill, edge) = match (shot.capture.capturing, armed, response.hovered()) {
        (true, ..) => (theme::mix(theme::RAISED, theme::RED, 0.35), theme::RED),
        (_, true, _) => (theme::mix(theme::RAISED, theme::AMBER, 0.2), theme::AMBER),
        (_, _, true) => (theme::HOVERED, theme::QUIET),
        _ => (theme::RAISED, theme::LINE),
    };
    let painter = ui.painter();
    painter.rect(rect, CornerRadius::same(theme::RADIUS), fill, Stroke::new(1.0, edge), StrokeKind::Inside);
    let dot = pos2(rect.left() + 24.0, rect.center().y);
    if shot.capture.capturing {
        painter.rect_filled(Rect::from_center_size(dot, vec2(14.0, 14.0)), 2.0, theme::TEXT);
    } else {
        painter.circle_filled(dot, 8.0, theme::RED);
    }
    let waits = memory.arming.is_some() || memory.asked.is_open();
    let word = match (waits, shot.capture.capturing, armed, shot.capture_on) {
        (true, ..) if memory.arming.is_some() || memory.asked.or(false) => "Arming…",
        (true, ..) => "Stopping…",
        (_, true, ..) => "Stop",
        (_, _, true, _) => "Armed",
        (_, _, false, true) => "Arm",
        _ => "Capture",
    };
    painter.text(
        pos2(rect.left() + 44.0, rect.center().y),
        Align2::LEFT_CENTER,
        word,
        theme::body(),
        theme::TEXT,
    );
    let help = if waits {
        "Asked for; the host takes it up as soon as it runs the plug-in."
    } else if shot.capture_on && !armed {
        "This project was saved with Capture on. Press to record from now on."
    } else if shot.capture.transport.present {
        "Records a take whenever the transport runs."
    } else {
        NO_TRANSPORT
    };
    if response.on_hover_text(help).clicked() {
        memory.press_capture(shot, actions);
    }
}

fn stems(ui: &mut Ui, shot: &Snapshot, memory: &mut Memory, actions: &mut Vec<Action>) {
    if shot.capture.buses == 0 {
        ui.label(quiet("The host has not started the plug-in yet. Meters appear as soon as it does."));
        return;
    }
    advice(ui, shot, memory);
    buses(ui, shot, memory, actions);
}

/// What to do where nothing arrives.
fn advice(ui: &mut Ui, shot: &Snapshot, memory: &mut Memory) {
    let transport = shot.capture.transport;
    if !transport.present {
        ui.label(RichText::new(NO_TRANSPORT).color(theme::AMBER));
        ui.add_space(theme::GAP);
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
}

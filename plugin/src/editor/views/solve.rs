//! Solve: how to search, and how the search goes.

use std::path::Path;

use egui::{
    Align, Align2, Button, Color32, CornerRadius, DragValue, Layout, Rect, RichText, Sense, Stroke, Ui, vec2,
};
use mixtrace_solver::graph::Console;
use mixtrace_solver::processors::Kind;
use mixtrace_solver::search::{Method, Settings};

use super::curves::{matches, processors};
use crate::editor::snapshot::{Action, Snapshot};
use crate::editor::widgets::{self, card_in, heading, one_of, quiet};
use crate::editor::{text, theme};
use crate::project::SolveSettings;
use crate::worker::Phase;

/// The presets: name, title, what to expect.
const PRESETS: [(&str, &str, &str); 3] = [
    ("quick", "Quick", "A minute or two for a dozen stems."),
    ("standard", "Standard", "A few minutes for a dozen stems."),
    ("thorough", "Thorough", "Half an hour and more for a dozen stems."),
];

/// Draws the view.
pub fn show(ui: &mut Ui, shot: &Snapshot, actions: &mut Vec<Action>) {
    let whole = ui.available_rect_before_wrap();
    let settings_width = (whole.width() * 0.34).clamp(272.0, 380.0);
    let (left, right) = whole.split_left_right_at_x(whole.left() + settings_width);
    card_in(ui, left, |ui| {
        widgets::scroll(ui, "settings", |ui| {
            ui.add_enabled_ui(!shot.worker.is_busy(), |ui| settings(ui, shot, actions));
        });
    });
    let right = right.with_min_x(right.left() + theme::GAP);
    let (top, below) = right.split_top_bottom_at_y(right.top() + 104.0);
    card_in(ui, top, |ui| progress(ui, shot, actions));
    let below = below.with_min_y(below.top() + theme::GAP);
    let (upper, lower) = below.split_top_bottom_at_fraction(0.5);
    card_in(ui, upper.with_max_y(upper.bottom() - theme::GAP / 2.0), |ui| matches(ui, shot));
    card_in(ui, lower.with_min_y(lower.top() + theme::GAP / 2.0), |ui| processors(ui, shot));
}

/// A folder's own name.
fn name_of(folder: &Path) -> String {
    folder
        .file_name()
        .map_or_else(|| folder.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// Why a solve cannot start; none where it can.
fn obstacle(shot: &Snapshot) -> Option<String> {
    if shot.project.session.is_none() {
        return Some("There is no session yet: capture a take, or pick one.".into());
    }
    shot.project.solve.settings().err().map(|reason| reason.to_string())
}

fn settings(ui: &mut Ui, shot: &Snapshot, actions: &mut Vec<Action>) {
    heading(ui, "Session");
    session(ui, shot, actions);
    ui.add_space(theme::GAP);

    let old = &shot.project.solve;
    let mut new = old.clone();
    heading(ui, "Preset");
    preset(ui, &mut new);
    ui.add_space(theme::GAP);

    heading(ui, "Processors");
    kinds(ui, &mut new.processors);
    ui.add_space(theme::GAP);

    heading(ui, "Pruning");
    let methods = Method::ALL.map(|method| (method.name(), method_title(method)));
    let chosen = methods.iter().map(|m| m.0).find(|name| *name == new.method).unwrap_or_default();
    if let Some(method) = one_of(ui, &methods, chosen) {
        new.method = method.into();
    }
    ui.add_space(2.0);
    numbers(ui, &mut new);
    if new != *old {
        actions.push(Action::Solve(new));
    }
}

fn session(ui: &mut Ui, shot: &Snapshot, actions: &mut Vec<Action>) {
    let chosen = shot.project.session.as_deref();
    let title = chosen.map_or("none".into(), name_of);
    let width = ui.available_width();
    egui::ComboBox::from_id_salt("session").selected_text(title).width(width).truncate().show_ui(ui, |ui| {
        for take in &shot.recorder.takes {
            let title = format!("{}   {}", take.name, text::length(take.seconds));
            let is_chosen = chosen == Some(take.folder.as_path());
            if ui.selectable_label(is_chosen, title).clicked() && !is_chosen {
                actions.push(Action::Session(take.folder.clone()));
            }
        }
        if shot.recorder.takes.is_empty() {
            ui.label(quiet("No takes yet"));
        }
    });
}

fn preset(ui: &mut Ui, solve: &mut SolveSettings) {
    let chosen = PRESETS.iter().find(|p| p.0 == solve.preset).map_or("", |p| p.0);
    if let Some(name) = one_of(ui, &PRESETS.map(|(name, title, _)| (name, title)), chosen) {
        solve.preset = name.into();
        solve.steps = None;
        solve.prune_rounds = None;
    }
    let told = PRESETS.iter().find(|p| p.0 == solve.preset).map_or("", |p| p.2);
    ui.label(RichText::new(told).font(theme::small()).color(theme::QUIET));
}

/// The numbers: two rows of two.
fn numbers(ui: &mut Ui, solve: &mut SolveSettings) {
    let Ok(preset) = solve.preset.parse().map(Settings::preset) else { return };
    let prunes = solve.method != Method::None.name();
    let mut steps = solve.steps.unwrap_or(preset.steps);
    let mut rounds = solve.prune_rounds.unwrap_or(preset.prune_rounds);
    let each =
        format!("Rounds of pruning, each followed by {}.", text::count(preset.steps_per_round, "step"));
    ui.spacing_mut().item_spacing.x = 20.0;
    ui.columns_const(|[left, right]| {
        left.add_enabled_ui(prunes, |ui| {
            let told = "How much the match may rise for fewer processors.";
            let value = DragValue::new(&mut solve.tolerance)
                .range(0.0..=10.0)
                .speed(0.0005)
                .max_decimals(4)
                .custom_formatter(|value, _| plain(value));
            number(ui, "Tolerance", told, value);
        });
        let told = "Training steps of the full console; the preset gives the usual number.";
        number(left, "Steps", told, DragValue::new(&mut steps).range(1..=100_000).speed(5));
        right.add_enabled_ui(prunes, |ui| {
            number(ui, "Rounds", &each, DragValue::new(&mut rounds).range(0..=1000).speed(0.1));
        });
        let told = "Of every random choice: the same seed gives the same report.";
        number(right, "Seed", told, DragValue::new(&mut solve.seed));
    });
    solve.steps = (steps != preset.steps).then_some(steps);
    solve.prune_rounds = (rounds != preset.prune_rounds).then_some(rounds);
}

/// At most four decimals, and none that say nothing.
fn plain(value: f64) -> String {
    ((value * 1e4).round() / 1e4).to_string()
}

/// A name on the left, a number on the right.
fn number(ui: &mut Ui, name: &str, told: &str, value: DragValue) {
    let size = vec2(ui.available_width(), 26.0);
    ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().button_padding.x = 4.0;
        ui.spacing_mut().interact_size.x = 50.0;
        ui.add(value);
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| ui.label(name).on_hover_text(told));
    });
}

fn method_title(method: Method) -> &'static str {
    match method {
        Method::Hybrid => "Hybrid",
        Method::DryWet => "Dry/wet",
        Method::BruteForce => "Brute force",
        Method::None => "None",
    }
}

/// Toggles for the kinds in the console; the last one cannot be taken away.
fn kinds(ui: &mut Ui, letters: &mut String) {
    let columns = 4;
    let width = (ui.available_width() - 6.0 * (columns - 1) as f32) / columns as f32;
    for line in Console::PAPER.kinds().chunks(columns) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            for kind in line {
                if kind_toggle(ui, *kind, letters.contains(kind.letter()), width) {
                    *letters = toggled(letters, *kind);
                }
            }
        });
    }
}

fn kind_toggle(ui: &mut Ui, kind: Kind, on: bool, width: f32) -> bool {
    let (rect, response) = ui.allocate_exact_size(vec2(width, 26.0), Sense::click());
    let colour = theme::kind(kind);
    let (fill, edge, word) = if on {
        (theme::mix(theme::PANEL, colour, 0.45), colour, theme::TEXT)
    } else {
        (theme::GROUND, theme::LINE, theme::QUIET)
    };
    let edge = if response.hovered() { theme::TEXT } else { edge };
    let radius = CornerRadius::same(theme::RADIUS);
    ui.painter().rect(rect, radius, fill, Stroke::new(1.0, edge), egui::StrokeKind::Inside);
    let look = kind.look();
    widgets::write(ui, rect.center(), Align2::CENTER_CENTER, &look.label(), theme::small(), word);
    let state = if on { "is in the console" } else { "is left out" };
    response.on_hover_text(format!("{} {state}", look.title)).clicked()
}

/// The letters with a kind taken in or out, in strip order; at least one stays.
fn toggled(letters: &str, kind: Kind) -> String {
    let has = |k: Kind| letters.contains(k.letter()) != (k == kind);
    let new: String = Console::PAPER.kinds().into_iter().filter(|k| has(*k)).map(Kind::letter).collect();
    if new.is_empty() { letters.into() } else { new }
}

fn progress(ui: &mut Ui, shot: &Snapshot, actions: &mut Vec<Action>) {
    let view = &shot.worker;
    let obstacle = obstacle(shot);
    ui.horizontal(|ui| {
        if view.is_busy() {
            let stop = Button::new("Stop").min_size(vec2(84.0, 28.0));
            if ui
                .add(stop)
                .on_hover_text("End the search and write the report of what was found so far.")
                .clicked()
            {
                actions.push(Action::Stop);
            }
            let discard = Button::new("Discard").min_size(vec2(84.0, 28.0));
            if ui.add(discard).on_hover_text("End the search without a report.").clicked() {
                actions.push(Action::Discard);
            }
        } else if widgets::primary(ui, obstacle.is_none(), "Solve").clicked() {
            actions.push(Action::Start);
        }
        let left = view.left.filter(|_| view.phase == Phase::Searching);
        if let Some(left) = left {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let left = format!("{} left", text::duration(left.as_secs_f64()));
                ui.label(RichText::new(left).font(theme::numbers()));
            });
        }
    });
    let fraction = match view.phase {
        Phase::Done | Phase::Writing => 1.0,
        Phase::Searching => view.fraction,
        _ => 0.0,
    };
    bar(ui, fraction);
    let (colour, words) = words(shot, obstacle);
    ui.add(egui::Label::new(RichText::new(words).color(colour)).wrap());
}

fn bar(ui: &mut Ui, fraction: f32) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 8.0), Sense::hover());
    ui.painter().rect_filled(rect, CornerRadius::same(4), theme::GROUND);
    if fraction > 0.0 {
        let width = (rect.width() * fraction.clamp(0.0, 1.0)).max(8.0);
        let done = Rect::from_min_size(rect.min, vec2(width, rect.height()));
        ui.painter().rect_filled(done, CornerRadius::same(4), theme::ACCENT);
    }
}

/// What is going on, or what went wrong, in a sentence.
fn words(shot: &Snapshot, obstacle: Option<String>) -> (Color32, String) {
    let view = &shot.worker;
    let session = view.session.as_deref().map_or("the session".into(), name_of);
    match &view.phase {
        Phase::Failed(reason) => (theme::RED, reason.clone()),
        Phase::Waiting => (theme::AMBER, "Waiting for the take under way to end.".into()),
        Phase::Opening => (theme::QUIET, format!("Reading {session}.")),
        Phase::Searching => (theme::TEXT, format!("{session}: {}", view.words)),
        Phase::Writing => (theme::QUIET, "Writing the report.".into()),
        Phase::Done => (theme::GREEN, format!("{session} is solved: see Graph and Report.")),
        Phase::Discarded => (theme::QUIET, "Ended without a report.".into()),
        Phase::Idle => match obstacle {
            Some(obstacle) => (theme::AMBER, obstacle),
            None => (theme::QUIET, "Ready.".into()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor::sample;
    use mixtrace_solver::search::Preset;

    #[test]
    fn the_last_kind_cannot_be_taken_away() {
        assert_eq!(toggled("ecnsgdr", Kind::Compressor), "ensgdr");
        assert_eq!(toggled("ensgdr", Kind::Compressor), "ecnsgdr");
        assert_eq!(toggled("r", Kind::Reverb), "r");
    }

    #[test]
    fn every_preset_on_offer_is_one_the_search_knows() {
        for (name, ..) in PRESETS {
            name.parse::<Preset>().unwrap();
        }
    }

    #[test]
    fn what_stands_in_the_way_is_told() {
        let mut shot = sample::empty();
        assert!(obstacle(&shot).unwrap().contains("no session"));
        shot = sample::recording();
        assert_eq!(obstacle(&shot), None);
        shot.project.solve.method = "magic".into();
        assert!(obstacle(&shot).unwrap().contains("magic"));
    }

    #[test]
    fn a_failure_is_told_in_its_own_words() {
        let mut shot = sample::solving();
        shot.worker.phase = Phase::Failed("The disk is full.".into());
        assert_eq!(words(&shot, None), (theme::RED, "The disk is full.".into()));
    }
}

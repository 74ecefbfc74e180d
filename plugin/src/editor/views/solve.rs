//! Solve: how to search, and how the search goes.

use std::path::Path;

use egui::{
    Align, Align2, Button, Color32, CornerRadius, DragValue, Layout, Rect, RichText, ScrollArea, Sense,
    Stroke, Ui, Vec2b, vec2,
};
use egui_plot::{GridInput, GridMark, Line, Plot, PlotPoints, Points};
use mixtrace_solver::processors::Kind;
use mixtrace_solver::report::look;
use mixtrace_solver::search::{Method, Settings};

use crate::editor::snapshot::{Action, Snapshot};
use crate::editor::widgets::{self, card_in, heading, one_of, quiet};
use crate::editor::{text, theme};
use crate::project::SolveSettings;
use crate::worker::Phase;

/// The presets: name, title, what to expect.
const PRESETS: [(&str, &str, &str); 3] = [
    ("quick", "Quick", "A first look: about a minute for a dozen stems."),
    ("standard", "Standard", "The usual choice: a few minutes for a dozen stems."),
    ("thorough", "Thorough", "The published schedule: half an hour and more for a dozen stems."),
];

/// Points of a curve beyond which it looks no better.
const POINTS: usize = 800;

/// Draws the view.
pub fn show(ui: &mut Ui, shot: &Snapshot, actions: &mut Vec<Action>) {
    let whole = ui.available_rect_before_wrap();
    let settings_width = (whole.width() * 0.34).clamp(272.0, 380.0);
    let (left, right) = whole.split_left_right_at_x(whole.left() + settings_width);
    card_in(ui, left, |ui| {
        ScrollArea::vertical().id_salt("settings").auto_shrink(false).show(ui, |ui| {
            ui.add_enabled_ui(!shot.worker.is_busy(), |ui| settings(ui, shot, actions));
        });
    });
    let right = right.with_min_x(right.left() + theme::GAP);
    let (top, below) = right.split_top_bottom_at_y(right.top() + 112.0);
    card_in(ui, top, |ui| progress(ui, shot, actions));
    let below = below.with_min_y(below.top() + theme::GAP);
    let (upper, lower) = below.split_top_bottom_at_fraction(0.5);
    card_in(ui, upper.with_max_y(upper.bottom() - theme::GAP / 2.0), |ui| match_plot(ui, shot));
    card_in(ui, lower.with_min_y(lower.top() + theme::GAP / 2.0), |ui| processors_plot(ui, shot));
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
    let prunes = new.method != Method::None.name();
    ui.add_enabled_ui(prunes, |ui| {
        row(ui, "Tolerance", "How much the match may rise for fewer processors.", |ui| {
            ui.add(DragValue::new(&mut new.tolerance).range(0.0..=10.0).speed(0.0005).max_decimals(4));
        });
    });
    schedule(ui, &mut new, prunes);
    row(ui, "Seed", "Seeds every random choice: the same seed gives the same report.", |ui| {
        ui.add(DragValue::new(&mut new.seed));
    });
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

/// What the preset does, and what was changed of it.
fn schedule(ui: &mut Ui, solve: &mut SolveSettings, prunes: bool) {
    let Ok(preset) = solve.preset.parse().map(Settings::preset) else { return };
    let mut steps = solve.steps.unwrap_or(preset.steps);
    row(ui, "Steps", "Training steps of the full console; the preset gives the usual number.", |ui| {
        ui.add(DragValue::new(&mut steps).range(1..=100_000).speed(5));
    });
    let mut rounds = solve.prune_rounds.unwrap_or(preset.prune_rounds);
    let told =
        format!("Rounds of pruning, each followed by {}.", text::count(preset.steps_per_round, "step"));
    ui.add_enabled_ui(prunes, |ui| {
        row(ui, "Rounds", &told, |ui| {
            ui.add(DragValue::new(&mut rounds).range(0..=1000).speed(0.1));
        });
    });
    solve.steps = (steps != preset.steps).then_some(steps);
    solve.prune_rounds = (rounds != preset.prune_rounds).then_some(rounds);
}

fn method_title(method: Method) -> &'static str {
    match method {
        Method::DryWet => "Dry/wet",
        Method::None => "None",
    }
}

/// A name on the left, a control on the right.
fn row(ui: &mut Ui, name: &str, told: &str, control: impl FnOnce(&mut Ui)) {
    ui.allocate_ui_with_layout(
        vec2(ui.available_width(), 26.0),
        Layout::right_to_left(Align::Center),
        |ui| {
            ui.style_mut().drag_value_text_style = egui::TextStyle::Monospace;
            ui.spacing_mut().interact_size.x = 84.0;
            control(ui);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| ui.label(name).on_hover_text(told));
        },
    );
}

/// Toggles for the kinds in the console; the last one cannot be taken away.
fn kinds(ui: &mut Ui, letters: &mut String) {
    let columns = 4;
    let width = (ui.available_width() - 6.0 * (columns - 1) as f32) / columns as f32;
    for line in Kind::ALL.chunks(columns) {
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
    let look = look::of(kind);
    widgets::write(ui, rect.center(), Align2::CENTER_CENTER, look.label, theme::small(), word);
    let state = if on { "is in the console" } else { "is left out" };
    response.on_hover_text(format!("{} {state}", look.title)).clicked()
}

/// The letters with a kind taken in or out, in strip order; at least one stays.
fn toggled(letters: &str, kind: Kind) -> String {
    let has = |k: Kind| letters.contains(k.letter()) != (k == kind);
    let new: String = Kind::ALL.into_iter().filter(|k| has(*k)).map(Kind::letter).collect();
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

fn match_plot(ui: &mut Ui, shot: &Snapshot) {
    let view = &shot.worker;
    plot_title(
        ui,
        "Match over steps",
        "lower is closer; dots are the whole song",
        latest(&view.evaluated, &view.steps),
    );
    let log = |points: &[[f64; 2]]| -> Vec<[f64; 2]> {
        points.iter().filter(|p| p[1] > 0.0).map(|p| [p[0], p[1].log10()]).collect()
    };
    let line = log(&thinned(&view.steps, POINTS));
    let dots = log(&view.evaluated);
    plot("match", "step")
        .y_grid_spacer(log_marks)
        .y_axis_formatter(|mark, _| short(10f64.powf(mark.value)))
        .show(ui, |plot| {
            plot.line(
                Line::new("window", PlotPoints::from(line))
                    .color(theme::ACCENT.gamma_multiply(0.75))
                    .width(1.2),
            );
            plot.points(Points::new("whole song", PlotPoints::from(dots)).color(theme::TEXT).radius(3.5));
        });
}

fn processors_plot(ui: &mut Ui, shot: &Snapshot) {
    let view = &shot.worker;
    let left = view.processors.last().map(|p| text::grouped(p[1] as u64));
    plot_title(ui, "Processors left over trials", "", left);
    let line = thinned(&view.processors, POINTS);
    plot("processors", "trial").include_y(0.0).y_axis_formatter(|mark, _| whole(mark.value)).show(
        ui,
        |plot| {
            plot.line(Line::new("processors", PlotPoints::from(line)).color(theme::GREEN).width(1.6));
        },
    );
}

fn latest(evaluated: &[[f64; 2]], steps: &[[f64; 2]]) -> Option<String> {
    evaluated.last().or(steps.last()).map(|p| short(p[1]))
}

fn plot_title(ui: &mut Ui, title: &str, told: &str, value: Option<String>) {
    ui.horizontal(|ui| {
        heading(ui, title);
        ui.label(RichText::new(told).font(theme::small()).color(theme::QUIET.gamma_multiply(0.75)));
        if let Some(value) = value {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.label(RichText::new(value).font(theme::figures()));
            });
        }
    });
}

fn plot<'a>(id: &'static str, across: &'static str) -> Plot<'a> {
    Plot::new(id)
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .auto_bounds(Vec2b::TRUE)
        .set_margin_fraction(vec2(0.01, 0.06))
        .grid_color(theme::LINE)
        .grid_fade(0.0)
        .show_background(false)
        .show_crosshair(false)
        .y_axis_min_width(44.0)
        .x_axis_formatter(move |mark, range| {
            let text = whole(mark.value);
            // The name stands with the last mark that has room for it.
            if mark.value + mark.step_size > *range.end() && !text.is_empty() {
                format!("{across} {text}")
            } else {
                text
            }
        })
}

/// A whole number; nothing between two of them.
fn whole(value: f64) -> String {
    if value >= 0.0 && value.fract().abs() < 1e-9 { text::grouped(value as u64) } else { String::new() }
}

/// A match for an axis: `0.37`, `1.2`, `12`.
fn short(value: f64) -> String {
    let decimals = match value {
        v if v < 1.0 => 3,
        v if v < 10.0 => 2,
        _ => 1,
    };
    let text = format!("{value:.decimals$}");
    text.trim_end_matches('0').trim_end_matches('.').into()
}

/// Marks at 1, 2 and 5 times the powers of ten; `input` is in powers of ten.
fn log_marks(input: GridInput) -> Vec<GridMark> {
    let (low, high) = input.bounds;
    let decades = low.floor() as i32..=high.ceil() as i32;
    let steps: &[f64] = if high - low > 2.5 { &[1.0] } else { &[1.0, 2.0, 5.0] };
    let marks = decades.flat_map(|decade| steps.iter().map(move |step| f64::from(decade) + step.log10()));
    marks.filter(|v| (low..=high).contains(v)).map(|value| GridMark { value, step_size: 1.0 }).collect()
}

/// A curve of at most `most` points or so: the lowest and the highest of each run, in order.
fn thinned(points: &[[f64; 2]], most: usize) -> Vec<[f64; 2]> {
    let run = (2 * points.len()).div_ceil(most.max(2));
    if run <= 2 {
        return points.to_vec();
    }
    let ends = |run: &[[f64; 2]]| {
        let low = run.iter().copied().min_by(|a, b| a[1].total_cmp(&b[1]));
        let high = run.iter().copied().max_by(|a, b| a[1].total_cmp(&b[1]));
        let mut ends: Vec<_> = [low, high].into_iter().flatten().collect();
        ends.sort_by(|a, b| a[0].total_cmp(&b[0]));
        ends
    };
    points.chunks(run).flat_map(ends).collect()
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

    #[test]
    fn a_thinned_curve_keeps_its_extremes_and_its_order() {
        let points: Vec<[f64; 2]> =
            (0..12_000).map(|i| [f64::from(i), f64::from((i * 7919) % 12_007)]).collect();
        let thin = thinned(&points, 800);
        assert!(thin.len() <= 802, "{}", thin.len());
        assert!(thin.windows(2).all(|w| w[0][0] <= w[1][0]));
        let extremes = |p: &[[f64; 2]]| {
            p.iter().fold((f64::MAX, f64::MIN), |(low, high), p| (low.min(p[1]), high.max(p[1])))
        };
        assert_eq!(extremes(&thin), extremes(&points));
        assert_eq!(thinned(&points[..100], 800), points[..100]);
    }

    #[test]
    fn a_logarithmic_axis_is_marked_at_round_values() {
        let marks = log_marks(GridInput { bounds: (-0.6, 0.4), base_step_size: 0.1 });
        let shown: Vec<String> = marks.iter().map(|m| short(10f64.powf(m.value))).collect();
        assert_eq!(shown, ["0.5", "1", "2"]);
    }
}

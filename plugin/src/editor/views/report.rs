//! Report: what was found, to be read, copied and heard.

use egui::{Align, Align2, Color32, FontId, Layout, RichText, Sense, Ui, vec2};
use mixtrace_solver::export::Format;
use mixtrace_solver::findings::{ProcessorView, Report, StripView};
use mixtrace_solver::graph::Role;
use mixtrace_solver::pages::markdown;
use mixtrace_solver::units::{fixed, percent};
use mixtrace_solver::words::processor_phrase::detail;
use mixtrace_solver::words::{facts, order};

use crate::editor::snapshot::{Action, Asked, Snapshot};
use crate::editor::widgets::{self, badge, card, heading, quiet, readout};
use crate::editor::{status, theme};
use crate::exports::View;
use crate::listen;
use crate::params::Source;

/// What a report can be exported to: the format, its button, and what comes out.
const EXPORTS: [(Format, &str, &str); 6] = [
    (Format::DawProject, "DAWproject", "A project for Bitwig Studio, Studio One, Cubase and others"),
    (Format::Reaper, "Reaper", "A Reaper project with the stems, groups, faders and notes"),
    (Format::Wav, "Printed stems", "Every stem as it sounds in the mix, and impulse responses, as WAV"),
    (Format::Csv, "CSV", "Every parameter as a table"),
    (Format::Markdown, "Markdown", "The report as text"),
    (Format::Preset, "Presets", "Every strip's chain as JSON"),
];

/// Draws the view.
pub fn show(ui: &mut Ui, shot: &Snapshot, asked: &mut Asked<Source>, actions: &mut Vec<Action>) {
    listen(ui, shot, asked, actions);
    let Some(report) = shot.worker.report.as_deref() else {
        ui.add_space(theme::GAP);
        ui.label(quiet("The report appears here when a solve has ended."));
        return;
    };
    widgets::scroll(ui, "report", |ui| {
        head(ui, shot, report, actions);
        exports(ui, shot, actions);
        figures(ui, report);
        chains(ui, report);
        notes(ui, report);
    });
}

fn listen(ui: &mut Ui, shot: &Snapshot, asked: &mut Asked<Source>, actions: &mut Vec<Action>) {
    asked.see(shot.source);
    let on = asked.or(shot.source) == Source::Match;
    let ready = matches!(shot.listen, listen::View::Ready { .. });
    card(ui, |ui| {
        ui.horizontal(|ui| {
            if widgets::switch(ui, ready || on, on, "Listen to the match") {
                let other = if on { Source::Through } else { Source::Match };
                actions.push(Action::Listen(asked.ask(other)));
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if let listen::View::Ready { gain_db, .. } = &shot.listen {
                    let gain = format!("level-matched by {}", status::gain(*gain_db));
                    ui.label(RichText::new(gain).font(theme::small()).color(theme::QUIET));
                }
                let (colour, told) = heard(shot);
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.add_space(theme::GAP);
                    ui.add(egui::Label::new(RichText::new(told).color(colour)).wrap());
                });
            });
        });
    });
}

/// What can be heard at this moment, or why the match cannot.
fn heard(shot: &Snapshot) -> (Color32, String) {
    match &shot.listen {
        listen::View::Problem(problem) => (theme::RED, problem.clone()),
        listen::View::Nothing => (theme::QUIET, "There is no match to hear yet.".into()),
        listen::View::Ready { .. } => {
            let (colour, told) = status::listen(shot);
            let colour = if colour == theme::LINE { theme::QUIET } else { colour };
            (colour, format!("{told}."))
        }
    }
}

fn head(ui: &mut Ui, shot: &Snapshot, report: &Report, actions: &mut Vec<Action>) {
    ui.add_space(2.0);
    ui.allocate_ui_with_layout(
        vec2(ui.available_width(), 40.0),
        Layout::right_to_left(Align::Center),
        |ui| {
            if let Some(folder) = &shot.worker.folder {
                if ui.button("Show folder").clicked() {
                    actions.push(Action::Open(folder.clone()));
                }
                if ui.button("Open report").on_hover_text("Opens report.html").clicked() {
                    actions.push(Action::Open(folder.join("report.html")));
                }
            }
            if ui.button("Copy as text").on_hover_text("The whole report as Markdown").clicked() {
                ui.ctx().copy_text(markdown::to_string(report));
            }
            let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 40.0), Sense::hover());
            let width = rect.width();
            let at = rect.left_top() + vec2(0.0, 10.0);
            let title = FontId::proportional(17.0);
            widgets::cut_text(ui, at, Align2::LEFT_CENTER, &report.session.name, title, theme::TEXT, width);
            let at = rect.left_top() + vec2(0.0, 30.0);
            let summary = facts::summary(report);
            widgets::cut_text(ui, at, Align2::LEFT_CENTER, &summary, theme::small(), theme::QUIET, width);
        },
    );
    if shot.worker.is_busy() {
        ui.label(RichText::new("This is the report before the solve that is under way.").color(theme::AMBER));
    }
    if report.stopped {
        ui.label(RichText::new(facts::STOPPED).color(theme::AMBER));
    }
}

/// A button a format, and what became of the last export.
fn exports(ui: &mut Ui, shot: &Snapshot, actions: &mut Vec<Action>) {
    let Some(folder) = &shot.worker.folder else { return };
    card(ui, |ui| {
        ui.set_min_width(ui.available_width());
        ui.horizontal_wrapped(|ui| {
            ui.label(quiet("Export"));
            let free = !matches!(shot.exports, View::Working(_));
            for (format, name, told) in EXPORTS {
                let button = ui.add_enabled(free, egui::Button::new(name)).on_hover_text(told);
                if button.clicked() {
                    actions.push(Action::Export(folder.clone(), format));
                }
            }
            match &shot.exports {
                View::Nothing => {}
                View::Working(format) => drop(ui.label(quiet(format!("writing {format} …")))),
                View::Done(path) => {
                    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
                    ui.label(
                        RichText::new(format!("wrote {name}")).font(theme::small()).color(theme::ACCENT),
                    );
                    if ui.button("Show").clicked() {
                        let place = if path.is_dir() { Some(&**path) } else { path.parent() };
                        actions.extend(place.map(|place| Action::Open(place.to_owned())));
                    }
                }
                View::Failed(reason) => {
                    let told = RichText::new(reason).font(theme::small()).color(theme::RED);
                    ui.add(egui::Label::new(told).wrap());
                }
            }
        });
    });
}

fn figures(ui: &mut Ui, report: &Report) {
    let plain = report.matches.plain_sum.full;
    card(ui, |ui| {
        let stages = facts::stages(report);
        let gaps = stages.len() as f32;
        let width = (ui.available_width() - gaps * theme::GAP) / (gaps + 1.0);
        ui.horizontal(|ui| {
            let cell = |ui: &mut Ui, name: &str, value: &str, told: &str, colour| {
                ui.allocate_ui_with_layout(vec2(width, 62.0), Layout::top_down(Align::Min), |ui| {
                    ui.set_width(width);
                    readout(ui, name, value, FontId::proportional(24.0), colour);
                    ui.label(RichText::new(told).font(theme::small()).color(theme::QUIET));
                });
            };
            for (name, stage) in stages {
                let told = match facts::closer(plain, stage.full) {
                    Some(told) if name != "plain sum" => told,
                    _ => "where the search begins".into(),
                };
                let colour = if name == "pruned" { theme::ACCENT } else { theme::TEXT };
                cell(ui, &format!("Match, {name}"), &fixed(stage.full, 3), &told, colour);
            }
            let pruning = &report.pruning;
            let left = format!("{} of {}", pruning.processors_after, pruning.processors_before);
            cell(ui, "Processors left", &left, &format!("{} removed", percent(pruning.ratio)), theme::TEXT);
        });
    })
}

fn chains(ui: &mut Ui, report: &Report) {
    card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        let mut first = true;
        for strip in order::strips(report) {
            if !std::mem::take(&mut first) {
                widgets::hairline(ui);
            }
            chain(ui, report, strip);
        }
    });
}

/// A strip's name and destination on the left, its chain on the right, a line a processor.
fn chain(ui: &mut Ui, report: &Report, strip: &StripView) {
    let names = (ui.available_width() * 0.26).clamp(150.0, 240.0);
    ui.horizontal_top(|ui| {
        let lines = strip.chain.len().max(1) as f32;
        let (rect, _) = ui.allocate_exact_size(vec2(names, 22.0 * lines.min(2.0)), Sense::hover());
        let colour = if strip.role == Role::Track { theme::TEXT } else { theme::ACCENT };
        let at = rect.left_top() + vec2(0.0, 11.0);
        let named =
            widgets::cut_text(ui, at, Align2::LEFT_CENTER, &strip.name, theme::body(), colour, names - 16.0);
        let to = format!("to {}", facts::destination(report, strip.role, strip.group.as_deref()));
        // Beside the name where there is but one line, else below it.
        let (at, left) = if lines > 1.0 {
            (rect.left_top() + vec2(0.0, 29.0), names - 16.0)
        } else {
            (named.right_center() + vec2(theme::GAP, 1.0), rect.right() - named.right() - 24.0)
        };
        if left > 24.0 {
            widgets::cut_text(ui, at, Align2::LEFT_CENTER, &to, theme::small(), theme::QUIET, left);
        }
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            if strip.chain.is_empty() {
                ui.add_space(2.0);
                ui.label(quiet(facts::NOTHING));
            }
            strip.chain.iter().for_each(|processor| line(ui, processor));
        });
    });
}

fn line(ui: &mut Ui, processor: &ProcessorView) {
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.add_space(0.0);
        badge(ui, processor.kind(), 58.0);
        ui.add(egui::Label::new(detail(processor)).wrap());
    });
}

fn notes(ui: &mut Ui, report: &Report) {
    card(ui, |ui| {
        if !report.session.notes.is_empty() {
            heading(ui, "Notes on the session");
            for note in &report.session.notes {
                ui.add(egui::Label::new(note).wrap());
            }
            ui.add_space(theme::GAP);
        }
        heading(ui, "How to read this");
        for told in [facts::WHAT_MATCH_MEANS, &facts::as_heard()] {
            ui.add(egui::Label::new(RichText::new(told).font(theme::small()).color(theme::QUIET)).wrap());
        }
        ui.add_space(theme::GAP);
        heading(ui, "Settings and timing");
        let facts: Vec<String> = facts::settings(report)
            .into_iter()
            .chain(facts::timing(report))
            .map(|(n, v)| format!("{n} {v}"))
            .collect();
        let told = format!("{}, by {}", facts.join(", "), report.program);
        ui.add(egui::Label::new(RichText::new(told).font(theme::small()).color(theme::QUIET)).wrap());
    });
}

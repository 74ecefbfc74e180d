//! The frame around the views: tabs above, state below, problems in between.

use std::time::{Duration, Instant};

use egui::{
    Align, Align2, CentralPanel, CornerRadius, Frame, Layout, Margin, Panel, Rect, RichText, Sense, Ui, pos2,
    vec2,
};

use super::snapshot::{Action, Asked, Snapshot};
use super::views::{capture, graph, report, solve};
use super::{status, theme, widgets};
use crate::params::Source;

/// Between two frames while something moves.
const LIVELY: Duration = Duration::from_millis(33);
/// Between two frames while nothing does: soon enough to see that something begins.
const CALM: Duration = Duration::from_millis(250);

/// The four views.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// Meters, names, takes.
    #[default]
    Capture,
    /// Settings and progress.
    Solve,
    /// The console.
    Graph,
    /// What was found.
    Report,
}

impl Tab {
    /// In the order of the work.
    pub const ALL: [Tab; 4] = [Tab::Capture, Tab::Solve, Tab::Graph, Tab::Report];

    /// The name on the tab.
    pub fn title(self) -> &'static str {
        match self {
            Tab::Capture => "Capture",
            Tab::Solve => "Solve",
            Tab::Graph => "Graph",
            Tab::Report => "Report",
        }
    }
}

/// What the window remembers from frame to frame: where the user looks, and how far meters have fallen.
#[derive(Default)]
pub struct App {
    /// The view that is shown.
    pub tab: Tab,
    /// The capture view's memory.
    pub capture: capture::Memory,
    /// The graph view's memory.
    pub graph: graph::Memory,
    listen: Asked<Source>,
    /// Problems that the user has seen and put away.
    dismissed: Vec<String>,
    last_frame: Option<Instant>,
}

impl App {
    /// On the first view.
    pub fn new() -> Self {
        Self { capture: capture::Memory::new(super::host_help::Host::here()), ..Self::default() }
    }

    /// Draws a frame in all the room there is; returns what the user asks for.
    pub fn show(&mut self, ui: &mut Ui, shot: &Snapshot) -> Vec<Action> {
        let since = self.last_frame.map_or(Duration::ZERO, |last| shot.now.saturating_duration_since(last));
        self.last_frame = Some(shot.now);
        self.capture.meters.feed(&shot.peaks, since.as_secs_f32().min(1.0));

        let mut actions = vec![];
        self.capture.go_on_arming(shot, &mut actions);
        let bar = Frame::new().fill(theme::PANEL).inner_margin(Margin::symmetric(theme::MARGIN as i8, 0));
        Panel::top("tabs")
            .exact_size(42.0)
            .frame(bar)
            .show_separator_line(false)
            .show(ui, |ui| self.tabs(ui));
        Panel::bottom("status")
            .exact_size(26.0)
            .frame(bar)
            .show_separator_line(false)
            .show(ui, |ui| status(ui, shot));
        self.problems(ui, shot);
        let inset = Frame::new().fill(theme::GROUND).inner_margin(Margin::same(theme::MARGIN as i8));
        CentralPanel::no_frame().frame(inset).show(ui, |ui| match self.tab {
            Tab::Capture => capture::show(ui, shot, &mut self.capture, &mut actions),
            Tab::Solve => solve::show(ui, shot, &mut actions),
            Tab::Graph => graph::show(ui, shot, &mut self.graph),
            Tab::Report => report::show(ui, shot, &mut self.listen, &mut actions),
        });
        actions
    }

    /// When the next frame is due.
    pub fn next_frame(&self, shot: &Snapshot) -> Duration {
        let moves = self.capture.moving()
            || shot.worker.is_busy()
            || shot.capture.transport.playing
            || shot.capture.capturing;
        if moves { LIVELY } else { CALM }
    }

    fn tabs(&mut self, ui: &mut Ui) {
        let whole = ui.max_rect();
        let at = pos2(whole.left(), whole.center().y);
        let name = widgets::write(
            ui,
            at,
            Align2::LEFT_CENTER,
            "Mixtrace",
            egui::FontId::proportional(17.0),
            theme::TEXT,
        );
        let mut left = name.right() + 28.0;
        for tab in Tab::ALL {
            let galley = ui.painter().layout_no_wrap(tab.title().into(), theme::body(), theme::TEXT);
            let rect =
                Rect::from_min_size(pos2(left, whole.top()), vec2(galley.size().x + 28.0, whole.height()));
            let response = ui.interact(rect, ui.scope_id().with(tab.title()), Sense::click());
            let chosen = self.tab == tab;
            let colour = if chosen || response.hovered() { theme::TEXT } else { theme::QUIET };
            ui.painter().galley_with_override_text_color(rect.center() - galley.size() / 2.0, galley, colour);
            if chosen {
                let line = Rect::from_min_max(
                    pos2(rect.left() + 10.0, rect.bottom() - 2.0),
                    rect.max - vec2(10.0, 0.0),
                );
                ui.painter().rect_filled(line, 0.0, theme::ACCENT);
            }
            if response.clicked() {
                self.tab = tab;
            }
            left = rect.right();
        }
        let version = concat!("v", env!("CARGO_PKG_VERSION"));
        widgets::write(ui, whole.right_center(), Align2::RIGHT_CENTER, version, theme::small(), theme::QUIET);
    }

    fn problems(&mut self, ui: &mut Ui, shot: &Snapshot) {
        let problems = shot.problems();
        self.dismissed.retain(|seen| problems.contains(&seen.as_str()));
        let open: Vec<&str> =
            problems.into_iter().filter(|p| !self.dismissed.iter().any(|seen| seen == p)).collect();
        if open.is_empty() {
            return;
        }
        let fill = theme::mix(theme::PANEL, theme::RED, 0.28);
        let frame = Frame::new().fill(fill).inner_margin(Margin::symmetric(theme::MARGIN as i8, 7));
        Panel::top("problems").frame(frame).show_separator_line(false).show(ui, |ui| {
            for problem in open {
                ui.push_id(problem, |ui| {
                    ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
                        let close = egui::Button::new("OK").corner_radius(CornerRadius::same(3)).small();
                        if ui.add(close).on_hover_text("Put this message away").clicked() {
                            self.dismissed.push(problem.into());
                        }
                        ui.with_layout(Layout::left_to_right(Align::Min), |ui| {
                            ui.add(egui::Label::new(RichText::new(problem).color(theme::TEXT)).wrap());
                        });
                    });
                });
            }
        });
    }
}

fn status(ui: &mut Ui, shot: &Snapshot) {
    let states = [status::capture(shot), status::solve(shot), status::listen(shot)];
    let width = (ui.available_width() - 2.0 * theme::MARGIN) / 3.0;
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = theme::MARGIN;
        for (colour, text) in states {
            widgets::dot(ui, colour, &text, width);
        }
    });
}

//! The whole window drawn without a screen, from sample snapshots.

use std::time::Duration;

use egui::epaint::ClippedShape;
use egui::{Context, Event, PointerButton, Pos2, RawInput, Rect, Shape, Vec2, vec2};

use mixtrace_solver::export::Format;

use super::app::{App, Tab};
use super::sample;
use super::snapshot::{Action, Snapshot};
use super::theme;
use super::views::graph::Chosen;
use crate::listen;
use crate::params::Source;
use crate::worker::Phase;

const SIZES: [Vec2; 2] = [vec2(800.0, 500.0), vec2(1600.0, 1200.0)];

/// A window without a screen.
struct Bench {
    ctx: Context,
    app: App,
    size: Vec2,
    time: f64,
}

/// A text on the screen.
struct Word {
    text: String,
    rect: Rect,
    /// What may be seen of it.
    clip: Rect,
}

impl Bench {
    fn new(size: Vec2, tab: Tab) -> Self {
        let ctx = Context::default();
        theme::apply(&ctx);
        ctx.options_mut(|options| options.warn_on_id_clash = true);
        let mut app = App::new();
        app.tab = tab;
        Self { ctx, app, size, time: 0.0 }
    }

    fn frame(&mut self, shot: &Snapshot, events: Vec<Event>) -> (Vec<Action>, Vec<Word>) {
        self.time += 0.033;
        let screen_rect = Some(Rect::from_min_size(Pos2::ZERO, self.size));
        let input = RawInput { screen_rect, time: Some(self.time), events, ..Default::default() };
        let mut actions = vec![];
        let mut output = self.ctx.run_ui(input, |ui| actions.extend(self.app.show(ui, shot)));
        output.textures_delta.clear();
        let mut words = vec![];
        output
            .shapes
            .iter()
            .for_each(|ClippedShape { clip_rect, shape, .. }| gather(shape, *clip_rect, &mut words));
        (actions, words)
    }

    /// Some frames, so that everything has found its place, and what is written then.
    fn settle(&mut self, shot: &Snapshot) -> Vec<Word> {
        for _ in 0..4 {
            self.frame(shot, vec![]);
        }
        self.frame(shot, vec![]).1
    }

    /// Presses the word that is written there; returns what is asked for.
    fn click(&mut self, shot: &Snapshot, text: &str) -> Vec<Action> {
        let words = self.settle(shot);
        let word = words.iter().find(|w| w.text == text).unwrap_or_else(|| panic!("{text} is not there"));
        self.click_at(shot, word.rect.center())
    }

    fn click_at(&mut self, shot: &Snapshot, at: Pos2) -> Vec<Action> {
        let button = |pressed| Event::PointerButton {
            pos: at,
            button: PointerButton::Primary,
            pressed,
            modifiers: Default::default(),
        };
        self.frame(shot, vec![Event::PointerMoved(at)]);
        let mut actions = self.frame(shot, vec![button(true)]).0;
        actions.extend(self.frame(shot, vec![button(false)]).0);
        actions
    }
}

fn gather(shape: &Shape, clip: Rect, words: &mut Vec<Word>) {
    match shape {
        Shape::Vec(shapes) => shapes.iter().for_each(|shape| gather(shape, clip, words)),
        Shape::Text(text) => {
            let rect = text.galley.rect.translate(text.pos.to_vec2());
            words.push(Word { text: text.galley.text().into(), rect, clip });
        }
        _ => {}
    }
}

fn all_samples() -> Vec<(&'static str, Snapshot)> {
    let mut failed = sample::solving();
    failed.worker.phase = Phase::Failed(
        "The session cannot be read: /a/b/mix.wav is missing; restore it or pick another take.".into(),
    );
    failed.recorder.problem =
        Some("The take could not be written: the disk is full; free some space and record again.".into());
    failed.project_problem =
        Some("The settings saved in this project could not be read; these are the defaults.".into());
    failed.listen = listen::View::Problem("match.wav is gone; solve again to hear it.".into());
    let mut waiting = sample::empty();
    waiting.capture_on = true;
    waiting.capture.armed = true;
    let mut stopped = sample::solved_with(36);
    stopped.source = Source::Match;
    let mut unplugged = sample::empty();
    unplugged.capture = Default::default();
    unplugged.peaks.clear();
    vec![
        ("empty", sample::empty()),
        ("waiting", waiting),
        ("unplugged", unplugged),
        ("recording", sample::recording()),
        ("solving", sample::solving()),
        ("solved", sample::solved()),
        ("many strips", stopped),
        ("failed", failed),
    ]
}

/// Words that must be seen in full in a view of a sample.
fn expected(tab: Tab, sample: &str) -> &'static [&'static str] {
    match (tab, sample) {
        (Tab::Capture, "recording") => &["Stop", "0:42.3", "1:14.8", "Mix", "Kick in", "Take 3", "3:37"],
        (Tab::Capture, "waiting") => {
            &["Armed", "No stem has sounded yet. Route tracks to the side-chain inputs:"]
        }
        (Tab::Capture, _) => &["Song position", "Lost frames"],
        (Tab::Solve, "solving") => {
            &["Stop", "Discard", "74 s left", "Match over steps", "Take 3: prune 2/8, trial 14"]
        }
        (Tab::Solve, "solved") => {
            &["Solve", "Standard", "EQ", "REVERB", "Take 3 is solved: see Graph and Report."]
        }
        (Tab::Solve, _) => &["Quick", "Thorough", "Tolerance"],
        (Tab::Graph, "solving") => &["Kick in", "Snare top", "Drums"],
        (Tab::Graph, "solved" | "many strips") => &["Kick in", "Equaliser"],
        (Tab::Graph, _) => &[],
        (Tab::Report, "solved") => {
            &["Take 3", "Copy as text", "Open report", "Match, pruned", "0.380", "Processors left"]
        }
        (Tab::Report, _) => &["Listen to the match"],
    }
}

#[test]
fn every_view_of_every_state_is_drawn_in_full_at_any_size() {
    for size in SIZES {
        for (name, shot) in all_samples() {
            for tab in Tab::ALL {
                let mut bench = Bench::new(size, tab);
                let words = bench.settle(&shot);
                let screen = Rect::from_min_size(Pos2::ZERO, size);
                for wanted in Tab::ALL.map(Tab::title).iter().chain(expected(tab, name)) {
                    let found = words.iter().filter(|w| w.text == *wanted);
                    let seen =
                        found.filter(|w| screen.intersect(w.clip).expand(0.5).contains_rect(w.rect)).count();
                    assert!(seen > 0, "{wanted:?} is not to be seen in {tab:?} of {name} at {size:?}");
                }
                for word in &words {
                    assert!(!word.text.contains("use of"), "{tab:?} of {name} at {size:?}: {}", word.text);
                    let shown = word.rect.intersect(word.clip);
                    let across =
                        shown.width() <= 0.0 || screen.x_range().expand(0.5).contains(word.rect.left());
                    assert!(across, "{:?} begins outside in {tab:?} of {name} at {size:?}", word.text);
                }
            }
        }
    }
}

#[test]
fn a_chosen_processor_shows_its_settings() {
    for size in SIZES {
        for place in 0..7 {
            let shot = sample::solved();
            let mut bench = Bench::new(size, Tab::Graph);
            let kept = |strip: usize| {
                let report = shot.worker.report.as_ref().unwrap();
                let blocks = super::strips::of_report(report);
                let row = blocks.iter().flatten().nth(strip)?;
                row.places.get(place)?.processor.map(super::picture::facts)
            };
            let (strip, facts) = (0..12).find_map(|s| Some((s, kept(s)?))).unwrap();
            bench.app.graph.chosen = Some(Chosen { strip, place });
            let words = bench.settle(&shot);
            let (name, value) = &facts[0];
            assert!(
                words.iter().any(|w| w.text == *name) && words.iter().any(|w| w.text == *value),
                "{name} {value}"
            );
        }
    }
}

#[test]
fn settings_are_not_promised_while_a_solve_runs() {
    let shot = sample::solving();
    let mut bench = Bench::new(SIZES[0], Tab::Graph);
    bench.app.graph.chosen = Some(Chosen { strip: 0, place: 0 });
    let words = bench.settle(&shot);
    assert!(words.iter().any(|w| w.text == "Settings appear when the fit has ended."));
}

#[test]
fn buttons_ask_for_what_they_say() {
    let recording = sample::recording();
    let solving = sample::solving();
    let solved = sample::solved();
    let folder = solved.worker.folder.clone().unwrap();
    let take = recording.recorder.takes[1].folder.clone();
    let size = SIZES[0];
    let cases = [
        (Tab::Capture, &recording, "Stop", Action::Capture(false)),
        (Tab::Capture, &recording, "Take 2", Action::Session(take)),
        (Tab::Solve, &recording, "Solve", Action::Start),
        (Tab::Solve, &solving, "Stop", Action::Stop),
        (Tab::Solve, &solving, "Discard", Action::Discard),
        (Tab::Report, &solved, "Listen to the match", Action::Listen(Source::Match)),
        (Tab::Report, &solved, "Open report", Action::Open(folder.join("report.html"))),
        (Tab::Report, &solved, "Show folder", Action::Open(folder.clone())),
        (Tab::Report, &solved, "DAWproject", Action::Export(folder.clone(), Format::DawProject)),
        (Tab::Report, &solved, "Printed stems", Action::Export(folder.clone(), Format::Wav)),
    ];
    for (tab, shot, text, wanted) in cases {
        // The first of two words of one name is the tab.
        let mut bench = Bench::new(size, tab);
        let words = bench.settle(shot);
        let last =
            words.iter().rposition(|w| w.text == text).unwrap_or_else(|| panic!("{text} is not there"));
        let at = words[last].rect.center();
        assert_eq!(bench.click_at(shot, at), [wanted], "{text} in {tab:?}");
    }
}

#[test]
fn settings_are_locked_while_a_solve_runs_and_not_otherwise() {
    let mut shot = sample::solving();
    assert_eq!(Bench::new(SIZES[0], Tab::Solve).click(&shot, "Quick"), []);
    shot.worker.phase = Phase::Idle;
    let asked = Bench::new(SIZES[0], Tab::Solve).click(&shot, "Quick");
    assert!(matches!(&asked[..], [Action::Solve(solve)] if solve.preset == "quick"), "{asked:?}");
}

#[test]
fn a_problem_stays_in_every_view_until_it_is_put_away() {
    let mut shot = sample::empty();
    shot.recorder.problem = Some("The disk is full.".into());
    let mut bench = Bench::new(SIZES[0], Tab::Capture);
    for tab in Tab::ALL {
        bench.app.tab = tab;
        assert!(bench.settle(&shot).iter().any(|w| w.text == "The disk is full."));
    }
    bench.click(&shot, "OK");
    assert!(!bench.settle(&shot).iter().any(|w| w.text == "The disk is full."));
    shot.recorder.problem = Some("The disk is full again.".into());
    assert!(bench.settle(&shot).iter().any(|w| w.text == "The disk is full again."));
}

#[test]
fn unused_side_chains_are_folded_away() {
    let shot = sample::recording();
    let mut bench = Bench::new(SIZES[1], Tab::Capture);
    assert!(!bench.settle(&shot).iter().any(|w| w.text == "Stem 20"));
    bench.click(&shot, "23 unused side chains");
    assert!(bench.settle(&shot).iter().any(|w| w.text == "Stem 20"));
}

#[test]
fn frames_come_quickly_only_while_something_moves() {
    let shot = sample::empty();
    let mut bench = Bench::new(SIZES[0], Tab::Capture);
    bench.settle(&shot);
    assert!(bench.app.next_frame(&shot) > Duration::from_millis(100));
    assert!(bench.app.next_frame(&sample::solving()) < Duration::from_millis(40));
}

/// Opens a window on the screen for the eye: `MIXTRACE_VIEW` is a view and a sample, such as `graph:solved`,
/// `MIXTRACE_SIZE` its size, such as `800x500`.
#[test]
#[ignore = "needs a screen and somebody who looks at it"]
fn a_window_to_look_at() {
    use nice_plug_egui::{EguiWindow, EguiWindowSettings, Frame, RepaintNotifier, baseview};

    struct Show(App, Snapshot);
    impl nice_plug_egui::App for Show {
        fn build(&mut self, ctx: Context, frame: &mut Frame) -> Result<(), baseview::HandlerError> {
            theme::apply(&ctx);
            frame.set_clear_color(egui::Rgba::from(theme::GROUND));
            Ok(())
        }
        fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut Frame) {
            self.1.now = std::time::Instant::now();
            self.0.show(ui, &self.1);
            ui.ctx().request_repaint_after(self.0.next_frame(&self.1));
        }
        fn resized(&mut self, _size: baseview::WindowSize) {}
        fn zoom_factor_changed(&mut self, _zoom: f32) {}
    }

    let wish = |name: &str, usual: &str| std::env::var(name).unwrap_or_else(|_| usual.into());
    let view = wish("MIXTRACE_VIEW", "capture:recording");
    let mut parts = view.split(':');
    let mut next = || parts.next().unwrap_or_default().to_string();
    let (tab, name, chosen) = (next(), next(), next());
    let tab = Tab::ALL.into_iter().find(|t| t.title().to_lowercase() == tab).unwrap();
    let shot = all_samples().into_iter().find(|s| s.0 == name).unwrap().1;
    let mut app = App::new();
    app.tab = tab;
    let chosen: Vec<usize> = chosen.split(',').filter_map(|n| n.parse().ok()).collect();
    if let [strip, place] = chosen[..] {
        app.graph.chosen = Some(Chosen { strip, place });
    }
    let size = wish("MIXTRACE_SIZE", "1000x640");
    let (width, height) = size.split_once('x').unwrap();
    let size = baseview::dpi::LogicalSize::new(width.parse::<f64>().unwrap(), height.parse::<f64>().unwrap());
    let settings = EguiWindowSettings::new()
        .with_title("Mixtrace")
        .with_size(baseview::dpi::Size::Logical(size))
        .with_repaint_notifier(RepaintNotifier::new());
    EguiWindow::create(settings, Show(app, shot)).unwrap().run_until_closed().unwrap();
}

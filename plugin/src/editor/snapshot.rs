//! What a frame of the window is drawn from, and what it may ask for.
//!
//! The views are functions of a [`Snapshot`]; they change nothing themselves but hand back [`Action`]s. So all of them can
//! be drawn without a host, without threads and without a disk.

use std::path::PathBuf;
use std::time::Instant;

use mixtrace_solver::export::Format;
use nice_plug::context::gui::GuiContext;

use crate::params::{Parameters, Source};
use crate::project::{Label, Project, SolveSettings};
use crate::studio::Studio;
use crate::{capture, exports, listen, recorder, worker};

/// The whole plugin at one moment.
#[derive(Clone)]
pub struct Snapshot {
    /// The moment.
    pub now: Instant,
    /// The audio thread.
    pub capture: capture::View,
    /// Highest magnitude on each bus since the last frame, left and right, linear.
    pub peaks: Vec<[f32; 2]>,
    /// The recorder.
    pub recorder: recorder::View,
    /// The solver.
    pub worker: worker::View,
    /// The match's player.
    pub listen: listen::View,
    /// The export under way, or the last one.
    pub exports: exports::View,
    /// What the user has typed, chosen and found.
    pub project: Project,
    /// Why the last project could not be read.
    pub project_problem: Option<String>,
    /// The parameter `Capture`.
    pub capture_on: bool,
    /// The parameter `Listen`.
    pub source: Source,
}

impl Snapshot {
    /// The plugin as it is now.
    pub fn take(studio: &Studio, parameters: &Parameters) -> Self {
        let mut capture = studio.capture.view();
        // The audio thread knows it no sooner than the host runs it.
        capture.armed = parameters.is_armed();
        Self {
            now: Instant::now(),
            peaks: (0..capture.buses).map(|bus| studio.capture.take_peak(bus)).collect(),
            capture,
            recorder: studio.recorder.view(),
            worker: studio.worker.view(),
            listen: studio.listen.view(),
            exports: studio.exports.view(),
            project: studio.project.with(|project| project.clone()),
            project_problem: studio.project.problem(),
            capture_on: parameters.capture.value(),
            source: parameters.listen.value(),
        }
    }

    /// Whether the report in [`worker::View`] is of what is drawn: none while another search is under way.
    pub fn settled_report(&self) -> Option<&mixtrace_solver::findings::Report> {
        if self.worker.is_busy() { None } else { self.worker.report.as_deref() }
    }

    /// What went wrong, a sentence each.
    pub fn problems(&self) -> Vec<&str> {
        let problems = [
            self.recorder.problem.as_deref(),
            self.project_problem.as_deref(),
            self.worker.report_problem.as_deref(),
        ];
        problems.into_iter().flatten().collect()
    }
}

/// What the user asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Sets the parameter `Capture`.
    Capture(bool),
    /// Sets the parameter `Listen`.
    Listen(Source),
    /// Solves the project's session.
    Start,
    /// Ends the search with a report.
    Stop,
    /// Ends it without.
    Discard,
    /// Names a stem: its index, counted from 0, and its label.
    Label(usize, Label),
    /// Chooses where takes go; none: the usual place.
    Home(Option<PathBuf>),
    /// Picks the session to be solved.
    Session(PathBuf),
    /// Chooses how to solve.
    Solve(SolveSettings),
    /// Exports the report in a folder.
    Export(PathBuf, Format),
    /// Opens a file or a folder with the system's program for it.
    Open(PathBuf),
}

/// A parameter's value that the user asked for and that is not there yet: some hosts pass it on no sooner than they next
/// run the plugin, and a control that does not move looks broken.
#[derive(Debug)]
pub struct Asked<T>(Option<T>);

impl<T> Default for Asked<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Copy + PartialEq> Asked<T> {
    /// Asks for a value; returns it.
    pub fn ask(&mut self, value: T) -> T {
        self.0 = Some(value);
        value
    }

    /// Takes note of the value that is there.
    pub fn see(&mut self, value: T) {
        self.0 = self.0.filter(|asked| *asked != value);
    }

    /// What was asked for, or what is there.
    pub fn or(&self, value: T) -> T {
        self.0.unwrap_or(value)
    }

    /// Whether something asked for is not there yet.
    pub fn is_open(&self) -> bool {
        self.0.is_some()
    }
}

/// Does what was asked for. Nothing here waits: what could is left to a thread of its own.
pub fn carry_out(action: Action, studio: &Studio, parameters: &Parameters, host: &GuiContext) {
    let setter = host.param_setter();
    match action {
        Action::Capture(on) => {
            setter.begin_set_parameter(&parameters.capture);
            setter.set_parameter(&parameters.capture, on);
            setter.end_set_parameter(&parameters.capture);
        }
        Action::Listen(source) => {
            setter.begin_set_parameter(&parameters.listen);
            setter.set_parameter(&parameters.listen, source);
            setter.end_set_parameter(&parameters.listen);
        }
        Action::Start => studio.worker.start(),
        Action::Stop => studio.worker.stop(),
        Action::Discard => studio.worker.discard(),
        Action::Label(stem, label) => studio.project.with(|project| {
            if let Some(place) = project.stems.get_mut(stem) {
                *place = label;
            }
        }),
        Action::Home(home) => {
            studio.project.with(|project| project.home = home);
            studio.recorder.look_again();
        }
        Action::Session(session) => studio.project.with(|project| project.session = Some(session)),
        Action::Solve(solve) => studio.project.with(|project| project.solve = solve),
        Action::Export(folder, format) => studio.exports.begin(folder, format),
        Action::Open(path) => open(path),
    }
}

fn open(path: PathBuf) {
    // Some systems take seconds to find the program; if there is none, there is nobody to tell but the host's log.
    let opener = std::thread::Builder::new().name("mixtrace-open".into());
    let spawned = opener.spawn(move || {
        if let Err(reason) = open::that_detached(&path) {
            nice_plug::prelude::nice_warn!("{} could not be opened: {reason}", path.display());
        }
    });
    if let Err(reason) = spawned {
        nice_plug::prelude::nice_warn!("No thread to open files with: {reason}");
    }
}

//! The worker: a thread of low priority that solves takes.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mixtrace_solver::graph::{Graph, NodeId};
use mixtrace_solver::report::Report;

use crate::params::SolveSwitch;
use crate::project::SharedProject;
use crate::recorder::Recorder;

/// What the worker is doing.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Phase {
    /// Nothing.
    #[default]
    Idle,
    /// Waiting for the take under way to end.
    Waiting,
    /// Reading the session.
    Opening,
    /// Fitting and pruning.
    Searching,
    /// Writing the report of what was found.
    Writing,
    /// The report is there.
    Done,
    /// It was given up without a report.
    Discarded,
    /// It failed, for this reason.
    Failed(String),
}

/// What the window sees of the worker.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// What it is doing.
    pub phase: Phase,
    /// The session being solved, or solved last.
    pub session: Option<PathBuf>,
    /// What the search is doing, in a few words.
    pub words: String,
    /// The share of the search that is done, 0…1.
    pub fraction: f32,
    /// How long it will still take.
    pub left: Option<Duration>,
    /// The match on each step's window: step (counted over all fits), match.
    pub steps: Vec<[f64; 2]>,
    /// The whole-song match at the end of each fit: step, match.
    pub evaluated: Vec<[f64; 2]>,
    /// Processors left after each trial: trial (counted over all rounds), processors. Begins with the full console.
    pub processors: Vec<[f64; 2]>,
    /// The full console, once the search has begun, or of the report.
    pub console: Option<Arc<Graph>>,
    /// Processors that were removed, each with the moment it went.
    pub removed: Arc<HashMap<NodeId, Instant>>,
    /// The last report: of this search, or of the project that was loaded.
    pub report: Option<Arc<Report>>,
    /// Its folder.
    pub folder: Option<PathBuf>,
    /// A sentence if the project's report could not be read.
    pub report_problem: Option<String>,
}

impl View {
    /// Whether the worker has something to do.
    pub fn is_busy(&self) -> bool {
        matches!(self.phase, Phase::Waiting | Phase::Opening | Phase::Searching | Phase::Writing)
    }
}

/// The thread and the way to it. Dropping it ends a solve that is under way.
pub struct Worker {}

impl Worker {
    /// Starts the thread.
    pub fn spawn(_project: SharedProject, _switch: Arc<SolveSwitch>, _recorder: Arc<Recorder>) -> Self {
        Self {}
    }

    /// The present state; cheap enough for every frame.
    pub fn view(&self) -> View {
        View::default()
    }

    /// Solves the project's session with the project's settings; nothing if a solve is under way.
    pub fn start(&self) {}

    /// Ends the search and writes the report of what was found so far.
    pub fn stop(&self) {}

    /// Ends the solve without a report.
    pub fn discard(&self) {}
}

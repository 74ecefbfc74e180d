//! The worker: a thread of low priority that solves takes.
//!
//! [`Worker`] is the handle. Behind it, `control` is a thread that waits: for commands, for edges of the host's `Solve`
//! parameter (`switch`), for the search's events, which `follow` turns into the [`View`], and for loaded projects, whose
//! report `shown` reads. The work itself is a `job` on a thread of its own, with the low-priority pool of `threads`.

mod control;
mod follow;
mod job;
mod shown;
mod switch;
pub mod threads;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};
use parking_lot::Mutex;

use mixtrace_solver::findings::{Report, StripView};
use mixtrace_solver::graph::{Graph, NodeId};

use crate::params::SolveSwitch;
use crate::project::SharedProject;
use crate::recorder::Recorder;
use control::{Command, Control};

/// How long the worker's end may take: a host that removes the plugin waits for it, and a busy machine adds to it.
const LEAVE: Duration = Duration::from_millis(150);

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
    /// The match on each step's window: step (counted over all fits), match. A long series is thinned.
    pub steps: Vec<[f64; 2]>,
    /// The whole-song match at the end of each fit: step, match.
    pub evaluated: Vec<[f64; 2]>,
    /// Processors left after each trial: trial (counted over all rounds), processors. Begins with the full console. A
    /// long series is thinned.
    pub processors: Vec<[f64; 2]>,
    /// The full console, once the search has begun, or the graph of the report that was loaded.
    pub console: Option<Arc<Graph>>,
    /// Processors that were removed, each with the moment it went.
    pub removed: Arc<HashMap<NodeId, Instant>>,
    /// What the last fit of a search set every strip to; empty before the first one has ended.
    pub chains: Arc<Vec<StripView>>,
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

    /// Takes on a solve; false if one is under way.
    fn begin(&mut self) -> bool {
        let free = !self.is_busy();
        if free {
            self.phase = Phase::Waiting;
        }
        free
    }
}

/// The thread and the way to it. Dropping it gives up a solve that is under way.
pub struct Worker {
    view: Arc<Mutex<View>>,
    /// Gone once the end was told.
    commands: Option<Sender<Command>>,
    thread: Option<JoinHandle<()>>,
    /// Closed when the thread is at its end.
    alive: Receiver<()>,
}

impl Worker {
    /// Starts the thread.
    pub fn spawn(project: SharedProject, switch: Arc<SolveSwitch>, recorder: Arc<Recorder>) -> Self {
        // Not its owner: a thread that is left to itself must not keep the recorder from putting a take away.
        let recorder = Arc::downgrade(&recorder);
        Self::watching(project, switch, move || recorder.upgrade().is_some_and(|recorder| recorder.is_busy()))
    }

    /// Starts the thread; before each solve it waits until nothing is `recording`.
    fn watching(
        project: SharedProject,
        switch: Arc<SolveSwitch>,
        recording: impl Fn() -> bool + Send + 'static,
    ) -> Self {
        let view = Arc::new(Mutex::new(View::default()));
        let (commands, obeyed) = unbounded();
        let (living, alive) = crossbeam_channel::bounded(0);
        let control = Control::new(project, switch, Box::new(recording), Arc::clone(&view), obeyed);
        let spawned = thread::Builder::new().name("mixtrace-worker".into()).spawn(move || {
            control.run();
            drop(living);
        });
        let thread = match spawned {
            Ok(thread) => Some(thread),
            Err(reason) => {
                view.lock().phase =
                    Phase::Failed(format!("The system refuses a thread to solve on ({reason})."));
                None
            }
        };
        Self { view, commands: Some(commands), thread, alive }
    }

    /// The present state; cheap enough for every frame.
    pub fn view(&self) -> View {
        self.view.lock().clone()
    }

    /// Solves the project's session with the project's settings; nothing if a solve is under way.
    pub fn start(&self) {
        // Here already, so that a window that looks right afterwards finds it busy.
        if self.thread.is_some() && self.view.lock().begin() {
            self.send(Command::Start);
        }
    }

    /// Ends the search and writes the report of what was found so far; before the search has begun, there is nothing to
    /// write.
    pub fn stop(&self) {
        self.send(Command::Stop);
    }

    /// Ends the solve without a report.
    pub fn discard(&self) {
        self.send(Command::Discard);
    }

    fn send(&self, command: Command) {
        if let Some(commands) = &self.commands {
            // Without its thread, the view says already that there is none.
            let _ = commands.send(command);
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.commands.take());
        // Nothing is ever sent: either it closes, or it takes too long. A thread that takes too long is left to itself
        // instead of holding up the host (see build.rs on why that is safe); it ends with its next look at the stop.
        let left = self.alive.recv_timeout(LEAVE);
        if let Some(thread) = self.thread.take()
            && !matches!(left, Err(crossbeam_channel::RecvTimeoutError::Timeout))
        {
            // A panic was told to the user where it happened.
            let _ = thread.join();
        }
    }
}

//! The recorder: a thread that writes takes as sessions.
//!
//! The `thread` empties the ring and looks after everything that goes on once a second. An open `take` is a
//! new folder in the `home` of takes with a `wave` file for each bus that has sounded; closing it writes
//! `session.json`, by the `labels` of the moment. `list` finds the takes that are there.
//!
//! Memory: the rings', and at most 6 MiB for what 32 files have not been given yet.

mod error;
mod heard;
mod home;
mod labels;
mod list;
mod take;
#[cfg(test)]
mod tests;
mod thread;
mod wave;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use crossbeam_channel::{Sender, unbounded};
use parking_lot::Mutex;

use crate::capture::{Drain, Status};
use crate::project::SharedProject;
use thread::Desk;
use wave::Disk;

/// What the window sees of the recorder.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// Where takes go.
    pub home: PathBuf,
    /// Bytes free there, if the system tells.
    pub free_bytes: Option<u64>,
    /// The take under way.
    pub recording: Option<Recording>,
    /// Finished takes in `home`, the newest first.
    pub takes: Vec<Take>,
    /// A sentence on what went wrong last, until the next take begins.
    pub problem: Option<String>,
}

/// A take under way.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// The take's name.
    pub name: String,
    /// Its length so far in seconds.
    pub seconds: f64,
    /// Frames lost and filled with silence so far.
    pub lost_frames: u64,
    /// Bytes that a second of it takes on disk at present.
    pub bytes_per_second: u64,
}

/// A finished take.
#[derive(Clone, Debug, PartialEq)]
pub struct Take {
    /// The session's folder.
    pub folder: PathBuf,
    /// The session's name.
    pub name: String,
    /// Its length in seconds.
    pub seconds: f64,
    /// Where in the song it begins, in seconds, if the host told.
    pub position_s: Option<f64>,
    /// Stems that sounded.
    pub stems: usize,
    /// Frames lost and filled with silence.
    pub lost_frames: u64,
}

/// The thread and the way to it. Dropping it closes a take that is under way.
pub struct Recorder {
    shared: Arc<Shared>,
    status: Arc<Status>,
    /// Asks for another look at the takes; hanging up ends the thread. Gone while dropping.
    wishes: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread and everybody else share.
#[derive(Default)]
struct Shared {
    view: Mutex<View>,
    /// Whether anybody has asked for the view of late. Nobody's disk is looked at for an instance without a window.
    watched: AtomicBool,
}

impl Recorder {
    /// Starts the thread.
    pub fn spawn(drain: Drain, project: SharedProject) -> Self {
        Self::spawn_on(drain, project, Disk::default())
    }

    fn spawn_on(drain: Drain, project: SharedProject, disk: Disk) -> Self {
        let status = Arc::clone(drain.status());
        let shared = Arc::<Shared>::default();
        let (wishes, asked) = unbounded();
        let desk = Desk::new(drain, project, disk, Arc::clone(&shared));
        let thread = std::thread::Builder::new().name("mixtrace recorder".into());
        let thread = thread.spawn(move || desk.run(&asked)).ok();
        Self { shared, status, wishes: Some(wishes), thread }
    }

    /// The present state.
    pub fn view(&self) -> View {
        self.shared.watched.store(true, Ordering::Release);
        let mut view = self.shared.view.lock().clone();
        if !self.is_alive() {
            let told = "The recorder has stopped working: reload the plugin to record takes.";
            view.problem = Some(told.into());
        }
        view
    }

    /// Whether a take is under way, or has ended but is not put away yet. Once this is false after `Capture` was switched
    /// off and [`Status::view`] says so, the project's session is the last take.
    pub fn is_busy(&self) -> bool {
        self.status.has_open_takes() && self.is_alive()
    }

    /// Looks for takes anew, after the user has chosen another home or deleted some.
    pub fn look_again(&self) {
        if let Some(wishes) = &self.wishes {
            // Nobody listens only when the thread is gone, which `view` tells.
            let _ = wishes.send(());
        }
    }

    fn is_alive(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.wishes = None;
        if let Some(thread) = self.thread.take() {
            // If it panicked there is nobody left to tell.
            let _ = thread.join();
        }
    }
}

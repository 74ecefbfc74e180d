//! All that an instance has beside its audio thread: the project and three threads.

use std::sync::Arc;

use crate::capture::{self, Tap};
use crate::exports::Exports;
use crate::listen::{Listen, Player};
use crate::params::SolveSwitch;
use crate::project::SharedProject;
use crate::recorder::Recorder;
use crate::worker::Worker;

/// What the window works with. Dropping it ends the threads, each with its work put away.
pub struct Studio {
    /// What the user has typed, chosen and found.
    pub project: SharedProject,
    /// What the audio thread tells.
    pub capture: Arc<capture::Status>,
    /// Writes takes.
    pub recorder: Arc<Recorder>,
    /// Solves them.
    pub worker: Worker,
    /// Plays the match.
    pub listen: Listen,
    /// Hands reports over to other programs.
    pub exports: Exports,
}

impl Drop for Studio {
    /// The threads are waited for one after the other; all are told before, since a host waits 200 ms at most.
    fn drop(&mut self) {
        self.exports.abort();
    }
}

impl Studio {
    /// Starts the threads; the tap and the player are for the audio thread.
    pub fn open(project: SharedProject, switch: Arc<SolveSwitch>) -> (Self, Tap, Player) {
        let (tap, drain, capture) = capture::channel();
        let recorder = Arc::new(Recorder::spawn(drain, project.clone()));
        let worker = Worker::spawn(project.clone(), switch, Arc::clone(&recorder));
        let (listen, player) = Listen::spawn(project.clone());
        (Self { project, capture, recorder, worker, listen, exports: Exports::default() }, tap, player)
    }
}

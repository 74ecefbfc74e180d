//! The recorder: a thread that writes takes as sessions.

use std::path::PathBuf;

use crate::capture::Drain;
use crate::project::SharedProject;

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
pub struct Recorder {}

impl Recorder {
    /// Starts the thread.
    pub fn spawn(_drain: Drain, _project: SharedProject) -> Self {
        Self {}
    }

    /// The present state.
    pub fn view(&self) -> View {
        View::default()
    }

    /// Whether a take is under way, or not yet closed.
    pub fn is_busy(&self) -> bool {
        false
    }

    /// Looks for takes anew, after the user has chosen another home or deleted some.
    pub fn look_again(&self) {}
}

//! Checkpoints: a search that lies on disk while it runs, so that it outlives the program.
//!
//! [`Checkpoints`] is the [`Keeper`] that puts a search's state into one [`FILE_NAME`] every now and then; [`read`] gets it
//! back, together with [`About`]: how to open the session again ([`Source`]), how to know that it is the same
//! ([`Fingerprint`]), and what was asked for. `file` is the format on disk.

mod error;
mod file;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::runs::{Run, Runs};
use super::{Keeper, Settings, State};
use crate::session::{Fingerprint, Source};
pub use error::Error;
pub use file::{read, remove};

/// The name of a checkpoint's file in the folder of results.
pub const FILE_NAME: &str = "checkpoint.json";

/// The format that is written here. Another one is due when a field changes its meaning or cannot be missed.
///
/// Format 1 had learning rates by the number of a kind and a policy of resets among the settings, which nobody could set,
/// did not name the engine, since there was but one, and its parameters depended on the rate of the search. It reads as
/// the present one where that was [`REFERENCE`](crate::clock::REFERENCE).
const FORMAT: u64 = 2;

/// The oldest format that is read here.
const OLDEST: u64 = 1;

/// What a search is about: all but where it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// The session's, as it was opened.
    pub fingerprint: Fingerprint,
    /// How to open the session again.
    pub source: Source,
    /// What a report says that the search began with.
    pub start: String,
    /// What the user should know of it, a sentence each.
    pub notes: Vec<String>,
    /// What the user says that the tempo is, in quarter notes a minute.
    #[serde(default)]
    pub tempo: Option<f64>,
    /// What was asked for; the seed is the first run's.
    pub settings: Settings,
    /// The runs that are done, and how many there are to be.
    pub runs: Runs,
}

/// Keeps a search in a file: at its first step or trial, then every so often, and whenever it asks for it.
///
/// What goes wrong while writing does not end the search. The file that was there stays, and the next state is tried to be
/// written again.
pub struct Checkpoints {
    file: PathBuf,
    about: About,
    every: Duration,
    /// When the last state was kept or should have been; none before the first, and when a run is done.
    last: Option<Instant>,
    /// Whether the file that is there is this search's own, to be replaced.
    own: bool,
    failure: Option<Error>,
}

impl Checkpoints {
    /// Nothing is written yet. A checkpoint that is in `file` now is taken to be an earlier one of this search; one that
    /// turns up later is another's, and is not touched. The folder of the file is created with the first checkpoint.
    ///
    /// With `every` at zero, a state is kept after every step and trial.
    pub fn new(file: PathBuf, about: About, every: Duration) -> Self {
        let own = file.exists();
        Self { file, about, every, last: None, own, failure: None }
    }

    /// What went wrong when a state was last to be kept; nothing if it was.
    pub fn failure(&self) -> Option<&Error> {
        self.failure.as_ref()
    }

    /// True if there is a checkpoint from which the search can go on.
    pub fn is_there(&self) -> bool {
        self.own && self.file.exists()
    }

    /// Throws the checkpoint away, since the search is done.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn remove(&self) -> Result<(), Error> {
        if self.own { remove(&self.file) } else { Ok(()) }
    }

    /// What the search is about.
    pub fn about(&self) -> &About {
        &self.about
    }
}

impl Keeper for Checkpoints {
    fn is_due(&mut self) -> bool {
        self.last.is_none_or(|last| last.elapsed() >= self.every)
    }

    fn keep(&mut self, state: &State) {
        let written = file::write(&self.file, &self.about, state, self.own);
        self.own |= written.is_ok();
        self.failure = written.err();
        self.last = Some(Instant::now());
    }

    fn finished(&mut self, run: &Run) {
        self.about.runs.finished.push(run.clone());
        self.last = None;
    }
}

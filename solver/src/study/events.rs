//! What a study tells while it runs.

use super::{Cell, Configuration, Failure};
use crate::search;

/// A step of a study.
#[derive(Clone, Debug)]
pub enum Event {
    /// A song was opened.
    Opened {
        /// Its name.
        song: String,
        /// What the user should know of it, a sentence each.
        notes: Vec<String>,
    },
    /// A cell begins.
    Begun {
        /// The song's name.
        song: String,
        /// How it is solved.
        configuration: Box<Configuration>,
    },
    /// What the search of the cell tells.
    Search(search::Event),
    /// A cell is done and written.
    Done {
        /// What was found.
        cell: Box<Cell>,
    },
    /// The search under way cannot be kept on disk. It goes on; if it is interrupted, its cell begins again.
    Unkept {
        /// Why: a sentence.
        reason: String,
    },
    /// A song or a cell cannot be studied; the rest goes on.
    Failed(Failure),
}

//! What can go wrong with a take.

use std::io;
use std::path::PathBuf;

/// What can go wrong with a take, as the user is told.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No folder for it.
    #[error("Takes cannot be kept in {} ({reason}): choose another folder for takes.", home.display())]
    Home {
        /// Where it should have been.
        home: PathBuf,
        /// What the system said.
        reason: io::Error,
    },
    /// A file of it.
    #[error("{} cannot be written ({reason}): make room there or choose another folder for takes.", file.display())]
    File {
        /// Which one.
        file: PathBuf,
        /// What the system said.
        reason: io::Error,
    },
    /// Its `session.json`.
    #[error("{0}: make room there or choose another folder for takes.")]
    Session(#[from] mixtrace_solver::session::Error),
    /// The disk is about to be full.
    #[error("The disk with {} is full: make room there or choose another folder for takes.", folder.display())]
    Full {
        /// The take's folder.
        folder: PathBuf,
    },
    /// Somebody took its folder away.
    #[error("{} was deleted or moved while it was recorded: leave a take's folder alone until it ends.", folder.display())]
    Gone {
        /// The take's folder.
        folder: PathBuf,
    },
}

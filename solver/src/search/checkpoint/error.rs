//! What can be wrong with a checkpoint, each as one sentence for the user.

use std::io;
use std::path::PathBuf;

use super::{FORMAT, OLDEST};

/// Why a search cannot be kept, or cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is none.
    #[error("{} holds no unfinished search: there is no {}; give the folder that a search was writing to",
        .0.parent().unwrap_or(.0).display(), super::FILE_NAME)]
    Missing(PathBuf),
    /// The system refused to read the file.
    #[error("{} cannot be read ({reason}); it must be a readable file", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's words.
        reason: io::Error,
    },
    /// It was cut short, changed or is something else.
    #[error("{} is no whole checkpoint ({reason}); solve the session anew", .path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Another version of the program wrote it.
    #[error(
        "{} was written by {program} in format {format}, but {} reads formats {OLDEST} to {FORMAT}; go on with that version, or solve \
         the session anew", .path.display(), crate::PROGRAM
    )]
    Format {
        /// The file.
        path: PathBuf,
        /// Who wrote it.
        program: String,
        /// How.
        format: u64,
    },
    /// Its parameters mean something else by now.
    #[error(
        "{} is of a search at {rate} Hz by an older version of the program, whose parameters depended on the rate; solve the \
         session anew", .path.display()
    )]
    Rate {
        /// The file.
        path: PathBuf,
        /// In Hz.
        rate: u32,
    },
    /// The session is not what it was.
    #[error(
        "{} is of another session: a stem, a group or the mix has changed since; put back what was there, or solve the \
         session anew", .0.display()
    )]
    AnotherSession(PathBuf),
    /// Another search has its checkpoint there.
    #[error("{} is another search's, which began meanwhile; choose another folder", .0.display())]
    Taken(PathBuf),
    /// The system refused to write the file.
    #[error("{} cannot be written ({reason}); its folder must be there, be writable and have room", .path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// The system's words.
        reason: io::Error,
    },
}

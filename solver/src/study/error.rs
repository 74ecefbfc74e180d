//! Why a study could not be run.

use std::path::{Path, PathBuf};

use crate::result;
use crate::search::{self, checkpoint};

/// Why a study as a whole could not be run or go on. Each message is one sentence for the user.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No song was given.
    #[error("there is nothing to study; give one or more session folders")]
    NoSong,
    /// A song was given twice.
    #[error("the song {} is given twice; give every song once", .0.display())]
    SongTwice(PathBuf),
    /// A mix was given twice.
    #[error("the mix {} is given twice; give every mix once", .0.display())]
    MixTwice(PathBuf),
    /// Two songs cannot be told apart in tables and file names.
    #[error(
        "{} and {} would both be called \"{name}\" in the tables; rename one of them (\"name\" in its session.json, or \
         its mix's file)", .first.display(), .second.display()
    )]
    SameName {
        /// What both would be called.
        name: String,
        /// One session.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
    /// A setting is out of range.
    #[error("{0}")]
    Setting(String),
    /// The folder holds something already.
    #[error("{} is in use; choose another folder, go on there or begin again", .0.display())]
    InUse(PathBuf),
    /// A result of other settings is in the way.
    #[error(
        "{} was made with {difference}; repeat that, choose another folder or begin again",
        .file.display()
    )]
    OtherSettings {
        /// The cell's or checkpoint's file.
        file: PathBuf,
        /// Such as `400 steps, not 6000`.
        difference: String,
    },
    /// A file that should hold a part of a study does not.
    #[error("{} cannot be gone on from ({reason}); remove it and go on again", .file.display())]
    Useless {
        /// The file.
        file: PathBuf,
        /// Why.
        reason: String,
    },
    /// A checkpoint could not be removed.
    #[error(transparent)]
    Checkpoint(#[from] checkpoint::Error),
    /// The threads could not be started.
    #[error(transparent)]
    Search(#[from] search::Error),
    /// The folder cannot be used, or the file system said no.
    #[error(transparent)]
    Folder(#[from] result::Error),
}

impl Error {
    /// Gives an error of the file system its place: `map_err(Error::io("writing", path))`.
    pub(super) fn io(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let placed = result::Error::io(what, path);
        move |source| Self::Folder(placed(source))
    }
}

//! Why a report could not be read or written.

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::findings::SCHEMA;
use crate::stop::Interrupted;

/// Why a report could not be read or written; each message is one sentence for the user.
#[derive(Debug, Error)]
pub enum Error {
    /// The text is no report.
    #[error("this is no Mixtrace report: {0}; give a report.json that `mixtrace solve` wrote")]
    NotAReport(serde_json::Error),
    /// The text is a report of another time.
    #[error(
        "the report has schema {0}, but this version of Mixtrace reads schema {SCHEMA}; solve the session again"
    )]
    Schema(u64),
    /// A figure is not a number.
    #[error("the report's figure {0} is not a number, so nothing was written; the search must have diverged")]
    NotANumber(String),
    /// The result folder is in use.
    #[error("{} exists already; choose another --out or pass --force", .0.display())]
    Exists(PathBuf),
    /// The result folder is in use by a search that can go on.
    #[error(
        "{dir} holds an unfinished search; go on with it by `mixtrace solve --resume {dir}`, throw it away by --force, or \
         choose another --out", dir = .0.display()
    )]
    Unfinished(PathBuf),
    /// The result folder is a session's, whose files are the user's.
    #[error("{} is a session's folder, which results would mix with; choose another --out", .0.display())]
    Session(PathBuf),
    /// The result folder's place is taken by something else.
    #[error("{} is a file, not a folder; choose another --out", .0.display())]
    NotAFolder(PathBuf),
    /// A result file's place is taken by something else.
    #[error("{} is a folder where the result needs a file; move it away or choose another --out", .0.display())]
    NotAFile(PathBuf),
    /// The audio does not fit a WAV file.
    #[error(
        "the audio has {0} samples a channel, more than the {1} that a WAV file holds; solve a shorter song"
    )]
    TooLong(usize, usize),
    /// It was given up; nothing was written.
    #[error("writing the report was given up")]
    Aborted,
    /// The file system said no.
    #[error("{what} {} failed: {source}; free some space, mend the rights or choose another --out", .path.display())]
    Io {
        /// What was tried, such as `writing`.
        what: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl Error {
    /// Gives an error of the file system its place: `map_err(Error::io("writing", path))`.
    pub(crate) fn io(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { what, path, source }
    }

    /// Names the file where the user expects it instead of where it was staged.
    pub(super) fn moved_to(self, dir: &Path) -> Self {
        match self {
            Self::Io { what, path, source } => {
                let path = path.file_name().map_or(dir.to_path_buf(), |name| dir.join(name));
                Self::Io { what, path, source }
            }
            other => other,
        }
    }
}

impl From<Interrupted> for Error {
    fn from(Interrupted: Interrupted) -> Self {
        Self::Aborted
    }
}

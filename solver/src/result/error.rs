//! Why a result could not be written or read.

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::findings::SCHEMA;
use crate::parameters;
use crate::search::StartError;
use crate::stop::Interrupted;

/// Why files could not be put in place, or a report not be written; each message is one sentence for the user.
#[derive(Debug, Error)]
pub enum Error {
    /// The text is no report.
    #[error("this is no Mixtrace report: {0}; give a report.json as Mixtrace wrote it")]
    NotAReport(serde_json::Error),
    /// The text is a report of another time.
    #[error(
        "the report has schema {0}, but this version of Mixtrace reads schema {SCHEMA}; solve the session again"
    )]
    Schema(u64),
    /// A figure is not a number.
    #[error("the report's figure {0} is not a number, so nothing was written; the search must have diverged")]
    NotANumber(String),
    /// The place is in use.
    #[error("{} exists already; choose another place or let it be written over", .0.display())]
    Exists(PathBuf),
    /// The result folder is in use by a search that can go on.
    #[error("{} holds an unfinished search; go on with it, let it be thrown away or choose another folder", .0.display())]
    Unfinished(PathBuf),
    /// The result folder is a session's, whose files are the user's.
    #[error("{} is a session's folder, which results would mix with; choose another folder", .0.display())]
    Session(PathBuf),
    /// A folder is needed where a file is.
    #[error("{} is a file, not a folder; choose another place", .0.display())]
    NotAFolder(PathBuf),
    /// A file is needed where a folder is.
    #[error("{} is a folder where a file must be; move it away or choose another place", .0.display())]
    NotAFile(PathBuf),
    /// A link or a device is there.
    #[error("{} is neither a plain file nor a folder; choose another place", .0.display())]
    Special(PathBuf),
    /// The audio does not fit a WAV file.
    #[error(
        "the audio has {0} samples a channel, more than the {1} that a WAV file holds; solve a shorter song"
    )]
    TooLong(usize, usize),
    /// Audio cannot be brought to the session's rate.
    #[error(
        "the {what} could not be brought to the session's sample rate ({reason}); this is a defect of the program"
    )]
    Resample {
        /// Which audio.
        what: &'static str,
        /// Why.
        reason: String,
    },
    /// It was given up; nothing was written.
    #[error("writing was given up")]
    Aborted,
    /// The file system said no.
    #[error("{what} {} failed: {source}; free some space, mend the rights or choose another place", .path.display())]
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

    /// Names a file where the user expects it, in or at `to`, instead of where it was staged.
    pub(crate) fn moved(self, from: &Path, to: &Path) -> Self {
        match self {
            Self::Io { what, path, source } => {
                let path = match path.strip_prefix(from) {
                    Ok(rest) if rest.as_os_str().is_empty() => to.to_path_buf(),
                    Ok(rest) => to.join(rest),
                    Err(_) => path,
                };
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

/// Why a folder is no result; each message is one sentence for the user.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The folder does not exist.
    #[error("{} does not exist; give the folder of a result", .0.display())]
    Missing(PathBuf),
    /// A folder of something else.
    #[error("the folder {} holds no report.json; give the folder of a result", .0.display())]
    NoReport(PathBuf),
    /// `report.json` is none, or of another schema.
    #[error("{}: {source}", .path.display())]
    Report {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: Error,
    },
    /// A result folder of an older version, or no result folder.
    #[error("the folder {} holds no graph.json to go on from; give the folder of a result", .0.display())]
    NoGraph(PathBuf),
    /// `graph.json` is broken.
    #[error(transparent)]
    Graph(Box<StartError>),
    /// `graph.json` is that of another report.
    #[error(
        "in {}, graph.json does not hold the processors that report.json describes; give a folder as a search left it",
        .0.display()
    )]
    OtherGraph(PathBuf),
    /// A result's file cannot be read.
    #[error("{} cannot be read ({source}); mend it, or solve the session again", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A figure that no search writes.
    #[error("in {}, {what}; give a report as a search wrote it", .path.display())]
    OutOfRange {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The parameters' maths failed: a defect of the program.
    #[error(transparent)]
    Parameters(#[from] parameters::Error),
}

//! What can be wrong with an export, each as one sentence for the user.

use std::path::{Path, PathBuf};

use super::Format;
use crate::engine::{Failure, Inseparable};
use crate::result::{self, ReadError};
use crate::search::StartError;
use crate::session;
use crate::session::resample;
use crate::stop::Interrupted;

/// Why a result could not be exported.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no result.
    #[error(transparent)]
    Found(#[from] ReadError),
    /// `graph.json` does not fit the session.
    #[error(transparent)]
    Graph(Box<StartError>),
    /// A format that there is not.
    #[error("there is no format '{name}'; choose one of {}", formats())]
    UnknownFormat {
        /// What was asked for.
        name: String,
    },
    /// A report that does not say where its session is.
    #[error("the report does not say where its session is; give the session's folder")]
    NoSource,
    /// The session is not where it was.
    #[error("the session is no longer at {}; put it back or give the folder where it is now", .0.display())]
    NoSession(PathBuf),
    /// A file of the session is not where it was.
    #[error("the file of {role}, {}, does not exist; put it there or give the folder where the session is now", .file.display())]
    NoFile {
        /// Such as `stem "kick"` or `the mix`.
        role: String,
        /// Where it was looked for.
        file: PathBuf,
    },
    /// Its audio is not what it was.
    #[error(
        "the stems or the mix of {} are not those that were solved; put them back or give the folder of those",
        .0.display()
    )]
    ChangedSession(PathBuf),
    /// The target is or holds a file of the session.
    #[error("{} is the session's own, which an export never writes over; choose another place", .0.display())]
    SessionsOwn(PathBuf),
    /// The target is a file of the result.
    #[error("{} is the result's own, which an export never writes over; choose another place", .0.display())]
    ResultsOwn(PathBuf),
    /// Another session.
    #[error("{0}; give the folder of the session that was solved")]
    OtherSession(Box<StartError>),
    /// Something else is wrong with the session.
    #[error(transparent)]
    Session(session::Error),
    /// The target is in use or no place for files, or the file system said no.
    #[error(transparent)]
    Place(result::Error),
    /// What the graph makes of its stems cannot be told apart.
    #[error("no stems can be printed: {0}")]
    Inseparable(Inseparable),
    /// No engine could print the song.
    #[error("{0}, and no other engine is left")]
    Engine(Failure),
    /// A sample rate that audio cannot be brought to.
    #[error("the audio could not be brought to the session's sample rate: {0}")]
    Resample(String),
    /// A defect of the program.
    #[error(transparent)]
    Tensor(#[from] crate::parameters::Error),
    /// It was given up; nothing was written.
    #[error("the export was given up")]
    Aborted,
}

fn formats() -> String {
    Format::ALL.map(Format::name).join(", ")
}

impl Error {
    /// Gives an error of the file system its place: `map_err(Error::io("writing", path))`.
    pub(super) fn io<E: Into<std::io::Error>>(what: &'static str, path: &Path) -> impl FnOnce(E) -> Self {
        let placed = result::Error::io(what, path);
        move |source: E| Self::Place(placed(source.into()))
    }

    /// Names a file where the user expects it instead of where it was staged.
    pub(super) fn moved(self, from: &Path, to: &Path) -> Self {
        match self {
            Self::Place(error) => Self::Place(error.moved(from, to)),
            other => other,
        }
    }
}

impl From<result::Error> for Error {
    fn from(error: result::Error) -> Self {
        match error {
            result::Error::Aborted => Self::Aborted,
            other => Self::Place(other),
        }
    }
}

impl From<session::Error> for Error {
    fn from(error: session::Error) -> Self {
        match error {
            session::Error::NoSuchFile { role, file } => Self::NoFile { role, file },
            session::Error::NoSuchSession { path } | session::Error::NoStemsFolder { path } => {
                Self::NoSession(path)
            }
            session::Error::NoSessionFile { folder } => Self::NoSession(folder),
            session::Error::Aborted => Self::Aborted,
            other => Self::Session(other),
        }
    }
}

impl From<resample::Error> for Error {
    fn from(error: resample::Error) -> Self {
        match error {
            resample::Error::Refused(reason) => Self::Resample(reason),
            resample::Error::Interrupted(interrupted) => interrupted.into(),
        }
    }
}

impl From<Inseparable> for Error {
    fn from(reason: Inseparable) -> Self {
        Self::Inseparable(reason)
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Interrupted => Self::Aborted,
            failure => Self::Engine(failure),
        }
    }
}

impl From<Interrupted> for Error {
    fn from(Interrupted: Interrupted) -> Self {
        Self::Aborted
    }
}

//! What can be wrong with an export, each as one sentence for the user.

use std::path::{Path, PathBuf};

use super::Format;
use crate::result;
use crate::search::StartError;
use crate::session;
use crate::session::resample;
use crate::stop::Interrupted;

/// Why a result could not be exported.
#[derive(Debug, thiserror::Error)]
pub enum Error {
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
        source: result::Error,
    },
    /// `graph.json` is missing or broken.
    #[error(transparent)]
    Graph(Box<StartError>),
    /// `graph.json` is that of another report.
    #[error(
        "in {}, graph.json does not hold the processors that report.json describes; give a folder as a search left it",
        .0.display()
    )]
    OtherGraph(PathBuf),
    /// A format that there is not.
    #[error("there is no format '{name}'; choose one of {}", formats())]
    UnknownFormat {
        /// What was asked for.
        name: String,
    },
    /// A report that does not say where its session is.
    #[error("the report does not say where its session is; pass --session DIR")]
    NoSource,
    /// The session is not where it was.
    #[error("the session is no longer at {}; pass --session DIR to say where it is now", .0.display())]
    NoSession(PathBuf),
    /// A file of the session is not where it was.
    #[error("the file of {role}, {}, does not exist; put it there, or pass --session DIR to say where the session is now", .file.display())]
    NoFile {
        /// Such as `stem "kick"` or `the mix`.
        role: String,
        /// Where it was looked for.
        file: PathBuf,
    },
    /// Its audio is not what it was.
    #[error(
        "the stems or the mix of {} are not those that were solved; put them back, or pass --session DIR with those",
        .0.display()
    )]
    ChangedSession(PathBuf),
    /// The target is or holds a file of the session.
    #[error("{} is the session's own, which an export never writes over; choose another --out", .0.display())]
    SessionsOwn(PathBuf),
    /// The target is a file of the result.
    #[error("{} is the result's own, which an export never writes over; choose another --out", .0.display())]
    ResultsOwn(PathBuf),
    /// The target is no place for files.
    #[error("{} is neither a plain file nor a folder; choose another --out", .0.display())]
    Special(PathBuf),
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
    /// Another session.
    #[error("{0}; pass --session DIR with the session that was solved")]
    OtherSession(Box<StartError>),
    /// Something else is wrong with the session.
    #[error(transparent)]
    Session(session::Error),
    /// The target is in use.
    #[error("{} exists already; choose another --out or pass --force", .0.display())]
    Exists(PathBuf),
    /// A folder is needed where a file is.
    #[error("{} is a file, not a folder; choose another --out", .0.display())]
    NotAFolder(PathBuf),
    /// A file is needed where a folder is.
    #[error("{} is a folder where the export needs a file; move it away or choose another --out", .0.display())]
    NotAFile(PathBuf),
    /// A piece of audio cannot be written, for another reason than the file system's.
    #[error(transparent)]
    Audio(result::Error),
    /// A sample rate that audio cannot be brought to.
    #[error("the audio could not be brought to the session's sample rate: {0}")]
    Resample(String),
    /// A defect of the program.
    #[error(transparent)]
    Tensor(#[from] crate::parameters::Error),
    /// It was given up; nothing was written.
    #[error("the export was given up")]
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

fn formats() -> String {
    Format::ALL.map(Format::name).join(", ")
}

impl Error {
    /// Gives an error of the file system its place: `map_err(Error::io("writing", path))`.
    pub(super) fn io<E: Into<std::io::Error>>(what: &'static str, path: &Path) -> impl FnOnce(E) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { what, path, source: source.into() }
    }

    /// Names a file where the user expects it instead of where it was staged.
    pub(super) fn moved(self, from: &Path, to: &Path) -> Self {
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

impl From<result::Error> for Error {
    fn from(error: result::Error) -> Self {
        match error {
            result::Error::Io { what, path, source } => Self::Io { what, path, source },
            result::Error::Aborted => Self::Aborted,
            result::Error::NotAFolder(path) => Self::NotAFolder(path),
            other => Self::Audio(other),
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

impl From<Interrupted> for Error {
    fn from(Interrupted: Interrupted) -> Self {
        Self::Aborted
    }
}

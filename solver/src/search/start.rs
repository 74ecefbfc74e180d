//! What a search begins with.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::{Error, Settings};
use crate::graph::{FileError, Graph, GraphFile, Role};
use crate::parameters::{GivenError, Parameters};
use crate::processors::Kind;
use crate::session::Session;

/// How many stems a message names.
const NAMED_STEMS: usize = 12;

/// What a search begins with.
#[derive(Clone, Debug)]
pub struct Start {
    /// The graph.
    pub graph: Graph,
    /// Parameters of some or all of its processors; the others start fresh.
    pub given: Parameters,
}

/// Why a search cannot begin with a file. Each message is one sentence for the user.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Nothing is there.
    #[error("{} does not exist; give a graph file or a result's report.json", .0.display())]
    Missing(PathBuf),
    /// The system refused to read the file.
    #[error("{} cannot be read ({reason}); it must be a readable file", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's words.
        reason: std::io::Error,
    },
    /// The file holds no graph.
    #[error("{}: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: FileError,
    },
    /// The file's parameters are none.
    #[error("{}: {source}", .path.display())]
    Given {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: GivenError,
    },
    /// A track of no stem.
    #[error("{}: the session has no stem '{stem}', or it is silent; its stems are {stems}", .path.display())]
    NoSuchStem {
        /// The file.
        path: PathBuf,
        /// The name in the file.
        stem: String,
        /// Those that there are.
        stems: String,
    },
}

/// A graph file that was read and found to be right as far as that can be told without a session.
#[derive(Clone, Debug)]
pub struct StartFile {
    path: PathBuf,
    start: Start,
}

impl Start {
    /// The full mixing console of a session.
    ///
    /// # Errors
    /// If the session has no stems.
    pub fn console(session: &Session, settings: &Settings) -> Result<Self, Error> {
        let stems: Vec<_> = session.stems.iter().map(|s| (s.name.clone(), s.group)).collect();
        let graph = Graph::console(&stems, &session.groups, settings.selection())?;
        Ok(Self { graph, given: Parameters::default() })
    }

    /// The graph in a file, with what parameters are there, and what the user should know of it, a sentence each.
    ///
    /// # Errors
    /// If the file cannot be read, holds no graph, or not one for this session.
    pub fn from_file(path: &Path, session: &Session) -> Result<(Self, Vec<String>), StartError> {
        StartFile::read(path)?.bind(session)
    }

    /// The kinds that occur in the graph, in the order of the list of kinds.
    pub fn kinds(&self) -> Vec<Kind> {
        let kinds: BTreeSet<_> = self.graph.processors().map(|(_, kind)| kind).collect();
        kinds.into_iter().collect()
    }

    /// True if every processor has parameters, so that nothing need be fitted.
    pub fn is_given_whole(&self) -> bool {
        self.given.rows.iter().map(|rows| rows.ids.len()).sum::<usize>() == self.graph.processors().count()
    }

    /// True if there is a strip on the sum of all.
    pub fn has_master(&self) -> bool {
        self.graph.strips.iter().any(|strip| strip.role == Role::Master)
    }
}

impl StartFile {
    /// Reads a graph file.
    ///
    /// # Errors
    /// If it cannot be read or holds no graph.
    pub fn read(path: &Path) -> Result<Self, StartError> {
        let place = || path.to_path_buf();
        let text = fs::read(path).map_err(|reason| match reason.kind() {
            ErrorKind::NotFound => StartError::Missing(place()),
            _ => StartError::Unreadable { path: place(), reason },
        })?;
        let wrong = |source| StartError::File { path: place(), source };
        let file = GraphFile::parse(&text).map_err(wrong)?;
        let graph = file.graph().map_err(wrong)?;
        let given =
            Parameters::from_file(&file).map_err(|source| StartError::Given { path: place(), source })?;
        Ok(Self { path: place(), start: Start { graph, given } })
    }

    /// The graph and its parameters, not bound to a session yet.
    pub fn start(&self) -> &Start {
        &self.start
    }

    /// Finds the graph's stems in a session. The notes name the stems that no input brings in.
    ///
    /// # Errors
    /// If a stem is not there.
    pub fn bind(self, session: &Session) -> Result<(Start, Vec<String>), StartError> {
        let Self { path, mut start } = self;
        let tracks = start.graph.strips.iter().filter(|strip| strip.role == Role::Track);
        let mut stems = vec![];
        for track in tracks {
            match session.stems.iter().position(|stem| stem.name == track.name) {
                Some(stem) => stems.push(stem),
                None => {
                    let stem = track.name.clone();
                    return Err(StartError::NoSuchStem { path, stem, stems: names(session) });
                }
            }
        }
        start.graph.bind_stems(|track| stems[track]);
        let left_out = (0..session.stems.len()).filter(|stem| !stems.contains(stem));
        let notes = left_out.map(|stem| {
            let name = &session.stems[stem].name;
            format!("The stem \"{name}\" is not in the graph and was left out.")
        });
        Ok((start, notes.collect()))
    }
}

/// The session's stems, for a message.
fn names(session: &Session) -> String {
    let mut names: Vec<_> = session.stems.iter().map(|s| format!("'{}'", s.name)).collect();
    let more = names.len().saturating_sub(NAMED_STEMS);
    names.truncate(NAMED_STEMS);
    if more > 0 {
        names.push(format!("and {more} more"));
    }
    names.join(", ")
}

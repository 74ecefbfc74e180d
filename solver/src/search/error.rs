//! What can go wrong in a search.

use crate::engine::Failure;
use crate::graph;
use crate::parameters;
use crate::stop::Interrupted;

/// Why a search could not be run. Each message is one sentence for the user.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A setting is out of range.
    #[error("{0}")]
    Setting(String),
    /// The console could not be built.
    #[error(transparent)]
    Graph(#[from] graph::Error),
    /// A defect of the program.
    #[error(transparent)]
    Tensor(#[from] parameters::Error),
    /// The threads could not be started.
    #[error("the solver's threads could not be started: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    /// It was given up before it had found anything to keep, or while that was being worked out.
    #[error("the search was given up")]
    Aborted,
    /// Neither the fitted console nor the one that was begun with can be compared with the mix.
    #[error(
        "the console's match with the mix is not a number; the stems and the mix must be free of samples far above full \
         scale"
    )]
    NotANumber,
    /// All engines failed before there was anything to keep.
    #[error("{0}, and no other engine is left")]
    Engine(Failure),
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

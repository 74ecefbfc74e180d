//! What can go wrong in a search.

use crate::graph;
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
    /// A tensor op failed: a defect of the program.
    #[error("the solver failed in its tensor maths: {0}")]
    Tensor(#[from] candle_core::Error),
    /// The threads could not be started.
    #[error("the solver's threads could not be started: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    /// It was given up before it had found anything to keep, or while that was being worked out.
    #[error("the search was given up")]
    Aborted,
    /// The fit ran into infinities: a defect of the program or a setting far out of range.
    #[error("the fit diverged at step {step}; a smaller learning rate or another seed may help")]
    Diverged {
        /// The step, counted from 1.
        step: usize,
    },
}

impl From<Interrupted> for Error {
    fn from(Interrupted: Interrupted) -> Self {
        Self::Aborted
    }
}

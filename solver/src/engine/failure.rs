//! What can go wrong in an engine.

use crate::stop::Interrupted;

/// Why an engine did not do what it was asked. Each message is one sentence; all but the first name the engine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It was told to stop, and is as good as new.
    #[error("the work was interrupted")]
    Interrupted,
    /// The session or the graph is too large for it.
    #[error("the engine '{engine}' has not enough memory for {what}")]
    OutOfMemory {
        /// Which engine.
        engine: String,
        /// What there was no memory for.
        what: String,
    },
    /// What it runs on is gone, and with it all that it held.
    #[error("the engine '{engine}' has lost its device ({reason})")]
    DeviceLost {
        /// Which engine.
        engine: String,
        /// What the device's driver said.
        reason: String,
    },
    /// Anything else.
    #[error("the engine '{engine}' failed ({reason})")]
    Other {
        /// Which engine.
        engine: String,
        /// What went wrong.
        reason: String,
    },
}

impl From<Interrupted> for Failure {
    fn from(Interrupted: Interrupted) -> Self {
        Self::Interrupted
    }
}

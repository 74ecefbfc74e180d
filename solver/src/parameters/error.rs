//! What can go wrong in this room.

/// A tensor op failed, which no input can cause: a defect of the program.
#[derive(Debug, thiserror::Error)]
#[error("the solver failed in its tensor maths: {0}; this is a defect of the program")]
pub struct Error(#[from] candle_core::Error);

//! What is measured on the song, beyond what parameters say.
//!
//! - [`reduction`] is how far a compressor or a gate turned the song down.
//! - [`heard`] is how much of a stem stands out of the mix, and so how much can be said of its chain.
//! - [`error`] is where a found mix is off, by frequency and over time.
//!
//! The last two hear through one transform, [`spectrum`].

mod error;
mod heard;
mod reduction;
pub mod spectrum;

pub use error::error;
pub use heard::{UNCERTAIN, heard};
pub use reduction::reduction;

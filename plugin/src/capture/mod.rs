//! Capture, on the audio thread: decides where takes begin and end and hands their samples over.
//!
//! A [`Tap`] sits in the audio thread and a [`Drain`] in the recorder's; two rings made once, in [`channel`], lie
//! between them. The `ring` of messages says where takes begin and end and how long each block is, the ring of
//! samples holds the blocks themselves, one channel after another. [`Status`] is what the window may see meanwhile.
//!
//! Real-time: nothing here allocates, locks or waits, with one exception that the host asks for (see [`Tap::set_up`]).

mod ring;
mod status;
mod tap;
#[cfg(test)]
pub mod testing;
#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use ring::{Drain, Ending, Message, PIECE};
pub use status::{Status, View};
pub use tap::Tap;

/// The buses of a block, as the audio thread sees them.
pub trait Inputs {
    /// How many there are: the mix and the stems.
    fn buses(&self) -> usize;
    /// Samples of a bus's left (0) or right (1) channel; bus 0 is the mix. What is missing counts as silence.
    fn channel(&self, bus: usize, channel: usize) -> &[f32];
}

/// What the host says about its transport.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Transport {
    /// False where the host says nothing of a transport at all.
    pub present: bool,
    /// Whether it runs.
    pub playing: bool,
    /// Where the block's first sample lies in the song, in samples.
    pub position: Option<i64>,
    /// The tempo in thousandths of a quarter note a minute.
    pub tempo: Option<u32>,
}

/// Both ends of the way from the audio thread to the recorder.
///
/// It holds 64 MiB of samples and 8 MiB of messages: 2.7 s of 32 stereo buses at 96 kHz, in blocks of any length
/// down to one sample, and longer the fewer the buses or the lower the rate. Memory is taken as it is first used.
pub fn channel() -> (Tap, Drain, Arc<Status>) {
    channel_of(ring::SAMPLES, ring::MESSAGES)
}

/// As [`channel`], with room for so many samples and messages.
pub(crate) fn channel_of(samples: usize, messages: usize) -> (Tap, Drain, Arc<Status>) {
    let status = Arc::<Status>::default();
    let (feed, drain) = ring::pair(samples, messages, &status);
    (Tap::new(feed, Arc::clone(&status)), drain, status)
}

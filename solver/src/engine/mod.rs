//! Renders graphs of processors and says how far they are from a session's mix.
//!
//! [`Engine`] and [`Studio`] are all that search, analysis and exports know: an engine opens a session, whose stems,
//! targets and loss are its own from then on, and answers five coarse questions about a [`Patch`], which is a graph with a
//! flat vector of physical parameters. How audio is rendered, by what and on what, is known below this line only. An
//! engine may fail ([`Failure`]); a [`Relay`] goes on with the next one.
//!
//! [`cpu`] is the engine that runs on the processor's cores, and the last resort. The tests have another one, slow and
//! obvious, that it is held against.

pub mod cpu;
mod failure;
mod patch;
mod relay;
mod separate;

#[cfg(test)]
pub(crate) mod faulty;
#[cfg(test)]
mod plain;
#[cfg(test)]
mod plain_tests;

pub use cpu::{Dynamics, Piece, Sink, Track, impulse_response, print_windows};
pub use failure::Failure;
pub use patch::{BypassSet, Patch, PatchBuf};
pub use relay::Relay;
pub use separate::{Inseparable, separable};

use crate::clock::Clock;
use crate::dsp::Stereo;
use crate::matching::Match;
use crate::session::Session;
use crate::stop::Until;

/// All engines of this program, the preferred one first and the one that runs everywhere last.
pub const ENGINES: &[&dyn Engine] = &[&cpu::Cpu];

/// Something that renders graphs.
pub trait Engine: Sync {
    /// The name that checkpoints and messages give it, such as `cpu`.
    fn name(&self) -> &str;

    /// Takes a session in.
    ///
    /// # Errors
    /// [`Failure::Interrupted`] once `until` is over; others where the session does not fit the engine.
    fn open<'s>(&'s self, session: &'s Session, until: Until<'_>) -> Result<Box<dyn Studio + 's>, Failure>;
}

/// A session in an engine.
///
/// Any call may bring any patch; an engine keeps what it has set up as long as graph and parameters stay the same. After
/// an interruption it is as good as new, after another failure it may be of no more use. The same calls find the same to
/// the last bit, whatever the number of threads.
pub trait Studio {
    /// The objective of gradient descent: the match of the patch on `windows` of the session plus the weighted
    /// regularisers, the mean over the windows. Its gradient by [`Patch::flat`] is written to `gradient`, which is of the
    /// same length.
    ///
    /// # Errors
    /// [`Failure::Interrupted`] once `until` is over, which is looked at every few milliseconds.
    fn objective(
        &mut self,
        patch: Patch<'_>,
        windows: &[Clock],
        gradient: &mut [f32],
        until: Until<'_>,
    ) -> Result<Step, Failure>;

    /// The match of the patch over the whole song, once for each of `sets`, the processors of which are bypassed.
    ///
    /// The sets are taken to have much in common with `base`, the processors that the caller has left out for good so
    /// far: an engine may keep the signals of the patch without `base` and render only what differs.
    ///
    /// # Errors
    /// As [`objective`](Self::objective); there is then no match of any of them.
    fn evaluate(
        &mut self,
        patch: Patch<'_>,
        base: &BypassSet,
        sets: &[BypassSet],
        until: Until<'_>,
    ) -> Result<Vec<Match>, Failure>;

    /// The patch's rendering of the whole song, with the tails that windows cut off, of the session's length.
    ///
    /// # Errors
    /// As [`objective`](Self::objective).
    fn render(&mut self, patch: Patch<'_>, until: Until<'_>) -> Result<Stereo, Failure>;

    /// The same piece by piece into `sink`, with what each stem adds to it where `parts` says so. Returns what every
    /// compressor and gate does, ids rising.
    ///
    /// # Errors
    /// As [`objective`](Self::objective), and [`Failure::Interrupted`] once the sink has enough. The stems of a graph that is
    /// not [`separable`] are not printed.
    fn print(
        &mut self,
        patch: Patch<'_>,
        parts: Parts,
        until: Until<'_>,
        sink: Sink<'_>,
    ) -> Result<Vec<Dynamics>, Failure>;
}

/// What is printed of a song.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parts {
    /// The mix.
    Mix,
    /// The mix and what each stem adds to it.
    Stems,
}

/// What an objective was made up of.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Step {
    /// The match.
    pub matched: Match,
    /// The weighted regularisers.
    pub regulariser: f64,
}

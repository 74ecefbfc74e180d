//! The search: fit the full console, then prune and fit again, until few processors are left that matter.
//!
//! [`solve`] is the whole way from a session to an [`Outcome`]. On that way it speaks in [`Event`]s and looks at a
//! [`Stop`], so that a progress bar, a plugin's window and a test watch the same search. Every random choice comes
//! from one seeded generator.
//!
//! Between any two steps a search is a [`State`], from which [`go_on`] leads to the same end; [`checkpoint`] keeps it on disk.
//! [`runs`] are several searches with different seeds, which tell what the mix asks for from what chance left.

mod adam;
pub mod checkpoint;
mod error;
mod evaluate;
mod events;
mod fit;
mod progress;
mod prune;
pub mod runs;
mod settings;
mod solve;
mod start;
mod state;
mod trials;

#[cfg(test)]
mod golden_tests;
#[cfg(test)]
mod rate_tests;
#[cfg(test)]
mod resume_tests;
#[cfg(test)]
pub(crate) mod sends_tests;
#[cfg(test)]
mod start_tests;
#[cfg(test)]
pub(crate) mod stop_tests;

pub use error::Error;
pub use evaluate::Evaluator;
pub use events::{Event, Phase};
pub use fit::{Fitter, Rates};
pub use progress::Progress;
pub use settings::{Method, Preset, Reset, Settings};
pub use solve::{Keeper, Outcome, go_on, solve, solve_in};
pub use start::{GRAPH_FILE, Start, StartError, StartFile};
pub use state::{Fitted, State, Timing};
pub use trials::{KNOWN_BYTES, Trials};

pub use crate::stop::Stop;

//! The search: fit the full console, then prune and fit again, until few processors are left that matter.
//!
//! [`solve`] is the whole way from a session to an [`Outcome`]. It runs in a [`Context`]: speaks in [`Event`]s, looks at a
//! [`Stop`], and goes on with another engine where one fails, so that a progress bar, a plugin's window and a test watch the
//! same search. Every random choice comes from one seeded generator.
//!
//! Between any two steps a search is a [`State`], from which [`go_on`] leads to the same end; [`checkpoint`] keeps it on disk.
//! [`runs`] are several searches with different seeds, which tell what the mix asks for from what chance left.

pub mod checkpoint;
mod context;
mod error;
mod events;
mod fit;
mod outcome;
mod progress;
mod prune;
pub mod runs;
mod settings;
mod solve;
mod start;
mod state;

#[cfg(test)]
mod failure_tests;
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

pub use context::Context;
pub use error::Error;
pub use events::{Event, Phase};
pub use fit::{Fitter, NoStep, random_window};
pub use outcome::{Keeper, Outcome};
pub use progress::Progress;
pub use settings::{Method, Preset, Settings};
pub use solve::{fitted_match, go_on, solve, solve_in};
pub use start::{Start, StartError, StartFile};
pub use state::{Fitted, State, Timing};

pub use crate::stop::Stop;

//! Traces a finished mix back to the effect chains that made it.
//!
//! Data flows one way, and no room imports from one that comes after it:
//! [`session`] → [`graph`] → [`parameters`] → [`engine`] + [`matching`] → [`search`] → [`findings`] → [`words`] → [`pages`] → [`result`] → [`export`].
//!
//! A session is stems, groups and a mix; a graph is what may have been done to them; the engine renders it, matching compares
//! it with the mix, and the search finds what of it matters. Findings are what is known then, words and pages tell it, a result
//! is all of it in a folder, an export is a result for another program.
//!
//! [`processors`] holds one file a kind, [`dsp`] what the kinds share, [`bands`] turns curves into the bands of an equaliser,
//! [`clock`] says where in its song a window lies, [`threads`] does all the work, [`stop`] ends any of it early, [`files`] are
//! there whole or not at all.
//! `study` (a feature) repeats searches to compare them.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod bands;
pub mod clock;
pub mod dsp;
pub mod engine;
pub mod export;
pub mod files;
pub mod findings;
pub mod graph;
pub mod matching;
pub mod pages;
pub mod parameters;
pub mod processors;
pub mod result;
pub mod search;
pub mod session;
pub mod stop;
#[cfg(feature = "study")]
pub mod study;
pub mod threads;
pub mod units;
pub mod words;

/// The program and its version, as they stand in what it writes.
pub const PROGRAM: &str = concat!("mixtrace ", env!("CARGO_PKG_VERSION"));

#[cfg(test)]
mod golden;

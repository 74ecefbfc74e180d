//! Traces a finished mix back to the effect chains that made it.
//!
//! Data flows one way: [`session`] → [`graph`] → [`engine`] + [`matching`] → [`search`] → [`analysis`] → [`report`] → [`export`].
//! [`analysis`] measures on the song what parameters do not say; [`study`] repeats searches to compare them. [`processors`]
//! holds one file a kind, [`dsp`] what the kinds share, [`stop`] ends any of it early.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod analysis;
pub mod dsp;
pub mod engine;
pub mod export;
pub mod graph;
pub mod matching;
pub mod processors;
pub mod report;
pub mod search;
pub mod session;
pub mod stop;
pub mod study;

/// The program and its version, as they stand in what it writes.
pub const PROGRAM: &str = concat!("mixtrace ", env!("CARGO_PKG_VERSION"));

#[cfg(test)]
mod golden;

//! The findings in units, then one file a format.
//!
//! [`Report`] is `report.json` (schema 1); every other format is drawn from it alone. [`phrases`] says in words what a
//! processor is set to, [`agreement`] in how many runs it was kept; [`folder`] puts all formats in place at once.

pub mod agreement;
mod error;
pub mod escape;
mod figures;
mod findings;
pub mod folder;
pub mod html;
pub mod json;
pub mod look;
pub mod markdown;
mod measured;
pub mod notes;
pub mod order;
pub mod phrases;
pub(crate) mod place;
pub mod plots;
mod schema;
pub mod sentence;
pub mod spectrogram;
pub mod svg;
pub mod table;
pub mod wav;
pub mod wiring;
pub mod words;

#[cfg(test)]
pub(crate) mod fixture;

pub use crate::graph::Role;
pub use error::Error;
pub use findings::strips;
pub use schema::{
    AlsoView, Band, Bands, CONSOLE, ErrorOverTime, ErrorView, GraphView, MatchView, Matches, NodeView,
    ProcessorView, Pruning, Reduction, Report, RoundView, RunView, SCHEMA, SessionView, SettingsView, Shape,
    StripView, TempoFrom, TempoView, Timing,
};

//! The findings in units, then one file a format.
//!
//! [`Report`] is `report.json` (schema 1); every other format is drawn from it alone.

mod schema;

pub use schema::{
    GraphView, MatchView, Matches, NodeView, ProcessorView, Pruning, Report, Role, SCHEMA, SessionView,
    SettingsView, StripView, Timing,
};

//! What is known of a mix: what was fitted, and what that does on the song.
//!
//! A search's outcome says what every processor is set to; [`Analysis`] measures what that does to this song: what each
//! processor is worth (`matters`), how far faders alone would come (`static_mix`), which bands an engineer would dial in
//! (`tone`), how hard dynamics work (`reduction`), which stems are heard at all (`heard`), where the mix is off (`mismatch`)
//! and what the tempo is (`tempo`). `spectrum` is the transform through which stems and errors are heard.
//!
//! Both come together in a [`Report`], which is `report.json` (`schema`): `fitted` puts the outcome into it, `agreement` what
//! several runs have in common, `measured` the analysis, in which delays become note values (`note_value`). Whatever is told
//! of a mix is told from a report alone.

mod agreement;
mod analysis;
mod fitted;
mod heard;
mod matters;
mod measured;
mod mismatch;
mod note_value;
mod reduction;
mod schema;
mod spectrum;
mod static_mix;
mod tempo;
mod tone;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod stop_tests;

pub use crate::graph::Role;
pub use analysis::Analysis;
pub use fitted::strips;
pub use heard::UNCERTAIN;
pub use schema::{
    AlsoView, CONSOLE, ErrorOverTime, ErrorView, GraphView, MatchView, Matches, NodeView, ProcessorView,
    Pruning, Report, RoundView, RunView, SCHEMA, SessionView, SettingsView, StripView, TempoFrom, TempoView,
    Timing,
};

//! A study: the paper's experiments on the user's own songs.
//!
//! An [`Experiment`] says which [`Configuration`]s of the search it compares. [`Study::run`] goes through all
//! [`Song`]s, one open at a time, and solves each with every configuration; the result of one is a [`Cell`], which is
//! written as soon as it is there, so that a study that was ended goes on ([`Mode::Resume`]). [`tables`] turn all cells into Markdown, CSV and JSON. Nothing here prints: a study
//! tells its [`Event`]s, and [`Progress`] follows them.

mod axis;
pub mod cell;
mod curves;
mod error;
mod events;
mod experiment;
mod figures;
mod folder;
mod grid;
mod kept;
mod plan;
mod progress;
mod run;
mod song;
mod table;
pub mod tables;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use cell::Cell;
pub use error::Error;
pub use events::Event;
pub use experiment::{Begin, Configuration, Experiment};
pub use folder::Mode;
pub use plan::{Study, Summary};
pub use progress::Progress;
pub use run::default_folder;
pub use song::{Failure, Song, songs};

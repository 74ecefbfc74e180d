//! A result on disk.
//!
//! [`trace`] is the way from a session to a result. [`folder`] writes all files of a result at once or none ([`FILES`]):
//! [`json`] is the report, its figures settled by `figures` and its lines by `layout`; [`wav`] is audio; pages are drawn in
//! [`pages`](crate::pages). [`Found`] is a result that was read back.
//!
//! `place` finds where new files go and stages them beside it, [`put`] puts any file or folder there, and [`names`] makes names
//! of both.

mod error;
mod figures;
pub mod folder;
mod found;
pub mod json;
mod layout;
pub mod names;
mod place;
pub mod put;
pub mod trace;
pub mod wav;

pub use error::{Error, ReadError};
pub use found::{Found, graph};

/// The name of a report in its folder.
pub const REPORT_FILE: &str = "report.json";

/// The name of the file in a result folder that holds the graph with all its parameters.
pub const GRAPH_FILE: &str = "graph.json";

/// The files of a result, in the order in which they are put in place.
pub const FILES: [&str; 7] =
    ["original.wav", "match.wav", "graph.svg", "report.html", "report.md", GRAPH_FILE, REPORT_FILE];

//! The four views, each a function of a snapshot.

pub mod capture;
pub mod graph;
pub mod report;
pub mod solve;

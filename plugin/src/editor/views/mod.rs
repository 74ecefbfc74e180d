//! The four views, each a function of a snapshot. [`capture`] is put together from [`buses`] and [`takes`], [`solve`] shows
//! its [`curves`].

mod buses;
pub mod capture;
mod curves;
pub mod graph;
pub mod report;
pub mod solve;
mod takes;

//! A result on disk.
//!
//! [`folder`] writes all files of a result at once or none ([`FILES`](folder::FILES)): [`json`] is the report, its figures
//! settled by `figures`; [`wav`] is audio; pages are drawn in [`pages`](crate::pages). `place` finds where new files go and
//! stages them beside it, [`names`] makes names of files.

mod error;
mod figures;
pub mod folder;
pub mod json;
pub mod names;
pub(crate) mod place;
pub mod wav;

pub use error::Error;

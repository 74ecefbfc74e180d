//! The parameters of a graph's processors, and the one room that knows candle.
//!
//! - [`Parameters`] holds raw parameters, fresh or from a file ([`GivenError`] says what is wrong with one); [`Layout`] is
//!   the order of their physical values in one flat vector, which is all that engines see.
//! - [`Mapped`] is the way from raw to physical and back: each kind's [`Map`](crate::processors::Map)s applied in candle,
//!   and the gradient of an objective taken back through them.
//! - [`Adam`] moves raw parameters down that gradient, at [`Rates`].

mod adam;
mod error;
mod file;
mod mapped;
mod rows;

#[cfg(test)]
mod walls;

pub use adam::{Adam, Rates};
pub use error::Error;
pub use file::GivenError;
pub use mapped::{Mapped, Maps, own_map};
pub use rows::{Layout, Parameters, Place, Rows};

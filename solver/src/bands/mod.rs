//! Curves as the bands of a parametric equaliser.
//!
//! [`fit`] adds bands one by one and two by two, from a bank of them (`seeds`), moves all of them together after each
//! (`refine`) and carries the best few sets on (`search`). A band is a biquad of the Audio EQ Cookbook (`shapes`).

mod band;
mod curve;
mod fit;
mod refine;
mod search;
mod seeds;
mod shapes;
mod shelves;
mod telling;
#[cfg(test)]
mod tests;

pub use band::{Band, Bands, Shape};
pub use fit::fit;
use shapes::{Biquad, decibels, warped};
pub use telling::{clause, phrase};

/// Magnitude of a band at `hz`, dB: that of the Audio EQ Cookbook's biquad at a sample rate of `rate` Hz. Held above
/// −300 dB.
pub fn response_db(band: &Band, hz: f64, rate: f64) -> f64 {
    decibels(Biquad::new(band, rate).power(warped(hz, rate)))
}

/// Magnitude of level and bands together at `hz`, dB.
pub fn total_db(bands: &Bands, hz: f64, rate: f64) -> f64 {
    bands.bands_level_db + bands.bands.iter().map(|band| response_db(band, hz, rate)).sum::<f64>()
}

//! The findings as pages: one file a format, each drawn from a [`Report`](crate::findings::Report) alone.
//!
//! [`markdown`] and [`html`] are the whole report; [`svg`] is its graph, [`table`] its chains, a row a strip. [`plots`] and
//! [`spectrogram`] are the page's pictures. [`escape`] makes names safe for each format.

pub mod escape;
pub mod html;
pub mod markdown;
pub mod plots;
pub mod spectrogram;
pub mod svg;
pub mod table;

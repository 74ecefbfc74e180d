//! The findings in words.
//!
//! [`units`] writes a number with its unit. With it, [`processor_phrase`] says what a processor is set to, [`strip_sentence`]
//! what a whole strip does, [`facts`] what holds for a report, [`runs`] how far several runs agree. [`look`] names and
//! colours the kinds, [`order`] and [`wiring`] say in which order strips are told and what feeds what.

pub mod facts;
pub mod look;
pub mod order;
pub mod processor_phrase;
pub mod runs;
pub mod strip_sentence;
pub mod units;
pub mod wiring;

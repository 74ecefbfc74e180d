//! The findings in words.
//!
//! Every kind of processor has words of its own: [`processor_phrase`] asks it what a processor is set to, [`strip_sentence`]
//! what a whole strip does. [`facts`] says what holds for a report, [`runs`] how far several runs agree; [`order`] and
//! [`wiring`] say in which order strips are told and what feeds what.

pub mod facts;
pub mod order;
pub mod processor_phrase;
pub mod runs;
pub mod strip_sentence;
pub mod wiring;

//! A strip in a sentence.

use super::phrases::describe;
use super::schema::{Report, StripView};
use super::words;

/// What a strip does, in words.
pub fn of(_: &Report, strip: &StripView) -> String {
    let said: Vec<String> = strip.chain.iter().map(describe).collect();
    if said.is_empty() { words::NOTHING.into() } else { said.join(", then ") }
}

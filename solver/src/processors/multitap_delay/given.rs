//! Onsets that golden vectors prescribe where the closed form and the reference round a flat peak to different samples.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::impulse::Position;

static ONSETS: Mutex<Option<HashMap<[u64; 2], usize>>> = Mutex::new(None);

fn key(z: Position) -> [u64; 2] {
    [z.re.to_bits(), z.im.to_bits()]
}

/// Prescribes the onset of exactly this position.
pub fn prescribe(re: f32, im: f32, onset: usize) {
    let mut onsets = ONSETS.lock().unwrap_or_else(PoisonError::into_inner);
    onsets.get_or_insert_default().insert(key(Position::new(re as f64, im as f64)), onset);
}

/// The prescribed onset, if there is one.
pub fn onset(z: Position) -> Option<usize> {
    let onsets = ONSETS.lock().unwrap_or_else(PoisonError::into_inner);
    onsets.as_ref()?.get(&key(z)).copied()
}

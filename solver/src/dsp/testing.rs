//! Signals for tests, and the sum that stands for a loss.

use super::{Stereo, dot};

/// The two halves of `values` as left and right.
pub fn stereo(values: &[f32]) -> Stereo {
    let (left, right) = values.split_at(values.len() / 2);
    Stereo { channels: [left.to_vec(), right.to_vec()] }
}

/// Repeatable white noise −1 ..< 1.
pub fn noise(samples: usize, seed: u32) -> Vec<f32> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 8_388_608.0 - 1.0
    };
    (0..samples).map(|_| next()).collect()
}

/// A beating sine of `pitch` radians a sample.
pub fn tone(samples: usize, pitch: f32) -> Vec<f32> {
    (0..samples).map(|i| (i as f32 * pitch).sin() * (i as f32 * 0.013 + pitch).cos()).collect()
}

/// A tone in the left channel and a higher one in the right.
pub fn wave(samples: usize, pitch: f32) -> Stereo {
    Stereo { channels: [tone(samples, pitch), tone(samples, 1.3 * pitch)] }
}

/// `Σ signal·weights` over both channels: a loss whose gradient is `weights`.
pub fn weighed(signal: &Stereo, weights: &Stereo) -> f64 {
    (0..2).map(|c| dot(&signal.channels[c], &weights.channels[c])).sum()
}

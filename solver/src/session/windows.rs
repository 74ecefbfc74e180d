//! Excerpts of a session for training and evaluation.

use std::ops::Range;

use rand::{Rng, RngExt};

/// Samples in a window: 3.8 s at 30 kHz.
pub const WINDOW: usize = 114_000;

/// Samples at a window's start that are rendered but not compared, so that tails can build up: 1 s at 30 kHz.
pub const WARM_UP: usize = 30_000;

/// How many of a window's first samples are not compared, in a song of `len` samples.
///
/// It is [`WARM_UP`], except in songs shorter than twice that: they are compared from their first sample on,
/// since nothing sounds before it.
pub fn warm_up(len: usize) -> usize {
    if len < 2 * WARM_UP { 0 } else { WARM_UP }
}

/// Where the windows start that together evaluate a song of `len` samples.
///
/// The compared parts of the windows follow one another without gap or overlap, from the end of the first warm-up
/// to the end of the song; the last window reaches beyond it and is padded with zeros. There is always one window.
pub fn evaluation_starts(len: usize) -> Vec<usize> {
    let compared_from = warm_up(len);
    let last = len.saturating_sub(compared_from).max(1);
    (0..last).step_by(WINDOW - WARM_UP).collect()
}

/// Of a window's samples, those that are compared.
pub fn compared(start: usize, len: usize) -> Range<usize> {
    start + warm_up(len)..start + WINDOW
}

/// Where a training window starts: anywhere that it lies within `len` samples, at 0 if the song is shorter.
pub fn random_start(rng: &mut impl Rng, len: usize) -> usize {
    rng.random_range(0..=len.saturating_sub(WINDOW))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn no_window_is_evaluated_wholly_beyond_the_end() {
        assert_eq!(evaluation_starts(84_000), [0]);
        assert_eq!(evaluation_starts(114_000), [0]);
        assert_eq!(evaluation_starts(114_001), [0, 84_000]);
        // ⌈900 000 / 84 000⌉ = 11 windows, as in the reference.
        assert_eq!(evaluation_starts(900_000).len(), 11);
        // ⌈850 000 / 84 000⌉ = 11 windows too, but the last would be compared from 870 000 on.
        assert_eq!(evaluation_starts(850_000).len(), 10);
    }

    #[test]
    fn a_song_shorter_than_the_warm_up_is_evaluated_from_its_start() {
        for len in [0, 1, 29_999, 30_000, 59_999] {
            assert_eq!(evaluation_starts(len), [0]);
            assert_eq!(warm_up(len), 0);
        }
        assert_eq!(warm_up(60_000), WARM_UP);
    }

    #[test]
    fn random_windows_reach_both_ends_of_a_song_and_stay_inside() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let starts: Vec<usize> = (0..1000).map(|_| random_start(&mut rng, WINDOW + 3)).collect();
        assert_eq!(starts.iter().min(), Some(&0));
        assert_eq!(starts.iter().max(), Some(&3));
        assert_eq!(random_start(&mut rng, WINDOW), 0);
        assert_eq!(random_start(&mut rng, 5), 0);
    }

    proptest! {
        #[test]
        fn every_sample_after_the_first_warm_up_is_compared_once(len in 1usize..2_000_000) {
            let starts = evaluation_starts(len);
            let mut compared_to = warm_up(len);
            for start in &starts {
                prop_assert_eq!(start + WARM_UP, compared_to.max(WARM_UP));
                compared_to = start + WINDOW;
            }
            prop_assert!(compared_to >= len);
            prop_assert!(starts.len() <= len.div_ceil(WINDOW - WARM_UP));
        }
    }
}

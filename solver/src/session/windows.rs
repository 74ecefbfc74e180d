//! Excerpts of a song for training and evaluation.

use std::ops::Range;

use rand::{Rng, RngExt};

use crate::clock;

/// Length of a window, s: 114 000 samples at 30 kHz.
const WINDOW_S: f64 = 3.8;

/// Time at a window's start that is rendered but not compared, so that tails can build up, s.
const WARM_UP_S: f64 = 1.0;

/// How a song is cut into windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// Sample rate of the song, Hz.
    pub rate: u32,
    /// Length of the song, samples.
    pub song: usize,
}

impl Windows {
    /// Samples in every window.
    pub fn samples(self) -> usize {
        clock::samples(WINDOW_S, self.rate)
    }

    /// How many of a window's first samples are not compared.
    ///
    /// It is a second, except in songs shorter than two: they are compared from their first sample on, since nothing
    /// sounds before it.
    pub fn warm_up(self) -> usize {
        let warm_up = self.whole_warm_up();
        if self.song < 2 * warm_up { 0 } else { warm_up }
    }

    fn whole_warm_up(self) -> usize {
        clock::samples(WARM_UP_S, self.rate)
    }

    /// Where the windows start that together evaluate the song.
    ///
    /// The compared parts of the windows follow one another without gap or overlap, from the end of the first warm-up
    /// to the end of the song; the last window reaches beyond it and is padded with zeros. There is always one window.
    pub fn evaluation_starts(self) -> Vec<usize> {
        let last = self.song.saturating_sub(self.warm_up()).max(1);
        (0..last).step_by(self.samples() - self.whole_warm_up()).collect()
    }

    /// The song's samples that are compared in the window that starts at `start`.
    pub fn compared(self, start: usize) -> Range<usize> {
        start + self.warm_up()..start + self.samples()
    }

    /// How much an evaluation window counts: the share of what is compared of it that is song, 1 where that is all.
    pub fn weight(self, start: usize) -> f64 {
        let compared = self.compared(start);
        let song = compared.end.min(self.song).saturating_sub(compared.start);
        song as f64 / compared.len() as f64
    }

    /// Where a training window starts: anywhere that it lies within the song, at 0 if the song is shorter.
    pub fn random_start(self, rng: &mut impl Rng) -> usize {
        rng.random_range(0..=self.song.saturating_sub(self.samples()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    fn song(song: usize) -> Windows {
        Windows { rate: 30_000, song }
    }

    #[test]
    fn a_window_has_as_many_seconds_at_every_rate() {
        assert_eq!((song(100_000).samples(), song(100_000).warm_up()), (114_000, 30_000));
        for rate in [8_000, 22_050, 44_100, 48_000, 192_000] {
            let windows = Windows { rate, song: 10 * rate as usize };
            assert!((windows.samples() as f64 / rate as f64 - 3.8).abs() < 1e-4);
            assert_eq!(windows.warm_up(), rate as usize);
            assert_eq!(windows.evaluation_starts().len(), song(300_000).evaluation_starts().len(), "{rate}");
        }
    }

    #[test]
    fn no_window_is_evaluated_wholly_beyond_the_end() {
        assert_eq!(song(84_000).evaluation_starts(), [0]);
        assert_eq!(song(114_000).evaluation_starts(), [0]);
        assert_eq!(song(114_001).evaluation_starts(), [0, 84_000]);
        // ⌈900 000 / 84 000⌉ = 11 windows, as in the reference.
        assert_eq!(song(900_000).evaluation_starts().len(), 11);
        // ⌈850 000 / 84 000⌉ = 11 windows too, but the last would be compared from 870 000 on.
        assert_eq!(song(850_000).evaluation_starts().len(), 10);
    }

    #[test]
    fn a_song_shorter_than_the_warm_up_is_evaluated_from_its_start() {
        for len in [0, 1, 29_999, 30_000, 59_999] {
            assert_eq!(song(len).evaluation_starts(), [0]);
            assert_eq!(song(len).warm_up(), 0);
        }
        assert_eq!(song(60_000).warm_up(), 30_000);
    }

    #[test]
    fn windows_that_are_whole_count_alike_and_the_last_as_much_as_there_is_of_it() {
        let weights = |len: usize| {
            let starts = song(len).evaluation_starts();
            starts.into_iter().map(|start| song(len).weight(start)).collect::<Vec<_>>()
        };
        assert_eq!(weights(198_000), [1.0, 1.0]);
        assert_eq!(weights(156_000), [1.0, 0.5]);
        assert_eq!(weights(72_000), [0.5]);
        // Compared from the first sample on.
        assert_eq!(weights(57_000), [0.5]);
    }

    #[test]
    fn random_windows_reach_both_ends_of_a_song_and_stay_inside() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let starts: Vec<usize> = (0..1000).map(|_| song(114_003).random_start(&mut rng)).collect();
        assert_eq!(starts.iter().min(), Some(&0));
        assert_eq!(starts.iter().max(), Some(&3));
        assert_eq!(song(114_000).random_start(&mut rng), 0);
        assert_eq!(song(5).random_start(&mut rng), 0);
    }

    proptest! {
        #[test]
        fn every_sample_after_the_first_warm_up_is_compared_once(
            rate in 8_000u32..192_000,
            seconds in 0.0f64..60.0,
        ) {
            let windows = Windows { rate, song: 1 + (seconds * rate as f64) as usize };
            let (starts, warm_up) = (windows.evaluation_starts(), windows.whole_warm_up());
            let mut compared_to = windows.warm_up();
            for start in &starts {
                prop_assert_eq!(start + warm_up, compared_to.max(warm_up));
                compared_to = start + windows.samples();
            }
            prop_assert!(compared_to >= windows.song);
            prop_assert!(starts.len() <= windows.song.div_ceil(windows.samples() - warm_up));
        }
    }
}

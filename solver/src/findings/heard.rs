//! How much of each stem stands out of the mix.

use std::sync::{Mutex, PoisonError, RwLock};

use super::spectrum::{Energies, Stream, a_weight, centres};
use crate::engine::{Piece, Track};
use crate::stop::{Interrupted, Until};

/// Of a stem that is heard less than this (0…1), little can be said. It lies 13 dB below the mix wherever it plays: take it
/// away, and the levels there fall by a fifth of a dB. What its processors change of that is less than any match sees.
pub const UNCERTAIN: f64 = 0.05;

/// Added to the energy of the mix: what is below −90 dBFS in a band is not heard even where nothing else plays.
const INAUDIBLE: f64 = 1e-9;

/// Of every stem as it sounds in the mix, the share 0…1 of its energy that stands out of the mix, added up while the song
/// is printed.
///
/// In each frame and third octave of [`spectrum`](super::spectrum), the share of a stem's energy in that of the mix counts, as
/// much as its A-weighted energy there. A stem alone has 1, one 20 dB below the rest 0.01, a silent one 0.
pub struct Heard {
    weights: Vec<f64>,
    mix: RwLock<Mix>,
    stems: Vec<Mutex<Stem>>,
}

struct Mix {
    stream: Stream,
    /// Of the piece that came last.
    energies: Energies,
}

struct Stem {
    stream: Stream,
    /// Its weighted energy so far.
    all: f64,
    /// What of it stands out.
    out: f64,
}

impl Heard {
    /// Of so many stems of a song at `rate` Hz.
    pub fn new(stems: usize, rate: u32) -> Self {
        let stem = |_| Mutex::new(Stem { stream: Stream::new(rate), all: 0.0, out: 0.0 });
        Self {
            weights: centres(rate).iter().map(|&hz| a_weight(hz)).collect(),
            mix: RwLock::new(Mix { stream: Stream::new(rate), energies: Energies::default() }),
            stems: (0..stems).map(stem).collect(),
        }
    }

    /// Takes a piece of the song; the mix's come before those of the stems, and all are cut alike.
    ///
    /// # Errors
    /// Once `until` is over.
    pub fn take(&self, piece: Piece<'_>, until: Until<'_>) -> Result<(), Interrupted> {
        self.advance(piece.track, |stream| stream.take(piece.audio, until))
    }

    fn advance(
        &self,
        track: Track,
        next: impl Fn(&mut Stream) -> Result<Energies, Interrupted>,
    ) -> Result<(), Interrupted> {
        let number = match track {
            Track::Mix => {
                let mut mix = self.mix.write().unwrap_or_else(PoisonError::into_inner);
                mix.energies = next(&mut mix.stream)?;
                return Ok(());
            }
            Track::Stem(number) => number,
        };
        let mix = self.mix.read().unwrap_or_else(PoisonError::into_inner);
        let mut stem = self.stems[number].lock().unwrap_or_else(PoisonError::into_inner);
        let Stem { stream, all, out } = &mut *stem;
        for (stem, mix) in next(stream)?.frames().zip(mix.energies.frames()) {
            for ((stem, mix), weight) in stem.iter().zip(mix).zip(&self.weights) {
                *all += weight * stem;
                // Where stems cancel each other, one has more than the mix.
                *out += weight * stem * (stem / (mix + INAUDIBLE)).min(1.0);
            }
        }
        Ok(())
    }

    /// The shares, by stem; 0 for those of which nothing came.
    ///
    /// # Errors
    /// Once `until` is over.
    pub fn shares(self, until: Until<'_>) -> Result<Vec<f64>, Interrupted> {
        self.advance(Track::Mix, |stream| stream.end(until))?;
        (0..self.stems.len()).try_for_each(|s| self.advance(Track::Stem(s), |stream| stream.end(until)))?;
        let share = |stem: Mutex<Stem>| {
            let Stem { all, out, .. } = stem.into_inner().unwrap_or_else(PoisonError::into_inner);
            if all > 0.0 { out / all } else { 0.0 }
        };
        Ok(self.stems.into_iter().map(share).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::Stereo;
    use crate::dsp::testing::noise;

    const RATE: u32 = 30_000;
    const SAMPLES: usize = 120_000;
    const PIECE: usize = 50_000;

    /// Noise at a level in dB, which plays in the given second of four, or throughout.
    fn part(seed: u32, db: f32, second: Option<usize>) -> Stereo {
        let gain = 10f32.powf(db / 20.0);
        let plays = |n: usize| second.is_none_or(|second| n / RATE as usize == second);
        let channel = |seed| -> Vec<f32> {
            let noise = noise(SAMPLES, seed).into_iter().enumerate();
            noise.map(|(n, v)| if plays(n) { gain * v } else { 0.0 }).collect()
        };
        Stereo { channels: [channel(seed), channel(seed + 100)] }
    }

    fn heard_together(stems: &[Stereo]) -> Vec<f64> {
        let mut mix = Stereo::silence(SAMPLES);
        stems.iter().for_each(|stem| mix.add(stem));
        let heard = Heard::new(stems.len(), RATE);
        for start in (0..SAMPLES).step_by(PIECE) {
            let audio = |of: &Stereo| -> [Vec<f32>; 2] {
                of.channels.each_ref().map(|c| c[start..SAMPLES.min(start + PIECE)].to_vec())
            };
            let take = |track, of| {
                let audio: [Vec<f32>; 2] = audio(of);
                let piece = Piece { track, start, audio: audio.each_ref().map(Vec::as_slice) };
                heard.take(piece, Until::DONE).unwrap();
            };
            take(Track::Mix, &mix);
            stems.iter().enumerate().for_each(|(number, stem)| take(Track::Stem(number), stem));
        }
        heard.shares(Until::DONE).unwrap()
    }

    #[test]
    fn a_stem_is_heard_wholly_where_it_plays_alone() {
        let heard = heard_together(&[part(1, 0.0, Some(0)), part(2, -30.0, Some(2))]);
        assert!(heard.iter().all(|&h| h > 0.98), "{heard:?}");
    }

    #[test]
    fn twenty_decibels_below_the_rest_a_hundredth_is_heard() {
        let heard = heard_together(&[part(1, 0.0, None), part(2, -20.0, None)]);
        assert!(heard[0] > 0.95 && (0.007..0.02).contains(&heard[1]), "{heard:?}");
        assert!(heard[1] < UNCERTAIN);
    }

    #[test]
    fn of_two_stems_as_loud_as_each_other_each_is_half_heard() {
        let heard = heard_together(&[part(1, 0.0, None), part(2, 0.0, None)]);
        assert!(heard.iter().all(|h| (0.4..0.65).contains(h)), "{heard:?}");
    }

    #[test]
    fn silence_and_dust_are_not_heard() {
        let heard =
            heard_together(&[part(1, 0.0, Some(0)), Stereo::silence(SAMPLES), part(2, -140.0, Some(2))]);
        assert_eq!(heard[1], 0.0);
        assert!(heard[2] < 1e-3, "{heard:?}");
    }
}

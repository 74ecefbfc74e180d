//! How much of each stem stands out of the mix.

use rayon::prelude::*;

use super::spectrum::{self, a_weight, centres};
use crate::dsp::Stereo;
use crate::stop::{Interrupted, Until};

/// Of a stem that is heard less than this (0…1), little can be said. It lies 13 dB below the mix wherever it plays: take it
/// away, and the levels there fall by a fifth of a dB. What its processors change of that is less than any match sees.
pub const UNCERTAIN: f64 = 0.05;

/// Added to the energy of the mix: what is below −90 dBFS in a band is not heard even where nothing else plays.
const INAUDIBLE: f64 = 1e-9;

/// Of every stem as it sounds in the mix, the share 0…1 of its energy that stands out of the mix; `rate` in Hz.
///
/// In each frame and third octave of [`spectrum`], the share of a stem's energy in that of the mix counts, as much as
/// its A-weighted energy there. A stem alone has 1, one 20 dB below the rest 0.01, a silent one 0.
///
/// # Errors
/// Once `until` is over.
pub fn heard(printed: &[Stereo], mix: &Stereo, rate: u32, until: Until<'_>) -> Result<Vec<f64>, Interrupted> {
    let weights: Vec<f64> = centres(rate).iter().map(|&hz| a_weight(hz)).collect();
    let energies = |audio: &Stereo| {
        let [mut both, right] = spectrum::energies(audio, rate, until)?;
        both.add(&right);
        Ok(both)
    };
    let mix = energies(mix)?;
    let share = |stem: &Stereo| {
        let (mut all, mut out) = (0.0, 0.0);
        for (stem, mix) in energies(stem)?.frames().zip(mix.frames()) {
            for ((stem, mix), weight) in stem.iter().zip(mix).zip(&weights) {
                all += weight * stem;
                // Where stems cancel each other, one has more than the mix.
                out += weight * stem * (stem / (mix + INAUDIBLE)).min(1.0);
            }
        }
        Ok(if all > 0.0 { out / all } else { 0.0 })
    };
    printed.par_iter().map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::testing::noise;

    const RATE: u32 = 30_000;
    const SAMPLES: usize = 120_000;

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
        heard(stems, &mix, RATE, Until::DONE).unwrap()
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

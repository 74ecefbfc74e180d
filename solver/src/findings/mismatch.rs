//! Where a found mix is off.

use super::schema::{ErrorOverTime, ErrorView};
use super::spectrum::{self, LOOK, a_weight, centres, hop};
use crate::dsp::Stereo;
use crate::processors::Response;
use crate::stop::{Interrupted, Until};

/// What is this far below the loudest of the song, A-weighted, is not heard: −60 dB, as energy.
const HEARD: f64 = 1e-6;
/// What is found this far below the loudest of the song counts as loud as this: −80 dB, as energy. Silence has no level.
const FAINTEST: f64 = 1e-8;

/// Where `found` is off from `mix`, which are as long as each other; `rate` in Hz.
///
/// In each frame and third octave of [`spectrum`], in the left and the right channel, the levels of both are compared
/// if `mix` is heard there: if it is, A-weighted, within 60 dB of the loudest in the song. What is heard counts alike,
/// however loud it is: the means are plain ones. Third octaves and seconds in which nothing is heard are left out.
///
/// # Errors
/// Once `until` is over.
pub fn mismatch(mix: &Stereo, found: &Stereo, rate: u32, until: Until<'_>) -> Result<ErrorView, Interrupted> {
    let centres = centres(rate);
    let weights: Vec<f64> = centres.iter().map(|&hz| a_weight(hz)).collect();
    let energies = |audio| spectrum::energies(audio, rate, until);
    let (mix_energies, found) = rayon::join(|| energies(mix), || energies(found));
    let (mix_energies, found) = (mix_energies?, found?);
    let mut loudest = 0.0f64;
    for frame in mix_energies.iter().flat_map(|channel| channel.frames()) {
        loudest = frame.iter().zip(&weights).map(|(e, w)| w * e).fold(loudest, f64::max);
    }
    let mut by_band = vec![Mean::default(); centres.len()];
    let mut by_second = vec![Mean::default(); 1 + mix.len() / rate as usize];
    for (mix, found) in mix_energies.iter().zip(&found) {
        for (frame, (mix, found)) in mix.frames().zip(found.frames()).enumerate() {
            if frame.is_multiple_of(LOOK) {
                until.check()?;
            }
            let second = &mut by_second[frame * hop(rate) / rate as usize];
            for (((mix, found), weight), band) in mix.iter().zip(found).zip(&weights).zip(&mut by_band) {
                if weight * mix > HEARD * loudest {
                    let found = found.max(FAINTEST * loudest / weight);
                    let db = (10.0 * (found / mix).log10()).abs();
                    band.add(db);
                    second.add(db);
                }
            }
        }
    }
    let (hz, db) = heard(centres.iter().copied().zip(by_band));
    let by_frequency = Response { hz, db };
    let (s, db) = heard((0..).map(f64::from).zip(by_second));
    Ok(ErrorView { by_frequency, over_time: ErrorOverTime { s, db } })
}

/// The mean of what is added.
#[derive(Clone, Copy, Debug, Default)]
struct Mean {
    sum: f64,
    count: usize,
}

impl Mean {
    fn add(&mut self, value: f64) {
        self.sum += value;
        self.count += 1;
    }
}

/// The means of something, apart from where they are.
fn heard(means: impl Iterator<Item = (f64, Mean)>) -> (Vec<f64>, Vec<f64>) {
    means.filter(|(_, m)| m.count > 0).map(|(at, m)| (at, m.sum / m.count as f64)).unzip()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::testing::noise;
    use std::f64::consts::TAU;

    const RATE: u32 = 30_000;

    fn mismatch(mix: &Stereo, found: &Stereo) -> ErrorView {
        super::mismatch(mix, found, RATE, Until::DONE).unwrap()
    }

    /// Three seconds of noise.
    fn song() -> Stereo {
        Stereo { channels: [noise(90_000, 1), noise(90_000, 2)] }
    }

    fn scaled(audio: &Stereo, db: f64) -> Stereo {
        let gain = 10f64.powf(db / 20.0) as f32;
        Stereo { channels: audio.channels.each_ref().map(|c| c.iter().map(|v| gain * v).collect()) }
    }

    /// A sine in both channels.
    fn sine(hz: f64) -> Stereo {
        let wave = |n: usize| (TAU * hz * n as f64 / RATE as f64).sin() as f32;
        Stereo { channels: [0, 1].map(|_| (0..90_000).map(wave).collect()) }
    }

    #[test]
    fn a_mix_is_not_off_from_itself() {
        let error = mismatch(&song(), &song());
        assert!(error.by_frequency.db.iter().chain(&error.over_time.db).all(|&db| db == 0.0));
        assert_eq!(error.over_time.s, [0.0, 1.0, 2.0]);
    }

    #[test]
    fn six_decibels_less_are_six_decibels_everywhere() {
        for db in [-6.0, 6.0] {
            let error = mismatch(&song(), &scaled(&song(), db));
            let all = error.by_frequency.db.iter().chain(&error.over_time.db);
            assert!(all.clone().count() > 20);
            assert!(all.clone().all(|db| (db - 6.0).abs() < 1e-3), "{error:?}");
        }
    }

    #[test]
    fn a_difference_in_one_band_shows_in_that_band() {
        let (mut mix, mut found) = (song(), song());
        mix.add(&scaled(&sine(2000.0), 12.0));
        found.add(&scaled(&sine(2000.0), 18.0));
        let error = mismatch(&mix, &found);
        for (hz, db) in error.by_frequency.hz.iter().zip(&error.by_frequency.db) {
            let wanted = if *hz == 2000.0 { 5.0..6.1 } else { 0.0..0.2 };
            assert!(wanted.contains(db), "{hz} Hz: {db} dB");
        }
    }

    #[test]
    fn a_difference_in_one_second_shows_in_that_second() {
        let mut found = song();
        found.channels.iter_mut().for_each(|c| c[30_000..60_000].iter_mut().for_each(|v| *v *= 2.0));
        let db = mismatch(&song(), &found).over_time.db;
        assert!(db[1] > 5.5 && db[0] < 0.5 && db[2] < 0.5, "{db:?}");
    }

    #[test]
    fn what_is_not_heard_in_the_mix_is_left_out() {
        // A tone that swells and fades, so that there is no click.
        let mut mix = sine(1000.0);
        for channel in &mut mix.channels {
            let swell = |n: usize| 0.5 - 0.5 * (TAU * n.min(40_000) as f64 / 40_000.0).cos();
            channel.iter_mut().enumerate().for_each(|(n, v)| *v *= swell(n) as f32);
        }
        let tone = mismatch(&mix, &song());
        assert!(tone.by_frequency.hz.contains(&1000.0));
        assert!(!tone.by_frequency.hz.contains(&40.0) && !tone.by_frequency.hz.contains(&10_000.0));
        assert_eq!(tone.over_time.s, [0.0, 1.0]);
        let silence = mismatch(&Stereo::silence(90_000), &song());
        assert!(silence.by_frequency.hz.is_empty() && silence.over_time.s.is_empty());
    }

    #[test]
    fn a_silent_find_is_off_by_eighty_decibels_at_most() {
        let error = mismatch(&song(), &Stereo::silence(90_000));
        assert!(error.by_frequency.db.iter().all(|db| (20.0..80.1).contains(db)), "{error:?}");
    }
}

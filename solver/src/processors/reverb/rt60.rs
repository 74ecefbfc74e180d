//! Reverberation times (MATH.md §10), from the expected level of the noise frame by frame.

use super::decay::FRAMES;
use super::{BINS, CHANNEL_LEN, HOP, SHADE};
use crate::clock::REFERENCE;
use crate::processors::telling::Curve;

const RATE: f64 = REFERENCE as f64;
/// Octave centres of a report, Hz.
const OCTAVES: [f64; 7] = [125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0];
/// Longest time in a report, s; longer ones read as this.
const LONGEST: f64 = 100.0;
/// How far the level falls while the decay is measured, dB.
const MEASURED_DB: f64 = 30.0;

/// RT60 over all frequencies, s.
pub fn overall(physical: &[f32]) -> f64 {
    rt60(physical, 0, BINS - 1)
}

/// RT60 of each octave.
pub fn by_octave(physical: &[f32]) -> Curve {
    let width = RATE / (2.0 * HOP as f64);
    let bin = |hz: f64| ((hz / width).round() as usize).min(BINS - 1);
    let hz = OCTAVES.to_vec();
    let half = std::f64::consts::SQRT_2;
    let s = hz.iter().map(|hz| rt60(physical, bin(hz / half), bin(hz * half))).collect();
    Curve { over: hz, of: s }
}

/// From the sound to the loudest frame of its reverberation, s. A level that only falls is loudest at once.
pub fn pre_delay(physical: &[f32]) -> f64 {
    let loudest = loudest_start(physical, 0, BINS - 1);
    let levels = (0..FRAMES).map(|m| level(physical, (0, BINS - 1), loudest, m));
    let (frame, _) =
        levels.enumerate().fold((0, f64::MIN), |most, here| if here.1 > most.1 { here } else { most });
    (frame * HOP) as f64 / RATE
}

/// The time in which a straight line, fitted to the level in dB of the bins `first ..= last` of mid and side over the
/// first 30 dB of their decay, falls by 60 dB.
fn rt60(physical: &[f32], first: usize, last: usize) -> f64 {
    let loudest = loudest_start(physical, first, last);
    let level = |m: usize| level(physical, (first, last), loudest, m);
    let top = level(0);
    let measured: Vec<f64> = (0..FRAMES)
        .map(level)
        .enumerate()
        .take_while(|(m, db)| *m < 2 || *db > top - MEASURED_DB)
        .map(|(_, db)| db)
        .collect();
    let count = measured.len() as f64;
    let centre = (count - 1.0) / 2.0;
    let mean = measured.iter().sum::<f64>() / count;
    let offsets = || measured.iter().enumerate().map(|(m, db)| (m as f64 - centre, db - mean));
    let slope = offsets().map(|(m, db)| m * db).sum::<f64>() / offsets().map(|(m, _)| m * m).sum::<f64>();
    let seconds = -60.0 / slope * HOP as f64 / RATE;
    // A level that does not fall, or that is no number, counts as endless.
    if seconds >= 0.0 { seconds.min(LONGEST) } else { LONGEST }
}

/// The bins `first ..= last` of mid and side.
fn bins(first: usize, last: usize) -> impl Iterator<Item = usize> {
    [0, BINS].into_iter().flat_map(move |channel| channel + first..=channel + last)
}

fn loudest_start(physical: &[f32], first: usize, last: usize) -> f64 {
    bins(first, last).map(|k| physical[k] as f64).fold(f64::MIN, f64::max)
}

/// The expected level of frame `m`, dB, relative to the loudest start so that no exponential overflows.
fn level(physical: &[f32], (first, last): (usize, usize), loudest: f64, m: usize) -> f64 {
    let (start, fall) = physical.split_at(CHANNEL_LEN);
    let log = |k: usize| 2.0 * SHADE * (start[k] as f64 - loudest - fall[k] as f64 * m as f64);
    10.0 * bins(first, last).map(|k| log(k).exp()).sum::<f64>().max(f64::MIN_POSITIVE).log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn falling(fall: impl Fn(usize) -> f32) -> Vec<f32> {
        let mut physical = vec![0.3; 2 * CHANNEL_LEN];
        (0..CHANNEL_LEN).for_each(|i| physical[CHANNEL_LEN + i] = fall(i % BINS));
        physical
    }

    #[test]
    fn an_even_decay_has_the_closed_forms_time() {
        let wanted = 1000f64.ln() * 8.0 * 192.0 / (0.7 * 30_000.0);
        let physical = falling(|_| 0.7);
        assert!((overall(&physical) - wanted).abs() < 1e-4);
        let octaves = by_octave(&physical);
        assert_eq!(octaves.over, OCTAVES);
        assert!(octaves.of.iter().all(|s| (s - wanted).abs() < 1e-4), "{octaves:?}");
    }

    #[test]
    fn treble_that_dies_sooner_shows_in_its_octaves() {
        let physical = falling(|k| 0.2 + 0.01 * k as f32);
        let s = by_octave(&physical).of;
        assert!(s.is_sorted_by(|a, b| a > b), "{s:?}");
        assert!(overall(&physical) < s[0]);
    }

    #[test]
    fn times_stay_finite_whatever_the_parameters() {
        for fall in [0.0, 1e-9, 400.0, 1e9, f32::NAN] {
            for start in [-1e6, 0.0, 1e6] {
                let mut physical = falling(|_| fall);
                physical[..CHANNEL_LEN].fill(start);
                let s = overall(&physical);
                assert!((0.0..=LONGEST).contains(&s), "{fall} {start}: {s}");
            }
        }
    }
}

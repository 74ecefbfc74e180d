//! A song's tempo from its mix: how far apart the beats are that its onsets keep.

use crate::clock;
use crate::dsp::{FrameSpectrum, Stereo};
use crate::session::TEMPI;
use crate::stop::{Interrupted, Until};

/// Frames a second of the onset curve, roughly.
const FRAME_RATE: f64 = 100.0;
/// Samples of a frame's spectrum at 30 kHz.
const WINDOW: usize = 1024;
/// Frames between two looks at whether to go on: a few milliseconds.
const LOOK: usize = 64;
/// The tempo that is likeliest before anything is heard, in quarter notes a minute, and how far others may be from it, in
/// octaves: where half and double the tempo fit as well, musicians tap the one nearer to it.
const USUAL: (f64, f64) = (120.0, 0.9);
/// Tempi that are looked for.
const LOOKED_FOR: std::ops::RangeInclusive<f64> = 50.0..=210.0;
/// Beats and their multiples that a tempo is judged by.
const BEATS: usize = 4;
/// How strongly onsets must repeat, as a share of their energy, to be called a beat.
const CLEAR: f64 = 0.25;
/// Shorter songs have too few beats, s.
const SHORTEST_S: f64 = 4.0;

/// The tempo in quarter notes a minute, where the mix keeps one clearly; `rate` in Hz.
///
/// The onset curve is the sum of all rises of the log spectrum from frame to frame. A tempo fits as well as the curve repeats
/// at one to four of its beats, weighted by how usual it is. Whether it is that tempo, its half or its double is a matter
/// of taste and may be told wrong.
///
/// # Errors
/// Once `until` is over.
pub fn estimate(mix: &Stereo, rate: u32, until: Until<'_>) -> Result<Option<f64>, Interrupted> {
    let (mix_rate, rate) = (rate, rate as f64);
    if (mix.len() as f64) < SHORTEST_S * rate {
        return Ok(None);
    }
    let hop = (rate / FRAME_RATE).round() as usize;
    let onsets = onsets(mix, clock::frame(WINDOW, mix_rate), hop, until)?;
    let frames = rate / hop as f64;
    let repeats = autocorrelation(&onsets, until)?;
    let repeat = |lag: f64| {
        let (at, share) = (lag as usize, lag.fract());
        match (repeats.get(at), repeats.get(at + 1)) {
            (Some(here), Some(next)) => here * (1.0 - share) + next * share,
            _ => 0.0,
        }
    };
    // How well onsets repeat at a tempo's beats.
    let fit = |bpm: f64| {
        let beat = frames * 60.0 / bpm;
        (1..=BEATS).map(|n| repeat(beat * n as f64)).sum::<f64>() / BEATS as f64
    };
    let usual = |bpm: f64| (-0.5 * ((bpm / USUAL.0).log2() / USUAL.1).powi(2)).exp();
    let tempi = (0..).map(|i| LOOKED_FOR.start() + 0.1 * i as f64).take_while(|bpm| LOOKED_FOR.contains(bpm));
    let best = tempi.map(|bpm| (bpm, fit(bpm) * usual(bpm))).max_by(|a, b| a.1.total_cmp(&b.1));
    Ok(best.map(|(bpm, _)| bpm).filter(|bpm| fit(*bpm) >= CLEAR && TEMPI.contains(bpm)))
}

/// How much rises from frame to frame of `window` samples, `hop` samples apart, its slow changes removed.
fn onsets(mix: &Stereo, window: usize, hop: usize, until: Until<'_>) -> Result<Vec<f64>, Interrupted> {
    let mut frames = FrameSpectrum::new(window);
    let [left, right] = &mix.channels;
    let mut before: Option<Vec<f32>> = None;
    let mut rises = Vec::with_capacity(mix.len() / hop);
    for (frame, start) in (0..mix.len().saturating_sub(window)).step_by(hop).enumerate() {
        if frame.is_multiple_of(LOOK) {
            until.check()?;
        }
        let spectrum = frames.of(|i| left[start + i] + right[start + i]);
        // A floor 54 dB below a sine of full scale in both channels keeps noise in silence from counting as onsets.
        let log: Vec<f32> = spectrum.iter().map(|v| (v.norm() + 1e-3 * window as f32).ln()).collect();
        let rise = |b: &Vec<f32>| b.iter().zip(&log).map(|(b, l)| f64::from(l - b).max(0.0)).sum();
        rises.push(before.as_ref().map_or(0.0, rise));
        before = Some(log);
    }
    // Over a second and a half, the mean of what is around is no onset.
    let around = (0.75 * FRAME_RATE) as usize;
    let mean = |i: usize| {
        let near = &rises[i.saturating_sub(around)..(i + around).min(rises.len())];
        near.iter().sum::<f64>() / near.len() as f64
    };
    Ok((0..rises.len()).map(|i| rises[i] - mean(i)).collect())
}

/// How alike a curve is to itself, from lag 0 (where that is 1) to eight seconds, or to half of the curve if that is less:
/// what little overlaps at longer lags says nothing.
fn autocorrelation(curve: &[f64], until: Until<'_>) -> Result<Vec<f64>, Interrupted> {
    let lags = ((8.0 * FRAME_RATE) as usize).min(curve.len() / 2);
    let at = |lag: usize| curve.iter().zip(&curve[lag..]).map(|(a, b)| a * b).sum::<f64>();
    let energy = at(0).max(f64::MIN_POSITIVE);
    // What the ends cut off is made up for.
    let whole = |lag: usize| curve.len() as f64 / (curve.len() - lag) as f64;
    let repeat = |lag| {
        until.check()?;
        Ok(at(lag) / energy * whole(lag))
    };
    (0..=lags).map(repeat).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = 30_000;

    fn estimate(mix: &Stereo) -> Option<f64> {
        super::estimate(mix, RATE, Until::DONE).unwrap()
    }

    /// Decaying bursts of noise at these times, s.
    fn bursts(seconds: f64, times: impl Iterator<Item = f64>) -> Stereo {
        let mut song = Stereo::silence((seconds * RATE as f64) as usize);
        let noise = crate::dsp::uniform_noise(4_000);
        for time in times {
            let start = (time * RATE as f64) as usize;
            for (channel, noise) in song.channels.iter_mut().zip(&noise) {
                for (i, (to, n)) in channel.iter_mut().skip(start).zip(noise).enumerate() {
                    *to += n * (-(i as f32) / 600.0).exp();
                }
            }
        }
        song
    }

    #[test]
    fn a_steady_beat_is_found_to_a_percent() {
        for bpm in [82.0, 104.5, 120.0, 138.0, 150.0] {
            let beats = (0..200).map(|n| n as f64 * 60.0 / bpm).take_while(|t| *t < 19.0);
            let found = estimate(&bursts(20.0, beats)).unwrap();
            assert!((found / bpm - 1.0).abs() < 0.01, "{found}, not {bpm}");
        }
    }

    #[test]
    fn no_tempo_is_told_where_none_is_kept() {
        let mut time = 0.0;
        let irregular = (0..60).map(|n| {
            time += 0.17 + 0.61 * ((n * n * 7) as f64 * 0.618).fract();
            time
        });
        assert_eq!(estimate(&bursts(20.0, irregular)), None);
        assert_eq!(estimate(&Stereo::silence(10 * RATE as usize)), None);
        assert_eq!(estimate(&Stereo::silence(100)), None);
    }

    #[test]
    fn two_hits_at_the_ends_of_a_short_song_are_no_tempo() {
        assert_eq!(estimate(&bursts(4.2, [0.1, 4.0].into_iter())), None);
    }
}

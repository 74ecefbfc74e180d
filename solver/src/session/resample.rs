//! Audio from one sample rate to another, in step to a fraction of a sample.

use rubato::audioadapter_buffers::direct::SequentialSliceOfVecs;
use rubato::{Fft, FixedSync, Indexing, Resampler, WindowFunction};

use crate::dsp::Stereo;
use crate::stop::{Interrupted, Until};

/// The filter's length, at least, in samples of the lower rate: it is flat up to 96 % of that rate's half.
const TAPS: usize = 2048;

/// The length of `samples` samples at another rate, rounded.
pub fn resampled_len(samples: usize, from: u32, to: u32) -> usize {
    let exact = samples as u128 * to as u128;
    ((exact + from as u128 / 2) / from as u128) as usize
}

/// Why audio could not be resampled.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The resampler refuses the rates, in its own words.
    #[error("{0}")]
    Refused(String),
    /// It was given up.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

/// `audio` at the rate `to` instead of `from` (both in Hz); sample 0 stays at sample 0.
///
/// The filter is linear-phase and its delay is taken out.
///
/// # Errors
/// Should the resampler refuse a rate, or `until` be over before the end.
pub fn resample(audio: Stereo, from: u32, to: u32, until: Until<'_>) -> Result<Stereo, Error> {
    if from == to || audio.is_empty() {
        return Ok(audio);
    }
    let (from_hz, to_hz) = (from as usize, to as usize);
    // An even number of the smallest possible blocks: then the delay, half a block, is whole at both rates.
    let divisor = greatest_common_divisor(from_hz, to_hz);
    let blocks = 2 * TAPS.div_ceil(2 * from_hz.min(to_hz) / divisor);
    let block = blocks * from_hz / divisor;
    let mut resampler =
        Fft::<f32>::new_custom(from_hz, to_hz, block, 1, 2, WindowFunction::BlackmanHarris2, FixedSync::Both)
            .map_err(refused)?;
    let len = resampled_len(audio.len(), from, to).max(1);
    let mut delay = resampler.output_delay();
    let mut done = [(); 2].map(|()| Vec::with_capacity(len));
    let mut place = Indexing::default();
    let mut out = [(); 2].map(|()| vec![0.0; resampler.output_frames_max()]);
    while done[0].len() < len {
        until.check()?;
        // Silence follows the end.
        let left = audio.len().saturating_sub(place.input_offset);
        place.partial_len = (left < resampler.input_frames_next()).then_some(left);
        let input = SequentialSliceOfVecs::new(&audio.channels, 2, audio.len()).map_err(refused)?;
        let room = out[0].len();
        let mut output = SequentialSliceOfVecs::new_mut(&mut out, 2, room).map_err(refused)?;
        let (read, written) =
            resampler.process_into_buffer(&input, &mut output, Some(&place)).map_err(refused)?;
        place.input_offset = (place.input_offset + read).min(audio.len());
        let late = delay.min(written);
        delay -= late;
        for (done, out) in done.iter_mut().zip(&out) {
            let count = (written - late).min(len - done.len());
            done.extend_from_slice(&out[late..][..count]);
        }
    }
    Ok(Stereo { channels: done })
}

fn refused(reason: impl ToString) -> Error {
    Error::Refused(reason.to_string())
}

fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;
    use crate::stop::Stop;

    const RATES: [u32; 9] = [8_000, 11_025, 22_050, 44_100, 44_101, 48_000, 96_000, 192_000, 384_000];

    /// One second of a sine that swells and fades, so that it has no edges.
    fn sine(hz: f64, rate: u32) -> Stereo {
        let wave = |i: usize| {
            let t = i as f64 / rate as f64;
            ((0.5 - 0.5 * (TAU * t).cos()) * (TAU * hz * t).sin()) as f32
        };
        let left: Vec<f32> = (0..rate as usize).map(wave).collect();
        let right = left.iter().map(|v| -0.5 * v).collect();
        Stereo { channels: [left, right] }
    }

    #[test]
    fn a_sine_keeps_its_phase_and_level_at_every_rate() {
        for from in RATES {
            for hz in [50.0, 997.0, 9_000.0, 14_400.0].into_iter().filter(|hz| *hz < 0.48 * from as f64) {
                let found = resample(sine(hz, from), from, 30_000, Until::DONE).unwrap();
                let wanted = sine(hz, 30_000);
                assert_eq!(found.len(), wanted.len());
                for (found, wanted) in found.channels.iter().flatten().zip(wanted.channels.iter().flatten()) {
                    assert!((found - wanted).abs() < 2e-5, "{from} Hz, {hz} Hz sine: {found}, not {wanted}");
                }
            }
        }
    }

    #[test]
    fn an_impulse_stays_where_it_was() {
        for from in RATES {
            let mut audio = Stereo::silence(from as usize);
            audio.channels[1][from as usize / 2] = 1.0;
            let found = resample(audio, from, 30_000, Until::DONE).unwrap();
            let centre = (from as usize / 2) as f64 * 30_000.0 / from as f64;
            let loudest = found.channels[1].iter().map(|v| v.abs()).fold(0.0, f32::max);
            let place = found.channels[1].iter().position(|v| v.abs() == loudest).unwrap();
            assert!((place as f64 - centre).abs() <= 0.5, "{from} Hz: {place}, not {centre}");
            assert!(found.channels[0].iter().all(|v| *v == 0.0));
        }
    }

    #[test]
    fn nothing_above_the_lower_nyquist_frequency_remains() {
        let found = resample(sine(16_000.0, 44_100), 44_100, 30_000, Until::DONE).unwrap();
        let loudest = found.channels[0].iter().map(|v| v.abs()).fold(0.0, f32::max);
        assert!(loudest < 1e-5, "{loudest}");
    }

    #[test]
    fn an_abort_is_met_before_the_next_block() {
        let stop = Stop::aborting_at(3);
        let found = resample(sine(997.0, 96_000), 96_000, 30_000, stop.until_aborted());
        assert!(matches!(found, Err(Error::Interrupted(_))));
        assert_eq!(stop.looks(), 3);
    }

    #[test]
    fn the_length_is_rounded_and_never_zero() {
        for from in RATES {
            for len in [1, 2, 3, 1_000, 44_099, 44_100, 100_001] {
                let found = resample(Stereo::silence(len), from, 30_000, Until::DONE).unwrap();
                let wanted = (len as f64 * 30_000.0 / from as f64).round().max(1.0);
                assert_eq!(found.len(), wanted as usize, "{len} samples at {from} Hz");
                assert_eq!(found.channels[1].len(), found.len());
            }
        }
    }
}

//! Audio from one sample rate to another, in step to a fraction of a sample.

use rubato::audioadapter_buffers::direct::SequentialSliceOfVecs;
use rubato::{Fft, FixedSync, Resampler, WindowFunction};

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
    let len = resampled_len(audio.len(), from, to).max(1);
    let mut done = [(); 2].map(|()| Vec::with_capacity(len));
    let mut take = |piece: [&[f32]; 2]| {
        done.iter_mut().zip(piece).for_each(|(done, piece)| done.extend_from_slice(piece));
        Ok::<_, Error>(())
    };
    let mut stream = Stream::new(from, to)?;
    stream.take(audio.channels.each_ref().map(Vec::as_slice), until, &mut take)?;
    stream.end(until, take)?;
    Ok(Stereo { channels: done })
}

/// Brings audio that comes piece by piece to another rate, to the same samples as [`resample`] does.
pub struct Stream {
    from: u32,
    to: u32,
    /// None where the rates are the same.
    blocks: Option<Blocks>,
    /// Samples that came, and that left.
    taken: usize,
    given: usize,
}

/// A filter that works block by block.
struct Blocks {
    filter: Fft<f32>,
    /// The block under way: so many samples that came, and the room for the rest.
    held: usize,
    block: [Vec<f32>; 2],
    out: [Vec<f32>; 2],
    /// What is left of the filter's delay, samples that leave.
    delay: usize,
}

impl Stream {
    /// From the rate `from` to the rate `to`, Hz.
    ///
    /// # Errors
    /// Should the resampler refuse a rate.
    pub fn new(from: u32, to: u32) -> Result<Self, Error> {
        let blocks = if from == to { None } else { Some(Blocks::new(from as usize, to as usize)?) };
        Ok(Self { from, to, blocks, taken: 0, given: 0 })
    }

    /// Takes left and right of the next piece, and hands what is done to `take`.
    ///
    /// # Errors
    /// Should the resampler fail, once `until` is over, or those of `take`.
    pub fn take<E: From<Error>>(
        &mut self,
        mut piece: [&[f32]; 2],
        until: Until<'_>,
        mut take: impl FnMut([&[f32]; 2]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.taken += piece[0].len();
        let Some(blocks) = &mut self.blocks else { return take(piece) };
        while !piece[0].is_empty() {
            piece = blocks.fill(piece);
            if blocks.is_full() {
                until.check().map_err(Error::from)?;
                let done = blocks.run()?;
                self.given += done[0].len();
                take(done)?;
            }
        }
        Ok(())
    }

    /// Hands what is left to `take`: silence follows the end. There is one sample at least.
    ///
    /// # Errors
    /// As those of [`take`](Self::take).
    pub fn end<E: From<Error>>(
        mut self,
        until: Until<'_>,
        mut take: impl FnMut([&[f32]; 2]) -> Result<(), E>,
    ) -> Result<(), E> {
        let Some(blocks) = &mut self.blocks else { return Ok(()) };
        let len = resampled_len(self.taken, self.from, self.to).max(1);
        while self.given < len {
            until.check().map_err(Error::from)?;
            let left = len - self.given;
            let done = blocks.run()?.map(|channel| &channel[..left.min(channel.len())]);
            self.given += done[0].len();
            take(done)?;
        }
        Ok(())
    }
}

impl Blocks {
    fn new(from: usize, to: usize) -> Result<Self, Error> {
        // An even number of the smallest possible blocks: then the delay, half a block, is whole at both rates.
        let divisor = greatest_common_divisor(from, to);
        let blocks = 2 * TAPS.div_ceil(2 * from.min(to) / divisor);
        let block = blocks * from / divisor;
        let window = WindowFunction::BlackmanHarris2;
        let filter =
            Fft::<f32>::new_custom(from, to, block, 1, 2, window, FixedSync::Both).map_err(refused)?;
        Ok(Self {
            held: 0,
            block: [(); 2].map(|()| vec![0.0; filter.input_frames_next()]),
            out: [(); 2].map(|()| vec![0.0; filter.output_frames_max()]),
            delay: filter.output_delay(),
            filter,
        })
    }

    /// Puts as much of a piece into the block as there is room for, and returns the rest.
    fn fill<'p>(&mut self, piece: [&'p [f32]; 2]) -> [&'p [f32]; 2] {
        let count = piece[0].len().min(self.block[0].len() - self.held);
        for (block, piece) in self.block.iter_mut().zip(piece) {
            block[self.held..][..count].copy_from_slice(&piece[..count]);
        }
        self.held += count;
        piece.map(|channel| &channel[count..])
    }

    fn is_full(&self) -> bool {
        self.held == self.block[0].len()
    }

    /// What comes of the block under way, with silence where nothing has come; the next one is empty.
    fn run(&mut self) -> Result<[&[f32]; 2], Error> {
        let Self { filter, held, block, out, delay } = self;
        block.iter_mut().for_each(|channel| channel[*held..].fill(0.0));
        *held = 0;
        let (frames, room) = (block[0].len(), out[0].len());
        let input = SequentialSliceOfVecs::new(block, 2, frames).map_err(refused)?;
        let mut output = SequentialSliceOfVecs::new_mut(out, 2, room).map_err(refused)?;
        let (_, written) = filter.process_into_buffer(&input, &mut output, None).map_err(refused)?;
        let late = (*delay).min(written);
        *delay -= late;
        Ok(out.each_ref().map(|channel| &channel[late..written]))
    }
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
    fn audio_in_pieces_gives_the_samples_of_the_whole() {
        for (from, to) in [(30_000, 44_100), (44_100, 30_000), (30_000, 30_000)] {
            let audio = sine(997.0, from);
            let whole = resample(audio.clone(), from, to, Until::DONE).unwrap();
            for piece in [1_000, 4_096, 29_999] {
                let (mut stream, mut found) = (Stream::new(from, to).unwrap(), Stereo::default());
                let mut take = |piece: [&[f32]; 2]| {
                    found.channels.iter_mut().zip(piece).for_each(|(to, from)| to.extend_from_slice(from));
                    Ok::<_, Error>(())
                };
                for start in (0..audio.len()).step_by(piece) {
                    let here = start..audio.len().min(start + piece);
                    let piece = audio.channels.each_ref().map(|channel| &channel[here.clone()]);
                    stream.take(piece, Until::DONE, &mut take).unwrap();
                }
                stream.end(Until::DONE, take).unwrap();
                assert!(found == whole, "{from} Hz to {to} Hz in pieces of {piece}");
            }
        }
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

//! Energies over time and frequency, as mean squares: a sine of full scale has ½ (−3 dB) in all.

use std::f64::consts::TAU;
use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

use crate::clock;
use crate::dsp::{self, Stereo};
use crate::matching::a_weighting;
use crate::processors::THIRD_OCTAVES;
use crate::stop::{Interrupted, Until};

/// Length of the transform at 30 kHz, samples: half of a frame's weight lies within 50 ms.
const FRAME: usize = 4096;
/// Frames that overlap at any time.
const OVERLAP: usize = 4;
/// Frames between two looks at whether to go on: a few milliseconds.
pub const LOOK: usize = 64;
/// Where 1 kHz stands among the third octaves.
const KILOHERTZ: f64 = 17.0;

/// The energies of a channel: frame by frame, third octave by third octave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Energies {
    bands: usize,
    values: Vec<f64>,
}

impl Energies {
    /// The frames in order, frame `m` centred on sample `m·`[`hop`]; each has one energy a band of [`centres`].
    pub fn frames(&self) -> impl Iterator<Item = &[f64]> {
        self.values.chunks_exact(self.bands.max(1))
    }

    /// Adds the energies of a channel of the same length.
    pub fn add(&mut self, other: &Self) {
        self.values.iter_mut().zip(&other.values).for_each(|(v, o)| *v += o);
    }
}

/// Samples at `rate` Hz from one frame to the next.
pub fn hop(rate: u32) -> usize {
    clock::frame(FRAME, rate) / OVERLAP
}

/// The centres in Hz of the third octaves that audio at `rate` Hz has: those of [`THIRD_OCTAVES`] below half of it.
pub fn centres(rate: u32) -> &'static [f64] {
    &THIRD_OCTAVES[..THIRD_OCTAVES.partition_point(|&hz| hz < 0.5 * rate as f64)]
}

/// How much the ear makes of energy at `hz` at low levels: A-weighting, 1 at 1 kHz.
pub fn a_weight(hz: f64) -> f64 {
    a_weighting::analogue(TAU * hz).powi(2)
}

/// The energies in third octaves of both channels together, of audio that comes piece by piece: frame by frame the
/// same as [`energies`] finds.
pub struct Stream {
    bands: Vec<Band>,
    transform: Transform,
    channels: [Channel; 2],
}

/// A channel of a [`Stream`].
struct Channel {
    scratch: Scratch,
    /// The samples that frames to come reach back to.
    held: Vec<f32>,
    /// Where in the song they begin.
    from: usize,
    /// The number of the next frame.
    frame: usize,
}

impl Stream {
    /// Of audio at `rate` Hz.
    pub fn new(rate: u32) -> Self {
        let transform = Transform::new(rate);
        let channel = || Channel { scratch: transform.scratch(), held: Vec::new(), from: 0, frame: 0 };
        let channels = [(); 2].map(|()| channel());
        Self { bands: bands(rate), transform, channels }
    }

    /// The frames that are whole with the next piece, left and right.
    ///
    /// # Errors
    /// Once `until` is over.
    pub fn take(&mut self, piece: [&[f32]; 2], until: Until<'_>) -> Result<Energies, Interrupted> {
        self.advance(piece, false, until)
    }

    /// The frames over the end, behind which there is silence.
    ///
    /// # Errors
    /// Once `until` is over.
    pub fn end(&mut self, until: Until<'_>) -> Result<Energies, Interrupted> {
        self.advance([&[]; 2], true, until)
    }

    fn advance(
        &mut self,
        [left, right]: [&[f32]; 2],
        ends: bool,
        until: Until<'_>,
    ) -> Result<Energies, Interrupted> {
        let Self { bands, transform, channels: [l, r] } = self;
        let (mut both, right) = rayon::join(
            || l.advance(left, ends, (transform, bands), until),
            || r.advance(right, ends, (transform, bands), until),
        );
        if let (Ok(both), Ok(right)) = (&mut both, &right) {
            both.add(right);
        }
        right.and(both)
    }
}

impl Channel {
    fn advance(
        &mut self,
        samples: &[f32],
        ends: bool,
        (transform, bands): (&Transform, &[Band]),
        until: Until<'_>,
    ) -> Result<Energies, Interrupted> {
        self.held.extend_from_slice(samples);
        let len = self.from + self.held.len();
        let (hop, half) = (transform.hop(), transform.frame / 2);
        let mut values = Vec::new();
        loop {
            let centre = self.frame * hop;
            if centre + half > len && !(ends && centre <= len) {
                break;
            }
            if self.frame.is_multiple_of(LOOK) {
                until.check()?;
            }
            let from = centre.saturating_sub(half);
            let inside = &self.held[from - self.from..len.min(centre + half) - self.from];
            transform.energies(inside, half.saturating_sub(centre), &mut self.scratch);
            values.extend(bands.iter().map(|band| band.energy(&self.scratch.bins)));
            self.frame += 1;
        }
        let needed = (self.frame * hop).saturating_sub(half).min(len);
        self.held.drain(..needed - self.from);
        self.from = needed;
        Ok(Energies { bands: bands.len(), values })
    }
}

/// The energies of left and right in third octaves; `rate` in Hz.
///
/// Low bands are narrower than a bin: each has its share of the bins that it lies in.
///
/// # Errors
/// Once `until` is over.
pub fn energies(audio: &Stereo, rate: u32, until: Until<'_>) -> Result<[Energies; 2], Interrupted> {
    let bands = bands(rate);
    let transform = Transform::new(rate);
    let channel = |channel: &[f32]| {
        let mut values = Vec::with_capacity(bands.len() * (1 + channel.len() / hop(rate)));
        transform.run(channel, until, |bins| values.extend(bands.iter().map(|band| band.energy(bins))))?;
        Ok(Energies { bands: bands.len(), values })
    };
    let [left, right] = &audio.channels;
    let (left, right) = rayon::join(|| channel(left), || channel(right));
    Ok([left?, right?])
}

/// The mean over the song of the energy of both channels together, in each of the transform's bins from 0 Hz to half of
/// `rate` Hz.
///
/// # Errors
/// Once `until` is over.
pub fn mean_spectrum(
    [left, right]: [&[f32]; 2],
    rate: u32,
    until: Until<'_>,
) -> Result<Vec<f64>, Interrupted> {
    let transform = Transform::new(rate);
    let channel = |channel: &[f32]| {
        let (mut sums, mut frames) = (vec![0.0; transform.frame / 2 + 1], 0.0);
        transform.run(channel, until, |bins| {
            sums.iter_mut().zip(bins).for_each(|(sum, bin)| *sum += bin);
            frames += 1.0;
        })?;
        sums.iter_mut().for_each(|sum| *sum /= frames);
        Ok(sums)
    };
    let (left, right) = rayon::join(|| channel(left), || channel(right));
    let (mut energy, right): (Vec<f64>, _) = (left?, right?);
    energy.iter_mut().zip(right).for_each(|(l, r)| *l += r);
    Ok(energy)
}

fn bands(rate: u32) -> Vec<Band> {
    (0..centres(rate).len()).map(|band| Band::new(band, rate)).collect()
}

fn bin_hz(rate: u32) -> f64 {
    rate as f64 / clock::frame(FRAME, rate) as f64
}

/// A third octave by the bins that it lies in.
struct Band {
    first: usize,
    /// The share of each that it has, 0…1.
    shares: Vec<f64>,
}

impl Band {
    fn new(band: usize, rate: u32) -> Self {
        // Nominal centres are rounded: bands between exact ones join without gaps.
        let edge =
            |offset: f64| 1000.0 * 10f64.powf((band as f64 - KILOHERTZ + offset) / 10.0) / bin_hz(rate);
        let (low, high) = (edge(-0.5), edge(0.5));
        let first = low.round() as usize;
        let last = (high.round() as usize).min(clock::frame(FRAME, rate) / 2);
        // A bin reaches half a bin to either side.
        let share = |bin: usize| high.min(bin as f64 + 0.5) - low.max(bin as f64 - 0.5);
        Self { first, shares: (first..=last).map(|bin| share(bin).max(0.0)).collect() }
    }

    fn energy(&self, bins: &[f64]) -> f64 {
        self.shares.iter().zip(&bins[self.first..]).map(|(share, bin)| share * bin).sum()
    }
}

/// The transform of frames under a Hann window.
struct Transform {
    /// Samples of a frame.
    frame: usize,
    fft: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
}

/// What a frame is transformed in.
struct Scratch {
    time: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    work: Vec<Complex<f32>>,
    /// The energy of every bin.
    bins: Vec<f64>,
}

impl Transform {
    fn new(rate: u32) -> Self {
        let frame = clock::frame(FRAME, rate);
        Self { frame, window: dsp::hann(frame), fft: RealFftPlanner::new().plan_fft_forward(frame) }
    }

    fn scratch(&self) -> Scratch {
        Scratch {
            time: self.fft.make_input_vec(),
            spectrum: self.fft.make_output_vec(),
            work: self.fft.make_scratch_vec(),
            bins: vec![0.0; self.frame / 2 + 1],
        }
    }

    /// Samples from one frame to the next.
    fn hop(&self) -> usize {
        self.frame / OVERLAP
    }

    /// Hands over the energies of all bins, frame by frame; silence lies around the channel.
    fn run(
        &self,
        channel: &[f32],
        until: Until<'_>,
        mut take: impl FnMut(&[f64]),
    ) -> Result<(), Interrupted> {
        let mut scratch = self.scratch();
        let half = self.frame / 2;
        for (frame, centre) in (0..=channel.len()).step_by(self.hop()).enumerate() {
            if frame.is_multiple_of(LOOK) {
                until.check()?;
            }
            let before = half.saturating_sub(centre);
            let inside = &channel[(centre + before) - half..channel.len().min(centre + half)];
            self.energies(inside, before, &mut scratch);
            take(&scratch.bins);
        }
        Ok(())
    }

    /// Finds the energies of a frame's bins: of the samples `inside`, with so much silence `before` them and the rest of
    /// the frame's behind.
    fn energies(&self, inside: &[f32], before: usize, Scratch { time, spectrum, work, bins }: &mut Scratch) {
        // By Parseval: the mean of the squared window is 3/8.
        let scale = 1.0 / (0.375 * (self.frame * self.frame) as f64);
        time.fill(0.0);
        for ((t, x), w) in time[before..].iter_mut().zip(inside).zip(&self.window[before..]) {
            *t = x * w;
        }
        let done = self.fft.process_with_scratch(time, spectrum, work);
        done.expect("buffers have the plan's lengths");
        for (k, (bin, v)) in bins.iter_mut().zip(spectrum).enumerate() {
            // All bins but the first and the last stand for two of the full spectrum.
            let twice = if k == 0 || k == self.frame / 2 { 1.0 } else { 2.0 };
            *bin = twice * scale * (v.re as f64 * v.re as f64 + v.im as f64 * v.im as f64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::testing::noise;

    const RATE: u32 = 30_000;

    fn sine(hz: f64, samples: usize) -> Stereo {
        let wave = (0..samples).map(|n| (TAU * hz * n as f64 / RATE as f64).sin() as f32);
        Stereo { channels: [wave.collect(), vec![0.0; samples]] }
    }

    fn band_of(hz: f64) -> usize {
        THIRD_OCTAVES.iter().position(|&centre| centre == hz).unwrap()
    }

    #[test]
    fn a_sine_has_half_an_energy_in_its_third_octave() {
        for hz in [100.0, 1000.0, 8000.0] {
            let [left, right] = energies(&sine(hz, 60_000), RATE, Until::DONE).unwrap();
            assert_eq!(left.frames().count(), 59);
            for frame in left.frames().skip(2).take(55) {
                assert!((frame[band_of(hz)] - 0.5).abs() < 0.01, "{hz} Hz: {}", frame[band_of(hz)]);
                assert!((frame.iter().sum::<f64>() - 0.5).abs() < 1e-3);
            }
            assert!(right.frames().flatten().all(|&e| e == 0.0));
        }
    }

    #[test]
    fn third_octaves_share_out_all_bins_between_their_ends() {
        for rate in [8_000, RATE, 44_100, 192_000] {
            let mut shared = vec![0.0; 2 * hop(rate) + 1];
            for band in (0..centres(rate).len()).map(|band| Band::new(band, rate)) {
                shared[band.first..].iter_mut().zip(&band.shares).for_each(|(sum, share)| *sum += share);
            }
            let (low, high) = (18.0 / bin_hz(rate) + 1.0, centres(rate).last().unwrap() / bin_hz(rate));
            for (bin, share) in shared.iter().enumerate() {
                assert!(*share < 1.0 + 1e-9, "{rate} Hz, bin {bin}: {share}");
                let inside = bin as f64 > low && (bin as f64) < high;
                assert!(!inside || *share > 1.0 - 1e-9, "{rate} Hz, bin {bin}: {share}");
            }
        }
    }

    #[test]
    fn bands_end_below_half_the_rate() {
        assert_eq!(centres(RATE).last(), Some(&12_500.0));
        assert_eq!(centres(8_000).last(), Some(&3150.0));
        assert_eq!(centres(44_100).len(), 31);
    }

    #[test]
    fn the_mean_spectrum_of_noise_is_flat_and_has_its_energy() {
        let audio = Stereo { channels: [noise(300_000, 1), noise(300_000, 2)] };
        let energy = mean_spectrum(audio.channels.each_ref().map(Vec::as_slice), RATE, Until::DONE).unwrap();
        assert_eq!(energy.len(), 2049);
        // Each channel's mean square is ⅓, the frames over the ends hold half of theirs.
        let sum: f64 = energy.iter().sum();
        assert!((sum - 2.0 / 3.0).abs() < 0.02, "{sum}");
        let half: f64 = energy[..1024].iter().sum();
        assert!((half / sum - 0.5).abs() < 0.01, "{half} of {sum}");
    }

    #[test]
    fn the_ear_hears_a_kilohertz_best_of_three() {
        assert!((a_weight(1000.0) - 1.0).abs() < 1e-3);
        // −19.1 dB and −2.5 dB by the standard's table.
        assert!((10.0 * a_weight(100.0).log10() + 19.1).abs() < 0.1);
        assert!((10.0 * a_weight(10_000.0).log10() + 2.5).abs() < 0.1);
    }

    #[test]
    fn what_is_short_or_empty_has_energies_too() {
        for samples in [0, 1, 5000] {
            let [left, _] = energies(&sine(1000.0, samples), RATE, Until::DONE).unwrap();
            assert_eq!(left.frames().count(), 1 + samples / hop(RATE));
        }
    }

    #[test]
    fn audio_in_pieces_has_the_energies_of_the_whole() {
        for samples in [0, 1, 1024, 2047, 5000, 40_000] {
            let audio = Stereo { channels: [noise(samples, 1), noise(samples, 2)] };
            let [mut wanted, right] = energies(&audio, RATE, Until::DONE).unwrap();
            wanted.add(&right);
            for piece in [100, 1024, 2048, 4097, 30_000] {
                let mut stream = Stream::new(RATE);
                let mut found = Vec::new();
                for start in (0..samples).step_by(piece) {
                    let here = start..samples.min(start + piece);
                    let piece = audio.channels.each_ref().map(|channel| &channel[here.clone()]);
                    found.extend(stream.take(piece, Until::DONE).unwrap().values);
                }
                found.extend(stream.end(Until::DONE).unwrap().values);
                assert_eq!(found, wanted.values, "{samples} samples in pieces of {piece}");
            }
        }
    }
}

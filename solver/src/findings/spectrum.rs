//! Energies over time and frequency, as mean squares: a sine of full scale has ½ (−3 dB) in all.

use std::f64::consts::TAU;
use std::sync::Arc;

use realfft::{RealFftPlanner, RealToComplex};

use crate::clock;
use crate::dsp::Stereo;
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
#[derive(Clone, Debug, PartialEq)]
pub struct Energies {
    bands: usize,
    values: Vec<f64>,
}

impl Energies {
    /// The frames in order, frame `m` centred on sample `m·`[`hop`]; each has one energy a band of [`centres`].
    pub fn frames(&self) -> impl Iterator<Item = &[f64]> {
        self.values.chunks_exact(self.bands)
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

/// The energies of left and right in third octaves; `rate` in Hz.
///
/// Low bands are narrower than a bin: each has its share of the bins that it lies in.
///
/// # Errors
/// Once `until` is over.
pub fn energies(audio: &Stereo, rate: u32, until: Until<'_>) -> Result<[Energies; 2], Interrupted> {
    let bands: Vec<_> = (0..centres(rate).len()).map(|band| Band::new(band, rate)).collect();
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
pub fn mean_spectrum(audio: &Stereo, rate: u32, until: Until<'_>) -> Result<Vec<f64>, Interrupted> {
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
    let [left, right] = &audio.channels;
    let (left, right) = rayon::join(|| channel(left), || channel(right));
    let (mut energy, right): (Vec<f64>, _) = (left?, right?);
    energy.iter_mut().zip(right).for_each(|(l, r)| *l += r);
    Ok(energy)
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

impl Transform {
    fn new(rate: u32) -> Self {
        let frame = clock::frame(FRAME, rate);
        let hann = |i: usize| 0.5 - 0.5 * (TAU * i as f64 / frame as f64).cos();
        let window = (0..frame).map(|i| hann(i) as f32).collect();
        Self { frame, fft: RealFftPlanner::new().plan_fft_forward(frame), window }
    }

    /// Hands over the energies of all bins, frame by frame; silence lies around the channel.
    fn run(
        &self,
        channel: &[f32],
        until: Until<'_>,
        mut take: impl FnMut(&[f64]),
    ) -> Result<(), Interrupted> {
        let mut time = self.fft.make_input_vec();
        let mut spectrum = self.fft.make_output_vec();
        let mut work = self.fft.make_scratch_vec();
        let half = self.frame / 2;
        let mut bins = vec![0.0; half + 1];
        // By Parseval: the mean of the squared window is 3/8.
        let scale = 1.0 / (0.375 * (self.frame * self.frame) as f64);
        for (frame, centre) in (0..=channel.len()).step_by(self.frame / OVERLAP).enumerate() {
            if frame.is_multiple_of(LOOK) {
                until.check()?;
            }
            let before = half.saturating_sub(centre);
            let inside = &channel[(centre + before) - half..channel.len().min(centre + half)];
            time.fill(0.0);
            for ((t, x), w) in time[before..].iter_mut().zip(inside).zip(&self.window[before..]) {
                *t = x * w;
            }
            let done = self.fft.process_with_scratch(&mut time, &mut spectrum, &mut work);
            done.expect("buffers have the plan's lengths");
            for (k, (bin, v)) in bins.iter_mut().zip(&spectrum).enumerate() {
                // All bins but the first and the last stand for two of the full spectrum.
                let twice = if k == 0 || k == half { 1.0 } else { 2.0 };
                *bin = twice * scale * (v.re as f64 * v.re as f64 + v.im as f64 * v.im as f64);
            }
            take(&bins);
        }
        Ok(())
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
        let energy = mean_spectrum(&audio, RATE, Until::DONE).unwrap();
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
}

//! How much later than its stems a mix starts, by cross-correlation.
//!
//! The stems' sum and the mix are correlated over all of the song at every lag within [`REACH_S`]. Both spectra are
//! whitened first (each bin divided by the level around it), so that a match is a sharp peak and neither bass
//! nor a held note decides alone.

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

use crate::dsp::{Stereo, five_smooth_at_least};
use crate::stop::{Interrupted, Until};

/// The largest offset looked for, in seconds either way.
const REACH_S: f64 = 2.0;

/// Offsets up to this, in seconds, are left alone: filters in a mix move its peak by as much.
const LEAST_S: f64 = 1e-3;

/// How wide spectra are smoothed either side of a bin, as a part of its frequency.
const SMOOTHING: f64 = 0.03;

/// Bins this far below the loudest are not raised further (−80 dB in power): there is nothing but rounding.
const FLOOR: f64 = 1e-8;

/// A peak lower than this is chance. Mixes reach 0.6 to 1 with their own stems, 0.02 with those of other songs
/// (and 0.2 where two songs share their drum samples).
const CHANCE: f64 = 0.05;

/// How many times higher than all peaks near 0 another one must be for the stems to be shifted.
const CLEARLY: f64 = 1.5;

/// What the correlation says.
#[derive(Clone, Copy, Debug)]
pub struct Alignment {
    /// By how many samples the mix is later than the stems, negative where it is earlier; 0 unless clear.
    pub offset: isize,
    /// Height of the correlation's highest peak: about 1 if the mix is the stems' sum, near 0 if it is another song.
    pub likeness: f64,
}

impl Alignment {
    /// True where stems and mix look like two different songs.
    pub fn is_chance(&self) -> bool {
        self.likeness < CHANCE
    }
}

/// Finds the offset of `mix` against `stems`, their sum; both at `rate` Hz.
pub fn align(stems: &Stereo, mix: &Stereo, rate: u32, until: Until<'_>) -> Result<Alignment, Interrupted> {
    let reach = (REACH_S * rate as f64) as isize;
    let near = (LEAST_S * rate as f64).round() as isize;
    let correlation = correlation(stems, mix, reach as usize, until)?;
    // Mixes of inverted polarity count like any other.
    let highest = |lags: std::ops::RangeInclusive<isize>| {
        let heights = lags.map(|lag| (lag, correlation[(lag + reach) as usize].abs()));
        heights.fold((0, 0.0), |best, next| if next.1 > best.1 { next } else { best })
    };
    let (best, likeness) = highest(-reach..=reach);
    let (_, here) = highest(-near..=near);
    let sure = likeness >= CHANCE && likeness > CLEARLY * here && best.abs() > near;
    Ok(Alignment { offset: if sure { best } else { 0 }, likeness })
}

/// The normalised correlation at the lags −reach ..= reach, in this order.
fn correlation(
    stems: &Stereo,
    mix: &Stereo,
    reach: usize,
    until: Until<'_>,
) -> Result<Vec<f64>, Interrupted> {
    let n = five_smooth_at_least(5 * reach);
    let hop = n - 2 * reach;
    let forward = RealFftPlanner::<f32>::new().plan_fft_forward(n);
    let (mut x, mut y) = (Spectrum::new(&*forward), Spectrum::new(&*forward));
    let mut cross = vec![Complex::new(0.0f64, 0.0); n / 2 + 1];
    let mut stems_power = vec![0.0f64; n / 2 + 1];
    let mut mix_power = vec![0.0f64; n / 2 + 1];
    for start in (0..stems.len().max(mix.len())).step_by(hop) {
        until.check()?;
        for (dry, wet) in stems.channels.iter().zip(&mix.channels) {
            // A block of the stems, and all of the mix that lies within reach of it.
            x.take(&*forward, dry, start as isize, hop);
            y.take(&*forward, wet, start as isize - reach as isize, n);
            for (k, (x, y)) in x.bins.iter().zip(&y.bins).enumerate() {
                let (x, y) = (Complex::new(x.re as f64, x.im as f64), Complex::new(y.re as f64, y.im as f64));
                cross[k] += x.conj() * y;
                stems_power[k] += x.norm_sqr();
                mix_power[k] += y.norm_sqr();
            }
        }
    }
    let (stems_level, mix_level) = (smooth(&stems_power), smooth(&mix_power));
    let (mut stems_energy, mut mix_energy) = (0.0, 0.0);
    for k in 0..cross.len() {
        cross[k] /= (stems_level[k] * mix_level[k]).sqrt();
        stems_energy += stems_power[k] / stems_level[k];
        mix_energy += mix_power[k] / mix_level[k];
    }
    // The mix's blocks overlap: each of its samples was counted n / hop times.
    mix_energy *= hop as f64 / n as f64;
    // The transform sums over all n bins, the energies over half of them.
    let scale = 2.0 * (stems_energy * mix_energy).sqrt().max(f64::MIN_POSITIVE);
    cross[0].im = 0.0;
    cross[n / 2].im = 0.0;
    let inverse = RealFftPlanner::<f64>::new().plan_fft_inverse(n);
    let mut lags = inverse.make_output_vec();
    inverse.process(&mut cross, &mut lags).expect("buffers have the plan's lengths");
    Ok(lags[..=2 * reach].iter().map(|v| v / scale).collect())
}

/// Scratch memory for the spectrum of a block.
struct Spectrum {
    samples: Vec<f32>,
    bins: Vec<Complex<f32>>,
}

impl Spectrum {
    fn new(forward: &dyn RealToComplex<f32>) -> Self {
        Self { samples: forward.make_input_vec(), bins: forward.make_output_vec() }
    }

    /// The spectrum of `count` samples from `start` on, which may lie before the first; zeros follow.
    fn take(&mut self, forward: &dyn RealToComplex<f32>, channel: &[f32], start: isize, count: usize) {
        self.samples.fill(0.0);
        let from = start.max(0) as usize;
        let to = ((start + count as isize).max(0) as usize).min(channel.len());
        if from < to {
            let at = (from as isize - start) as usize;
            self.samples[at..at + to - from].copy_from_slice(&channel[from..to]);
        }
        forward.process(&mut self.samples, &mut self.bins).expect("buffers have the plan's lengths");
    }
}

/// Means of `power` over a band around each bin, nowhere below the floor.
fn smooth(power: &[f64]) -> Vec<f64> {
    let mut sums = Vec::with_capacity(power.len() + 1);
    sums.push(0.0);
    for p in power {
        sums.push(sums[sums.len() - 1] + p);
    }
    let loudest = power.iter().copied().fold(0.0, f64::max);
    if loudest == 0.0 {
        return vec![1.0; power.len()];
    }
    let level = |k: usize| {
        let side = (k as f64 * SMOOTHING) as usize + 5;
        let (from, to) = (k.saturating_sub(side), (k + side + 1).min(power.len()));
        (sums[to] - sums[from]) / (to - from) as f64
    };
    (0..power.len()).map(|k| level(k).max(FLOOR * loudest)).collect()
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    const RATE: u32 = 8_000;

    /// Nine seconds of one noise burst over and over, every `beat` samples, and as much noise that is never the same.
    fn song(seed: u64, beat: usize) -> Stereo {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let burst: Vec<f32> = (0..beat).map(|_| rng.random_range(-1.0..1.0)).collect();
        let mut channel = || {
            let samples = (0..9 * RATE as usize).map(|i| i % beat);
            let decay = |i: usize| (-8.0 * i as f32 / beat as f32).exp();
            samples.map(|i| decay(i) * (burst[i] + rng.random_range(-1.0..1.0f32))).collect()
        };
        Stereo { channels: [channel(), channel()] }
    }

    fn found(stems: &Stereo, mix: &Stereo, rate: u32) -> Alignment {
        align(stems, mix, rate, Until::DONE).unwrap()
    }

    fn later(audio: &Stereo, offset: isize) -> Stereo {
        super::super::shifted(audio.channels.each_ref().map(Vec::as_slice), offset, audio.len())
    }

    #[test]
    fn an_offset_is_found_to_the_sample_even_if_it_is_a_number_of_beats() {
        let stems = song(1, 4_000);
        for offset in [-15_000, -4_000, -9, 9, 2_960, 8_000, 15_999] {
            let mut mix = later(&stems, offset);
            // A mix is filtered, and may be turned over.
            for channel in &mut mix.channels {
                for i in (1..channel.len()).rev() {
                    channel[i] = -0.3 * (channel[i] + 0.5 * channel[i - 1]);
                }
            }
            let found = found(&stems, &mix, RATE);
            assert_eq!(found.offset, offset, "{found:?}");
        }
    }

    #[test]
    fn what_is_in_step_or_within_a_millisecond_is_left_alone() {
        let stems = song(2, 4_000);
        for offset in [0, 1, -5, 8] {
            let found = found(&stems, &later(&stems, offset), RATE);
            assert_eq!(found.offset, 0, "{offset}");
            assert!(found.likeness > 0.9 && !found.is_chance(), "{found:?}");
        }
    }

    #[test]
    fn a_steady_tone_cannot_be_shifted_because_all_its_periods_are_alike() {
        let tone = |phase: usize| (0..40_000).map(|i| ((i + phase) as f32 * 0.1).sin()).collect::<Vec<f32>>();
        let stems = Stereo { channels: [tone(0), tone(0)] };
        let mix = Stereo { channels: [tone(20), tone(20)] };
        assert_eq!(found(&stems, &mix, RATE).offset, 0);
    }

    #[test]
    fn two_songs_are_alike_by_chance_only() {
        let found = found(&song(3, 4_000), &song(4, 3_210), RATE);
        assert!(found.is_chance() && found.offset == 0, "{found:?}");
    }

    #[test]
    fn stems_that_cancel_one_another_are_like_nothing() {
        let found = found(&Stereo::silence(20_000), &song(5, 4_000), RATE);
        assert!(found.is_chance() && found.offset == 0, "{found:?}");
    }
}

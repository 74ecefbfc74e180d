//! The mel filter bank: triangles on Slaney's scale, stored by what each FFT bin gives to its two bands (MATH.md §8.3).

use std::ops::Range;

/// Bands of every filter bank.
pub const BANDS: usize = 96;

/// What a bin adds to the band whose triangle falls there and to the one whose triangle rises.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BinWeights {
    /// Weight in the band below.
    pub falling: f32,
    /// Weight in the band above.
    pub rising: f32,
}

/// `BANDS` triangles from 0 Hz to Nyquist over the bins of an FFT. The triangles' corners cut the spectrum into
/// `BANDS + 1` segments; over segment `s`, band `s − 1` falls and band `s` rises.
pub struct MelBank {
    /// First bin of each segment, then the number of bins.
    starts: [usize; BANDS + 2],
    weights: Vec<BinWeights>,
}

impl MelBank {
    /// Slaney's bank (librosa's defaults) for the `n/2 + 1` bins of an FFT of `n` samples at `rate` Hz.
    pub fn new(n: usize, rate: u32) -> Self {
        let bins = n / 2 + 1;
        let top = mel_of(rate as f64 / 2.0);
        let corners: [f64; BANDS + 2] = std::array::from_fn(|i| hz_of(top * i as f64 / (BANDS + 1) as f64));
        let hz = |bin: usize| bin as f64 * rate as f64 / n as f64;
        let mut starts = [bins; BANDS + 2];
        starts[0] = 0;
        for segment in 1..=BANDS {
            starts[segment] = (0..bins).find(|&k| hz(k) >= corners[segment]).unwrap_or(bins);
        }
        let weight_at = |bin: usize, segment: usize| {
            let (low, high) = (corners[segment], corners[segment + 1]);
            // Each triangle has unit area over Hz.
            let area = |band: usize| 2.0 / (corners[band + 2] - corners[band]);
            let (falling, rising) = ((high - hz(bin)) / (high - low), (hz(bin) - low) / (high - low));
            BinWeights {
                falling: if segment > 0 { (area(segment - 1) * falling).max(0.0) as f32 } else { 0.0 },
                rising: if segment < BANDS { (area(segment) * rising) as f32 } else { 0.0 },
            }
        };
        let weights = (0..=BANDS).flat_map(|s| (starts[s]..starts[s + 1]).map(move |k| (k, s)));
        Self { weights: weights.map(|(k, s)| weight_at(k, s)).collect(), starts }
    }

    /// The bins of segment `0 ..= BANDS`; together the segments hold every bin once, in order.
    #[inline(always)]
    pub fn segment(&self, segment: usize) -> Range<usize> {
        self.starts[segment]..self.starts[segment + 1]
    }

    /// What bin `k` adds to the two bands of its segment.
    #[inline(always)]
    pub fn weights(&self, k: usize) -> BinWeights {
        self.weights[k]
    }
}

/// Slaney's scale: linear below 1 kHz, where 15 mels are reached, then 27 mels for each factor of 6.4.
fn mel_of(hz: f64) -> f64 {
    if hz < 1000.0 { hz * 3.0 / 200.0 } else { 15.0 + 27.0 * (hz / 1000.0).ln() / 6.4f64.ln() }
}

fn hz_of(mel: f64) -> f64 {
    if mel < 15.0 { mel * 200.0 / 3.0 } else { 1000.0 * 6.4f64.powf((mel - 15.0) / 27.0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden::{Golden, assert_close};

    #[test]
    fn the_bank_is_the_golden_matrix() {
        let golden = Golden::open("loss");
        for n in [512, 1024, 4096] {
            let bank = MelBank::new(n, 30_000);
            let bins = n / 2 + 1;
            let mut dense = vec![0.0; BANDS * bins];
            for segment in 0..=BANDS {
                for k in bank.segment(segment) {
                    if segment > 0 {
                        dense[(segment - 1) * bins + k] += bank.weights(k).falling;
                    }
                    if segment < BANDS {
                        dense[segment * bins + k] += bank.weights(k).rising;
                    }
                }
            }
            assert_close("mel", &dense, &golden.f32(&format!("mel_{n}")), 1e-6);
        }
    }

    #[test]
    fn every_bin_lies_in_one_segment_at_any_rate() {
        for (n, rate) in [(512, 8_000), (512, 48_000), (4096, 44_100), (1024, 192_000)] {
            let bank = MelBank::new(n, rate);
            let bins: Vec<usize> = (0..=BANDS).flat_map(|s| bank.segment(s)).collect();
            assert!(bins.iter().copied().eq(0..n / 2 + 1), "{n} {rate}");
            assert!(bank.weights.iter().all(|w| w.falling >= 0.0 && w.rising >= 0.0));
        }
    }
}

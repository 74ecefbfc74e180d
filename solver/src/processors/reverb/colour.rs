//! The colour of reverberation: its expected energy over frequency.

use super::decay::FRAMES;
use super::{BINS, CHANNEL_LEN, HOP, SHADE};
use crate::clock::REFERENCE;
use crate::processors::{Response, decibels};

/// The expected energy of the whole impulse response in mid and side, frequency by frequency from 0 Hz to 15 kHz,
/// from a row of physical parameters. In dB: the mean energy of all frequencies is 0 dB.
pub fn colour(physical: &[f32]) -> Response {
    let (start, fall) = physical.split_at(CHANNEL_LEN);
    let loudest = start.iter().copied().fold(f32::MIN, f32::max);
    let energy = |k: usize| {
        // Relative to the loudest start, so that no exponential overflows.
        let first = (2.0 * SHADE * (start[k] - loudest) as f64).exp();
        first * sum_of_powers(2.0 * SHADE * fall[k] as f64)
    };
    let energies: Vec<f64> = (0..BINS).map(|k| energy(k) + energy(BINS + k)).collect();
    let mean = energies.iter().sum::<f64>() / BINS as f64;
    Response {
        hz: (0..BINS).map(|k| k as f64 * f64::from(REFERENCE) / (2 * HOP) as f64).collect(),
        db: energies.iter().map(|energy| decibels((energy / mean).sqrt())).collect(),
    }
}

/// `Σ exp(−fall·m)` over all frames.
fn sum_of_powers(fall: f64) -> f64 {
    if fall == 0.0 { FRAMES as f64 } else { (-fall * FRAMES as f64).exp_m1() / (-fall).exp_m1() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::processors::reverb::decay::{DecayingNoise, TAPS};
    use realfft::RealFftPlanner;

    /// Bass that lasts and starts softly, treble that dies soon; the side lies lower than the mid.
    fn physical() -> Vec<f32> {
        let mut physical = vec![0.0; 2 * CHANNEL_LEN];
        for k in 0..BINS {
            physical[k] = 8.0 - (k as f32 / 20.0 - 4.0).powi(2) / 2.0;
            physical[BINS + k] = 2.0;
            physical[CHANNEL_LEN + k] = 0.3 + k as f32 / 300.0;
            physical[CHANNEL_LEN + BINS + k] = 0.8;
        }
        physical
    }

    #[test]
    fn the_colour_is_that_of_the_noise_that_is_drawn() {
        let physical = physical();
        let mut response = [vec![0.0; TAPS], vec![0.0; TAPS]];
        DecayingNoise::new().draw(&physical, response.each_mut().map(|c| c.as_mut_slice()));
        let mut bins = [0.0; BINS];
        let transform = RealFftPlanner::new().plan_fft_forward(TAPS);
        for mut channel in response {
            let mut spectrum = transform.make_output_vec();
            transform.process(&mut channel, &mut spectrum).unwrap();
            for (i, value) in spectrum.iter().enumerate() {
                bins[(i * 2 * HOP + TAPS / 2) / TAPS] += value.norm_sqr() as f64;
            }
        }
        let mean = bins.iter().sum::<f64>() / BINS as f64;
        let found = colour(&physical);
        // Noise is what it is only on the mean: bands of eight bins.
        for k in (1..BINS - 8).step_by(8) {
            let heard = 10.0 * (bins[k..k + 8].iter().sum::<f64>() / 8.0 / mean).log10();
            let energies = found.db[k..k + 8].iter().map(|db| 10f64.powf(db / 10.0));
            let wanted = 10.0 * (energies.sum::<f64>() / 8.0).log10();
            assert!((heard - wanted).abs() < 1.0, "{} Hz: {wanted} dB, {heard} dB heard", found.hz[k]);
        }
    }

    #[test]
    fn colour_is_relative_to_the_mean_energy() {
        let found = colour(&physical());
        assert_eq!((found.hz[0], found.hz[BINS - 1]), (0.0, 15_000.0));
        let mean = found.db.iter().map(|db| 10f64.powf(db / 10.0)).sum::<f64>() / BINS as f64;
        assert!((mean - 1.0).abs() < 1e-9, "{mean}");
        let even = colour(&vec![0.0; 2 * CHANNEL_LEN]);
        assert!(even.db.iter().all(|db| db.abs() < 1e-9));
    }

    #[test]
    fn colour_stays_finite_whatever_the_parameters() {
        for (start, fall) in [(-1e6, 1e9), (1e6, 0.0), (0.0, 1e-30)] {
            let mut physical = physical();
            (physical[3], physical[CHANNEL_LEN + 3]) = (start, fall);
            let found = colour(&physical);
            assert!(found.db.iter().all(|db| db.is_finite()), "{start} {fall}");
        }
    }
}

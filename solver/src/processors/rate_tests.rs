//! The same settings sound the same at every rate, and gradients are slopes there too.

use std::f64::consts::TAU;
use std::sync::Arc;

use super::testing::*;
use super::*;
use crate::clock::{self, REFERENCE};
use crate::golden::relative_error;

/// 1/300 s is a whole number of samples at each.
const RATES: [u32; 3] = [REFERENCE, 44_100, 48_000];
/// Instants a second at which outputs are compared.
const INSTANTS: u32 = 300;
const SECONDS: f64 = 1.3;

/// Bursts of tones up to 12.9 kHz, by themselves: nothing of it depends on a rate.
fn sound(channel: usize, seconds: f64) -> f64 {
    let tone = |(i, hz): (usize, f64)| (TAU * hz * seconds + (3 * i + channel) as f64).sin();
    let tones: f64 =
        [90.0, 440.0, 1_310.0, 4_700.0, 9_100.0, 12_900.0].into_iter().enumerate().map(tone).sum();
    let burst = |at: f64, width: f64| (-((seconds - at) / width).powi(2)).exp();
    tones * (0.1 * burst(0.25, 0.05) + 0.02 * burst(0.5, 0.08) + 0.2 * burst(0.61, 0.01))
}

fn heard_at(rate: u32) -> Stereo {
    let samples = clock::samples(SECONDS, rate);
    let channel = |c| (0..samples).map(|n| sound(c, n as f64 / rate as f64) as f32).collect();
    Stereo { channels: [channel(0), channel(1)] }
}

/// Any settings of a kind that change the sound.
fn row(kind: Kind) -> Vec<f32> {
    let wave = |i: usize| 0.6 * (0.21 * i as f32 + 0.3).sin();
    let raw: Vec<f32> = match kind {
        // −26 dB, 2:1, 4 ms and 30 ms.
        Kind::Compressor => vec![0.0, 0.0, 0.5, 4.8],
        Kind::NoiseGate => vec![3.0, 0.0, 0.5, 6.8],
        Kind::StereoImager => vec![1.2],
        Kind::MultitapDelay => (0..kind.definition().row_len())
            .map(|i| if i < 80 { 1.5 * (0.5 * i as f32 * i as f32).sin() } else { wave(i) })
            .collect(),
        _ => (0..kind.definition().row_len()).map(wave).collect(),
    };
    physical(kind, &raw)
}

/// A kind's output in seconds: what a window at `rate` Hz has at common instants, left and right.
fn output(kind: Kind, rate: u32) -> Vec<f32> {
    let input = heard_at(rate);
    let mut processor = kind.definition().make(input.len(), rate, &Arc::new(Kit::default()));
    processor.set(&row(kind), 0.6);
    let mut output = Stereo::silence(input.len());
    processor.render(&input, &mut output, Clock { rate, start: 0 });
    let step = (rate / INSTANTS) as usize;
    output.channels.iter().flat_map(|c| c.iter().step_by(step)).copied().collect()
}

#[test]
fn the_same_settings_sound_the_same_at_every_rate() {
    for kind in Kind::ALL {
        // Relative to the output's energy.
        let tolerance = match kind {
            Kind::Equalizer => 3e-4,
            Kind::StereoImager | Kind::GainPan => 1e-6,
            // What rings before a click at 15 kHz is cut.
            Kind::Reverb => 7e-3,
            _ => 2e-3,
        };
        let wanted = output(kind, REFERENCE);
        let dry: Vec<f32> = {
            let input = heard_at(REFERENCE);
            input.channels.iter().flat_map(|c| c.iter().step_by(100)).copied().collect()
        };
        assert!(relative_error(&wanted, &dry) > 0.05, "{kind} does nothing");
        for rate in RATES {
            let error = relative_error(&output(kind, rate), &wanted);
            assert!(error < tolerance, "{kind} at {rate} Hz is off by {error:.1e}");
        }
    }
}

#[test]
fn gradients_are_slopes_at_another_rate() {
    for rate in [44_100, 22_050] {
        let equalizer = row(Kind::Equalizer);
        assert_slopes(Kind::Equalizer, 3000, rate, &equalizer, 2.0, [0, 3, 100, 400], 0.05);
        for (kind, raw) in
            [(Kind::Compressor, [0.0, 1.0, 0.0, 3.0]), (Kind::NoiseGate, [6.0, -0.5, 1.0, 3.0])]
        {
            let row = physical(kind, &raw);
            assert_slopes(kind, 3000, rate, &row, 0.0, [0, 1, 2], 0.02);
            assert_slopes(kind, 3000, rate, &row, 0.0, [3], 2e-3);
        }
    }
}

#[test]
fn what_a_kind_remembers_lasts_as_long_at_every_rate() {
    for kind in Kind::ALL {
        let (history, ahead) = kind.definition().reach(REFERENCE);
        for rate in [8_000, 22_050, 44_100, 96_000] {
            let seconds = |samples: usize, rate: u32| samples as f64 / f64::from(rate);
            let (here, here_ahead) = kind.definition().reach(rate);
            assert!((seconds(here, rate) - seconds(history, REFERENCE)).abs() < 0.02, "{kind} at {rate} Hz");
            assert!(
                (seconds(here_ahead, rate) - seconds(ahead, REFERENCE)).abs() < 0.001,
                "{kind} at {rate} Hz"
            );
        }
    }
}

#[test]
fn every_kind_works_at_any_rate() {
    for rate in [8_000, 11_025, 16_001, 22_050, 192_000] {
        let input = crate::dsp::testing::wave(500, 0.3);
        for kind in Kind::ALL {
            let row = row(kind);
            let mut processor = kind.definition().make(500, rate, &Arc::new(Kit::default()));
            processor.set(&row, 0.5);
            let pass = Pass::of(&mut *processor, row.len(), &input, &input, 0.1);
            let all = pass.output.channels.iter().chain(&pass.by_input.channels).flatten();
            assert!(all.chain(&pass.by_physical).all(|v| v.is_finite()), "{kind} at {rate} Hz");
        }
    }
}

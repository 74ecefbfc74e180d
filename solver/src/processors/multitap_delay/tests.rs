//! The multitap delay against golden/ and finite differences.

use candle_core::{Device, Tensor, Var};

use super::*;
use crate::golden::{Golden, assert_close};

const SAMPLES: usize = 16384;
const NODES: usize = 3;
const LEN: usize = POSITIONS_LEN + COLORS_LEN;

fn stereo(values: &[f32]) -> Stereo {
    let (left, right) = values.split_at(values.len() / 2);
    Stereo { channels: [left.to_vec(), right.to_vec()] }
}

fn nodes(golden: &Golden, name: &str) -> Vec<Stereo> {
    golden.f32(name).chunks_exact(2 * SAMPLES).map(stereo).collect()
}

fn flat(signal: &Stereo) -> Vec<f32> {
    signal.channels.concat()
}

fn golden_raw(golden: &Golden) -> Vec<Vec<f32>> {
    let positions = golden.f32("param.delay_z");
    let colors = golden.f32("param.log_fir_magnitude");
    positions.chunks(POSITIONS_LEN).zip(colors.chunks(COLORS_LEN)).map(|(p, c)| [p, c].concat()).collect()
}

fn physical(raw: &[f32]) -> Vec<f32> {
    let raw = Tensor::from_slice(raw, (1, raw.len()), &Device::Cpu).unwrap();
    MultitapDelay.physical(&raw).unwrap().flatten_all().unwrap().to_vec1().unwrap()
}

/// The gradient of raw parameters from that of the physical ones.
fn raw_gradient(raw: &[f32], by_physical: &[f32]) -> Vec<f32> {
    let raw = Var::from_slice(raw, (1, raw.len()), &Device::Cpu).unwrap();
    let weights = Tensor::from_slice(by_physical, (1, by_physical.len()), &Device::Cpu).unwrap();
    let loss = (MultitapDelay.physical(&raw).unwrap() * weights).unwrap().sum_all().unwrap();
    let grads = loss.backward().unwrap();
    grads.get(&raw).unwrap().flatten_all().unwrap().to_vec1().unwrap()
}

fn wave(samples: usize, pitch: f32) -> Stereo {
    let channel = |p: f32| (0..samples).map(|i| (i as f32 * p).sin() * (i as f32 * 0.013).cos()).collect();
    Stereo { channels: [channel(pitch), channel(1.7 * pitch)] }
}

fn echoes(samples: usize, physical: &[f32], wet: f32) -> Echoes {
    let mut echoes = Echoes::new(samples, &Kit::default());
    echoes.set(physical, wet);
    echoes
}

#[test]
fn it_meets_the_golden_delay() {
    let golden = Golden::open("delay");
    let raw = golden_raw(&golden);
    let (inputs, weights) = (nodes(&golden, "input"), nodes(&golden, "v"));
    let responses = nodes(&golden, "ir_first16384");
    let (outputs, by_input) = (nodes(&golden, "output"), nodes(&golden, "grad.input"));
    let by_color = golden.f32("grad.log_fir_magnitude");
    let directions = golden.f32("grad.delay_z");
    let by_position = golden.f32("grad_unnormalized.delay_z");
    for n in 0..NODES {
        let mut echoes = echoes(SAMPLES, &physical(&raw[n]), 1.0);
        let response = echoes.filter.taps().map(|c| c[..SAMPLES].to_vec()).concat();
        assert_close("impulse response", &response, &flat(&responses[n]), 1e-6);
        let mut output = Stereo::silence(SAMPLES);
        echoes.forward(&inputs[n], &mut output, true);
        assert_close("output", &flat(&output), &flat(&outputs[n]), 2e-6);

        let mut grad = weights[n].clone();
        let mut gradient = vec![0.0; LEN];
        echoes.backward(&inputs[n], &mut grad, 0.0, &mut gradient);
        assert_close("input's gradient", &flat(&grad), &flat(&by_input[n]), 2e-6);
        let found = raw_gradient(&raw[n], &gradient);
        let wanted = &directions[n * POSITIONS_LEN..][..POSITIONS_LEN];
        assert_close("positions' directions", &found[..POSITIONS_LEN], wanted, 1e-3);
        let wanted = &by_color[n * COLORS_LEN..][..COLORS_LEN];
        assert_close("colours' gradient", &found[POSITIONS_LEN..], wanted, 1e-5);

        let (_, positions) = echoes.loss_backward(&inputs[n], &mut weights[n].clone(), &mut gradient);
        let found: Vec<f32> = positions.iter().flat_map(|p| [p.re as f32, p.im as f32]).collect();
        let wanted = &by_position[n * POSITIONS_LEN..][..POSITIONS_LEN];
        assert_close("positions' gradient", &found, wanted, 1e-3);
    }
}

#[test]
fn its_regulariser_meets_the_golden_one() {
    let golden = Golden::open("delay");
    let wanted = golden.f32("reg_grad.radii_reg.delay_z");
    let mut sum = 0.0;
    for (raw, wanted) in golden_raw(&golden).iter().zip(wanted.chunks_exact(POSITIONS_LEN)) {
        let mut echoes = echoes(500, &physical(raw), 0.3);
        let input = wave(500, 0.3);
        echoes.forward(&input, &mut Stereo::silence(500), true);
        sum += echoes.regulariser();
        let mut grad = Stereo::silence(500);
        let mut gradient = vec![0.0; LEN];
        let by_wet = echoes.backward(&input, &mut grad, 1.0, &mut gradient);
        assert_eq!(by_wet, 0.0);
        assert_eq!(grad, Stereo::silence(500));
        assert_close("positions' gradient", &gradient[..POSITIONS_LEN], wanted, 1e-5);
        assert!(gradient[POSITIONS_LEN..].iter().all(|&g| g == 0.0));
    }
    assert_close("regulariser", &[sum as f32], &golden.f32("reg.radii_reg"), 1e-5);
}

#[test]
fn colors_are_cut_at_the_ends_of_their_segment() {
    let mut physical = vec![1.0; LEN];
    // A wide colour: alternating magnitudes ring in every tap.
    physical[POSITIONS_LEN..].iter_mut().step_by(2).for_each(|m| *m = 0.1);
    let mut echoes = Echoes::new(100, &Kit::default());
    for (onset, first, last) in [(0, 0, 19), (5, 0, 24), (1500, 1481, 1519), (2999, 2980, 2999)] {
        echoes.set_at(&physical, 1.0, [onset; ECHOES]);
        for channel in echoes.filter.taps() {
            for segment in channel.chunks(SEGMENT) {
                let sounding = |n: &usize| segment[*n].abs() > 1e-7;
                // The window is zero at the colour's first tap.
                let first = if onset < CENTRE { first } else { first + 1 };
                assert_eq!((0..SEGMENT).find(sounding), Some(first), "{onset}");
                assert_eq!((0..SEGMENT).rfind(sounding), Some(last), "{onset}");
            }
        }
    }
}

#[test]
fn learning_does_not_change_what_is_heard() {
    let golden = Golden::open("delay");
    let input = wave(5000, 0.3);
    for wet in [0.0, 0.35, 1.0] {
        let mut echoes = echoes(5000, &physical(&golden_raw(&golden)[1]), wet);
        let (mut learnt, mut heard) = (Stereo::silence(5000), Stereo::silence(5000));
        echoes.forward(&input, &mut learnt, true);
        echoes.forward(&input, &mut heard, false);
        assert_eq!(heard, learnt);
        if wet == 0.0 {
            assert_close("dry", &flat(&heard), &flat(&input), 1e-6);
        }
    }
}

#[test]
fn gradients_of_a_mix_are_those_of_finite_differences() {
    let samples = 7000;
    let (input, weights) = (wave(samples, 0.3), wave(samples, 0.11));
    let physical = physical(&golden_raw(&Golden::open("delay"))[2]);
    let mut echoes = echoes(samples, &physical, 0.4);
    let mut loss = |input: &Stereo, physical: &[f32], wet: f32| {
        let mut output = Stereo::silence(samples);
        echoes.set(physical, wet);
        echoes.forward(input, &mut output, true);
        (0..2).map(|c| dsp::dot(&output.channels[c], &weights.channels[c])).sum::<f64>()
    };
    let moved = |i: usize, by: f32| {
        let mut physical = physical.clone();
        physical[i] += by;
        physical
    };
    let difference = |step: f32, high: f64, low: f64| (high - low) / (2.0 * step as f64);
    let spots = [0, 7, 23, 45, 20 * COLOR_BINS, 21 * COLOR_BINS + 9].map(|i| POSITIONS_LEN + i);
    let wanted = spots.map(|i| {
        let s = 0.02;
        difference(s, loss(&input, &moved(i, s), 0.4), loss(&input, &moved(i, -s), 0.4))
    });
    let by_wet = difference(0.05, loss(&input, &physical, 0.45), loss(&input, &physical, 0.35));
    let mut nudged = input.clone();
    nudged.channels[1][700] += 0.1;
    let high = loss(&nudged, &physical, 0.4);
    nudged.channels[1][700] -= 0.2;
    let by_sample = difference(0.1, high, loss(&nudged, &physical, 0.4));
    loss(&input, &physical, 0.4);

    let mut grad = weights.clone();
    let mut gradient = vec![0.0; LEN];
    let found = echoes.backward(&input, &mut grad, 0.5, &mut gradient) as f64;
    assert!((found - by_wet).abs() < 1e-3 * by_wet.abs(), "wet: {found} {by_wet}");
    let found = grad.channels[1][700] as f64;
    assert!((found - by_sample).abs() < 1e-2 * by_sample.abs(), "input: {found} {by_sample}");
    for (&i, wanted) in spots.iter().zip(wanted) {
        let found = gradient[i] as f64;
        assert!((found - wanted).abs() < 1e-2 * wanted.abs() + 1e-3, "{i}: {found} {wanted}");
    }
}

#[test]
fn raw_colors_are_logarithms_and_positions_are_themselves() {
    let mut raw = vec![0.0; LEN];
    raw[0] = -0.7;
    raw[POSITIONS_LEN..][..3].copy_from_slice(&[-2.0, 0.5, 3.0]);
    let physical = physical(&raw);
    let slopes = raw_gradient(&raw, &vec![1.0; LEN]);
    assert_eq!((physical[0], slopes[0]), (-0.7, 1.0));
    for (i, x) in [-2.0f32, 0.5, 3.0].into_iter().enumerate() {
        for found in [physical[POSITIONS_LEN + i], slopes[POSITIONS_LEN + i]] {
            assert!((found / x.exp() - 1.0).abs() < 1e-6, "{x}: {found}");
        }
    }
}

#[test]
fn a_report_names_the_audible_echoes_in_ms_and_db() {
    let mut physical = vec![0.0; LEN];
    physical[POSITIONS_LEN..].fill(1e-3);
    let mut echo = |echo: usize, onset: f64, magnitude: f32| {
        let turn = -std::f64::consts::TAU * onset / SEGMENT as f64;
        physical[2 * echo] = (2.0 * turn.cos()) as f32;
        physical[2 * echo + 1] = (2.0 * turn.sin()) as f32;
        physical[POSITIONS_LEN + echo * COLOR_BINS..][..COLOR_BINS].fill(magnitude);
    };
    echo(3, 600.0, 0.8);
    echo(27, 1500.0, 0.4);
    echo(30, 1500.0, 0.004);
    for (wet, wet_db) in [(1.0f32, 0.0), (0.1, -20.0)] {
        let Settings::MultitapDelay { taps } = MultitapDelay.settings(&physical, wet, 30_000.0) else {
            panic!("another kind's settings");
        };
        let names: Vec<&str> = taps.iter().map(|t| t.channel.as_str()).collect();
        assert_eq!(names, ["left", "right"]);
        assert!((taps[0].time_ms - 320.0).abs() < 1e-9 && (taps[1].time_ms - 750.0).abs() < 1e-9, "{taps:?}");
        // Energies 0.64 and 0.16 are scaled so that their mean over the channels is 1.
        for (tap, energy) in taps.iter().zip([1.6f64, 0.4]) {
            assert!((tap.gain_db - wet_db - 10.0 * energy.log10()).abs() < 1e-3, "{taps:?}");
        }
    }
}

#[test]
fn settings_are_finite_whatever_the_parameters() {
    for (physical, wet) in [(vec![0.0; LEN], 0.5), (vec![1.0; LEN], 0.0), (vec![f32::NAN; LEN], 0.5)] {
        let Settings::MultitapDelay { taps } = MultitapDelay.settings(&physical, wet, 30_000.0) else {
            panic!("another kind's settings");
        };
        assert!(taps.iter().all(|t| t.gain_db.is_finite() && t.time_ms.is_finite()), "{taps:?}");
    }
}

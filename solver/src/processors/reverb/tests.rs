//! The reverb against golden/ and finite differences.

use candle_core::{Device, Tensor, Var};

use super::*;
use crate::golden::{Golden, assert_close};

const SAMPLES: usize = 16384;
const NODES: usize = 3;

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
    let init = golden.f32("param.init_log_magnitude");
    let delta = golden.f32("param.delta_log_magnitude");
    init.chunks(CHANNEL_LEN).zip(delta.chunks(CHANNEL_LEN)).map(|(i, d)| [i, d].concat()).collect()
}

fn physical(raw: &[f32]) -> Vec<f32> {
    let raw = Tensor::from_slice(raw, (1, raw.len()), &Device::Cpu).unwrap();
    Reverb.physical(&raw).unwrap().flatten_all().unwrap().to_vec1().unwrap()
}

pub fn golden_physical(golden: &Golden) -> Vec<Vec<f32>> {
    golden_raw(golden).iter().map(|raw| physical(raw)).collect()
}

/// The gradient of raw parameters from that of the physical ones.
fn raw_gradient(raw: &[f32], by_physical: &[f32]) -> Vec<f32> {
    let raw = Var::from_slice(raw, (1, raw.len()), &Device::Cpu).unwrap();
    let weights = Tensor::from_slice(by_physical, (1, by_physical.len()), &Device::Cpu).unwrap();
    let loss = (Reverb.physical(&raw).unwrap() * weights).unwrap().sum_all().unwrap();
    let grads = loss.backward().unwrap();
    grads.get(&raw).unwrap().flatten_all().unwrap().to_vec1().unwrap()
}

fn hall(samples: usize, physical: &[f32], wet: f32) -> Hall {
    let mut hall = Hall::new(samples, &Kit::default());
    hall.set(physical, wet);
    hall
}

fn wave(samples: usize, pitch: f32) -> Stereo {
    let channel = |p: f32| (0..samples).map(|i| (i as f32 * p).sin() * (i as f32 * 0.013).cos()).collect();
    Stereo { channels: [channel(pitch), channel(1.7 * pitch)] }
}

#[test]
fn it_meets_the_golden_reverb() {
    let golden = Golden::open("reverb");
    let (raw, physical) = (golden_raw(&golden), golden_physical(&golden));
    let (inputs, weights) = (nodes(&golden, "input"), nodes(&golden, "v"));
    let responses = nodes(&golden, "ir_lr_normalized_first16384");
    let (outputs, by_input) = (nodes(&golden, "output"), nodes(&golden, "grad.input"));
    let init = golden.f32("grad.init_log_magnitude");
    let delta = golden.f32("grad.delta_log_magnitude");
    for n in 0..NODES {
        let mut hall = hall(SAMPLES, &physical[n], 1.0);
        let response = hall.filter.taps().map(|c| c[..SAMPLES].to_vec()).concat();
        assert_close("impulse response", &response, &flat(&responses[n]), 1e-6);
        let mut output = Stereo::silence(SAMPLES);
        hall.forward(&inputs[n], &mut output, true);
        assert_close("output", &flat(&output), &flat(&outputs[n]), 2e-6);
        let mut grad = weights[n].clone();
        let mut gradient = vec![0.0; 2 * CHANNEL_LEN];
        hall.backward(&inputs[n], &mut grad, 0.0, &mut gradient);
        assert_close("input's gradient", &flat(&grad), &flat(&by_input[n]), 2e-6);
        let found = raw_gradient(&raw[n], &gradient);
        let row = n * CHANNEL_LEN..(n + 1) * CHANNEL_LEN;
        assert_close("init's gradient", &found[..CHANNEL_LEN], &init[row.clone()], 5e-6);
        assert_close("delta's gradient", &found[CHANNEL_LEN..], &delta[row], 5e-6);
    }
}

#[test]
fn its_regulariser_meets_the_golden_one() {
    let golden = Golden::open("reverb");
    let (raw, physical) = (golden_raw(&golden), golden_physical(&golden));
    let inputs = nodes(&golden, "input");
    let by_input = nodes(&golden, "reg_grad.gain_reg.input");
    let init = golden.f32("reg_grad.gain_reg.init_log_magnitude");
    let delta = golden.f32("reg_grad.gain_reg.delta_log_magnitude");
    let mut sum = 0.0;
    for n in 0..NODES {
        // Whatever the wet weight: the regulariser is taken inside the mix.
        let mut hall = hall(SAMPLES, &physical[n], 0.3);
        hall.forward(&inputs[n], &mut Stereo::silence(SAMPLES), true);
        sum += hall.regulariser();
        let mut grad = Stereo::silence(SAMPLES);
        let mut gradient = vec![0.0; 2 * CHANNEL_LEN];
        let by_wet = hall.backward(&inputs[n], &mut grad, 1.0, &mut gradient);
        assert_eq!(by_wet, 0.0);
        assert_close("input's gradient", &flat(&grad), &flat(&by_input[n]), 1e-5);
        let found = raw_gradient(&raw[n], &gradient);
        let row = n * CHANNEL_LEN..(n + 1) * CHANNEL_LEN;
        assert_close("init's gradient", &found[..CHANNEL_LEN], &init[row.clone()], 1e-5);
        assert_close("delta's gradient", &found[CHANNEL_LEN..], &delta[row], 1e-5);
    }
    assert_close("regulariser", &[sum as f32], &golden.f32("reg.gain_reg"), 1e-5);
}

#[test]
fn learning_does_not_change_what_is_heard() {
    let golden = Golden::open("reverb");
    let input = wave(5000, 0.3);
    for wet in [0.0, 0.35, 1.0] {
        let mut hall = hall(5000, &golden_physical(&golden)[1], wet);
        let (mut learnt, mut heard) = (Stereo::silence(5000), Stereo::silence(5000));
        hall.forward(&input, &mut learnt, true);
        hall.forward(&input, &mut heard, false);
        assert_close("output", &flat(&heard), &flat(&learnt), 1e-6);
        if wet == 0.0 {
            assert_eq!(learnt, input);
        }
    }
}

#[test]
fn gradients_of_a_mix_with_its_regulariser_are_those_of_finite_differences() {
    let (samples, weight) = (3000, 2.0);
    let (input, weights) = (wave(samples, 0.3), wave(samples, 0.11));
    let physical = golden_physical(&Golden::open("reverb")).remove(0);
    let mut hall = hall(samples, &physical, 0.4);
    let mut loss = |input: &Stereo, physical: &[f32], wet: f32| {
        let mut output = Stereo::silence(samples);
        hall.set(physical, wet);
        hall.forward(input, &mut output, true);
        let along: f64 = (0..2).map(|c| dsp::dot(&output.channels[c], &weights.channels[c])).sum();
        along + weight as f64 * hall.regulariser()
    };
    let moved = |i: usize, by: f32| {
        let mut physical = physical.clone();
        physical[i] += by;
        physical
    };
    let difference = |step: f32, high: f64, low: f64| (high - low) / (2.0 * step as f64);
    let spots = [3, 50, BINS + 9, CHANNEL_LEN + 3, CHANNEL_LEN + 50, CHANNEL_LEN + BINS + 9];
    let wanted = spots.map(|i| {
        let s = 0.05;
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
    let mut gradient = vec![0.0; 2 * CHANNEL_LEN];
    let found = hall.backward(&input, &mut grad, weight, &mut gradient) as f64;
    assert!((found - by_wet).abs() < 1e-3 * by_wet.abs(), "wet: {found} {by_wet}");
    let found = grad.channels[1][700] as f64;
    assert!((found - by_sample).abs() < 1e-2 * by_sample.abs(), "input: {found} {by_sample}");
    for (&i, wanted) in spots.iter().zip(wanted) {
        let found = gradient[i] as f64;
        assert!((found - wanted).abs() < 1e-2 * wanted.abs() + 1e-3, "{i}: {found} {wanted}");
    }
}

#[test]
fn the_fall_is_a_softplus_that_neither_overflows_nor_loses_its_slope() {
    let mut raw = vec![0.0; 2 * CHANNEL_LEN];
    raw[..2].copy_from_slice(&[1.5, -2.5]);
    let delta = [-200.0, -30.0, -1.0, -1e-3, 0.0, 1e-3, 1.0, 30.0, 200.0f32];
    raw[CHANNEL_LEN..][..delta.len()].copy_from_slice(&delta);
    let found = physical(&raw);
    let slopes = raw_gradient(&raw, &vec![1.0; 2 * CHANNEL_LEN]);
    assert_eq!((found[0], found[1], slopes[0]), (1.5, -2.5, 1.0));
    for (i, d) in delta.iter().map(|&d| d as f64).enumerate() {
        let (value, slope) = (found[CHANNEL_LEN + i] as f64, slopes[CHANNEL_LEN + i] as f64);
        let wanted = d.max(0.0) + (-d.abs()).exp().ln_1p();
        assert!((value - wanted).abs() < 1e-6 * wanted.max(1.0), "{d}: {value} {wanted}");
        let wanted = 1.0 / (1.0 + (-d).exp());
        assert!((slope - wanted).abs() < 1e-6, "{d}: slope {slope} {wanted}");
    }
}

#[test]
fn settings_are_finite_at_either_end_of_the_mix() {
    let fresh = physical(&vec![0.0; 2 * CHANNEL_LEN]);
    for (wet, wanted) in [(0.0, -120.0), (0.5, 0.0), (1.0, 120.0)] {
        let Settings::Reverb { rt60_s, pre_wet_db, .. } = Reverb.settings(&fresh, wet, 30_000.0) else {
            panic!("another kind's settings");
        };
        assert!((pre_wet_db - wanted).abs() < 1e-6, "{wet}: {pre_wet_db}");
        assert!((rt60_s - 0.51).abs() < 0.01, "{rt60_s}");
    }
}

//! The reverb against golden/ and finite differences.

use super::*;
use crate::dsp::testing::wave;
use crate::golden::{Golden, assert_close};
use crate::processors::Kind;
use crate::processors::testing::*;

const KIND: Kind = Kind::Reverb;
const SAMPLES: usize = 16384;
const LEN: usize = 2 * CHANNEL_LEN;

fn hall(samples: usize, physical: &[f32], wet: f32) -> Hall {
    let mut hall = Hall::new(samples, REFERENCE, &Kit::default());
    hall.set(physical, wet);
    hall
}

#[test]
fn it_meets_the_golden_reverb() {
    let golden = Golden::open("reverb");
    let raw = rows(&golden, "param", KIND);
    let signals = |name| signals(&golden, name, raw.len());
    let (inputs, weights) = (signals("input"), signals("v"));
    let responses = signals("ir_lr_normalized_first16384");
    let (outputs, by_input) = (signals("output"), signals("grad.input"));
    let by_raw = rows(&golden, "grad", KIND);
    for n in 0..raw.len() {
        let mut hall = hall(SAMPLES, &physical(KIND, &raw[n]), 1.0);
        let response = hall.filter.taps().map(|c| c[..SAMPLES].to_vec()).concat();
        assert_close("impulse response", &response, &responses[n].channels.concat(), 1e-6);
        let pass = Pass::of(&mut hall, LEN, &inputs[n], &weights[n], 0.0);
        assert_sounds("output", &pass.output, &outputs[n], 2e-6);
        assert_sounds("input's gradient", &pass.by_input, &by_input[n], 2e-6);
        let found = raw_gradient(KIND, &raw[n], &pass.by_physical);
        assert_close("init's gradient", &found[..CHANNEL_LEN], &by_raw[n][..CHANNEL_LEN], 5e-6);
        assert_close("delta's gradient", &found[CHANNEL_LEN..], &by_raw[n][CHANNEL_LEN..], 5e-6);
    }
}

#[test]
fn its_regulariser_meets_the_golden_one() {
    let golden = Golden::open("reverb");
    let raw = rows(&golden, "param", KIND);
    let inputs = signals(&golden, "input", raw.len());
    let by_input = signals(&golden, "reg_grad.gain_reg.input", raw.len());
    let by_raw = rows(&golden, "reg_grad.gain_reg", KIND);
    let mut sum = 0.0;
    for n in 0..raw.len() {
        // Whatever the wet weight: the regulariser is taken inside the mix.
        let mut hall = hall(SAMPLES, &physical(KIND, &raw[n]), 0.3);
        let pass = Pass::of(&mut hall, LEN, &inputs[n], &Stereo::silence(SAMPLES), 1.0);
        sum += hall.regulariser();
        assert_eq!(pass.by_wet, 0.0);
        assert_sounds("input's gradient", &pass.by_input, &by_input[n], 1e-5);
        let found = raw_gradient(KIND, &raw[n], &pass.by_physical);
        assert_close("init's gradient", &found[..CHANNEL_LEN], &by_raw[n][..CHANNEL_LEN], 1e-5);
        assert_close("delta's gradient", &found[CHANNEL_LEN..], &by_raw[n][CHANNEL_LEN..], 1e-5);
    }
    assert_close("regulariser", &[sum as f32], &golden.f32("reg.gain_reg"), 1e-5);
}

#[test]
fn learning_does_not_change_what_is_heard() {
    let physical = &golden_physical(&Golden::open("reverb"), KIND)[1];
    let input = wave(5000, 0.3);
    for wet in [0.0, 0.35, 1.0] {
        let mut hall = hall(5000, physical, wet);
        let (learnt, heard) = (render(&mut hall, &input, true), render(&mut hall, &input, false));
        assert_sounds("output", &heard, &learnt, 1e-6);
        if wet == 0.0 {
            assert_eq!(learnt, input);
        }
    }
}

#[test]
fn gradients_of_a_mix_with_its_regulariser_are_those_of_finite_differences() {
    let physical = &golden_physical(&Golden::open("reverb"), KIND)[0];
    let spots = [3, 50, BINS + 9, CHANNEL_LEN + 3, CHANNEL_LEN + 50, CHANNEL_LEN + BINS + 9];
    for rate in [REFERENCE, 44_100] {
        assert_slopes(KIND, 3000, rate, physical, 2.0, spots, 0.05);
    }
}

#[test]
fn the_fall_is_a_softplus_that_neither_overflows_nor_loses_its_slope() {
    let mut raw = vec![0.0; LEN];
    raw[..2].copy_from_slice(&[1.5, -2.5]);
    let delta = [-200.0, -30.0, -1.0, -1e-3, 0.0, 1e-3, 1.0, 30.0, 200.0f32];
    raw[CHANNEL_LEN..][..delta.len()].copy_from_slice(&delta);
    let found = physical(KIND, &raw);
    let slopes = raw_gradient(KIND, &raw, &[1.0; LEN]);
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
    let fresh = physical(KIND, &[0.0; LEN]);
    for (wet, wanted) in [(0.0, -120.0), (0.5, 0.0), (1.0, 120.0)] {
        let settings = Reverb.settings(&fresh, wet);
        let [rt60_s, pre_wet_db] = settings.numbers(["rt60_s", "pre_wet_db"]);
        assert!((pre_wet_db - wanted).abs() < 1e-6, "{wet}: {pre_wet_db}");
        assert!((rt60_s - 0.51).abs() < 0.01, "{rt60_s}");
    }
}

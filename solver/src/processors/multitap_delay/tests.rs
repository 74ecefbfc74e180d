//! The multitap delay against golden/ and finite differences.

use super::*;
use crate::dsp::testing::wave;
use crate::golden::{Golden, assert_close};
use crate::processors::testing::*;
use crate::processors::{Kind, Picture, Telling};

const KIND: Kind = Kind::MultitapDelay;
const SAMPLES: usize = 16384;
const LEN: usize = POSITIONS_LEN + COLORS_LEN;

fn echoes(samples: usize, physical: &[f32], wet: f32) -> Echoes {
    let mut echoes = Echoes::new(samples, REFERENCE, &Kit::default());
    echoes.set(physical, wet);
    echoes
}

#[test]
fn it_meets_the_golden_delay() {
    let golden = Golden::open("delay");
    let raw = rows(&golden, "param", KIND);
    let signals = |name| signals(&golden, name, raw.len());
    let (inputs, weights) = (signals("input"), signals("v"));
    let responses = signals("ir_first16384");
    let (outputs, by_input) = (signals("output"), signals("grad.input"));
    // Of positions, the golden gradient is the direction.
    let by_raw = rows(&golden, "grad", KIND);
    let by_position = golden.f32("grad_unnormalized.delay_z");
    for n in 0..raw.len() {
        let mut echoes = echoes(SAMPLES, &physical(KIND, &raw[n]), 1.0);
        let response = echoes.filter.taps().map(|c| c[..SAMPLES].to_vec()).concat();
        assert_close("impulse response", &response, &responses[n].channels.concat(), 1e-6);
        let mut pass = Pass::of(&mut echoes, LEN, &inputs[n], &weights[n], 0.0);
        assert_sounds("output", &pass.output, &outputs[n], 2e-6);
        assert_sounds("input's gradient", &pass.by_input, &by_input[n], 2e-6);
        let found = raw_gradient(KIND, &raw[n], &pass.by_physical);
        let wanted = by_raw[n].split_at(POSITIONS_LEN);
        assert_close("positions' directions", &found[..POSITIONS_LEN], wanted.0, 1e-3);
        assert_close("colours' gradient", &found[POSITIONS_LEN..], wanted.1, 1e-5);

        let (_, positions) = echoes.loss_backward(&inputs[n], &mut weights[n].clone(), &mut pass.by_physical);
        let found: Vec<f32> = positions.iter().flat_map(|p| [p.re as f32, p.im as f32]).collect();
        let wanted = &by_position[n * POSITIONS_LEN..][..POSITIONS_LEN];
        assert_close("positions' gradient", &found, wanted, 1e-3);
    }
}

#[test]
fn its_regulariser_meets_the_golden_one() {
    let golden = Golden::open("delay");
    let wanted = golden.f32("reg_grad.radii_reg.delay_z");
    let (input, silence) = (wave(500, 0.3), Stereo::silence(500));
    let mut sum = 0.0;
    for (physical, wanted) in golden_physical(&golden, KIND).iter().zip(wanted.chunks_exact(POSITIONS_LEN)) {
        let mut echoes = echoes(500, physical, 0.3);
        let pass = Pass::of(&mut echoes, LEN, &input, &silence, 1.0);
        sum += echoes.regulariser();
        assert_eq!(pass.by_wet, 0.0);
        assert_eq!(pass.by_input, silence);
        assert_close("positions' gradient", &pass.by_physical[..POSITIONS_LEN], wanted, 1e-5);
        assert!(pass.by_physical[POSITIONS_LEN..].iter().all(|&g| g == 0.0));
    }
    assert_close("regulariser", &[sum as f32], &golden.f32("reg.radii_reg"), 1e-5);
}

#[test]
fn colors_are_cut_at_the_ends_of_their_segment() {
    let mut physical = vec![1.0; LEN];
    // A wide colour: alternating magnitudes ring in every tap.
    physical[POSITIONS_LEN..].iter_mut().step_by(2).for_each(|m| *m = 0.1);
    let mut echoes = Echoes::new(100, REFERENCE, &Kit::default());
    for (onset, first, last) in [(0, 0, 19), (5, 0, 24), (1500, 1481, 1519), (2999, 2980, 2999)] {
        echoes.set_at(&physical, 1.0, [onset; ECHOES]);
        for channel in echoes.filter.taps() {
            for segment in channel.chunks(SEGMENT) {
                let sounding = |n: &usize| segment[*n].abs() > 1e-7;
                // The window is zero at the colour's first tap.
                let first = if onset < 19 { first } else { first + 1 };
                assert_eq!((0..SEGMENT).find(sounding), Some(first), "{onset}");
                assert_eq!((0..SEGMENT).rfind(sounding), Some(last), "{onset}");
            }
        }
    }
}

#[test]
fn learning_does_not_change_what_is_heard() {
    let physical = &golden_physical(&Golden::open("delay"), KIND)[1];
    let input = wave(5000, 0.3);
    for wet in [0.0, 0.35, 1.0] {
        let mut echoes = echoes(5000, physical, wet);
        let (learnt, heard) = (render(&mut echoes, &input, true), render(&mut echoes, &input, false));
        assert_eq!(heard, learnt);
        if wet == 0.0 {
            assert_sounds("dry", &heard, &input, 1e-6);
        }
    }
}

#[test]
fn gradients_of_a_mix_are_those_of_finite_differences() {
    let physical = &golden_physical(&Golden::open("delay"), KIND)[2];
    // Positions are left out: gradients see their soft impulses, the sound does not.
    let spots = [0, 7, 23, 45, 20 * COLOR_BINS, 21 * COLOR_BINS + 9].map(|i| POSITIONS_LEN + i);
    for rate in [REFERENCE, 44_100] {
        assert_slopes(KIND, 7000, rate, physical, 0.5, spots, 0.02);
    }
}

#[test]
fn raw_colors_are_logarithms_and_positions_are_themselves() {
    let mut raw = vec![0.0; LEN];
    raw[0] = -0.7;
    raw[POSITIONS_LEN..][..3].copy_from_slice(&[-2.0, 0.5, 3.0]);
    let physical = physical(KIND, &raw);
    let slopes = raw_gradient(KIND, &raw, &[1.0; LEN]);
    assert_eq!((physical[0], slopes[0]), (-0.7, 1.0));
    for (i, x) in [-2.0f32, 0.5, 3.0].into_iter().enumerate() {
        for found in [physical[POSITIONS_LEN + i], slopes[POSITIONS_LEN + i]] {
            assert!((found / x.exp() - 1.0).abs() < 1e-6, "{x}: {found}");
        }
    }
}

/// The echoes that a report names.
fn taps(physical: &[f32], wet: f32) -> Vec<Echo> {
    match MultitapDelay.picture(&MultitapDelay.settings(physical, wet)) {
        Some(Picture::Echoes(taps)) => taps,
        other => panic!("{other:?}"),
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
        let taps = taps(&physical, wet);
        assert_eq!(taps.iter().map(|tap| tap.is_right).collect::<Vec<_>>(), [false, true]);
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
        let taps = taps(&physical, wet);
        assert!(taps.iter().all(|t| t.gain_db.is_finite() && t.time_ms.is_finite()), "{taps:?}");
    }
}

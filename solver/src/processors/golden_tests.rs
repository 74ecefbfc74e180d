//! Every kind of processor against its golden vectors, and the dry/wet mix against finite differences.

use super::testing::*;
use super::*;
use crate::clock::REFERENCE;
use crate::dsp::testing::{noise, stereo, weighed};
use crate::golden::{Golden, assert_close};

/// What a run over a golden file yields, nodes one after the other.
#[derive(Default)]
struct Run {
    output: Vec<f32>,
    input_grad: Vec<f32>,
    raw_grad: Vec<Vec<f32>>,
    regulariser: f64,
}

/// Runs all nodes of a golden file at wet 1; gradients are those of `v_scale·Σ output·v + weight·regulariser`.
fn run(golden: &Golden, kind: Kind, v_scale: f32, weight: f32) -> Run {
    let raw = rows(golden, "param", kind);
    let signals = |name| signals(golden, name, raw.len());
    let kit = Arc::new(Kit::default());
    let mut result = Run::default();
    for ((raw, x), mut v) in raw.iter().zip(signals("input")).zip(signals("v")) {
        v.channels.iter_mut().flatten().for_each(|v| *v *= v_scale);
        let physical = physical_by(reference_map, kind, raw);
        let mut processor = kind.definition().make(x.len(), REFERENCE, &kit);
        processor.set(&physical, 1.0);
        let pass = Pass::of(&mut *processor, physical.len(), &x, &v, weight);
        result.output.extend(pass.output.channels.concat());
        result.input_grad.extend(pass.by_input.channels.concat());
        result.raw_grad.push(raw_gradient_by(reference_map, kind, raw, &pass.by_physical));
        result.regulariser += processor.regulariser();
    }
    result
}

/// Asserts outputs and gradients of a golden file.
fn check(file: &str, kind: Kind, tolerance: f64, parameter_tolerance: f64) {
    let golden = Golden::open(file);
    let found = run(&golden, kind, 1.0, 0.0);
    assert_close(&format!("{file} output"), &found.output, &golden.f32("output"), tolerance);
    assert_close(&format!("{file} grad.input"), &found.input_grad, &golden.f32("grad.input"), tolerance);
    let mut from = 0;
    for p in kind.definition().parameters() {
        let part: Vec<f32> = found.raw_grad.iter().flat_map(|row| &row[from..][..p.len]).copied().collect();
        let wanted = golden.f32(&format!("grad.{}", p.name));
        assert_close(&format!("{file} grad.{}", p.name), &part, &wanted, parameter_tolerance);
        from += p.len;
    }
}

#[test]
fn equalizer_is_the_golden_one() {
    check("eq", Kind::Equalizer, 1e-5, 1e-5);
}

#[test]
fn equalizer_regulariser_is_the_golden_one() {
    let golden = Golden::open("eq");
    let found = run(&golden, Kind::Equalizer, 0.0, 1.0);
    assert!((found.regulariser - golden.f32("reg.gain_reg")[0] as f64).abs() < 1e-5);
    assert_close("input", &found.input_grad, &golden.f32("reg_grad.gain_reg.input"), 1e-5);
    assert_close(
        "magnitudes",
        &found.raw_grad.concat(),
        &golden.f32("reg_grad.gain_reg.log_magnitude"),
        1e-5,
    );
}

#[test]
fn compressor_is_the_golden_one() {
    check("compressor", Kind::Compressor, 1e-5, 1e-4);
}

#[test]
fn compressor_with_seconds_of_smoothing_is_the_golden_one() {
    check("compressor_long", Kind::Compressor, 1e-3, 6e-3);
}

#[test]
fn noise_gate_is_the_golden_one() {
    check("noisegate", Kind::NoiseGate, 1e-5, 1e-4);
}

#[test]
fn noise_gate_with_seconds_of_smoothing_is_the_golden_one() {
    check("noisegate_long", Kind::NoiseGate, 1e-3, 6e-3);
}

#[test]
fn stereo_imager_is_the_golden_one() {
    check("stereo_imager", Kind::StereoImager, 1e-6, 1e-5);
}

#[test]
fn gain_pan_is_the_golden_one() {
    check("gain_panning", Kind::GainPan, 1e-6, 1e-5);
}

/// Noise with some envelope, so that dynamics have something to do.
fn swelling_noise(samples: usize, seed: u32) -> Stereo {
    let mut signal = stereo(&noise(2 * samples, seed));
    for (n, sample) in signal.channels.iter_mut().flat_map(|c| c.iter_mut().enumerate()) {
        *sample *= 0.3 + 0.25 * (n as f32 * 2e-3).sin();
    }
    signal
}

/// A plausible row of physical parameters, away from the start.
fn some_physical(kind: Kind) -> Vec<f32> {
    let n = kind.definition().row_len();
    let raw: Vec<f32> = (0..n).map(|i| 0.4 * (i as f32 * 1.3 + 0.5).sin()).collect();
    physical(kind, &raw)
}

#[test]
fn the_wet_weight_mixes_and_its_gradient_is_the_slope() {
    const SAMPLES: usize = 3000;
    let (x, v) = (swelling_noise(SAMPLES, 1), swelling_noise(SAMPLES, 2));
    let score = |y: &Stereo| weighed(y, &v);
    let kit = Arc::new(Kit::default());
    for kind in Kind::ALL {
        let physical = some_physical(kind);
        let mut processor = kind.definition().make(SAMPLES, REFERENCE, &kit);
        let mut heard = |wet: f32, learn: bool| {
            processor.set(&physical, wet);
            render(&mut *processor, &x, learn)
        };
        let (dry, mixed, folded, full) =
            (heard(0.0, true), heard(0.3, true), heard(0.3, false), heard(1.0, true));
        assert_sounds(&format!("{kind} dry"), &dry, &x, 1e-5);
        assert_sounds(&format!("{kind} folded"), &folded, &mixed, 1e-5);
        // The output is linear in the wet weight, so the slope is the same everywhere.
        let slope = score(&full) - score(&dry);
        processor.set(&physical, 0.3);
        let found = Pass::of(&mut *processor, physical.len(), &x, &v, 0.0).by_wet as f64;
        let size = score(&x).abs() + score(&full).abs();
        assert!((found - slope).abs() < 1e-4 * size, "{kind}: {found} {slope}");
    }
}

#[test]
fn physical_maps_have_the_slopes_of_finite_differences() {
    for kind in [Kind::Compressor, Kind::NoiseGate, Kind::StereoImager, Kind::GainPan] {
        let n = kind.definition().row_len();
        let weights: Vec<f32> = (0..n).map(|i| (i + 1) as f32).collect();
        let map = |raw: &[f32]| -> f64 {
            physical(kind, raw).iter().zip(&weights).map(|(&p, &w)| p as f64 * w as f64).sum()
        };
        let raw: Vec<f32> = (0..n).map(|i| 0.7 * (i as f32 - 1.0)).collect();
        let found = raw_gradient(kind, &raw, &weights);
        for i in 0..n {
            let (mut up, mut down) = (raw.clone(), raw.clone());
            up[i] += 1e-2;
            down[i] -= 1e-2;
            let slope = (map(&up) - map(&down)) / (up[i] as f64 - down[i] as f64);
            assert!(
                (found[i] as f64 - slope).abs() < 1e-3 * slope.abs().max(1.0),
                "{kind} {i}: {} {slope}",
                found[i]
            );
        }
    }
}

#[test]
fn a_ratio_is_what_one_dials_in() {
    // slope ¾ is 4:1; 10 dB above the threshold leave 2.5 dB above it.
    let settings = Kind::Compressor.definition().settings(&[-4.605_17, 0.75, 0.1, 0.99], 1.0);
    let [ratio, threshold_db] = settings.numbers(["ratio", "threshold_db"]);
    assert!((ratio - 4.0).abs() < 1e-6 && (threshold_db + 20.0).abs() < 1e-4);
    let mut processor = Kind::Compressor.definition().make(30000, REFERENCE, &Arc::new(Kit::default()));
    processor.set(&[-4.605_17, 0.75, 0.001, 0.99], 1.0);
    let level = 10f32.powf(-10.0 / 20.0); // 10 dB above −20 dB, constant
    let x = Stereo { channels: [vec![level; 30000], vec![level; 30000]] };
    let y = render(&mut *processor, &x, false);
    let out_db = 20.0 * y.channels[0][29999].log10();
    assert!((out_db + 17.5).abs() < 0.01, "{out_db}");
}

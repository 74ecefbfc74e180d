//! Every kind of processor against its golden vectors, and the dry/wet mix against finite differences.

use candle_core::{Device, Tensor, Var};

use super::*;
use crate::golden::{Golden, assert_close};

/// What a run over a golden file yields, nodes one after the other.
struct Run {
    output: Vec<f32>,
    input_grad: Vec<f32>,
    raw_grad: Vec<f32>,
    regulariser: f64,
}

/// Runs all nodes of a golden file at wet 1; gradients are those of `v_scale·Σ output·v + weight·regulariser`.
fn run(golden: &Golden, kind: Kind, nodes: usize, v_scale: f32, weight: f32) -> Run {
    let definition = kind.definition();
    let columns: Vec<_> =
        definition.parameters().iter().map(|p| (golden.f32(&format!("param.{}", p.name)), p.len)).collect();
    let raw: Vec<f32> = (0..nodes)
        .flat_map(|n| columns.iter().flat_map(move |(values, len)| &values[n * len..(n + 1) * len]))
        .copied()
        .collect();
    let raw = Tensor::from_vec(raw, (nodes, definition.raw_len()), &Device::Cpu).unwrap();
    let raw = Var::from_tensor(&raw).unwrap();
    let physical = reference_maps(kind, &raw).unwrap();
    let rows = physical.to_vec2::<f32>().unwrap();

    let (input, v) = (golden.f32("input"), golden.f32("v"));
    let samples = input.len() / nodes / 2;
    let stereo = |values: &[f32], n: usize| Stereo {
        channels: [0, 1].map(|c| values[(2 * n + c) * samples..][..samples].to_vec()),
    };
    let kit = Arc::new(Kit::default());
    let mut result = Run { output: vec![], input_grad: vec![], raw_grad: vec![], regulariser: 0.0 };
    let mut physical_grad = vec![0.0; rows.len() * definition.physical_len()];
    for (n, gradient) in physical_grad.chunks_mut(definition.physical_len()).enumerate() {
        let (x, mut y, mut grad) = (stereo(&input, n), Stereo::silence(samples), stereo(&v, n));
        grad.channels.iter_mut().flatten().for_each(|g| *g *= v_scale);
        let mut processor = definition.make(samples, &kit);
        processor.set(&rows[n], 1.0);
        processor.forward(&x, &mut y, true);
        processor.backward(&x, &mut grad, weight, gradient);
        result.output.extend(y.channels.concat());
        result.input_grad.extend(grad.channels.concat());
        result.regulariser += processor.regulariser();
    }
    let physical_grad = Tensor::from_vec(physical_grad, physical.shape(), &Device::Cpu).unwrap();
    let grads = (&physical * physical_grad).unwrap().sum_all().unwrap().backward().unwrap();
    let raw_grad = grads.get(&raw).unwrap().contiguous().unwrap();
    // Golden gradients stand parameter by parameter, ours node by node.
    let mut from = 0;
    for p in definition.parameters() {
        let column = raw_grad.narrow(1, from, p.len).unwrap();
        result.raw_grad.extend(column.flatten_all().unwrap().to_vec1::<f32>().unwrap());
        from += p.len;
    }
    result
}

/// Asserts outputs and gradients of a golden file.
fn check(file: &str, kind: Kind, nodes: usize, tolerance: f64, parameter_tolerance: f64) {
    let golden = Golden::open(file);
    let found = run(&golden, kind, nodes, 1.0, 0.0);
    assert_close(&format!("{file} output"), &found.output, &golden.f32("output"), tolerance);
    assert_close(&format!("{file} grad.input"), &found.input_grad, &golden.f32("grad.input"), tolerance);
    let mut from = 0;
    for p in kind.definition().parameters() {
        let wanted = golden.f32(&format!("grad.{}", p.name));
        let part = &found.raw_grad[from..from + wanted.len()];
        assert_close(&format!("{file} grad.{}", p.name), part, &wanted, parameter_tolerance);
        from += wanted.len();
    }
}

#[test]
fn equalizer_is_the_golden_one() {
    check("eq", Kind::Equalizer, 3, 1e-5, 1e-5);
}

#[test]
fn equalizer_regulariser_is_the_golden_one() {
    let golden = Golden::open("eq");
    let found = run(&golden, Kind::Equalizer, 3, 0.0, 1.0);
    assert!((found.regulariser - golden.f32("reg.gain_reg")[0] as f64).abs() < 1e-5);
    assert_close("input", &found.input_grad, &golden.f32("reg_grad.gain_reg.input"), 1e-5);
    assert_close("magnitudes", &found.raw_grad, &golden.f32("reg_grad.gain_reg.log_magnitude"), 1e-5);
}

#[test]
fn compressor_is_the_golden_one() {
    check("compressor", Kind::Compressor, 3, 1e-5, 1e-4);
}

#[test]
fn compressor_with_seconds_of_smoothing_is_the_golden_one() {
    check("compressor_long", Kind::Compressor, 2, 1e-3, 6e-3);
}

#[test]
fn noise_gate_is_the_golden_one() {
    check("noisegate", Kind::NoiseGate, 3, 1e-5, 1e-4);
}

#[test]
fn noise_gate_with_seconds_of_smoothing_is_the_golden_one() {
    check("noisegate_long", Kind::NoiseGate, 2, 1e-3, 6e-3);
}

#[test]
fn stereo_imager_is_the_golden_one() {
    check("stereo_imager", Kind::StereoImager, 3, 1e-6, 1e-5);
}

#[test]
fn gain_pan_is_the_golden_one() {
    check("gain_panning", Kind::GainPan, 3, 1e-6, 1e-5);
}

/// A repeatable stereo noise with some envelope, so that dynamics have something to do.
fn noise(samples: usize, seed: u32) -> Stereo {
    let mut state = seed;
    let mut next = |n: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let envelope = 0.3 + 0.25 * (n as f32 * 2e-3).sin();
        envelope * ((state >> 8) as f32 / 8_388_608.0 - 1.0)
    };
    Stereo { channels: [0, 1].map(|_| (0..samples).map(&mut next).collect()) }
}

/// A plausible row of physical parameters, away from the start.
fn some_physical(kind: Kind) -> Vec<f32> {
    let n = kind.definition().raw_len();
    let raw: Vec<f32> = (0..n).map(|i| 0.4 * (i as f32 * 1.3 + 0.5).sin()).collect();
    let raw = Tensor::from_vec(raw, (1, n), &Device::Cpu).unwrap();
    kind.definition().physical(&raw).unwrap().flatten_all().unwrap().to_vec1().unwrap()
}

#[test]
fn the_wet_weight_mixes_and_its_gradient_is_the_slope() {
    const SAMPLES: usize = 3000;
    let (x, v) = (noise(SAMPLES, 1), noise(SAMPLES, 2));
    let score = |y: &Stereo| -> f64 {
        let products = y.channels.iter().flatten().zip(v.channels.iter().flatten());
        products.map(|(&y, &v)| y as f64 * v as f64).sum()
    };
    let kit = Arc::new(Kit::default());
    for kind in Kind::ALL {
        let physical = some_physical(kind);
        let mut processor = kind.definition().make(SAMPLES, &kit);
        let mut render = |wet: f32, learn: bool| {
            let mut y = Stereo::silence(SAMPLES);
            processor.set(&physical, wet);
            processor.forward(&x, &mut y, learn);
            y
        };
        let (dry, mixed, folded, full) =
            (render(0.0, true), render(0.3, true), render(0.3, false), render(1.0, true));
        assert_close(&format!("{kind} dry"), &dry.channels.concat(), &x.channels.concat(), 1e-5);
        assert_close(&format!("{kind} folded"), &folded.channels.concat(), &mixed.channels.concat(), 1e-5);
        // The output is linear in the wet weight, so the slope is the same everywhere.
        let slope = score(&full) - score(&dry);
        let mut grad = v.clone();
        processor.set(&physical, 0.3);
        processor.forward(&x, &mut Stereo::silence(SAMPLES), true);
        let found = processor.backward(&x, &mut grad, 0.0, &mut vec![0.0; physical.len()]) as f64;
        let size = score(&x).abs() + score(&full).abs();
        assert!((found - slope).abs() < 1e-4 * size, "{kind}: {found} {slope}");
    }
}

#[test]
fn physical_maps_have_the_slopes_of_finite_differences() {
    for kind in [Kind::Compressor, Kind::NoiseGate, Kind::StereoImager, Kind::GainPan] {
        let definition = kind.definition();
        let n = definition.raw_len();
        let map = |raw: &[f32]| -> f64 {
            let raw = Tensor::from_slice(raw, (1, n), &Device::Cpu).unwrap();
            let physical = definition.physical(&raw).unwrap().flatten_all().unwrap();
            let values = physical.to_vec1::<f32>().unwrap();
            values.iter().enumerate().map(|(i, &p)| (i + 1) as f64 * p as f64).sum()
        };
        let raw: Vec<f32> = (0..n).map(|i| 0.7 * (i as f32 - 1.0)).collect();
        let var = Var::from_slice(&raw, (1, n), &Device::Cpu).unwrap();
        let physical = definition.physical(&var).unwrap();
        let weights = Tensor::arange(1f32, n as f32 + 1.0, &Device::Cpu).unwrap().reshape((1, n)).unwrap();
        let grads = (physical * weights).unwrap().sum_all().unwrap().backward().unwrap();
        let found = grads.get(&var).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
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
    let Settings::Compressor { ratio, threshold_db, .. } =
        Kind::Compressor.definition().settings(&[-4.605_17, 0.75, 0.1, 0.99], 1.0, 30000.0)
    else {
        unreachable!()
    };
    assert!((ratio - 4.0).abs() < 1e-6 && (threshold_db + 20.0).abs() < 1e-4);
    let mut processor = Kind::Compressor.definition().make(30000, &Arc::new(Kit::default()));
    processor.set(&[-4.605_17, 0.75, 0.001, 0.99], 1.0);
    let level = 10f32.powf(-10.0 / 20.0); // 10 dB above −20 dB, constant
    let x = Stereo { channels: [vec![level; 30000], vec![level; 30000]] };
    let mut y = Stereo::silence(30000);
    processor.forward(&x, &mut y, false);
    let out_db = 20.0 * y.channels[0][29999].log10();
    assert!((out_db + 17.5).abs() < 0.01, "{out_db}");
}

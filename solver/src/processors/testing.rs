//! What the tests of several kinds share: rows of golden files, maps with their slopes, and passes of a processor.

use std::sync::Arc;

use super::{Kind, Kit, Processor};
use crate::clock::{Clock, REFERENCE};
use crate::dsp::Stereo;
use crate::dsp::testing::{stereo, wave, weighed};
use crate::golden::{Golden, assert_close};
use crate::parameters::{Mapped, Maps, Parameters, Rows, own_map};

/// The beginning of a song.
pub const BEGIN: Clock = Clock { rate: REFERENCE, start: 0 };

/// The signals of a golden tensor `[nodes][2][samples]`.
pub fn signals(golden: &Golden, name: &str, nodes: usize) -> Vec<Stereo> {
    let values = golden.f32(name);
    values.chunks_exact(values.len() / nodes).map(stereo).collect()
}

/// What a golden file holds of all parameters of a kind under `prefix`, such as `param` or `grad`: a row a node.
pub fn rows(golden: &Golden, prefix: &str, kind: Kind) -> Vec<Vec<f32>> {
    let mut rows: Vec<Vec<f32>> = vec![];
    for p in kind.definition().parameters() {
        let values = golden.f32(&format!("{prefix}.{}", p.name));
        rows.resize(values.len() / p.len, vec![]);
        rows.iter_mut().zip(values.chunks_exact(p.len)).for_each(|(row, values)| row.extend(values));
    }
    rows
}

/// The physical parameters of a golden file: a row a node.
pub fn golden_physical(golden: &Golden, kind: Kind) -> Vec<Vec<f32>> {
    rows(golden, "param", kind).iter().map(|raw| physical(kind, raw)).collect()
}

/// One processor with a row of raw parameters.
fn one(kind: Kind, raw: &[f32]) -> Parameters {
    Parameters { rows: vec![Rows { kind, ids: vec![0], raw: raw.to_vec(), wet_logits: vec![0.0] }] }
}

/// A row of physical parameters from a row of raw ones.
pub fn physical(kind: Kind, raw: &[f32]) -> Vec<f32> {
    physical_by(own_map, kind, raw)
}

/// [`physical`] by other maps.
pub fn physical_by(maps: Maps, kind: Kind, raw: &[f32]) -> Vec<f32> {
    Mapped::by(maps, &one(kind, raw)).unwrap().flat()[..raw.len()].to_vec()
}

/// The gradient of a row of raw parameters from that of the physical ones.
pub fn raw_gradient(kind: Kind, raw: &[f32], by_physical: &[f32]) -> Vec<f32> {
    raw_gradient_by(own_map, kind, raw, by_physical)
}

/// [`raw_gradient`] by other maps.
pub fn raw_gradient_by(maps: Maps, kind: Kind, raw: &[f32], by_physical: &[f32]) -> Vec<f32> {
    let by_flat = [by_physical, &[0.0]].concat();
    let gradient = Mapped::by(maps, &one(kind, raw)).unwrap().backward(&by_flat, 0.0).unwrap();
    gradient.rows[0].raw.clone()
}

/// What a processor makes of `input`.
pub fn render(processor: &mut dyn Processor, input: &Stereo, learn: bool) -> Stereo {
    let mut output = Stereo::silence(input.len());
    if learn {
        processor.forward(input, &mut output, BEGIN)
    } else {
        processor.render(input, &mut output, BEGIN)
    }
    output
}

/// What a processor's way there and back yields.
pub struct Pass {
    pub output: Stereo,
    pub by_input: Stereo,
    pub by_physical: Vec<f32>,
    pub by_wet: f32,
}

impl Pass {
    /// Gradients are those of `Σ output·v + weight·regulariser`; a row of physical parameters has `len` numbers.
    pub fn of(processor: &mut dyn Processor, len: usize, input: &Stereo, v: &Stereo, weight: f32) -> Self {
        let output = render(processor, input, true);
        let (mut by_input, mut by_physical) = (v.clone(), vec![0.0; len]);
        let by_wet = processor.backward(input, &mut by_input, weight, &mut by_physical);
        Self { output, by_input, by_physical, by_wet }
    }
}

/// Asserts that two signals are the same within a relative error.
#[track_caller]
pub fn assert_sounds(what: &str, found: &Stereo, wanted: &Stereo, tolerance: f64) {
    assert_close(what, &found.channels.concat(), &wanted.channels.concat(), tolerance);
}

/// Asserts that the gradients of `Σ output·v + weight·regulariser` at wet 0.4 are its slopes: along the wet weight,
/// one sample of the input and the physical parameters at `spots`, which are moved by `step`.
#[track_caller]
pub fn assert_slopes(
    kind: Kind,
    samples: usize,
    rate: u32,
    physical: &[f32],
    weight: f32,
    spots: impl IntoIterator<Item = usize>,
    step: f32,
) {
    let (input, v) = (wave(samples, 0.3), wave(samples, 0.11));
    let mut processor = kind.definition().make(samples, rate, &Arc::new(Kit::default()));
    let mut loss = |input: &Stereo, physical: &[f32], wet: f32| {
        processor.set(physical, wet);
        let output = render(&mut *processor, input, true);
        weighed(&output, &v) + weight as f64 * processor.regulariser()
    };
    let difference = |step: f32, high: f64, low: f64| (high - low) / (2.0 * step as f64);
    let by_wet = difference(0.05, loss(&input, physical, 0.45), loss(&input, physical, 0.35));
    let mut by_sample = |by: f32| {
        let mut moved = input.clone();
        moved.channels[1][700] += by;
        loss(&moved, physical, 0.4)
    };
    let by_sample = difference(0.1, by_sample(0.1), by_sample(-0.1));
    let mut by_spot = |i: usize, by: f32| {
        let mut moved = physical.to_vec();
        moved[i] += by;
        loss(&input, &moved, 0.4)
    };
    let by_spots = spots.into_iter().map(|i| (i, difference(step, by_spot(i, step), by_spot(i, -step))));
    let by_spots: Vec<_> = by_spots.collect();

    processor.set(physical, 0.4);
    let pass = Pass::of(&mut *processor, physical.len(), &input, &v, weight);
    let found = pass.by_wet as f64;
    assert!((found - by_wet).abs() < 1e-3 * by_wet.abs(), "wet: {found} {by_wet}");
    let found = pass.by_input.channels[1][700] as f64;
    assert!((found - by_sample).abs() < 1e-2 * by_sample.abs(), "input: {found} {by_sample}");
    for (i, wanted) in by_spots {
        let found = pass.by_physical[i] as f64;
        assert!((found - wanted).abs() < 1e-2 * wanted.abs() + 1e-3, "{i}: {found} {wanted}");
    }
}

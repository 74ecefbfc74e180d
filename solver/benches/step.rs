//! Seconds per training step and per evaluation of one window, and peak memory, on synthetic audio.
//!
//! `cargo bench --bench step`; tracks as in the measurements of the reference: 4 (2 groups), 8 (3), 16 (4), 32 (6).

mod common;

use std::slice::from_ref;

use common::{RATE, peak_mib, synthetic};
use criterion::{Criterion, criterion_group, criterion_main};
use mixtrace_solver::engine::cpu::Cpu;
use mixtrace_solver::engine::{BypassSet, Engine, Patch, PatchBuf};
use mixtrace_solver::graph::{Graph, Selection};
use mixtrace_solver::parameters::Parameters;
use mixtrace_solver::processors::Kind;
use mixtrace_solver::search::{Fitter, random_window};
use mixtrace_solver::session::windows::Windows;
use mixtrace_solver::stop::Until;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

fn steps(criterion: &mut Criterion) {
    for (tracks, groups) in [(4, 2), (8, 3), (16, 4), (32, 6)] {
        let session = synthetic(tracks, groups, Windows { rate: RATE, song: 0 }.samples());
        let stems: Vec<_> = session.stems.iter().map(|s| (s.name.clone(), s.group)).collect();
        let graph =
            Graph::console(&stems, &session.groups, Selection::of(&Kind::ALL)).expect("a valid console");
        let mut rng = ChaCha8Rng::seed_from_u64(0);
        let parameters = Parameters::start(&graph, &mut rng);
        let mut studio = Cpu.open(&session, Until::DONE).expect("a studio");
        let patch = PatchBuf::new(&graph, &parameters).expect("a patch");
        let mut fitter = Fitter::new(&graph, parameters);
        let mut group = criterion.benchmark_group(format!("{tracks} tracks, {groups} groups"));
        group.sample_size(10);
        group.bench_function("step", |b| {
            b.iter(|| {
                let windows = [random_window(&session, &mut rng)];
                let objective = |patch: Patch<'_>, gradient: &mut [f32]| {
                    studio.objective(patch, &windows, gradient, Until::DONE)
                };
                fitter.step(0.0, objective).expect("a step")
            })
        });
        group.bench_function("evaluation", |b| {
            let mut flat = patch.patch().flat.to_vec();
            let all = BypassSet::new();
            b.iter(|| {
                // Of the same parameters, the match would be known.
                flat[0] *= 1.0 + f32::EPSILON;
                let patch = Patch { flat: &flat, ..patch.patch() };
                studio.evaluate(patch, &all, from_ref(&all), Until::DONE).expect("an evaluation")
            })
        });
        group.finish();
        if let Some(peak) = peak_mib() {
            println!("peak memory so far: {peak} MiB");
        }
    }
}

criterion_group!(benches, steps);
criterion_main!(benches);

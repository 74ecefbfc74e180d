//! Seconds per training step and per evaluation of one window, and peak memory, on synthetic audio.
//!
//! `cargo bench --bench step`; tracks as in the measurements of the reference: 4 (2 groups), 8 (3), 16 (4), 32 (6).

mod common;

use common::{RATE, peak_mib, synthetic};
use criterion::{Criterion, criterion_group, criterion_main};
use mixtrace_solver::engine::{Engine, Parameters, Plan};
use mixtrace_solver::graph::{Graph, Selection};
use mixtrace_solver::processors::Kind;
use mixtrace_solver::search::{Evaluator, Fitter, Rates, Stop};
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
        let mut fitter =
            Fitter::new(&graph, &parameters, Rates::default(), &session, &Stop::default()).expect("a fitter");
        let evaluator = Evaluator::new(&session, Until::DONE).expect("nothing stops it");
        let mut group = criterion.benchmark_group(format!("{tracks} tracks, {groups} groups"));
        group.sample_size(10);
        group.bench_function("step", |b| {
            b.iter(|| {
                fitter.load_random(&session, &mut rng);
                fitter.step(0.0).expect("a step").expect("nothing stops it")
            })
        });
        group.bench_function("evaluation", |b| {
            b.iter(|| {
                let evaluate =
                    |engine: &mut Engine, plan: &Plan| evaluator.evaluate(engine, plan, Until::DONE);
                fitter.with_engine(Until::DONE, evaluate).expect("an evaluation").expect("nothing stops it")
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

//! Seconds per training step and per evaluation of one window, and peak memory, on synthetic audio.
//!
//! `cargo bench --bench step`; tracks as in the measurements of the reference: 4 (2 groups), 8 (3), 16 (4), 32 (6).

use criterion::{Criterion, criterion_group, criterion_main};
use mixtrace_solver::dsp::Stereo;
use mixtrace_solver::engine::{Engine, Parameters, Plan};
use mixtrace_solver::graph::Graph;
use mixtrace_solver::processors::Kind;
use mixtrace_solver::search::{Evaluator, Fitter, Rates, Stop};
use mixtrace_solver::session::windows::WINDOW;
use mixtrace_solver::session::{Session, Stem};
use mixtrace_solver::stop::Until;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Tracks of decaying noise bursts in `groups` groups, and their sum as the mix.
fn synthetic(tracks: usize, groups: usize) -> Session {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut mix = Stereo::silence(WINDOW);
    let stems = (0..tracks)
        .map(|i| {
            let audio = burst(i, &mut rng);
            mix.add(&audio);
            Stem { name: format!("track {i}"), group: Some(i % groups), audio }
        })
        .collect();
    Session {
        name: "synthetic".into(),
        sample_rate: 30000,
        rate: 30000,
        stems,
        groups: (0..groups).map(|g| format!("group {g}")).collect(),
        mix,
        duration_s: WINDOW as f64 / 30000.0,
        offset_samples: 0,
        notes: vec![],
    }
}

fn burst(track: usize, rng: &mut impl Rng) -> Stereo {
    let period = 4000 + 700 * track;
    let channel = |rng: &mut dyn Rng| {
        let envelope = |n: usize| (-((n % period) as f32) / 3000.0).exp();
        (0..WINDOW).map(|n| 0.2 * envelope(n) * rng.random_range(-1.0f32..1.0)).collect()
    };
    Stereo { channels: [channel(rng), channel(rng)] }
}

/// The most memory this process ever held, MiB; only Linux tells.
fn peak_mib() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM"))?;
    line.split_whitespace().nth(1)?.parse::<usize>().ok().map(|kib| kib / 1024)
}

fn steps(criterion: &mut Criterion) {
    for (tracks, groups) in [(4, 2), (8, 3), (16, 4), (32, 6)] {
        let session = synthetic(tracks, groups);
        let stems: Vec<_> = session.stems.iter().map(|s| (s.name.clone(), s.group)).collect();
        let graph = Graph::console(&stems, &session.groups, &Kind::ALL, false).expect("a valid console");
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

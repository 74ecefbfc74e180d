//! Seconds for a round of brute force by [`Trials`], against full evaluations, on synthetic audio.
//!
//! `cargo bench --bench brute_force -- [TRACKS …] [--seconds S] [--trials N] [--cache MIB]`; without tracks 8 (3 groups), 16 (4)
//! and 32 (6), of 24 s. A song as long as most are shows what the cache is worth when it cannot hold all: `32 --seconds 210
//! --trials 24` takes about ten minutes on two cores. The mix is the console's own rendering with some of its processors
//! bypassed and the others' wet weights moved, so that some processors are needed and others are not. A full evaluation
//! is measured in between, at every [`EVERY`]th trial and of the same graph, so that both see the same machine; a round of
//! them is extrapolated from these. That both find the same is asserted.

mod common;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use common::{RATE, peak_mib, synthetic};
use mixtrace_solver::engine::cpu::{Engine, Evaluator, KNOWN_BYTES, Plan, Trials, render_song};
use mixtrace_solver::graph::{Graph, NodeId, Schedule, Selection};
use mixtrace_solver::matching::Matcher;
use mixtrace_solver::parameters::Parameters;
use mixtrace_solver::processors::Kind;
use mixtrace_solver::session::Session;
use mixtrace_solver::stop::Until;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Seconds of the song, unless another length is asked for.
const SECONDS: usize = 24;
/// Trials from one full evaluation to the next.
const EVERY: usize = 8;
/// How much match a processor may be worth and still go, as by default.
const TOLERANCE: f64 = 0.01;

/// What is asked for.
struct Asked {
    tracks: Vec<usize>,
    seconds: usize,
    /// How many processors are tried; of the others it is as if their trials took as long.
    trials: usize,
    cache_bytes: usize,
}

impl Asked {
    fn read() -> Self {
        let mut asked =
            Self { tracks: vec![], seconds: SECONDS, trials: usize::MAX, cache_bytes: KNOWN_BYTES };
        // `cargo bench` adds `--bench`.
        let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
        while let Some(word) = words.next() {
            let mut number = || words.next().and_then(|word| word.parse::<usize>().ok()).expect("a number");
            match word.as_str() {
                "--seconds" => asked.seconds = number(),
                "--trials" => asked.trials = number(),
                "--cache" => asked.cache_bytes = number() << 20,
                tracks => asked.tracks.push(tracks.parse().expect("a number of tracks")),
            }
        }
        asked
    }
}

fn main() {
    let asked = Asked::read();
    println!(
        "{:>6} {:>10} {:>7} {:>7} {:>12} {:>7} {:>10} {:>14} {:>7} {:>9} {:>8}",
        "tracks",
        "processors",
        "trials",
        "removed",
        "s evaluation",
        "s trial",
        "trial/eval",
        "s round (full)",
        "s round",
        "cache MiB",
        "peak MiB"
    );
    for (tracks, groups) in [(8, 3), (16, 4), (32, 6)] {
        if asked.tracks.is_empty() || asked.tracks.contains(&tracks) {
            round(tracks, groups, &asked);
        }
    }
}

/// Goes through a round and prints a row of the table.
fn round(tracks: usize, groups: usize, asked: &Asked) {
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let mut session = synthetic(tracks, groups, asked.seconds * RATE as usize);
    let stems: Vec<_> = session.stems.iter().map(|s| (s.name.clone(), s.group)).collect();
    let graph = Graph::console(&stems, &session.groups, Selection::of(&Kind::ALL)).expect("a valid console");
    let mut parameters = Parameters::start(&graph, &mut rng);
    mix_down(&mut session, &graph, &mut parameters, &mut rng);

    let windows = session.windows();
    let mut engine = Engine::new(&graph, &parameters.layout(), windows.samples(), RATE);
    engine.set(&parameters.physical().expect("physical parameters"), Until::DONE).expect("no stop");
    let matcher = Arc::new(Matcher::new(windows.samples(), windows.warm_up(), RATE));
    let evaluator = Arc::new(Evaluator::new(&session, matcher, Until::DONE).expect("no stop"));
    let graph = Arc::new(graph);
    let mut order: Vec<_> = graph.processors().map(|(id, _)| id).collect();
    order.shuffle(&mut rng);

    let mut trials = Trials::within(evaluator.clone(), graph.clone(), asked.cache_bytes);
    let mut bypassed: HashSet<NodeId> = HashSet::new();
    let (mut by_trials, mut by_evaluations, mut evaluations, mut known) = (0.0, 0.0, 0, 0);
    // The first one, of all processors, fills the cache.
    let begun = Instant::now();
    let mut lowest = trials.evaluate(&engine, |_| false, Until::DONE).expect("no stop").full;
    trials.accept(&engine);
    let fill = begun.elapsed().as_secs_f64();
    let tried = order.len().min(asked.trials);
    for (i, &id) in order[..tried].iter().enumerate() {
        bypassed.insert(id);
        let begun = Instant::now();
        let found = trials.evaluate(&engine, |id| bypassed.contains(&id), Until::DONE).expect("no stop");
        let removed = found.full < lowest + TOLERANCE;
        if removed {
            trials.accept(&engine);
        }
        by_trials += begun.elapsed().as_secs_f64();
        known = known.max(trials.known_bytes());
        if i % EVERY == 0 {
            let begun = Instant::now();
            let plan = Plan::new(&graph, &Schedule::new(&graph, |id| bypassed.contains(&id)));
            let wanted = evaluator.evaluate(&engine, &plan, Until::DONE).expect("no stop");
            by_evaluations += begun.elapsed().as_secs_f64();
            evaluations += 1;
            assert!((found.full - wanted.full).abs() < 1e-5, "{found:?} instead of {wanted:?}");
        }
        if removed {
            lowest = lowest.min(found.full);
        } else {
            bypassed.remove(&id);
        }
    }
    let (evaluation, trial) = (by_evaluations / evaluations as f64, by_trials / tried as f64);
    println!(
        "{tracks:>6} {:>10} {tried:>7} {:>7} {evaluation:>12.3} {trial:>7.3} {:>10.3} {:>14.1} {:>7.1} {:>9.0} {:>8}",
        order.len(),
        bypassed.len(),
        trial / evaluation,
        evaluation * (1 + order.len()) as f64,
        fill + trial * order.len() as f64,
        known as f64 / f64::from(1 << 20),
        peak_mib().map_or("?".into(), |mib| mib.to_string()),
    );
}

/// Draws wet weights, and takes what the console then sounds like without a third of its processors as the mix.
fn mix_down(session: &mut Session, graph: &Graph, parameters: &mut Parameters, rng: &mut ChaCha8Rng) {
    let mut mixed = parameters.clone();
    for (rows, mixed) in parameters.rows.iter_mut().zip(&mut mixed.rows) {
        for (logit, mixed) in rows.wet_logits.iter_mut().zip(&mut mixed.wet_logits) {
            *mixed = rng.random_range(-3.0..1.0);
            *logit = *mixed + rng.random_range(-1.0..1.0);
        }
    }
    let mut graph = graph.clone();
    let unused: HashSet<_> = graph.processors().map(|(id, _)| id).filter(|_| rng.random_bool(0.3)).collect();
    for &id in &unused {
        graph.remove(id).expect("a processor of the console");
    }
    let mixed = mixed.without(&unused);
    let flat = mixed.physical().expect("physical parameters");
    let stems: Vec<_> = session.stems.iter().map(|s| &s.audio).collect();
    session.mix = render_song(&graph, &mixed.layout(), &flat, &stems, RATE, Until::DONE).expect("no stop");
}

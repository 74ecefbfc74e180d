//! The engine of the processor's cores finds what the plain one finds, whatever the graph.

use std::slice::from_ref;
use std::sync::Mutex;

use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::cpu::CpuStudio;
use super::plain::{Plain, PlainStudio};
use super::{BypassSet, Engine, Parts, PatchBuf, Piece, Studio, Track};
use crate::clock::Clock;
use crate::dsp::Stereo;
use crate::dsp::testing::noise;
use crate::golden::{assert_close, relative_error};
use crate::graph::strategies::graphs;
use crate::graph::{Graph, Selection};
use crate::matching::{Match, Matcher};
use crate::parameters::Parameters;
use crate::processors::Kind;
use crate::session::{Session, Stem};
use crate::stop::Until;

const RATE: u32 = 30_000;
/// Samples of a short window, and how many of them are not compared.
const SAMPLES: usize = 6000;
const WARM_UP: usize = 700;

/// Relative to the norm of what is compared.
const SIGNALS: f64 = 1e-5;
const GRADIENTS: f64 = 2e-4;
/// Matches and regularisers, absolute: they are about 1.
const MATCHES: f64 = 1e-5;

/// Stems of noise, and a mix of some of it.
fn session(stems: usize, samples: usize) -> Session {
    let audio = |seed: u32| Stereo {
        channels: [0, 1].map(|c| noise(samples, 2 * seed + c).into_iter().map(|v| 0.2 * v).collect()),
    };
    let mut mix = audio(0);
    mix.add(&audio(99));
    let stem = |i| {
        let (name, audio) = (format!("{i}"), audio(i as u32).into());
        Stem { name, group: None, source: None, content: None, audio }
    };
    Session {
        name: "noise".into(),
        sample_rate: RATE,
        rate: RATE,
        stems: (0..stems).map(stem).collect(),
        groups: vec![],
        mix,
        mix_content: None,
        duration_s: samples as f64 / f64::from(RATE),
        offset_samples: 0,
        tempo: None,
        notes: vec![],
    }
}

/// Any parameters, with wet weights all over.
fn parameters(graph: &Graph, rng: &mut ChaCha8Rng) -> Parameters {
    let mut parameters = Parameters::start(graph, rng);
    for logit in parameters.rows.iter_mut().flat_map(|rows| &mut rows.wet_logits) {
        *logit = rng.random_range(-3.0..1.0);
    }
    parameters
}

fn stems(graph: &Graph) -> usize {
    graph.nodes().iter().filter(|node| node.kind.stem().is_some()).count()
}

#[track_caller]
fn assert_match(found: Match, wanted: Match) {
    for (found, wanted) in [found.full, found.lr, found.mid, found.side].into_iter().zip([
        wanted.full,
        wanted.lr,
        wanted.mid,
        wanted.side,
    ]) {
        assert!((found - wanted).abs() < MATCHES, "{found} instead of {wanted}");
    }
}

/// Holds all that two studios say of a patch against each other.
fn compare(found: &mut dyn Studio, wanted: &mut dyn Studio, patch: &PatchBuf, rng: &mut ChaCha8Rng) {
    let patch = patch.patch();
    let windows = [0, 431, 90].map(|start| Clock { rate: RATE, start });
    for windows in [&windows[..1], &windows[1..2], &windows] {
        let objective = |studio: &mut dyn Studio| {
            let mut gradient = vec![0.0; patch.flat.len()];
            let step = studio.objective(patch, windows, &mut gradient, Until::DONE).unwrap();
            (step, gradient)
        };
        let ((step, gradient), (wanted, slopes)) = (objective(found), objective(wanted));
        assert_match(step.matched, wanted.matched);
        assert!((step.regulariser - wanted.regulariser).abs() < MATCHES * wanted.regulariser.max(1.0));
        // Where there is no slope to speak of, there is only rounding.
        let size = slopes.iter().map(|g| g * g).sum::<f32>().sqrt();
        assert!(size < 1e-6 || relative_error(&gradient, &slopes) < GRADIENTS, "gradient of {size}");
    }
    let processors: Vec<_> = patch.graph.processors().map(|(id, _)| id).collect();
    let mut any = |of: &BypassSet| -> BypassSet {
        processors.iter().filter(|_| rng.random_bool(0.2)).chain(of).copied().collect()
    };
    let (none, mut base) = (BypassSet::new(), BypassSet::new());
    for round in 0..4 {
        let sets = [any(&base), base.clone(), any(&base), any(&none)];
        let sets = &sets[..1 + round];
        let matches = |studio: &mut dyn Studio| studio.evaluate(patch, &base, sets, Until::DONE).unwrap();
        let (found, wanted) = (matches(found), matches(wanted));
        assert_eq!(found.len(), sets.len());
        found.into_iter().zip(wanted).for_each(|(found, wanted)| assert_match(found, wanted));
        base = sets.last().unwrap().clone();
    }
    let mix = |studio: &mut dyn Studio| studio.render(patch, Until::DONE).unwrap().channels.concat();
    let rendered = mix(wanted);
    assert_close("mix", &mix(found), &rendered, SIGNALS);
    // Left and right of the mix, then those of the sum of all stems.
    let print = |studio: &mut dyn Studio, parts: Parts| {
        let printed = Mutex::new([(); 4].map(|()| vec![0.0f32; rendered.len() / 2]));
        let take = |piece: Piece<'_>| {
            let first = if piece.track == Track::Mix { 0 } else { 2 };
            let mut printed = printed.lock().unwrap();
            for (to, from) in printed[first..].iter_mut().zip(piece.audio) {
                to[piece.start..].iter_mut().zip(from).for_each(|(to, from)| *to += from);
            }
            Ok(())
        };
        studio.print(patch, parts, Until::DONE, &take).unwrap();
        let [left, right, sum_left, sum_right] = printed.into_inner().unwrap();
        [[left, right].concat(), [sum_left, sum_right].concat()]
    };
    let [mix, stems] = print(found, Parts::Stems);
    assert_close("printed mix", &mix, &rendered, SIGNALS);
    assert_close("printed stems", &stems, &rendered, SIGNALS);
    assert_eq!(print(found, Parts::Mix)[0], mix);
    assert_close("plain mix", &print(wanted, Parts::Mix)[0], &rendered, SIGNALS);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn any_graph_is_the_same_to_both(graph in graphs(), seed: u64, short: bool) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let session = session(stems(&graph), if short { SAMPLES - 900 } else { SAMPLES + 900 });
        let patch = PatchBuf::new(&graph, &parameters(&graph, &mut rng)).unwrap();
        let mut cpu = CpuStudio::with(&session, Matcher::new(SAMPLES, WARM_UP, RATE));
        let mut plain = PlainStudio { session: &session, warm_up: WARM_UP, samples: SAMPLES };
        compare(&mut cpu, &mut plain, &patch, &mut rng);
    }
}

#[test]
fn a_console_on_a_song_of_several_windows_is_the_same_to_both() {
    let session = session(3, 229_000);
    let stems = [("a".to_owned(), Some(0)), ("b".to_owned(), Some(0)), ("c".to_owned(), None)];
    let selection = Selection { master: true, ..Selection::of(&Kind::ALL) };
    let graph = Graph::console(&stems, &["ab".to_owned()], selection).unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let patch = PatchBuf::new(&graph, &parameters(&graph, &mut rng)).unwrap();
    let mut cpu = super::cpu::Cpu.open(&session, Until::DONE).unwrap();
    let mut plain = Plain.open(&session, Until::DONE).unwrap();
    compare(&mut *cpu, &mut *plain, &patch, &mut rng);
}

#[test]
fn one_patch_after_another_is_as_each_alone() {
    let session = session(2, SAMPLES);
    let stems = [("a".to_owned(), None), ("b".to_owned(), None)];
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let studio = || CpuStudio::with(&session, Matcher::new(SAMPLES, WARM_UP, RATE));
    let mut one = studio();
    let none = BypassSet::new();
    for kinds in [&Kind::ALL[..2], &Kind::ALL[3..], &Kind::ALL[..2]] {
        let graph = Graph::console(&stems, &[], Selection::of(kinds)).unwrap();
        for _ in 0..2 {
            let patch = PatchBuf::new(&graph, &parameters(&graph, &mut rng)).unwrap();
            let patch = patch.patch();
            let all = |studio: &mut CpuStudio<'_>| {
                let mut gradient = vec![0.0; patch.flat.len()];
                let matched = studio.evaluate(patch, &none, from_ref(&none), Until::DONE).unwrap();
                let windows = [Clock { rate: RATE, start: 0 }];
                let step = studio.objective(patch, &windows, &mut gradient, Until::DONE).unwrap();
                (matched, step, gradient, studio.render(patch, Until::DONE).unwrap())
            };
            assert!(all(&mut one) == all(&mut studio()), "{kinds:?}");
        }
    }
}

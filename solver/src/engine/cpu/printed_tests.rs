//! A song taken apart adds up again, whatever graph made it.

use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::printed::print_by;
use super::song::hop;
use super::{Dynamics, Printed, print_song, render_song};
use crate::dsp::{Stereo, sum_of_squares};
use crate::graph::strategies::graphs;
use crate::graph::{Graph, NodeId, Selection};
use crate::parameters::Parameters;
use crate::processors::Kind;
use crate::session::{Options, Session};
use crate::stop::{Interrupted, Stop, Until};

const RATE: u32 = 30_000;
/// Samples of a level.
const LEVEL_FRAME: usize = 300;
const DYNAMICS: [Kind; 2] = [Kind::Compressor, Kind::NoiseGate];

/// The stem of that number: a stereo tone in bursts.
fn stem(number: usize, samples: usize) -> Stereo {
    let pitch = 0.01 * (number + 1) as f32;
    let burst = |n: usize| if (n / 700).is_multiple_of(number + 2) { 0.5 } else { 0.01 };
    let tone = |c: usize, n: usize| (n as f32 * pitch + c as f32).sin() * burst(n);
    Stereo { channels: [0, 1].map(|c| (0..samples).map(|n| tone(c, n)).collect()) }
}

/// As many stems as `graph` has inputs.
fn stems(graph: &Graph, samples: usize) -> Vec<Stereo> {
    let count = graph.nodes().iter().filter(|n| n.kind.stem().is_some()).count();
    (0..count).map(|number| stem(number, samples)).collect()
}

/// Parameters that make themselves heard: half wet, except those of the kinds `off`, which are dry.
fn parameters(graph: &Graph, off: &[Kind]) -> Parameters {
    let mut parameters = Parameters::start(graph, &mut ChaCha8Rng::seed_from_u64(7));
    for rows in &mut parameters.rows {
        rows.wet_logits.fill(if off.contains(&rows.kind) { f32::NEG_INFINITY } else { 0.0 });
    }
    parameters
}

fn render(graph: &Graph, parameters: &Parameters, stems: &[Stereo]) -> Stereo {
    let flat = parameters.physical().unwrap();
    let stems: Vec<_> = stems.iter().collect();
    render_song(graph, &parameters.layout(), &flat, &stems, RATE, Until::DONE).unwrap()
}

fn print_in(hop: usize, graph: &Graph, parameters: &Parameters, stems: &[Stereo]) -> Printed {
    let flat = parameters.physical().unwrap();
    let stems: Vec<_> = stems.iter().collect();
    print_by(hop, (graph, &parameters.layout(), &flat), (&stems, RATE), Until::DONE, || ()).unwrap()
}

fn print(graph: &Graph, parameters: &Parameters, stems: &[Stereo]) -> Printed {
    print_in(hop(RATE), graph, parameters, stems)
}

fn peak(signal: &Stereo) -> f32 {
    signal.channels.iter().flatten().fold(0.0, |peak, v| peak.max(v.abs()))
}

/// The largest difference between two signals; full scale is the louder of 1 and the second one's peak.
fn off(found: &Stereo, wanted: &Stereo) -> f32 {
    assert_eq!(found.len(), wanted.len());
    let pairs = found.channels.iter().flatten().zip(wanted.channels.iter().flatten());
    pairs.fold(0.0f32, |off, (f, w)| off.max((f - w).abs())) / peak(wanted).max(1.0)
}

fn sum(stems: &[Stereo]) -> Stereo {
    let mut sum = Stereo::silence(stems[0].len());
    stems.iter().for_each(|stem| sum.add(stem));
    sum
}

/// The compressors and gates of a graph, ids rising.
fn dynamics(graph: &Graph) -> Vec<NodeId> {
    graph.processors().filter(|(_, kind)| DYNAMICS.contains(kind)).map(|(id, _)| id).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn the_printed_stems_of_any_graph_add_up_to_its_mix(graph in graphs()) {
        let (parameters, stems) = (parameters(&graph, &[]), stems(&graph, 1500));
        let printed = print(&graph, &parameters, &stems);
        prop_assert!(printed.mix == render(&graph, &parameters, &stems));
        let off = off(&sum(&printed.stems), &printed.mix);
        prop_assert!(off < 2e-6, "{}", off);
        let ids: Vec<_> = printed.dynamics.iter().map(|d| d.id).collect();
        prop_assert_eq!(ids, dynamics(&graph));
    }

    #[test]
    fn without_dynamics_a_printed_stem_is_what_it_renders_alone(graph in graphs()) {
        let (parameters, stems) = (parameters(&graph, &DYNAMICS), stems(&graph, 1500));
        let printed = print(&graph, &parameters, &stems);
        for (number, printed) in printed.stems.iter().enumerate() {
            let mut alone = vec![Stereo::silence(1500); stems.len()];
            alone[number] = stems[number].clone();
            let off = off(printed, &render(&graph, &parameters, &alone));
            prop_assert!(off < 2e-6, "stem {}: {}", number, off);
        }
    }
}

/// Three stems, two of them in a group, and a master; of kinds that remember less than a second.
fn console() -> (Graph, Parameters) {
    let stems = [("a", Some(0)), ("b", Some(0)), ("c", None)].map(|(name, group)| (name.to_owned(), group));
    let kinds = [Kind::Equalizer, Kind::Compressor, Kind::NoiseGate, Kind::StereoImager];
    let graph =
        Graph::console(&stems, &["ab".to_owned()], Selection { master: true, ..Selection::of(&kinds) })
            .unwrap();
    let parameters = parameters(&graph, &[]);
    (graph, parameters)
}

#[test]
fn the_built_in_song_adds_up_with_a_whole_console_and_a_master() {
    let session = Session::demo(&Options { rate: 12_000, ..Options::default() }).unwrap();
    let names: Vec<_> = session.stems.iter().map(|s| (s.name.clone(), s.group)).collect();
    let graph =
        Graph::console(&names, &session.groups, Selection { master: true, ..Selection::of(&Kind::ALL) })
            .unwrap();
    let parameters = parameters(&graph, &[]);
    let stems: Vec<_> = session.stems.into_iter().map(|s| s.audio).collect();
    let printed = print(&graph, &parameters, &stems);
    assert!(printed.mix == render(&graph, &parameters, &stems));
    let off = off(&sum(&printed.stems), &printed.mix);
    assert!(off < 1e-6, "{off:e}");
    assert!(printed.stems.iter().all(|stem| peak(stem) > 1e-3));
    let reduced = |d: &Dynamics| d.entering.iter().zip(&d.leaving).any(|(e, l)| *e > 1e-6 && *l < 0.8 * e);
    assert!(printed.dynamics.iter().any(reduced), "nothing is compressed");
}

#[test]
fn no_seam_is_seen_in_stems_and_levels() {
    let (graph, parameters) = console();
    let stems = stems(&graph, 130_123);
    let whole = print(&graph, &parameters, &stems);
    // The last window begins within the song.
    let cut = print_in(200 * LEVEL_FRAME, &graph, &parameters, &stems);
    for (cut, whole) in cut.stems.iter().zip(&whole.stems) {
        assert!(off(cut, whole) < 1e-6, "{:e}", off(cut, whole));
    }
    let same =
        |a: &[f32], b: &[f32]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-6);
    for (cut, whole) in cut.dynamics.iter().zip(&whole.dynamics) {
        assert_eq!((cut.id, cut.entering.len()), (whole.id, 434));
        assert!(same(&cut.entering, &whole.entering) && same(&cut.leaving, &whole.leaving));
    }
}

#[test]
fn a_compressor_turns_both_channels_down_alike_and_its_levels_are_those_around_it() {
    let stems = [("a".to_owned(), None)];
    let graph = Graph::console(&stems, &[], Selection::of(&[Kind::Compressor])).unwrap();
    let stem = stem(0, 5000);
    let printed = print(&graph, &parameters(&graph, &[]), std::slice::from_ref(&stem));
    let Dynamics { entering, leaving, .. } = &printed.dynamics[0];
    assert_eq!(printed.stems[0], printed.mix);
    let [(left, x), (right, y)] = [0, 1].map(|c| (&printed.mix.channels[c], &stem.channels[c]));
    assert!((0..5000).all(|n| (left[n] * y[n] - right[n] * x[n]).abs() < 1e-6));
    assert!((0..5000).any(|n| left[n].abs() < 0.9 * x[n].abs()));
    let mean_square = |signal: &Stereo, frame: usize| {
        let frames = signal.channels.iter().map(|c| c.chunks(LEVEL_FRAME).nth(frame).unwrap());
        frames.map(|f| 0.5 * sum_of_squares(f) / f.len() as f64).sum::<f64>()
    };
    assert_eq!((entering.len(), leaving.len()), (17, 17));
    for frame in 0..17 {
        assert!((entering[frame] as f64 - mean_square(&stem, frame)).abs() < 1e-6);
        assert!((leaving[frame] as f64 - mean_square(&printed.mix, frame)).abs() < 1e-6);
    }
}

#[test]
fn a_stem_that_no_input_brings_in_is_silent() {
    let (graph, parameters) = console();
    let stems = [0, 1, 2, 3].map(|number| stem(number, 1500));
    let printed = print(&graph, &parameters, &stems);
    assert_eq!(printed.stems[3], Stereo::silence(1500));
    assert!(printed.stems[..3].iter().all(|stem| peak(stem) > 1e-3));
}

#[test]
fn the_number_of_threads_is_not_heard() {
    let (graph, parameters) = console();
    let stems = stems(&graph, 3000);
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| print(&graph, &parameters, &stems))
    };
    assert!(on(1) == on(3));
}

#[test]
fn printing_ends_where_it_is_aborted_and_not_where_it_is_stopped() {
    let (graph, parameters) = console();
    let flat = parameters.physical().unwrap();
    let stems = [0, 1, 2].map(|number| stem(number, 1500));
    let print = |stop: &Stop| {
        print_song(&graph, &parameters.layout(), &flat, &stems.each_ref(), RATE, stop.until_aborted(), || ())
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    pool.install(|| {
        let stopped = Stop::stopping_at(1);
        assert_eq!(print(&stopped).unwrap().mix.len(), 1500);
        for look in [1, stopped.looks() / 2, stopped.looks()] {
            let stop = Stop::aborting_at(look);
            assert_eq!((print(&stop), stop.looks()), (Err(Interrupted), look));
        }
    });
}

//! A song taken apart adds up again, whatever graph made it.

use std::sync::Mutex;

use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::printed::print_by;
use super::song::hop;
use super::{Dynamics, Piece, PrintError, Track, print_mix, print_song, print_windows, render_song};
use crate::dsp::{Recording, Stereo, sum_of_squares};
use crate::engine::Patch;
use crate::graph::strategies::graphs;
use crate::graph::{Graph, NodeId, Selection};
use crate::parameters::Parameters;
use crate::processors::{Kind, Nature};
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

fn recorded(stems: &[Stereo]) -> Vec<Recording> {
    stems.iter().cloned().map(Recording::from).collect()
}

fn render(graph: &Graph, parameters: &Parameters, stems: &[Stereo]) -> Stereo {
    let (flat, stems) = (parameters.physical().unwrap(), recorded(stems));
    let stems: Vec<_> = stems.iter().collect();
    render_song(graph, &parameters.layout(), &flat, &stems, RATE, Until::DONE).unwrap()
}

/// A printed song, put together from its pieces.
#[derive(Debug, PartialEq)]
struct Printed {
    /// Nothing of a stem of which nothing came.
    stems: Vec<Stereo>,
    mix: Stereo,
    dynamics: Vec<Dynamics>,
}

/// Puts pieces together; each has to begin where the one before ended.
struct Collected(Vec<Mutex<Stereo>>);

impl Collected {
    fn new(stems: usize) -> Self {
        Self((0..=stems).map(|_| Mutex::default()).collect())
    }

    fn take(&self, piece: Piece<'_>) -> Result<(), Interrupted> {
        let place = match piece.track {
            Track::Mix => self.0.len() - 1,
            Track::Stem(stem) => stem,
        };
        let mut track = self.0[place].lock().unwrap();
        assert_eq!(track.len(), piece.start);
        track.channels.iter_mut().zip(piece.audio).for_each(|(to, from)| to.extend_from_slice(from));
        Ok(())
    }

    fn printed(self, dynamics: Vec<Dynamics>) -> Printed {
        let mut stems: Vec<_> = self.0.into_iter().map(|track| track.into_inner().unwrap()).collect();
        let mix = stems.pop().unwrap();
        Printed { stems, mix, dynamics }
    }
}

/// Prints by windows of `hop` samples as if all of a `kind` were opaque.
fn print_as(
    opaque: Option<Kind>,
    hop: usize,
    (graph, parameters): (&Graph, &Parameters),
    stems: &[Stereo],
) -> Result<Printed, PrintError> {
    let flat = parameters.physical().unwrap();
    let patch = Patch { graph, layout: &parameters.layout(), flat: &flat };
    let nature = |kind: Kind| if opaque == Some(kind) { Nature::Opaque } else { kind.definition().nature() };
    let (collected, stems) = (Collected::new(stems.len()), recorded(stems));
    let stems: Vec<_> = stems.iter().collect();
    let dynamics = print_by(hop, &nature, patch, &stems, RATE, Until::DONE, &|piece| collected.take(piece))?;
    Ok(collected.printed(dynamics))
}

fn print(graph: &Graph, parameters: &Parameters, stems: &[Stereo]) -> Printed {
    print_as(None, hop(RATE), (graph, parameters), stems).unwrap()
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
    let stems: Vec<_> = session.stems.iter().map(|s| s.audio.stereo()).collect();
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
    let cut = print_as(None, 200 * LEVEL_FRAME, (&graph, &parameters), &stems).unwrap();
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
fn nothing_comes_of_a_stem_that_no_input_brings_in() {
    let (graph, parameters) = console();
    let stems = [0, 1, 2, 3].map(|number| stem(number, 1500));
    let printed = print(&graph, &parameters, &stems);
    assert_eq!(printed.stems[3], Stereo::default());
    assert!(printed.stems[..3].iter().all(|stem| peak(stem) > 1e-3));
}

#[test]
fn the_number_of_threads_is_not_heard() {
    let (graph, parameters) = console();
    let stems = stems(&graph, 3000);
    let on = |threads: usize| {
        let pool = crate::threads::pool(threads).unwrap();
        pool.install(|| print(&graph, &parameters, &stems))
    };
    assert!(on(1) == on(3));
}

#[test]
fn what_is_opaque_is_printed_where_one_stem_enters_it_and_refused_where_several_do() {
    let stems: Vec<_> = (0..2).map(|number| stem(number, 5000)).collect();
    let of_groups = |group: Option<usize>| {
        let names = ["a", "b"].map(|name| (name.to_owned(), group));
        let groups: Vec<_> = group.map(|_| "ab".to_owned()).into_iter().collect();
        let graph =
            Graph::console(&names, &groups, Selection::of(&[Kind::Compressor, Kind::GainPan])).unwrap();
        let parameters = parameters(&graph, &[]);
        (graph, parameters)
    };
    let (graph, parameters) = of_groups(None);
    let printed = print_as(Some(Kind::Compressor), hop(RATE), (&graph, &parameters), &stems).unwrap();
    let plain = print(&graph, &parameters, &stems);
    assert_eq!((&printed.stems, &printed.mix), (&plain.stems, &plain.mix));
    // Only a gain has levels.
    assert_eq!((printed.dynamics.len(), plain.dynamics.len()), (0, 2));

    let (graph, parameters) = of_groups(Some(0));
    let refused = print_as(Some(Kind::Compressor), hop(RATE), (&graph, &parameters), &stems).unwrap_err();
    assert!(
        refused.to_string().starts_with("the compressor of \"ab\" works on 2 stems at once"),
        "{refused}"
    );
}

#[test]
fn the_mix_alone_is_printed_as_with_its_stems() {
    let (graph, parameters) = console();
    let (flat, stems) = (parameters.physical().unwrap(), stems(&graph, 1500));
    let patch = Patch { graph: &graph, layout: &parameters.layout(), flat: &flat };
    let collected = Collected::new(3);
    let recorded = recorded(&stems);
    let audio: Vec<_> = recorded.iter().collect();
    let dynamics = print_mix(patch, &audio, RATE, Until::DONE, &|piece| collected.take(piece)).unwrap();
    let (alone, all) = (collected.printed(dynamics), print(&graph, &parameters, &stems));
    assert_eq!((&alone.mix, &alone.dynamics), (&all.mix, &all.dynamics));
    assert!(alone.stems.iter().all(Stereo::is_empty));
}

#[test]
fn printing_ends_where_it_is_aborted_and_not_where_it_is_stopped() {
    let (graph, parameters) = console();
    let flat = parameters.physical().unwrap();
    let patch = Patch { graph: &graph, layout: &parameters.layout(), flat: &flat };
    let stems = [0, 1, 2].map(|number| Recording::from(stem(number, 1500)));
    let print = |stop: &Stop, sink: &(dyn Fn(Piece<'_>) -> Result<(), Interrupted> + Sync)| {
        print_song(patch, &stems.each_ref(), RATE, stop.until_aborted(), sink)
    };
    let pool = crate::threads::pool(1).unwrap();
    pool.install(|| {
        let stopped = Stop::stopping_at(1);
        let count = std::sync::atomic::AtomicUsize::new(0);
        let counting = |_: Piece<'_>| {
            count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            Ok(())
        };
        print(&stopped, &counting).unwrap();
        assert_eq!(count.into_inner(), 4 * print_windows(1500, RATE));
        for look in [1, stopped.looks() / 2, stopped.looks()] {
            let stop = Stop::aborting_at(look);
            assert_eq!(print(&stop, &|_| Ok(())), Err(PrintError::Interrupted(Interrupted)));
            assert_eq!(stop.looks(), look);
        }
        let refusing =
            |piece: Piece<'_>| if piece.track == Track::Stem(1) { Err(Interrupted) } else { Ok(()) };
        assert_eq!(print(&Stop::default(), &refusing), Err(PrintError::Interrupted(Interrupted)));
    });
}

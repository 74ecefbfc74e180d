//! Work that is cut short does nothing more, and leaves the engine as good as new.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::{Engine, Keep, Plan, render_song};
use crate::dsp::{Recording, Stereo};
use crate::graph::{Graph, Schedule, Selection};
use crate::parameters::Parameters;
use crate::processors::Kind;
use crate::stop::{Interrupted, Stop, Until};

const SAMPLES: usize = 1500;
const RATE: u32 = 30_000;

fn stem(number: usize, samples: usize) -> Stereo {
    let wave = |c: usize| (0..samples).map(|n| ((n * (number + 2) + c) as f32 * 0.01).sin()).collect();
    Stereo { channels: [wave(0), wave(1)] }
}

fn source(number: usize, buffer: &mut Stereo) {
    *buffer = stem(number, SAMPLES);
}

/// Three stems, two of them in a group.
fn console() -> (Graph, Parameters) {
    let stems = [("a", Some(0)), ("b", Some(0)), ("c", None)].map(|(name, group)| (name.to_owned(), group));
    let kinds = [Kind::Equalizer, Kind::Compressor, Kind::GainPan, Kind::MultitapDelay, Kind::Reverb];
    let graph = Graph::console(&stems, &["ab".to_owned()], Selection::of(&kinds)).unwrap();
    let parameters = Parameters::start(&graph, &mut ChaCha8Rng::seed_from_u64(1));
    (graph, parameters)
}

/// Runs on one thread, where the order of all looks is known.
fn alone<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    crate::threads::pool(1).unwrap().install(work)
}

#[test]
fn nothing_runs_after_a_stop_and_the_next_run_finds_what_it_would_have_found() {
    let (graph, parameters) = console();
    let flat = parameters.physical().unwrap();
    let plan = Plan::new(&graph, &Schedule::new(&graph, |_| false));
    let target = stem(7, SAMPLES);
    let mut engine = Engine::new(&graph, &parameters.layout(), SAMPLES, RATE);
    let mut pass = |until: Until<'_>| -> Result<(Stereo, Vec<f32>), Interrupted> {
        engine.set(&flat, until)?;
        let mix = engine.render(&plan, 0, source, until)?.clone();
        let mut gradient = vec![0.0; flat.len()];
        engine.reverse(&plan, &target, &mut gradient, until)?;
        Ok((mix, gradient))
    };
    alone(|| {
        let count = Stop::default();
        let wanted = pass(count.until_stopped()).unwrap();
        let looks = count.looks();
        // Before each processor is set, each node renders and each processor runs in reverse.
        let processors = graph.processors().count();
        assert_eq!(looks, 2 * processors + graph.nodes().len());
        for look in 1..=looks {
            let stop = Stop::stopping_at(look);
            assert_eq!(pass(stop.until_stopped()).unwrap_err(), Interrupted);
            // A job that ran after it would have looked first.
            assert_eq!(stop.looks(), look);
            assert!(pass(Until::DONE).unwrap() == wanted, "after a stop at look {look}");
        }
    });
}

#[test]
fn what_was_given_back_is_taken_again_and_nothing_changes() {
    let (graph, parameters) = console();
    let flat = parameters.physical().unwrap();
    let plan = Plan::new(&graph, &Schedule::new(&graph, |_| false));
    let mut engine = Engine::new(&graph, &parameters.layout(), SAMPLES, RATE);
    engine.set(&flat, Until::DONE).unwrap();
    let mut pass = |release: bool| {
        if release {
            engine.release();
        }
        let played = engine.play(&plan, 0, source, Until::DONE).unwrap().mix;
        let mix = engine.render(&plan, 0, source, Until::DONE).unwrap().clone();
        let mut gradient = vec![0.0; flat.len()];
        engine.reverse(&plan, &mix, &mut gradient, Until::DONE).unwrap();
        (played, mix, gradient)
    };
    let wanted = pass(false);
    assert!([false, true, true].into_iter().all(|release| pass(release) == wanted));
}

#[test]
fn a_window_is_played_to_its_end_or_to_the_stop_and_keeps_what_it_is_told_to() {
    let (graph, parameters) = console();
    let schedule = Schedule::new(&graph, |_| false);
    let mut engine = Engine::new(&graph, &parameters.layout(), SAMPLES, RATE);
    engine.set(&parameters.physical().unwrap(), Until::DONE).unwrap();
    // Both stems of the group, the group and the third stem; all processors and the group's sum.
    let all = graph.processors().count() + 1;
    for (keep, count) in [(Keep::Nothing, 0), (Keep::Sums, 4), (Keep::All, all)] {
        let plan = Plan::with_cache(&graph, &schedule, |_| false, keep);
        alone(|| {
            for look in 1..=graph.nodes().len() {
                let stop = Stop::stopping_at(look);
                assert!(engine.play(&plan, 0, source, stop.until_stopped()).is_err());
                assert_eq!(stop.looks(), look);
            }
            assert_eq!(engine.play(&plan, 0, source, Until::DONE).unwrap().kept.len(), count);
        });
    }
}

#[test]
fn a_song_s_rendering_ends_where_it_is_aborted_and_not_where_it_is_stopped() {
    let (graph, parameters) = console();
    let flat = parameters.physical().unwrap();
    let stems = [0, 1, 2].map(|number| Recording::from(stem(number, 2 * SAMPLES)));
    let render = |stop: &Stop| {
        render_song(&graph, &parameters.layout(), &flat, &stems.each_ref(), RATE, stop.until_aborted())
    };
    alone(|| {
        let stopped = Stop::stopping_at(1);
        let song = render(&stopped).unwrap();
        assert_eq!(song.len(), 2 * SAMPLES);
        for look in [1, stopped.looks() / 2, stopped.looks()] {
            let stop = Stop::aborting_at(look);
            assert_eq!((render(&stop), stop.looks()), (Err(Interrupted), look));
        }
    });
}

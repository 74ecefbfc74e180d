//! A search ends when it is told to, with what it had found.

use std::slice::from_ref;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Error, Event, Fitter, NoStep, Outcome, Preset, Settings, random_window, solve};
use crate::dsp::{Recording, Stereo};
use crate::engine::cpu::CpuStudio;
use crate::engine::{BypassSet, ENGINES, Failure, PatchBuf, Relay, Studio};
use crate::findings::{Report, strips};
use crate::graph::{Graph, Selection};
use crate::matching::Match;
use crate::parameters::Parameters;
use crate::processors::Kind;
use crate::session::{Session, Stem};
use crate::stop::{Stop, Until};

const SAMPLES: usize = 30_000;

/// One second of two stems of noise in a group, the first of which is louder in the mix.
pub fn session() -> Session {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut channel = || (0..SAMPLES).map(|_| 0.2 * rng.random_range(-1.0f32..1.0)).collect::<Vec<_>>();
    let audio = [(); 2].map(|()| Stereo { channels: [channel(), channel()] });
    let mut mix = audio[1].clone();
    (0..3).for_each(|_| mix.add(&audio[0]));
    let stem = |(i, audio)| {
        let (name, audio) = (format!("stem {i}"), Recording::from(audio));
        Stem { name, group: Some(0), source: None, content: None, audio }
    };
    Session {
        name: "noise".into(),
        sample_rate: 30_000,
        rate: 30_000,
        stems: audio.into_iter().enumerate().map(stem).collect(),
        groups: vec!["both".into()],
        mix,
        mix_content: None,
        duration_s: 1.0,
        offset_samples: 0,
        tempo: None,
        notes: vec![],
    }
}

/// Two rounds of pruning, on one thread, where the order of all looks is known.
pub fn settings() -> Settings {
    Settings {
        steps: 3,
        prune_rounds: 2,
        steps_per_round: 2,
        kinds: vec![Kind::Equalizer, Kind::StereoImager, Kind::GainPan],
        threads: 1,
        ..Settings::preset(Preset::Quick)
    }
}

fn search(session: &Session, stop: &Stop) -> (Result<Outcome, Error>, Vec<Event>) {
    let (sender, events) = crossbeam_channel::unbounded();
    let outcome = solve(session, &settings(), &{ sender }, stop);
    (outcome, events.into_iter().collect())
}

/// An event without what takes long to print.
fn summary(event: &Event) -> String {
    match event {
        Event::Started { plain_sum, .. } => format!("started {plain_sum:?}"),
        Event::Evaluated { round, matched, processors, .. } => {
            format!("evaluated {round} {matched:?} {processors}")
        }
        other => format!("{other:?}"),
    }
}

fn evaluate(session: &Session, graph: &Graph, parameters: &Parameters) -> Match {
    let (patch, all) = (PatchBuf::new(graph, parameters).unwrap(), BypassSet::new());
    let evaluate =
        |studio: &mut dyn Studio| studio.evaluate(patch.patch(), &all, from_ref(&all), Until::DONE);
    Relay::new(session, ENGINES).run(Until::DONE, evaluate).unwrap()[0]
}

#[test]
fn a_step_that_is_cut_short_moves_nothing() {
    let session = session();
    let stems: Vec<_> = session.stems.iter().map(|s| (s.name.clone(), s.group)).collect();
    let graph = Graph::console(&stems, &session.groups, Selection::of(&settings().kinds)).unwrap();
    let start = Parameters::start(&graph, &mut ChaCha8Rng::seed_from_u64(2));
    let window = random_window(&session, &mut ChaCha8Rng::seed_from_u64(3));
    let step = |studio: &mut CpuStudio<'_>, fitter: &mut Fitter<'_>, until: Until<'_>| {
        fitter.step(0.0, |patch, gradient| studio.objective(patch, &[window], gradient, until))
    };
    crate::threads::pool(1).unwrap().install(|| {
        let count = Stop::default();
        let (mut studio, mut uncut) = (CpuStudio::new(&session), Fitter::new(&graph, start.clone()));
        let wanted = step(&mut studio, &mut uncut, count.until_stopped()).unwrap();
        let wanted = (wanted, uncut.parameters().clone());
        assert_ne!(wanted.1, start);
        for look in 1..=count.looks() {
            let stop = Stop::stopping_at(look);
            let (mut studio, mut fitter) = (CpuStudio::new(&session), Fitter::new(&graph, start.clone()));
            let cut = step(&mut studio, &mut fitter, stop.until_stopped()).unwrap_err();
            assert!(matches!(cut, NoStep::Failure(Failure::Interrupted)));
            assert_eq!((stop.looks(), fitter.parameters()), (look, &start));
            let found = step(&mut studio, &mut fitter, Until::DONE).unwrap();
            assert_eq!((found, fitter.parameters().clone()), wanted, "after a stop at look {look}");
        }
    });
}

#[test]
fn a_stopped_search_keeps_the_best_that_it_has_evaluated() {
    let session = session();
    let count = Stop::default();
    let (whole, told) = search(&session, &count);
    let whole = whole.unwrap();
    assert!(!whole.stopped && whole.graph.processors().count() < whole.console.len());
    let told: Vec<_> = told.iter().map(summary).collect();
    let (mut in_first_fit, mut pruned_but_not_fitted) = (0, 0);
    for part in 0..40 {
        let stop = Stop::stopping_at(1 + part * count.looks() / 40);
        let (outcome, events) = search(&session, &stop);
        let outcome = outcome.unwrap();
        assert!(outcome.stopped && outcome.mix.len() == SAMPLES);
        let evaluated = events.iter().filter(|e| matches!(e, Event::Evaluated { .. })).count();
        let mut said: Vec<_> = events.iter().map(summary).collect();
        if evaluated == 1 {
            // The full console is evaluated wherever its fit was stopped.
            let last = said.iter().rposition(|s| s.starts_with("evaluated")).unwrap();
            let early = said.len() < told.iter().position(|s| s.starts_with("evaluated")).unwrap() + 1;
            in_first_fit += usize::from(early);
            if early {
                said.remove(last);
            }
        }
        assert_eq!(said, told[..said.len()], "events differ for a stop at part {part}");
        assert_eq!(outcome.pruned_match, evaluate(&session, &outcome.graph, &outcome.parameters));
        let fitted = |e: &Event| matches!(e, Event::Evaluated { graph, .. } if *graph == outcome.graph);
        pruned_but_not_fitted += usize::from(!events.iter().any(fitted));
    }
    assert!(in_first_fit > 0 && pruned_but_not_fitted > 0, "{in_first_fit} {pruned_but_not_fitted}");
}

#[test]
fn an_aborted_search_ends_at_once_with_nothing() {
    let session = session();
    let count = Stop::default();
    search(&session, &count).0.unwrap();
    for part in 0..40 {
        let look = 1 + part * count.looks() / 40;
        let stop = Stop::aborting_at(look);
        let (outcome, _) = search(&session, &stop);
        assert!(matches!(outcome, Err(Error::Aborted)), "part {part}");
        // Every part of the work looks first; two more looks find that the rounds, and then the search, are over.
        assert!(stop.looks() <= look + 3, "{} more looks in part {part}", stop.looks() - look);
    }
}

#[test]
fn a_search_that_is_stopped_before_it_begins_reports_the_console_as_it_starts() {
    let session = session();
    let stop = Stop::default();
    stop.stop();
    let (outcome, events) = search(&session, &stop);
    let outcome = outcome.unwrap();
    assert!(outcome.stopped && outcome.graph.processors().count() == outcome.console.len());
    assert!(!events.iter().any(|e| matches!(e, Event::Step { .. } | Event::PruneStarted { .. })));
    stop.abort();
    assert!(matches!(search(&session, &stop).0, Err(Error::Aborted)));
}

#[test]
fn events_tell_enough_to_draw_the_console_and_its_settings() {
    let session = session();
    let (outcome, events) = search(&session, &Stop::default());
    let outcome = outcome.unwrap();
    let Some(Event::Started { graph, .. }) = events.first() else { panic!("{events:?}") };
    assert_eq!(graph.processors().collect::<Vec<_>>(), outcome.console);
    let found = events.iter().find_map(|event| match event {
        Event::Evaluated { graph, parameters, .. } if **parameters == outcome.parameters => {
            Some((graph, parameters))
        }
        _ => None,
    });
    let (graph, parameters) = found.unwrap();
    let report = Report::of(&session, &settings(), &outcome).unwrap();
    assert_eq!(strips(graph, parameters).unwrap(), report.strips);
}

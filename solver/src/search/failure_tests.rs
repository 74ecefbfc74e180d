//! What a search makes of engines that fail, and of numbers that are none.

use super::resume_tests::All;
use super::stop_tests::{session, settings};
use super::{Context, Error, Event, Outcome, Settings, Start, State, Stop, go_on};
use crate::engine::cpu::Cpu;
use crate::engine::faulty::{Call, Fault, Faulty};
use crate::engine::{ENGINES, Engine, Failure};

/// A search, what it told and what was kept of it.
struct Search {
    outcome: Result<Outcome, Error>,
    events: Vec<Event>,
    kept: Vec<String>,
}

impl Search {
    fn from(state: State, engines: &[&dyn Engine]) -> Self {
        let pool = crate::threads::pool(1).unwrap();
        let (sender, events) = crossbeam_channel::unbounded();
        let mut all = All::default();
        let context = Context { pool: &pool, engines, events: &sender, stop: &Stop::default() };
        let outcome = go_on(context, &session(), &settings(), state, &mut all);
        drop(sender);
        let search = Self { outcome, events: events.into_iter().collect(), kept: all.0 };
        for state in &search.kept {
            serde_json::from_str::<State>(state).expect("every state that is kept can be gone on from");
        }
        search
    }

    fn with(engines: &[&dyn Engine]) -> Self {
        Self::from(start(), engines)
    }

    fn notes(&self) -> Vec<&str> {
        let events = self.events.iter();
        events
            .filter_map(|event| if let Event::Note { text, .. } = event { Some(text.as_str()) } else { None })
            .collect()
    }

    fn count(&self, of: impl Fn(&Event) -> bool) -> usize {
        self.events.iter().filter(|event| of(event)).count()
    }
}

fn start() -> State {
    State::new(Start::console(&session(), &settings()).unwrap(), &settings())
}

/// Asserts that two searches found the same.
#[track_caller]
fn assert_same(found: &Search, wanted: &Search) {
    let (found, wanted) = (found.outcome.as_ref().unwrap(), wanted.outcome.as_ref().unwrap());
    assert_eq!((&found.graph, &found.parameters), (&wanted.graph, &wanted.parameters));
    assert_eq!((found.pruned_match, found.stopped), (wanted.pruned_match, wanted.stopped));
    assert_eq!((&found.mix, &found.history), (&wanted.mix, &wanted.history));
}

#[test]
fn where_an_engine_fails_the_next_one_goes_on_from_there() {
    let wanted = Search::with(ENGINES);
    assert!(wanted.notes().is_empty() && wanted.outcome.as_ref().unwrap().notes.is_empty());
    for (fault, call, at) in [
        (Fault::OutOfMemory, Call::Open, 1),
        (Fault::OutOfMemory, Call::Evaluate, 1),
        (Fault::OutOfMemory, Call::Objective, 1),
        (Fault::DeviceLost, Call::Objective, 2),
        (Fault::DeviceLost, Call::Objective, 5),
        // The plain sum, the console and the beginning of the round come first.
        (Fault::OutOfMemory, Call::Evaluate, 4),
        (Fault::DeviceLost, Call::Evaluate, 6),
        (Fault::DeviceLost, Call::Render, 1),
    ] {
        let faulty = Faulty::new(fault, call, at);
        let found = Search::with(&[&faulty, &Cpu]);
        // Both engines find the same bits.
        assert_same(&found, &wanted);
        let what = match fault {
            Fault::OutOfMemory => "has not enough memory for the graph's signals",
            _ => "has lost its device (it fell off the bus)",
        };
        let note = format!("The engine 'faulty' {what}; the work went on with the engine 'cpu'.");
        assert_eq!(found.notes(), [&note], "{call:?} {at}");
        assert_eq!(found.outcome.unwrap().notes, [note]);
    }
}

#[test]
fn states_name_their_engine_and_old_ones_mean_the_processor_s() {
    let engine = |state: &str| serde_json::from_str::<State>(state).unwrap().engine;
    let faulty = Faulty::new(Fault::DeviceLost, Call::Objective, 3);
    let found = Search::with(&[&faulty, &Cpu]);
    assert_eq!(engine(&found.kept[0]).as_deref(), Some(Faulty::NAME));
    assert_eq!(engine(found.kept.last().unwrap()).as_deref(), Some("cpu"));
    let mut old: serde_json::Value = serde_json::from_str(&found.kept[0]).unwrap();
    old.as_object_mut().unwrap().remove("engine").unwrap();
    old.as_object_mut().unwrap().remove("notes").unwrap();
    assert_eq!(engine(&old.to_string()).as_deref(), Some("cpu"));
    // It goes on with its own engine, though it is not the preferred one.
    let state = serde_json::from_value(old).unwrap();
    let broken = Faulty::new(Fault::OutOfMemory, Call::Open, 1);
    assert_same(&Search::from(state, &[&broken, &Cpu]), &Search::with(ENGINES));
    // If that is not there, it says so.
    let there = Search::from(serde_json::from_str(&found.kept[0]).unwrap(), ENGINES);
    assert_same(&there, &Search::with(ENGINES));
    assert_eq!(
        there.notes(),
        [
            "The search was begun with the engine 'faulty', which is not there; it went on with 'cpu', which may find \
          something else."
        ]
    );
}

#[test]
fn without_another_engine_a_search_ends_with_the_best_found_and_says_so() {
    let (whole, steps) = (Search::with(ENGINES), settings().steps);
    for (call, at) in [(Call::Objective, 1), (Call::Objective, steps + 1), (Call::Evaluate, 5)] {
        let faulty = Faulty::new(Fault::OutOfMemory, call, at);
        let found = Search::with(&[&faulty]);
        let note =
            "The engine 'faulty' has not enough memory for the graph's signals; no other engine is left.";
        assert_eq!(found.notes(), [note]);
        let outcome = found.outcome.as_ref().unwrap();
        assert!(outcome.stopped && outcome.pruned_match.full.is_finite(), "{call:?} {at}");
        assert_eq!(outcome.notes, [note]);
        // What was kept leads to the end that the search would have had.
        let last = serde_json::from_str(found.kept.last().unwrap()).unwrap();
        assert_same(&Search::from(last, ENGINES), &whole);
    }
}

#[test]
fn with_nothing_to_keep_the_failure_is_the_error() {
    for (fault, call, at) in [
        (Fault::OutOfMemory, Call::Open, 1),
        (Fault::DeviceLost, Call::Objective, 2),
        (Fault::DeviceLost, Call::Render, 1),
    ] {
        let found = Search::with(&[&Faulty::new(fault, call, at)]);
        let Err(error) = found.outcome else { panic!("{call:?} {at}") };
        assert!(matches!(error, Error::Engine(Failure::OutOfMemory { .. } | Failure::DeviceLost { .. })));
        let said = error.to_string();
        assert!(
            said.starts_with("the engine 'faulty' ") && said.ends_with(", and no other engine is left"),
            "{said}"
        );
    }
}

#[test]
fn a_fit_that_diverges_ends_with_what_it_had_and_the_search_goes_on() {
    let whole = Search::with(ENGINES);
    let Settings { steps, steps_per_round, .. } = settings();
    for fault in [Fault::Match, Fault::Gradient, Fault::Steep] {
        for (at, round, step) in [
            (1, 0, 1),
            (2, 0, 2),
            (steps, 0, steps),
            (steps + 1, 1, 1),
            (steps + steps_per_round, 1, steps_per_round),
        ] {
            let faulty = Faulty::new(fault, Call::Objective, at);
            let found = Search::with(&[&faulty]);
            let what = if round == 0 { "of the console".into() } else { format!("of round {round}") };
            let note = format!(
                "The fit {what} diverged at step {step} and was ended there, with what it had before."
            );
            assert_eq!(found.notes(), [&note], "{fault:?}");
            let taken =
                |found: &Search| found.count(|e| matches!(e, Event::Step { round: r, .. } if *r == round));
            assert_eq!(
                (taken(&found), taken(&whole)),
                (step - 1, if round == 0 { steps } else { steps_per_round })
            );
            let outcome = found.outcome.as_ref().unwrap();
            assert_eq!(outcome.notes, [note]);
            assert!(!outcome.stopped && outcome.pruned_match.full.is_finite());
            // The rounds after it were searched.
            assert!(outcome.history.len() > 1);
            assert!(outcome.parameters.values().all(f32::is_finite));
        }
    }
}

#[test]
fn a_fit_steps_back_to_where_the_objective_was_finite() {
    // Three steps, the third of which finds no number: the second has led there.
    let faulty = Faulty::new(Fault::Match, Call::Objective, 3);
    let found = Search::with(&[&faulty]);
    let fitted = |search: &Search| {
        search.events.iter().find_map(|event| match event {
            Event::Evaluated { round: 0, parameters, .. } => Some(parameters.clone()),
            _ => None,
        })
    };
    let after_one: State = serde_json::from_str(&Search::with(ENGINES).kept[0]).unwrap();
    assert_eq!(*fitted(&found).unwrap(), after_one.parameters);
}

#[test]
fn a_match_that_is_not_a_number_ends_the_search_with_what_was_found_before() {
    // After the plain sum and the console come the beginning of a round and its trials.
    let whole = Search::with(ENGINES);
    let begins = whole.events.iter().position(|e| matches!(e, Event::Evaluated { round: 1, .. })).unwrap();
    let trials = whole.events[..begins].iter().filter(|e| matches!(e, Event::Trial { .. })).count();
    let found = Search::with(&[&Faulty::new(Fault::Match, Call::Evaluate, 2 + 1 + trials + 1)]);
    let note =
        "The match after the fit of round 1 is not a number; the search ended with what was found before.";
    assert_eq!(found.notes(), [note]);
    let outcome = found.outcome.unwrap();
    assert!(!outcome.stopped && outcome.pruned_match.full.is_finite());
    assert_eq!(outcome.history.len(), 1);
}

#[test]
fn a_console_without_a_match_is_taken_as_it_was_before_its_fit() {
    let found = Search::with(&[&Faulty::new(Fault::Match, Call::Evaluate, 2)]);
    let note = "The match of the fitted console is not a number; the search went on without its fit.";
    assert_eq!(found.notes(), [note]);
    let console = found.events.iter().find_map(|event| match event {
        Event::Evaluated { round: 0, parameters, .. } => Some(parameters.clone()),
        _ => None,
    });
    assert_eq!(*console.unwrap(), start().parameters);
    assert!(found.outcome.unwrap().history.len() > 1);
}

#[test]
fn events_can_be_followed_from_another_process() {
    let found = Search::with(&[&Faulty::new(Fault::Match, Call::Evaluate, 4), &Cpu]);
    assert!(found.count(|event| matches!(event, Event::Trial { matched, .. } if matched.is_nan())) > 0);
    for event in &found.events {
        let text = serde_json::to_string(event).unwrap();
        let back: Event = serde_json::from_str(&text).unwrap();
        assert_eq!(format!("{back:?}"), format!("{event:?}"));
    }
    let rates = found.events.iter().filter_map(|event| match event {
        Event::Started { rate, .. } | Event::Evaluated { rate, .. } => Some(*rate),
        _ => None,
    });
    assert_eq!(rates.collect::<Vec<_>>(), [30_000; 4]);
}

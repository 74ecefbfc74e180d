//! A search that goes on from a kept state ends as one that was never interrupted.

use super::stop_tests::{session, settings};
use super::{Context, Event, Keeper, Method, Outcome, Settings, Start, State, go_on};
use crate::engine::ENGINES;
use crate::session::Session;
use crate::stop::Stop;

/// Keeps every state, as it would be written.
#[derive(Default)]
pub struct All(pub Vec<String>);

impl Keeper for All {
    fn is_due(&mut self) -> bool {
        true
    }

    fn keep(&mut self, state: &State) {
        self.0.push(serde_json::to_string(state).unwrap());
    }
}

fn search(
    session: &Session,
    settings: &Settings,
    state: State,
    stop: &Stop,
) -> (Outcome, Vec<String>, Vec<Event>) {
    let pool = crate::threads::pool(1).unwrap();
    let (sender, events) = crossbeam_channel::unbounded();
    let mut all = All::default();
    let context = Context { pool: &pool, engines: ENGINES, events: &sender, stop };
    let outcome = go_on(context, session, settings, state, &mut all).unwrap();
    drop(sender);
    (outcome, all.0, events.into_iter().collect())
}

fn assert_same(found: &Outcome, wanted: &Outcome, what: &str) {
    assert_eq!(found.graph, wanted.graph, "{what}");
    assert_eq!(found.parameters, wanted.parameters, "{what}");
    let matches = |o: &Outcome| [o.plain_sum, o.console_match, o.pruned_match];
    assert_eq!(matches(found), matches(wanted), "{what}");
    assert_eq!(found.mix, wanted.mix, "{what}");
    assert_eq!(found.console, wanted.console, "{what}");
}

#[test]
fn any_kept_state_leads_to_the_same_end() {
    let session = session();
    for method in [Method::BruteForce, Method::DryWet] {
        let settings = Settings { method, ..settings() };
        let start = State::new(Start::console(&session, &settings).unwrap(), &settings);
        let (wanted, states, _) = search(&session, &settings, start, &Stop::default());
        assert!(states.len() > 15, "{}", states.len());
        for (i, state) in states.iter().enumerate().step_by(2) {
            let state = serde_json::from_str(state).unwrap();
            let (found, _, events) = search(&session, &settings, state, &Stop::default());
            assert_same(&found, &wanted, &format!("{method:?} from state {i}"));
            assert!(matches!(events[..2], [Event::Started { .. }, Event::Resumed { .. }]), "state {i}");
        }
    }
}

#[test]
fn a_stopped_search_leaves_a_state_that_leads_to_the_same_end() {
    let session = session();
    let settings = settings();
    let start = || State::new(Start::console(&session, &settings).unwrap(), &settings);
    let count = Stop::default();
    let (wanted, ..) = search(&session, &settings, start(), &count);
    for part in 0..30 {
        let stop = Stop::stopping_at(1 + part * count.looks() / 30);
        let (stopped, states, _) = search(&session, &settings, start(), &stop);
        assert!(stopped.stopped);
        let Some(last) = states.last() else { continue };
        let (found, ..) = search(&session, &settings, serde_json::from_str(last).unwrap(), &Stop::default());
        assert_same(&found, &wanted, &format!("stopped at part {part}"));
    }
}

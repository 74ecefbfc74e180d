//! A console with a send is fitted and pruned like any other.

use super::stop_tests::{session, settings};
use super::{Context, Event, Method, Outcome, Settings, Start, State, go_on};
use crate::engine::ENGINES;
use crate::graph::{Console, Role};
use crate::session::Session;
use crate::stop::Stop;

/// All of the console with a shared reverb, as short as can be.
pub fn with_hall() -> Settings {
    let console = Console::HALL;
    Settings { console, kinds: console.kinds(), ..settings() }
}

/// What a search finds that begins with the whole console.
pub fn search(session: &Session, settings: &Settings) -> (Outcome, Vec<Event>) {
    let pool = crate::threads::pool(1).unwrap();
    let (sender, events) = crossbeam_channel::unbounded();
    let state = State::new(Start::console(session, settings).unwrap(), settings);
    let context = Context { pool: &pool, engines: ENGINES, events: &sender, stop: &Stop::default() };
    let outcome = go_on(context, session, settings, state, &mut ());
    drop(sender);
    (outcome.unwrap(), events.into_iter().collect())
}

#[test]
fn a_send_is_fitted_and_stays_if_nothing_may_go() {
    let settings = Settings { method: Method::None, ..with_hall() };
    let (found, _) = search(&session(), &settings);
    assert_eq!(found.graph.sends().len(), 2);
    assert!(found.graph.strips.iter().any(|strip| strip.role == Role::Send && strip.name == "hall"));
    assert!(found.console_match.full.is_finite() && found.console_match != found.plain_sum);
}

#[test]
fn a_send_that_is_not_needed_goes_with_all_that_it_feeds() {
    // Whatever is tried may go.
    for method in [Method::DryWet, Method::BruteForce] {
        let settings = Settings { tolerance: 10.0, method, ..with_hall() };
        let (found, events) = search(&session(), &settings);
        assert_eq!(found.graph.processors().count(), 0, "{method:?}");
        assert!(found.graph.strips.iter().any(|strip| strip.role == Role::Send));
        let left: Vec<_> = events
            .iter()
            .filter_map(|event| match event {
                Event::Trial { left, .. } => Some(*left),
                _ => None,
            })
            .collect();
        assert!(left.is_sorted_by(|before, after| before >= after) && left.last() == Some(&0), "{left:?}");
    }
}

//! A search finds as much at one rate as at another, and what it finds means the same there.

use super::{Context, Method, Outcome, Preset, Settings, Start, State, Stop, go_on};
use crate::engine::ENGINES;
use crate::parameters::Parameters;
use crate::session::{Options, Session};

fn song(rate: u32) -> Session {
    Session::demo(&Options { rate, ..Options::default() }).unwrap()
}

/// The full console after so many steps from `given`.
fn fitted(session: &Session, given: Parameters, steps: usize) -> Outcome {
    let settings = Settings { steps, method: Method::None, ..Settings::preset(Preset::Quick) };
    let pool = crate::threads::pool(0).unwrap();
    let (sender, _events) = crossbeam_channel::unbounded();
    let start = Start { given, ..Start::console(session, &settings).unwrap() };
    let state = State::new(start, &settings);
    let context = Context { pool: &pool, engines: ENGINES, events: &sender, stop: &Stop::default() };
    go_on(context, session, &settings, state, &mut ()).unwrap()
}

#[test]
fn what_is_found_at_one_rate_is_as_good_at_another_and_found_there_as_well() {
    let (slow, fast) = (song(30_000), song(44_100));
    let found = fitted(&slow, Parameters::default(), 30);
    let again = fitted(&fast, found.parameters.clone(), 0);
    let (plain, at_30, at_44) = (found.plain_sum.full, found.console_match.full, again.console_match.full);
    assert!(at_30 < 0.8 * plain, "{at_30} of {plain}");
    // The ear of the higher rate hears what lies above 15 kHz as well.
    assert!((at_44 - at_30).abs() < 0.1 * (plain - at_30), "{at_30} at 30 kHz, {at_44} at 44.1 kHz, {plain}");
    let own = fitted(&fast, Parameters::default(), 30).console_match.full;
    assert!(own < at_30 + 0.15 * (plain - at_30), "{at_30} at 30 kHz, {own} at 44.1 kHz, {plain}");
}

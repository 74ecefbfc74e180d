//! A search finds as much at one rate as at another, and what it finds means the same there.

use super::{Context, Method, Outcome, Preset, Settings, Start, State, Stop, go_on};
use crate::engine::ENGINES;
use crate::parameters::Parameters;
use crate::processors::Kind;
use crate::session::{Options, Session};

fn song(rate: u32) -> Session {
    Session::demo(&Options { rate, ..Options::default() }).unwrap()
}

/// A console after so many steps from `given`.
fn fitted(session: &Session, given: Parameters, steps: usize) -> Outcome {
    let kinds = vec![Kind::Equalizer, Kind::Compressor, Kind::GainPan, Kind::Reverb];
    let settings = Settings { steps, kinds, method: Method::None, ..Settings::preset(Preset::Quick) };
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
    let found = fitted(&slow, Parameters::default(), 10);
    let again = fitted(&fast, found.parameters.clone(), 0);
    let own = fitted(&fast, Parameters::default(), 10);
    let at_30 = found.console_match.full;
    assert!(at_30 < 0.5 * found.plain_sum.full, "{at_30} of {}", found.plain_sum.full);
    // The ear of the higher rate hears what lies above 15 kHz as well, and less of what lies below.
    for (what, at_44) in [("the same", again.console_match.full), ("its own", own.console_match.full)] {
        assert!((at_44 / at_30 - 1.0).abs() < 0.15, "{at_30} at 30 kHz, {what} {at_44} at 44.1 kHz");
    }
}

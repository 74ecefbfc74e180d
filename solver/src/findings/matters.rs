//! What each processor is worth: how much the match rises without it.

use std::collections::HashMap;

use crate::engine::{BypassSet, Failure, Patch, Relay};
use crate::graph::NodeId;
use crate::search;
use crate::stop::Stop;

/// By how much the whole-song match (full) of `patch` rises if a processor alone is bypassed, all others as they are, for
/// each of them. `done` is called for each. Nothing after a stop.
///
/// # Errors
/// [`search::Error::Aborted`] after an abort; if all engines fail.
pub fn matters(
    relay: &mut Relay<'_>,
    patch: Patch<'_>,
    stop: &Stop,
    done: impl Fn(),
) -> Result<HashMap<NodeId, f64>, search::Error> {
    let (until, all) = (stop.until_stopped(), BypassSet::new());
    if until.is_over() {
        return Ok(HashMap::new());
    }
    let alone = patch.graph.processors().map(|(id, _)| BypassSet::from([id]));
    let sets: Vec<_> = [all.clone()].into_iter().chain(alone).collect();
    let matches = match relay.run(until, |studio| studio.evaluate(patch, &all, &sets, until)) {
        Err(Failure::Interrupted) => Vec::new(),
        matches => matches?,
    };
    stop.until_aborted().check()?;
    let Some((whole, without)) = matches.split_first() else { return Ok(HashMap::new()) };
    let rises = without.iter().map(|without| without.full - whole.full);
    let found: HashMap<_, _> = patch.graph.processors().map(|(id, _)| id).zip(rises).collect();
    found.iter().for_each(|_| done());
    Ok(found)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::engine::{ENGINES, PatchBuf, Studio};
    use crate::graph::{Graph, Selection};
    use crate::parameters::Parameters;
    use crate::processors::Kind;
    use crate::search::{sends_tests, stop_tests};
    use crate::stop::Until;

    #[test]
    fn what_makes_the_mix_matters_and_what_does_nothing_does_not() {
        let mut session = stop_tests::session();
        let stems: Vec<_> = session.stems.iter().map(|s| (s.name.clone(), None)).collect();
        let graph = Graph::console(&stems, &[], Selection::of(&[Kind::StereoImager, Kind::GainPan])).unwrap();
        let mut parameters = Parameters::start(&graph, &mut ChaCha8Rng::seed_from_u64(0));
        for rows in &mut parameters.rows {
            rows.raw.fill(0.0);
            rows.wet_logits.fill(20.0);
            if rows.kind == Kind::GainPan {
                // The first track's fader is at −12 dB.
                rows.raw[..2].fill(0.25f32.ln());
            }
        }
        let patch = PatchBuf::new(&graph, &parameters).unwrap();
        let render = |studio: &mut dyn Studio| studio.render(patch.patch(), Until::DONE);
        session.mix = Relay::new(&session.clone(), ENGINES).run(Until::DONE, render).unwrap();
        let count = std::cell::Cell::new(0);
        let mut relay = Relay::new(&session, ENGINES);
        let mut matters =
            |stop: &Stop| matters(&mut relay, patch.patch(), stop, || count.set(count.get() + 1)).unwrap();
        let found = matters(&Stop::default());
        assert_eq!((found.len(), count.get()), (2 * stems.len(), 2 * stems.len()));
        let stopped = Stop::default();
        stopped.stop();
        assert!(matters(&stopped).is_empty());
        for (id, kind) in graph.processors() {
            let first = graph.node(id).unwrap().strip == Some(0);
            match (kind, first) {
                (Kind::GainPan, true) => assert!(found[&id] > 0.1, "{found:?}"),
                _ => assert!(found[&id].abs() < 1e-6, "{found:?}"),
            }
        }
    }
    #[test]
    fn a_send_is_worth_what_the_song_loses_with_it() {
        let session = stop_tests::session();
        let settings = search::Settings { method: search::Method::None, ..sends_tests::with_hall() };
        let (found, _) = sends_tests::search(&session, &settings);
        let still = search::Settings { steps: 0, ..settings };
        let pool = crate::threads::pool(1).unwrap();
        let matched = |graph: &Graph| {
            let start = search::Start { graph: graph.clone(), given: found.parameters.clone() };
            let (events, stop) = (crossbeam_channel::unbounded().0, Stop::default());
            let state = search::State::new(start, &still);
            let context = search::Context { pool: &pool, engines: ENGINES, events: &events, stop: &stop };
            let found = search::go_on(context, &session, &still, state, &mut ());
            found.unwrap().console_match.full
        };
        let whole = matched(&found.graph);
        let patch = PatchBuf::new(&found.graph, &found.parameters).unwrap();
        let mut relay = Relay::new(&session, ENGINES);
        let worth = matters(&mut relay, patch.patch(), &Stop::default(), || ()).unwrap();
        for send in found.graph.sends() {
            let mut without = found.graph.clone();
            without.remove(send.gain).unwrap();
            let lost = matched(&without) - whole;
            assert!(lost != 0.0 && (lost - worth[&send.gain]).abs() < 1e-9, "{lost}: {worth:?}");
        }
    }
}

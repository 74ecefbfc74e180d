//! What each processor is worth: how much the match rises without it.

use std::collections::HashMap;

use crate::engine::{Engine, Parameters, own_maps};
use crate::graph::{Graph, NodeId};
use crate::search::{self, Evaluator, Trials};
use crate::session::Session;
use crate::stop::Stop;

/// By how much the whole-song match (full) of `graph` rises if a processor alone is bypassed, all others as they are, for
/// each of them. `done` is called after each. After a stop, only those that were measured by then.
///
/// # Errors
/// [`search::Error::Aborted`] after an abort; if the tensor maths fails.
pub fn matters(
    session: &Session,
    graph: &Graph,
    parameters: &Parameters,
    stop: &Stop,
    mut done: impl FnMut(),
) -> Result<HashMap<NodeId, f64>, search::Error> {
    let mut found = HashMap::new();
    let (until, stopped) = (stop.until_aborted(), stop.until_stopped());
    if stopped.is_over() {
        return Ok(found);
    }
    let mut engine = Engine::new(graph, &parameters.layout(), session.windows().samples(), session.rate);
    engine.set(&parameters.physical(own_maps)?, until)?;
    let evaluator = Evaluator::new(session, until)?;
    let mut trials = Trials::new(&evaluator, graph);
    let whole = trials.evaluate(&engine, |_| false, until)?;
    trials.accept(&engine);
    for (id, _) in graph.processors() {
        let Ok(without) = trials.evaluate(&engine, |other| other == id, stopped) else { break };
        found.insert(id, without.full - whole.full);
        done();
    }
    until.check()?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::graph::Selection;
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
        let flat = parameters.physical(own_maps).unwrap();
        let audio: Vec<_> = session.stems.iter().map(|s| &s.audio).collect();
        session.mix = crate::engine::render_song(
            &graph,
            &parameters.layout(),
            &flat,
            &audio,
            session.rate,
            Until::DONE,
        )
        .unwrap();
        let mut count = 0;
        let found = matters(&session, &graph, &parameters, &Stop::default(), || count += 1).unwrap();
        assert_eq!((found.len(), count), (2 * stems.len(), 2 * stems.len()));
        let stopped = Stop::default();
        stopped.stop();
        assert!(matters(&session, &graph, &parameters, &stopped, || ()).unwrap().is_empty());
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
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let matched = |graph: &Graph| {
            let start = search::Start { graph: graph.clone(), given: found.parameters.clone() };
            let (events, stop) = (crossbeam_channel::unbounded().0, Stop::default());
            let state = search::State::new(start, &still);
            let found = search::go_on(&pool, &session, &still, state, &mut (), (&events, &stop));
            found.unwrap().console_match.full
        };
        let whole = matched(&found.graph);
        let worth = matters(&session, &found.graph, &found.parameters, &Stop::default(), || ()).unwrap();
        for send in found.graph.sends() {
            let mut without = found.graph.clone();
            without.remove(send.gain).unwrap();
            let lost = matched(&without) - whole;
            assert!(lost != 0.0 && (lost - worth[&send.gain]).abs() < 1e-9, "{lost}: {worth:?}");
        }
    }
}

//! How far faders and pan pots alone would come.

use rayon::ThreadPool;

use crate::engine::Parameters;
use crate::graph::Graph;
use crate::matching::Match;
use crate::processors::Kind;
use crate::search::{self, Event, Method, Settings, Start, State, Stop, go_on};
use crate::session::Session;

/// Steps that gains take to settle.
const STEPS: usize = 500;

/// How many steps it takes: no more than ten times those of the console, each of which takes longer; whoever asks for
/// few is in a hurry.
pub fn steps(settings: &Settings) -> usize {
    match settings.steps {
        0 => STEPS,
        steps => steps.saturating_mul(10).min(STEPS),
    }
}

/// The match of the plain sum of all stems, with the faders and pan pots of tracks and groups that fit the mix best. `step` is called after
/// every step.
///
/// # Errors
/// Those of [`go_on`].
pub fn fit(
    pool: &ThreadPool,
    session: &Session,
    settings: &Settings,
    stop: &Stop,
    step: impl Fn() + Sync,
) -> Result<Match, search::Error> {
    let settings = Settings {
        steps: steps(settings),
        prune_rounds: 0,
        method: Method::None,
        kinds: vec![Kind::GainPan],
        master: false,
        ..settings.clone()
    };
    let stems: Vec<_> = session.stems.iter().map(|stem| (stem.name.clone(), stem.group)).collect();
    let graph = Graph::console(&stems, &session.groups, settings.selection())?;
    let start = Start { graph, given: Parameters::default() };
    let (sender, events) = crossbeam_channel::unbounded();
    std::thread::scope(|scope| {
        let told = &step;
        scope.spawn(move || events.iter().filter(|e| matches!(e, Event::Step { .. })).for_each(|_| told()));
        let state = State::new(start, &settings);
        let found = go_on(pool, session, &settings, state, &mut (), (&{ sender }, stop))?;
        Ok(found.console_match)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::Stereo;
    use crate::search::stop_tests;

    #[test]
    fn a_mix_of_gains_and_pans_alone_is_found() {
        let mut session = stop_tests::session();
        let mix: Vec<_> = session.stems.iter().zip([[0.5, 0.25], [1.2, 0.9], [0.1, 0.8]]).collect();
        let mut sum = Stereo::silence(session.len());
        for (stem, gains) in &mix {
            for ((to, from), gain) in sum.channels.iter_mut().zip(&stem.audio.channels).zip(gains) {
                to.iter_mut().zip(from).for_each(|(to, x)| *to += gain * x);
            }
        }
        session.mix = sum;
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let steps = std::sync::atomic::AtomicUsize::new(0);
        let count = || {
            steps.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        };
        let settings = Settings { steps: 500, ..stop_tests::settings() };
        let found = fit(&pool, &session, &settings, &Stop::default(), count).unwrap();
        assert!(found.full < 0.05, "{found:?}");
        assert_eq!(steps.into_inner(), STEPS);
    }
}

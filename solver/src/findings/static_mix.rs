//! How far faders and pan pots alone would come.

use crate::graph::Graph;
use crate::matching::Match;
use crate::parameters::Parameters;
use crate::processors::{Device, Kind};
use crate::search::{self, Context, Event, Settings, Start, State, fitted_match};
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
/// Those of [`fitted_match`].
pub fn fit(
    context: Context<'_>,
    session: &Session,
    settings: &Settings,
    step: impl Fn() + Sync,
) -> Result<Match, search::Error> {
    let settings = Settings { steps: steps(settings), kinds: faders(), master: false, ..settings.clone() };
    let stems: Vec<_> = session.stems.iter().map(|stem| (stem.name.clone(), stem.group)).collect();
    let graph = Graph::console(&stems, &session.groups, settings.selection())?;
    let start = Start { graph, given: Parameters::default() };
    let (sender, events) = crossbeam_channel::unbounded();
    std::thread::scope(|scope| {
        let told = &step;
        scope.spawn(move || events.iter().filter(|e| matches!(e, Event::Step { .. })).for_each(|_| told()));
        let state = State::new(start, &settings);
        // Dropped at the end, so that the thread ends too.
        let sender = sender;
        fitted_match(Context { events: &sender, ..context }, session, &settings, state)
    })
}

/// The kinds that a fader and its pan pot stand for.
fn faders() -> Vec<Kind> {
    let is_fader = |kind: &Kind| matches!(kind.definition().device(), Device::Fader(_));
    Kind::ALL.into_iter().filter(is_fader).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::Stereo;
    use crate::engine::ENGINES;
    use crate::search::{Stop, stop_tests};

    #[test]
    fn a_mix_of_gains_and_pans_alone_is_found() {
        let mut session = stop_tests::session();
        let mix: Vec<_> = session.stems.iter().zip([[0.5, 0.25], [1.2, 0.9], [0.1, 0.8]]).collect();
        let mut sum = Stereo::silence(session.len());
        for (stem, gains) in &mix {
            for ((to, from), gain) in sum.channels.iter_mut().zip(stem.audio.channels()).zip(gains) {
                to.iter_mut().zip(from).for_each(|(to, x)| *to += gain * x);
            }
        }
        session.mix = sum;
        let pool = crate::threads::pool(1).unwrap();
        let steps = std::sync::atomic::AtomicUsize::new(0);
        let count = || {
            steps.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        };
        let settings = Settings { steps: 500, ..stop_tests::settings() };
        let (events, _) = crossbeam_channel::unbounded();
        let context = Context { pool: &pool, engines: ENGINES, events: &events, stop: &Stop::default() };
        let found = fit(context, &session, &settings, count).unwrap();
        assert!(found.full < 0.05, "{found:?}");
        assert_eq!(steps.into_inner(), STEPS);
    }
}

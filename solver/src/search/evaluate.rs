//! The whole-song match.

use rayon::prelude::*;

use crate::dsp::Stereo;
use crate::engine::{Engine, Plan};
use crate::matching::{Match, Matcher, Target};
use crate::session::Session;
use crate::session::windows::{WINDOW, evaluation_starts, warm_up};

/// The windows of a song and their targets.
pub struct Evaluator<'a> {
    session: &'a Session,
    matcher: Matcher,
    windows: Vec<(usize, Target)>,
}

impl<'a> Evaluator<'a> {
    /// Takes the targets of all evaluation windows of a session.
    pub fn new(session: &'a Session) -> Self {
        let matcher = Matcher::new(WINDOW, warm_up(session.len()), session.rate);
        let windows = evaluation_starts(session.len())
            .into_par_iter()
            .map(|start| {
                let mut mix = Stereo::silence(WINDOW);
                session.mix.copy_window(start, &mut mix);
                (start, matcher.target(&mix))
            })
            .collect();
        Self { session, matcher, windows }
    }

    /// The mean match over all windows, with the parameters that `engine` holds.
    pub fn evaluate(&self, engine: &mut Engine, plan: &Plan) -> Match {
        let mut mean = Match::default();
        for (start, target) in &self.windows {
            let source = |stem: usize, buffer: &mut Stereo| {
                self.session.stems[stem].audio.copy_window(*start, buffer);
            };
            let found = self.matcher.evaluate(target, engine.render(plan, source, false));
            let share = 1.0 / self.windows.len() as f64;
            mean.full += share * found.full;
            mean.lr += share * found.lr;
            mean.mid += share * found.mid;
            mean.side += share * found.side;
        }
        mean
    }
}

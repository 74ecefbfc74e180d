//! From a session to an outcome.

use std::slice::from_ref;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;

use super::fit::{Fitter, NoStep, random_window};
use super::prune::Round;
use super::state::{At, Fitted, Found, State};
use super::{Context, Error, Event, Keeper, Method, Outcome, Phase, Settings, Start};
use crate::engine::{BypassSet, ENGINES, Failure, Patch, PatchBuf, Relay};
use crate::matching::Match;
use crate::parameters::Parameters;
use crate::session::Session;
use crate::stop::{Stop, Until};
use crate::threads;

/// Weight of Σ wet in the objective once pruning has begun (MATH.md §0).
const SPARSITY: f64 = 1e-4;
/// Rounds over which that weight rises from 0.
const SPARSITY_ROUNDS: usize = 4;

/// Fits the full console to the session's mix and prunes it, on threads of its own, with the engines of this program.
///
/// Events go to `events` (a closed channel is no error). A stop cuts the step or trial short that is under way, and the
/// search ends with the best graph that it evaluated; an abort ends all work, with [`Error::Aborted`]. Either is looked
/// at every few milliseconds.
pub fn solve(
    session: &Session,
    settings: &Settings,
    events: &Sender<Event>,
    stop: &Stop,
) -> Result<Outcome, Error> {
    settings.check()?;
    let pool = threads::pool(settings.threads)?;
    solve_in(Context { pool: &pool, engines: ENGINES, events, stop }, session, settings)
}

/// The same in the caller's context; [`Settings::threads`] then only reports the number of the pool's threads.
pub fn solve_in(context: Context<'_>, session: &Session, settings: &Settings) -> Result<Outcome, Error> {
    settings.check()?;
    let state = State::new(Start::console(session, settings)?, settings);
    go_on(context, session, settings, state, &mut ())
}

/// The same from any state on: that of any [`Start`], or one that `keeper` was given. Where the settings' number of steps is
/// 0, the parameters of the start are taken as fitted.
pub fn go_on(
    context: Context<'_>,
    session: &Session,
    settings: &Settings,
    state: State,
    keeper: &mut (dyn Keeper + Send),
) -> Result<Outcome, Error> {
    context.pool.install(|| {
        let mut search = Search::new(context, session, settings, state, keeper);
        search.run()?;
        search.finish()
    })
}

/// The whole-song match of the graph that `state` begins with, once it is fitted; nothing is pruned.
pub fn fitted_match(
    context: Context<'_>,
    session: &Session,
    settings: &Settings,
    state: State,
) -> Result<Match, Error> {
    let settings = Settings { method: Method::None, ..settings.clone() };
    context.pool.install(|| {
        let keeper = &mut ();
        let mut search = Search::new(context, session, &settings, state, keeper);
        search.run()?;
        search.state.console_match.ok_or_else(|| search.nothing_found())
    })
}

/// What ends a part of the search early; it is told already, and what was found until then stands.
type Cut<T> = Result<T, Failure>;

struct Search<'a> {
    context: Context<'a>,
    session: &'a Session,
    settings: &'a Settings,
    keeper: &'a mut (dyn Keeper + Send),
    state: State,
    relay: Relay<'a>,
    /// Why the search ended before its end, if that was not a stop.
    failure: Option<Failure>,
}

impl<'a> Search<'a> {
    fn new(
        context: Context<'a>,
        session: &'a Session,
        settings: &'a Settings,
        state: State,
        keeper: &'a mut (dyn Keeper + Send),
    ) -> Self {
        let mut relay = Relay::new(session, context.engines);
        if let Some(engine) = &state.engine {
            relay = relay.begin_with(engine);
        }
        Self { context, session, settings, keeper, state, relay, failure: None }
    }

    /// Searches until the end, a stop, or the failure of the last engine.
    fn run(&mut self) -> Result<(), Error> {
        let resumed = self.state.plain_sum.is_some();
        let plain_sum = match self.state.plain_sum {
            Some(known) => known,
            None => self.plain_sum()?,
        };
        self.state.plain_sum = Some(plain_sum);
        let (graph, rate) = (self.state.console.clone(), self.session.rate);
        self.tell(Event::Started { graph, plain_sum, rate });
        if resumed {
            self.tell_resumed();
        }
        self.heed();
        loop {
            let done = match &self.state.at {
                At::Fit(_) => self.fit()?,
                At::Prune(_) => self.prune()?,
                At::End => break,
            };
            if let Err(failure) = done {
                self.failure = Some(failure).filter(|failure| *failure != Failure::Interrupted);
                break;
            }
            self.keep();
        }
        Ok(self.context.stop.until_aborted().check()?)
    }

    fn plain_sum(&mut self) -> Result<Match, Error> {
        let patch = PatchBuf::new(&self.state.console.plain_sum(), &Parameters::default())?;
        self.state.timing.evaluations += 1;
        Ok(self.evaluate(patch.patch(), self.context.stop.until_aborted())?)
    }

    fn tell_resumed(&self) {
        let (steps, removed) = match &self.state.at {
            At::Fit(steps) => (Some(*steps), &[][..]),
            At::Prune(round) => (None, &round.removed[..]),
            At::End => (Some(0), &[][..]),
        };
        self.tell(Event::Resumed {
            round: self.state.round,
            steps,
            left: self.state.graph.sounding(|id| removed.contains(&id)),
        });
    }

    fn rounds(&self) -> usize {
        if self.settings.method == Method::None { 0 } else { self.settings.prune_rounds }
    }

    /// Fits the graph and evaluates it, unless it is stopped before its end. Only the full console (round 0) is
    /// evaluated even then, since without it there would be nothing to keep.
    fn fit(&mut self) -> Result<Cut<()>, Error> {
        let (stop, round) = (self.context.stop, self.state.round);
        let until = if round == 0 { stop.until_aborted() } else { stop.until_stopped() };
        if until.is_over() {
            return Ok(Err(Failure::Interrupted));
        }
        let trained = self.train()?;
        if let Err(failure) = &trained {
            self.keep();
            if *failure != Failure::Interrupted && !self.state.found.is_empty() {
                return Ok(trained);
            }
        }
        let begun = Instant::now();
        let patch = PatchBuf::new(&self.state.graph, &self.state.parameters)?;
        let matched = self.evaluate(patch.patch(), until);
        self.state.timing.fit += begun.elapsed();
        let matched = match matched {
            Ok(matched) if matched.full.is_finite() => matched,
            Ok(_) => match self.without_a_match(until)? {
                Some(matched) => matched,
                None => return Ok(trained),
            },
            Err(failure) => return Ok(Err(failure)),
        };
        self.state.timing.evaluations += 1;
        self.evaluated(matched);
        Ok(trained)
    }

    /// Takes the steps that are left of the fit under way, unless it is stopped, fails or diverges.
    fn train(&mut self) -> Result<Cut<()>, Error> {
        let graph = self.state.graph.clone();
        let mut fitter =
            Fitter::new(&graph, self.state.parameters.clone()).with_adam(self.state.adam.clone());
        let trained = self.take_steps(&mut fitter);
        self.save_into_state(&fitter);
        trained
    }

    fn take_steps(&mut self, fitter: &mut Fitter<'_>) -> Result<Cut<()>, Error> {
        let round = self.state.round;
        let steps = match round {
            _ if self.state.graph.processors().next().is_none() => 0, // nothing is there to fit
            0 => self.settings.steps,
            _ => self.settings.steps_per_round,
        };
        let until = self.context.stop.until_stopped();
        while let At::Fit(taken) = self.state.at
            && taken < steps
        {
            if until.is_over() {
                return Ok(Err(Failure::Interrupted));
            }
            let begun = Instant::now();
            let (step, sparsity, session) = (taken + 1, self.sparsity(taken + 1), self.session);
            let relay = &mut self.relay;
            let found = self.state.drawing(|rng| {
                let windows = [random_window(session, rng)];
                fitter.step(sparsity, |patch, gradient| {
                    relay.run(until, |studio| studio.objective(patch, &windows, gradient, until))
                })
            });
            self.heed();
            let found = match found {
                Ok(found) => found,
                Err(NoStep::Diverged) => {
                    self.diverged(fitter, step);
                    return Ok(Ok(()));
                }
                Err(NoStep::Failure(failure)) => return Ok(Err(failure)),
                Err(NoStep::Tensor(defect)) => return Err(defect.into()),
            };
            self.state.at = At::Fit(step);
            self.state.timing.fit += begun.elapsed();
            if round == 0 {
                self.state.step_s.push(begun.elapsed().as_secs_f32());
            }
            self.tell(Event::Step { round, step, matched: found.matched });
            if self.keeper.is_due() {
                self.save_into_state(fitter);
                self.keep();
            }
        }
        Ok(Ok(()))
    }

    fn save_into_state(&mut self, fitter: &Fitter<'_>) {
        self.state.parameters = fitter.parameters().clone();
        self.state.adam = fitter.adam().clone();
    }

    /// A fit ends where it diverged, with what it had before.
    fn diverged(&mut self, fitter: &mut Fitter<'_>, step: usize) {
        fitter.step_back();
        let what = match self.state.round {
            0 => "of the console".to_owned(),
            round => format!("of round {round}"),
        };
        self.note(format!(
            "The fit {what} diverged at step {step} and was ended there, with what it had before."
        ));
    }

    /// What to go on with where a fit's whole-song match is not a number: with what the console began with, if nothing
    /// else was found; else the search ends here.
    fn without_a_match(&mut self, until: Until<'_>) -> Result<Option<Match>, Error> {
        if !self.state.found.is_empty() {
            let round = self.state.round;
            self.note(format!(
                "The match after the fit of round {round} is not a number; the search ended with what was found before."
            ));
            self.state.at = At::End;
            return Ok(None);
        }
        let fresh = State::new(self.state.start(), self.settings);
        (self.state.parameters, self.state.adam) = (fresh.parameters, fresh.adam);
        let patch = PatchBuf::new(&self.state.graph, &self.state.parameters)?;
        let matched = self.evaluate(patch.patch(), until)?;
        if !matched.full.is_finite() {
            return Err(Error::NotANumber);
        }
        self.note(
            "The match of the fitted console is not a number; the search went on without its fit.".into(),
        );
        Ok(Some(matched))
    }

    /// The weight of Σ wet: 0 before pruning, then rising step by step over the first rounds.
    fn sparsity(&self, step: usize) -> f64 {
        let Some(rounds) = self.state.round.checked_sub(1) else { return 0.0 };
        let per_round = self.settings.steps_per_round;
        let ramp = (rounds * per_round + step) as f64 / (SPARSITY_ROUNDS * per_round) as f64;
        SPARSITY * ramp.min(1.0)
    }

    /// Takes notice of a fit's whole-song match, and of what comes next.
    fn evaluated(&mut self, matched: Match) {
        let (rounds, settings) = (self.rounds(), self.settings);
        let state = &mut self.state;
        let found =
            Found { graph: state.graph.clone(), parameters: Arc::new(state.parameters.clone()), matched };
        let event = Event::Evaluated {
            round: state.round,
            matched,
            processors: found.graph.processors().count(),
            graph: found.graph.clone(),
            parameters: found.parameters.clone(),
            rate: self.session.rate,
        };
        let done = state.round == rounds || found.graph.processors().next().is_none();
        state.lowest = Some(state.lowest.map_or(matched.full, |lowest| lowest.min(matched.full)));
        if state.round == 0 {
            state.console_match = Some(matched);
        } else {
            state.unfitted = None;
        }
        let (round, processors) = (state.round, found.graph.processors().count());
        state.history.push(Fitted { round, processors, matched: matched.full });
        let parameters = found.parameters.clone();
        state.add(found, settings.tolerance);
        state.at = if done {
            At::End
        } else {
            let (method, number) = (settings.method, state.round + 1);
            At::Prune(Round::new(method, number, &parameters, matched, state.rng()))
        };
        self.tell(event);
    }

    /// Goes through a round of pruning and takes out what it found. If it is stopped, what it had found until then is
    /// taken out.
    fn prune(&mut self) -> Result<Cut<()>, Error> {
        if self.context.stop.is_stopped() {
            return Ok(Err(Failure::Interrupted));
        }
        let patch = PatchBuf::new(&self.state.graph, &self.state.parameters)?;
        self.tell(Event::PruneStarted { round: self.state.round + 1 });
        let tried = self.try_all(patch.patch());
        if tried.is_err() {
            self.keep();
        }
        self.state.take_out()?;
        Ok(tried)
    }

    /// Tries what is left of the round to try.
    fn try_all(&mut self, patch: Patch<'_>) -> Cut<()> {
        let until = self.context.stop.until_stopped();
        let At::Prune(round) = &self.state.at else { return Ok(()) };
        let mut base: BypassSet = round.removed.iter().copied().collect();
        let begun = Instant::now();
        let rendered = self.relay.run(until, |studio| studio.evaluate(patch, &base, from_ref(&base), until));
        self.heed();
        rendered?;
        self.state.count_trial(begun);
        loop {
            let begun = Instant::now();
            let (settings, relay, state) = (self.settings, &mut self.relay, &mut self.state);
            let At::Prune(round) = &state.at else { return Ok(()) };
            let mut round = round.clone();
            let lowest = state.lowest.unwrap_or(f64::INFINITY);
            let trial: Cut<_> = state.drawing(|rng| {
                let Some(trial) = round.next(rng) else { return Ok(None) };
                let set: BypassSet = base.iter().chain(&trial.nodes).copied().collect();
                let matched =
                    relay.run(until, |studio| studio.evaluate(patch, &base, from_ref(&set), until))?;
                Ok(Some((trial, set, matched[0])))
            });
            self.heed();
            let Some((trial, set, matched)) = trial? else { return Ok(()) };
            let state = &mut self.state;
            let removed = matched.full < lowest + settings.tolerance;
            if removed {
                round.accept(&trial, matched);
                base = set;
                state.lowest = Some(lowest.min(matched.full));
            } else {
                round.refuse(&trial);
            }
            state.at = At::Prune(round);
            state.count_trial(begun);
            self.tell(Event::Trial {
                round: self.state.round + 1,
                kind: trial.kind,
                tried: trial.nodes,
                matched: matched.full,
                removed,
                left: patch.graph.sounding(|id| base.contains(&id)),
            });
            if self.keeper.is_due() {
                self.keep();
            }
        }
    }

    /// The whole-song match of a patch.
    fn evaluate(&mut self, patch: Patch<'_>, until: Until<'_>) -> Cut<Match> {
        let all = BypassSet::new();
        let found = self.relay.run(until, |studio| studio.evaluate(patch, &all, from_ref(&all), until));
        self.heed();
        Ok(found?[0])
    }

    /// The result: the last graph, unless it is worse than an earlier round's by more than the tolerance; then the
    /// last one that is not.
    fn finish(mut self) -> Result<Outcome, Error> {
        let until = self.context.stop.until_aborted();
        if let Some(unfitted) = self.state.unfitted.take() {
            self.state.add(unfitted, self.settings.tolerance);
        }
        // The console was evaluated, whatever stopped the search.
        let best = self.state.found.last().ok_or_else(|| self.nothing_found())?;
        let Found { graph, parameters, matched } = best.clone();
        let patch = PatchBuf::new(&graph, &parameters)?;
        let mix = self.relay.run(until, |studio| studio.render(patch.patch(), until));
        self.heed();
        let mix = mix?;
        let state = &mut self.state;
        state.step_s.sort_by(f32::total_cmp);
        let median = state.step_s.get(state.step_s.len() / 2).copied().unwrap_or_default();
        state.timing.step_median = Duration::from_secs_f32(median);
        Ok(Outcome {
            graph,
            parameters: Arc::unwrap_or_clone(parameters),
            mix,
            console: state.console.processors().collect(),
            plain_sum: state.plain_sum.unwrap_or_default(),
            console_match: state.console_match.unwrap_or(matched),
            pruned_match: matched,
            stopped: self.context.stop.is_stopped() || self.failure.is_some(),
            notes: state.notes.clone(),
            history: state.history.clone(),
            timing: state.timing.clone(),
        })
    }

    /// Why there is no outcome.
    fn nothing_found(&self) -> Error {
        self.failure.clone().map_or(Error::Aborted, Error::from)
    }

    /// Keeps the state, unless it could not be gone on from.
    fn keep(&mut self) {
        if self.state.is_finite() {
            self.keeper.keep(&self.state);
        }
    }

    /// Takes notice of which engine is at work, and of those that failed.
    fn heed(&mut self) {
        self.state.engine = Some(self.relay.name().to_owned());
        self.relay.take_notes().into_iter().for_each(|note| self.note(note));
    }

    fn note(&mut self, text: String) {
        let phase = match self.state.at {
            At::Prune(_) => Phase::Prune { round: self.state.round + 1 },
            At::Fit(_) | At::End => Phase::Fit { round: self.state.round },
        };
        self.state.notes.push(text.clone());
        self.tell(Event::Note { phase, text });
    }

    fn tell(&self, event: Event) {
        // Nobody listening is no reason to stop.
        let _ = self.context.events.send(event);
    }
}

//! From a session to an outcome.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;
use rayon::ThreadPool;

use super::fit::check_finite;
use super::prune::Round;
use super::runs::Run;
use super::state::{At, Fitted, Found, State, Timing};
use super::{Error, Evaluator, Event, Fitter, Method, Reset, Settings, Start, Trials};
use crate::dsp::Stereo;
use crate::engine::{Engine, Parameters, Plan, own_maps, render_song};
use crate::graph::{Graph, NodeId, Schedule};
use crate::matching::Match;
use crate::processors::Kind;
use crate::session::Session;
use crate::stop::{Interrupted, Stop};

/// Weight of Σ wet in the objective once pruning has begun (MATH.md §0).
const SPARSITY: f64 = 1e-4;
/// Rounds over which that weight rises from 0.
const SPARSITY_ROUNDS: usize = 4;

/// What a search found.
pub struct Outcome {
    /// The pruned graph.
    pub graph: Graph,
    /// Its raw parameters.
    pub parameters: Parameters,
    /// Its rendering of the whole song, at the engine's rate.
    pub mix: Stereo,
    /// The processors of the full console.
    pub console: Vec<(NodeId, Kind)>,
    /// Match of the plain sum of all stems.
    pub plain_sum: Match,
    /// Match of the fitted full console.
    pub console_match: Match,
    /// Match of the pruned graph.
    pub pruned_match: Match,
    /// True where the search was stopped before its end.
    pub stopped: bool,
    /// The end of every fit, in order.
    pub history: Vec<Fitted>,
    /// How long it took.
    pub timing: Timing,
}

/// Takes states of a search to safety, so that it can go on from them another day.
pub trait Keeper {
    /// True if a state should be kept even amid a round. Looked at after every step and trial.
    fn is_due(&mut self) -> bool;

    /// Keeps a state. What goes wrong there is the keeper's to tell; the search goes on.
    fn keep(&mut self, state: &State);

    /// Takes notice that one of several searches is done; the next states are of the one after it.
    fn finished(&mut self, _: &Run) {}
}

/// Nothing is kept.
impl Keeper for () {
    fn is_due(&mut self) -> bool {
        false
    }

    fn keep(&mut self, _: &State) {}
}

/// Fits the full console to the session's mix and prunes it.
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
    let pool = rayon::ThreadPoolBuilder::new().num_threads(settings.threads).build()?;
    solve_in(&pool, session, settings, events, stop)
}

/// The same on the caller's threads, whose number [`Settings::threads`] then only reports. All work is done on them.
pub fn solve_in(
    pool: &ThreadPool,
    session: &Session,
    settings: &Settings,
    events: &Sender<Event>,
    stop: &Stop,
) -> Result<Outcome, Error> {
    settings.check()?;
    let state = State::new(Start::console(session, settings)?, settings);
    go_on(pool, session, settings, state, &mut (), (events, stop))
}

/// The same from any state on: that of any [`Start`], or one that `keeper` was given. Where the settings' number of steps is
/// 0, the parameters of the start are taken as fitted.
pub fn go_on(
    pool: &ThreadPool,
    session: &Session,
    settings: &Settings,
    state: State,
    keeper: &mut (dyn Keeper + Send),
    (events, stop): (&Sender<Event>, &Stop),
) -> Result<Outcome, Error> {
    pool.install(|| {
        let evaluator = Evaluator::new(session, stop.until_aborted())?;
        Search { session, settings, events, stop, keeper, evaluator: &evaluator, state, fitter: None }.run()
    })
}

struct Search<'a> {
    session: &'a Session,
    settings: &'a Settings,
    events: &'a Sender<Event>,
    stop: &'a Stop,
    keeper: &'a mut (dyn Keeper + Send),
    evaluator: &'a Evaluator<'a>,
    state: State,
    /// Of the state's graph, holding its parameters.
    fitter: Option<Fitter>,
}

impl Search<'_> {
    fn run(mut self) -> Result<Outcome, Error> {
        let plain_sum = match self.state.plain_sum {
            Some(known) => known,
            None => self.plain_sum()?,
        };
        let afresh = self.state.plain_sum.replace(plain_sum).is_none();
        self.tell(Event::Started { graph: self.state.console.clone(), plain_sum });
        if !afresh {
            self.tell_resumed();
        }
        loop {
            let done = match &self.state.at {
                At::Fit(_) => self.fit()?,
                At::Prune(_) => self.prune()?,
                At::End => break,
            };
            if done.is_err() {
                break;
            }
            self.keeper.keep(&self.state);
        }
        self.finish(plain_sum)
    }

    fn plain_sum(&mut self) -> Result<Match, Error> {
        let graph = &self.state.console.plain_sum();
        let schedule = Schedule::new(graph, |_| false);
        let nothing = Parameters::default().layout();
        let engine = Engine::new(graph, &nothing, self.session.windows().samples(), self.session.rate);
        self.state.timing.evaluations += 1;
        let plan = Plan::new(graph, &schedule);
        Ok(self.evaluator.evaluate(&engine, &plan, self.stop.until_aborted())?)
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

    fn fitter(&mut self) -> Result<Fitter, Error> {
        if let Some(fitter) = self.fitter.take() {
            return Ok(fitter);
        }
        let State { graph, parameters, adam, .. } = &self.state;
        let mut fitter = Fitter::new(graph, parameters, self.settings.rates, self.session, self.stop)?;
        fitter.set_adam(adam.clone());
        Ok(fitter)
    }

    /// Fits the graph and evaluates it, unless it is stopped before its end. Only the full console (round 0) is
    /// evaluated even then, since without it there would be nothing to keep.
    fn fit(&mut self) -> Result<Result<(), Interrupted>, Error> {
        let (stop, round) = (self.stop, self.state.round);
        let until = if round == 0 { stop.until_aborted() } else { stop.until_stopped() };
        if until.is_over() {
            return Ok(Err(Interrupted));
        }
        let mut fitter = self.fitter()?;
        let stopped = self.train(&mut fitter)?;
        self.save_into_state(&fitter)?;
        if stopped.is_err() {
            self.keeper.keep(&self.state);
        }
        let begun = Instant::now();
        let evaluator = self.evaluator;
        let matched = fitter.with_engine(until, |engine, plan| evaluator.evaluate(engine, plan, until))?;
        self.state.timing.fit += begun.elapsed();
        let Ok(matched) = matched else { return Ok(Err(Interrupted)) };
        self.state.timing.evaluations += 1;
        self.evaluated(matched);
        self.fitter = Some(fitter);
        Ok(stopped)
    }

    /// Takes the steps that are left of the fit under way, unless it is stopped.
    fn train(&mut self, fitter: &mut Fitter) -> Result<Result<(), Interrupted>, Error> {
        let round = self.state.round;
        let steps = match round {
            _ if self.state.graph.processors().next().is_none() => 0, // nothing is there to fit
            0 => self.settings.steps,
            _ => self.settings.steps_per_round,
        };
        while let At::Fit(taken) = self.state.at
            && taken < steps
        {
            if self.stop.is_stopped() {
                return Ok(Err(Interrupted));
            }
            if let Reset::Steps(every) = self.settings.reset
                && taken > 0
                && taken.is_multiple_of(every)
            {
                fitter.forget()?;
            }
            let begun = Instant::now();
            let (step, sparsity, session) = (taken + 1, self.sparsity(taken + 1), self.session);
            let found = self.state.drawing(|rng| {
                fitter.load_random(session, rng);
                // An error ends the search, whatever was drawn.
                fitter.step(sparsity).map_or_else(|e| Ok(Err(e)), |cut| cut.map(Ok))
            });
            let Ok(found) = found else { return Ok(Err(Interrupted)) };
            let found = found?;
            check_finite(&found, step)?;
            self.state.at = At::Fit(step);
            self.state.timing.fit += begun.elapsed();
            if round == 0 {
                self.state.step_s.push(begun.elapsed().as_secs_f32());
            }
            self.tell(Event::Step { round, step, matched: found.matched });
            if self.keeper.is_due() {
                self.save_into_state(fitter)?;
                self.keeper.keep(&self.state);
            }
        }
        Ok(Ok(()))
    }

    fn save_into_state(&mut self, fitter: &Fitter) -> Result<(), Error> {
        self.state.parameters = fitter.parameters()?;
        self.state.adam = fitter.adam().clone();
        Ok(())
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
    fn prune(&mut self) -> Result<Result<(), Interrupted>, Error> {
        if self.stop.is_stopped() {
            return Ok(Err(Interrupted));
        }
        let mut fitter = self.fitter()?;
        let graph = self.state.graph.clone();
        self.tell(Event::PruneStarted { round: self.state.round + 1 });
        let until = self.stop.until_stopped();
        let tried = fitter.with_engine(until, |engine, _| self.try_all(engine, &graph))?;
        if tried.is_err() {
            self.keeper.keep(&self.state);
        }
        self.state.take_out(self.settings)?;
        Ok(tried)
    }

    /// Tries what is left of the round to try.
    fn try_all(&mut self, engine: &Engine, graph: &Graph) -> Result<(), Interrupted> {
        let until = self.stop.until_stopped();
        let mut trials = Trials::new(self.evaluator, graph);
        let At::Prune(round) = &self.state.at else { return Ok(()) };
        let mut bypassed: HashSet<NodeId> = round.removed.iter().copied().collect();
        let begun = Instant::now();
        trials.evaluate(engine, |id| bypassed.contains(&id), until)?;
        trials.accept(engine);
        self.state.count_trial(begun);
        loop {
            let begun = Instant::now();
            let (settings, state) = (self.settings, &mut self.state);
            let At::Prune(round) = &state.at else { return Ok(()) };
            let mut round = round.clone();
            let lowest = state.lowest.unwrap_or(f64::INFINITY);
            let trial = state.drawing(|rng| {
                let Some(trial) = round.next(rng) else { return Ok(None) };
                let tried: HashSet<_> = bypassed.iter().chain(&trial.nodes).copied().collect();
                let matched = trials.evaluate(engine, |id| tried.contains(&id), until)?;
                Ok(Some((trial, tried, matched)))
            })?;
            let Some((trial, tried, matched)) = trial else { return Ok(()) };
            let removed = matched.full < lowest + settings.tolerance;
            if removed {
                round.accept(&trial, matched);
                trials.accept(engine);
                bypassed = tried;
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
                left: graph.sounding(|id| bypassed.contains(&id)),
            });
            if self.keeper.is_due() {
                self.keeper.keep(&self.state);
            }
        }
    }

    /// The result: the last graph, unless it is worse than an earlier round's by more than the tolerance; then the
    /// last one that is not.
    fn finish(mut self, plain_sum: Match) -> Result<Outcome, Error> {
        let until = self.stop.until_aborted();
        until.check()?;
        let state = &mut self.state;
        if let Some(unfitted) = state.unfitted.take() {
            state.add(unfitted, self.settings.tolerance);
        }
        // The console was evaluated, whatever stopped the search.
        let best = state.found.last().ok_or(Error::Aborted)?;
        let Found { graph, parameters, matched } = best.clone();
        let flat = parameters.physical(own_maps)?;
        let stems: Vec<_> = self.session.stems.iter().map(|s| &s.audio).collect();
        let mix = render_song(&graph, &parameters.layout(), &flat, &stems, self.session.rate, until)?;
        state.step_s.sort_by(f32::total_cmp);
        let median = state.step_s.get(state.step_s.len() / 2).copied().unwrap_or_default();
        state.timing.step_median = Duration::from_secs_f32(median);
        Ok(Outcome {
            graph,
            parameters: Arc::unwrap_or_clone(parameters),
            mix,
            console: state.console.processors().collect(),
            plain_sum,
            console_match: state.console_match.unwrap_or(matched),
            pruned_match: matched,
            stopped: self.stop.is_stopped(),
            history: state.history.clone(),
            timing: state.timing.clone(),
        })
    }

    fn tell(&self, event: Event) {
        // Nobody listening is no reason to stop.
        let _ = self.events.send(event);
    }
}

impl State {
    /// Adds a graph to those that may be the outcome. The console is one only as long as there is no other.
    fn add(&mut self, found: Found, tolerance: f64) {
        if found.graph.processors().count() < self.console.processors().count() {
            self.found.retain(|f| f.graph != self.console);
        }
        self.found.push(found);
        // The lowest match only falls: what is too far above it stays so.
        let lowest = self.found.iter().map(|f| f.matched.full).fold(f64::INFINITY, f64::min);
        self.found.retain(|f| f.matched.full <= lowest + tolerance);
    }

    /// Ends a round of pruning: what it found not to be needed leaves the graph.
    fn take_out(&mut self, settings: &Settings) -> Result<(), Error> {
        let At::Prune(round) = &self.at else { return Ok(()) };
        let removed: HashSet<_> = round.removed.iter().copied().collect();
        let all: Vec<_> = self.graph.processors().map(|(id, _)| id).collect();
        for &id in &removed {
            // A send that nothing feeds any more goes as a whole.
            if self.graph.node(id).is_some() {
                self.graph.remove(id)?;
            }
        }
        let gone: HashSet<_> = all.into_iter().filter(|&id| self.graph.node(id).is_none()).collect();
        self.parameters = self.parameters.without(&gone);
        self.adam = match settings.reset {
            Reset::Never => self.adam.without(&gone),
            Reset::Rounds | Reset::Steps(_) => super::adam::Adam::new(&self.parameters),
        };
        let parameters = Arc::new(self.parameters.clone());
        let left = Found { graph: self.graph.clone(), parameters, matched: round.matched };
        self.unfitted = (!removed.is_empty()).then_some(left);
        self.round += 1;
        self.at = At::Fit(0);
        Ok(())
    }

    fn count_trial(&mut self, begun: Instant) {
        self.timing.prune += begun.elapsed();
        self.timing.evaluations += 1;
    }
}

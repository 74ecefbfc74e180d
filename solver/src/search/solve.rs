//! From a session to an outcome.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::ThreadPool;

use super::fit::check_finite;
use super::prune::{Pruned, Pruner};
use super::{Error, Evaluator, Event, Fitter, Method, Settings, Trials};
use crate::dsp::Stereo;
use crate::engine::{Engine, Parameters, Plan, own_maps, render_song};
use crate::graph::{Graph, NodeId, Schedule};
use crate::matching::Match;
use crate::processors::Kind;
use crate::session::Session;
use crate::stop::Stop;

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
    /// How long it took.
    pub timing: Timing,
}

/// How long a search took.
#[derive(Clone, Debug, Default)]
pub struct Timing {
    /// All training.
    pub fit: Duration,
    /// All pruning.
    pub prune: Duration,
    /// Median of a training step of the full console.
    pub step_median: Duration,
    /// Whole-song evaluations.
    pub evaluations: usize,
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
    pool.install(|| Search::new(session, settings, events, stop)?.run())
}

/// A graph at the end of a fit.
#[derive(Clone)]
struct Found {
    graph: Graph,
    parameters: Arc<Parameters>,
    matched: Match,
}

struct Search<'a> {
    session: &'a Session,
    settings: &'a Settings,
    events: &'a Sender<Event>,
    stop: &'a Stop,
    evaluator: Evaluator<'a>,
    rng: ChaCha8Rng,
    timing: Timing,
    /// Durations of the full console's steps.
    steps: Vec<Duration>,
}

impl<'a> Search<'a> {
    fn new(
        session: &'a Session,
        settings: &'a Settings,
        events: &'a Sender<Event>,
        stop: &'a Stop,
    ) -> Result<Self, Error> {
        Ok(Self {
            session,
            settings,
            events,
            stop,
            evaluator: Evaluator::new(session, stop.until_aborted())?,
            rng: ChaCha8Rng::seed_from_u64(settings.seed),
            timing: Timing::default(),
            steps: Vec::new(),
        })
    }

    fn run(mut self) -> Result<Outcome, Error> {
        let stems: Vec<_> = self.session.stems.iter().map(|s| (s.name.clone(), s.group)).collect();
        let Settings { kinds, master, prune_rounds, .. } = self.settings;
        let mut graph = Graph::console(&stems, &self.session.groups, kinds, *master)?;
        let console: Vec<_> = graph.processors().collect();
        let mut parameters = Parameters::start(&graph, &mut self.rng);
        let plain_sum = self.plain_sum(&graph)?;
        self.tell(Event::Started { graph: graph.clone(), plain_sum });

        let rounds = if self.settings.method == Method::None { 0 } else { *prune_rounds };
        let mut found: Vec<Found> = Vec::new();
        // What the last round of pruning left, as its last trial found it.
        let mut unfitted = None;
        let mut lowest = f64::INFINITY;
        for round in 0..=rounds {
            let Some((mut fitter, matched)) = self.fit(&graph, &parameters, round)? else {
                found.extend(unfitted);
                break;
            };
            let fitted = Arc::new(fitter.parameters()?);
            found.push(Found { graph: graph.clone(), parameters: fitted.clone(), matched });
            let processors = graph.processors().count();
            let event = Event::Evaluated {
                round,
                matched,
                processors,
                graph: graph.clone(),
                parameters: fitted.clone(),
            };
            self.tell(event);
            lowest = lowest.min(matched.full);
            if round == rounds || processors == 0 || self.stop.is_stopped() {
                break;
            }
            let pruned = self.prune(&mut fitter, &graph, &fitted, round + 1, &mut lowest)?;
            let Some(Pruned { removed, matched }) = pruned else { break };
            for &id in &removed {
                graph.remove(id)?;
            }
            parameters = fitted.without(&removed);
            let left = Found { graph: graph.clone(), parameters: Arc::new(parameters.clone()), matched };
            unfitted = (!removed.is_empty()).then_some(left);
        }
        self.finish(console, plain_sum, found)
    }

    fn plain_sum(&mut self, graph: &Graph) -> Result<Match, Error> {
        let schedule = Schedule::new(graph, |_| true);
        let nothing = Parameters::default().layout();
        let mut engine = Engine::new(graph, &nothing, crate::session::windows::WINDOW);
        self.timing.evaluations += 1;
        let plan = Plan::new(graph, &schedule);
        Ok(self.evaluator.evaluate(&mut engine, &plan, self.stop.until_aborted())?)
    }

    /// Fits the graph from `parameters` on and evaluates it; nothing if it is stopped before its end. Only the full
    /// console (round 0) is evaluated even then, since without it there would be nothing to keep.
    fn fit(
        &mut self,
        graph: &Graph,
        parameters: &Parameters,
        round: usize,
    ) -> Result<Option<(Fitter, Match)>, Error> {
        let begun = Instant::now();
        let stop = self.stop;
        let until = if round == 0 { stop.until_aborted() } else { stop.until_stopped() };
        if until.is_over() {
            return Ok(None);
        }
        let mut fitter = Fitter::new(graph, parameters, self.settings.rates, self.session, stop)?;
        let steps = match round {
            _ if graph.processors().next().is_none() => 0, // nothing is there to fit
            0 => self.settings.steps,
            _ => self.settings.steps_per_round,
        };
        for step in 1..=steps {
            if stop.is_stopped() {
                break;
            }
            let step_begun = Instant::now();
            fitter.load_random(self.session, &mut self.rng);
            let Ok(found) = fitter.step(self.sparsity(round, step))? else { break };
            check_finite(&found, step)?;
            if round == 0 {
                self.steps.push(step_begun.elapsed());
            }
            self.tell(Event::Step { round, step, matched: found.matched });
        }
        let matched =
            fitter.with_engine(until, |engine, plan| self.evaluator.evaluate(engine, plan, until))?;
        self.timing.fit += begun.elapsed();
        let Ok(matched) = matched else { return Ok(None) };
        self.timing.evaluations += 1;
        Ok(Some((fitter, matched)))
    }

    /// The weight of Σ wet: 0 before pruning, then rising step by step over the first rounds.
    fn sparsity(&self, round: usize, step: usize) -> f64 {
        let Some(rounds) = round.checked_sub(1) else { return 0.0 };
        let per_round = self.settings.steps_per_round;
        let ramp = (rounds * per_round + step) as f64 / (SPARSITY_ROUNDS * per_round) as f64;
        SPARSITY * ramp.min(1.0)
    }

    /// What a round of pruning finds; nothing if it is stopped before it has tried anything.
    fn prune(
        &mut self,
        fitter: &mut Fitter,
        graph: &Graph,
        parameters: &Parameters,
        round: usize,
        lowest: &mut f64,
    ) -> Result<Option<Pruned>, Error> {
        let begun = Instant::now();
        self.tell(Event::PruneStarted { round });
        let mut pruner = Pruner {
            parameters,
            trials: Trials::new(&self.evaluator, graph),
            settings: self.settings,
            round,
            events: self.events,
            stop: self.stop,
            evaluations: 0,
        };
        let (rng, until) = (&mut self.rng, self.stop.until_stopped());
        let pruned = fitter.with_engine(until, |engine, _| pruner.dry_wet(engine, rng, lowest))?;
        self.timing.evaluations += pruner.evaluations;
        self.timing.prune += begun.elapsed();
        Ok(pruned.ok())
    }

    /// The result: the last graph, unless it is worse than an earlier round's by more than the tolerance; then the
    /// last one that is not.
    fn finish(
        mut self,
        console: Vec<(NodeId, Kind)>,
        plain_sum: Match,
        found: Vec<Found>,
    ) -> Result<Outcome, Error> {
        let until = self.stop.until_aborted();
        until.check()?;
        let console_match = found[0].matched;
        let rounds = if found.len() > 1 { &found[1..] } else { &found[..] };
        let lowest = rounds.iter().map(|f| f.matched.full).fold(f64::INFINITY, f64::min);
        let good = rounds.iter().rev().find(|f| f.matched.full <= lowest + self.settings.tolerance);
        let Found { graph, parameters, matched } = good.unwrap_or(&found[0]).clone();
        let flat = parameters.physical(own_maps)?;
        let stems: Vec<_> = self.session.stems.iter().map(|s| &s.audio).collect();
        let mix = render_song(&graph, &parameters.layout(), &flat, &stems, until)?;
        self.steps.sort();
        self.timing.step_median = self.steps.get(self.steps.len() / 2).copied().unwrap_or_default();
        Ok(Outcome {
            graph,
            parameters: Arc::unwrap_or_clone(parameters),
            mix,
            console,
            plain_sum,
            console_match,
            pruned_match: matched,
            stopped: self.stop.is_stopped(),
            timing: self.timing,
        })
    }

    fn tell(&self, event: Event) {
        // Nobody listening is no reason to stop.
        let _ = self.events.send(event);
    }
}

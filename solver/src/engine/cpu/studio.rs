//! A session in the engine that runs on the processor's cores.

use std::sync::Arc;

use super::evaluate::mean;
use super::{
    Dynamics, Engine as Renderer, Evaluator, Plan, PrintError, Sink, Trials, print_mix, print_song,
    render_song, sweep,
};
use crate::clock::Clock;
use crate::dsp::Stereo;
use crate::engine::{BypassSet, Engine, Failure, Parts, Patch, Step, Studio};
use crate::graph::{Graph, Schedule};
use crate::matching::{Match, Matcher, Target};
use crate::session::Session;
use crate::stop::{Interrupted, Until};

/// The engine that runs on the processor's cores, all of rayon's current pool.
pub struct Cpu;

impl Engine for Cpu {
    fn name(&self) -> &str {
        "cpu"
    }

    fn open<'s>(&'s self, session: &'s Session, _: Until<'_>) -> Result<Box<dyn Studio + 's>, Failure> {
        Ok(Box::new(CpuStudio::new(session)))
    }
}

/// A session with its targets, and the graph that was asked about last.
pub struct CpuStudio<'s> {
    session: &'s Session,
    matcher: Arc<Matcher>,
    /// The targets of the whole song, drawn when they are first needed.
    evaluator: Option<Arc<Evaluator<'s>>>,
    /// What steps of a fit work in.
    bench: Option<Bench>,
    loaded: Option<Loaded<'s>>,
}

/// The buffers of a step.
struct Bench {
    target: Target,
    /// The samples of the target, then `∂ℓ/∂mix`.
    mix: Stereo,
    /// `∂ℓ/∂flat` of one of several windows.
    gradient: Vec<f32>,
}

/// A graph that is set up.
struct Loaded<'s> {
    graph: Arc<Graph>,
    renderer: Renderer,
    plan: Plan,
    /// What the renderer is set to; none where it was cut short while it was being set.
    flat: Option<Vec<f32>>,
    cached: Option<Cached<'s>>,
}

/// Signals of the whole song without the processors of a base.
struct Cached<'s> {
    trials: Trials<'s>,
    /// The base and its match; none where none was rendered to the end.
    base: Option<(BypassSet, Match)>,
    /// The last set that was tried, and its match.
    tried: Option<(BypassSet, Match)>,
}

impl<'s> CpuStudio<'s> {
    /// Nothing is rendered yet.
    pub fn new(session: &'s Session) -> Self {
        let windows = session.windows();
        Self::with(session, Matcher::new(windows.samples(), windows.warm_up(), session.rate))
    }

    /// The same with any loss, on its windows.
    pub(crate) fn with(session: &'s Session, matcher: Matcher) -> Self {
        let matcher = Arc::new(matcher);
        Self { session, matcher, evaluator: None, bench: None, loaded: None }
    }

    /// Leaves the regularisers out of the objective, as long as the graph stays the same.
    #[cfg(test)]
    pub(crate) fn without_regularisers(&mut self) {
        self.loaded.as_mut().unwrap().renderer.without_regularisers();
    }

    /// The mix of one window.
    #[cfg(test)]
    pub(crate) fn play(&mut self, patch: Patch<'_>, window: Clock) -> Stereo {
        let session = self.session;
        let Loaded { renderer, plan, .. } = self.load(patch, Until::DONE).unwrap();
        let stem =
            |stem: usize, buffer: &mut Stereo| session.stems[stem].audio.copy_window(window.start, buffer);
        renderer.play(plan, window.start, stem, Until::DONE).unwrap().mix
    }

    /// Forgets all that was set up: whole songs take windows, and memory, of their own.
    fn release(&mut self) {
        (self.loaded, self.bench, self.evaluator) = (None, None, None);
    }

    /// Sets up a patch, unless it is.
    fn load(&mut self, patch: Patch<'_>, until: Until<'_>) -> Result<&mut Loaded<'s>, Interrupted> {
        let loaded = match self.loaded.take() {
            Some(loaded) if *loaded.graph == *patch.graph => loaded,
            _ => Loaded::new(patch, &self.matcher),
        };
        let loaded = self.loaded.insert(loaded);
        loaded.set(patch.flat, until)?;
        Ok(loaded)
    }

    fn evaluator(&mut self, until: Until<'_>) -> Result<Arc<Evaluator<'s>>, Interrupted> {
        if let Some(evaluator) = &self.evaluator {
            return Ok(evaluator.clone());
        }
        let evaluator = Arc::new(Evaluator::new(self.session, self.matcher.clone(), until)?);
        Ok(self.evaluator.insert(evaluator).clone())
    }
}

impl Studio for CpuStudio<'_> {
    fn objective(
        &mut self,
        patch: Patch<'_>,
        windows: &[Clock],
        gradient: &mut [f32],
        until: Until<'_>,
    ) -> Result<Step, Failure> {
        let mut bench = self.bench.take().unwrap_or_else(|| Bench {
            target: self.matcher.target(&Stereo::silence(self.matcher.samples())),
            mix: Stereo::silence(self.matcher.samples()),
            gradient: Vec::new(),
        });
        let (session, matcher) = (self.session, self.matcher.clone());
        let loaded = self.load(patch, until)?;
        // What is cached is of parameters that are about to move.
        loaded.cached = None;
        let found = match windows {
            [window] => loaded.objective(session, &matcher, *window, &mut bench, gradient, until),
            _ => loaded.mean_objective(session, &matcher, windows, &mut bench, gradient, until),
        };
        self.bench = Some(bench);
        Ok(found?)
    }

    fn evaluate(
        &mut self,
        patch: Patch<'_>,
        base: &BypassSet,
        sets: &[BypassSet],
        until: Until<'_>,
    ) -> Result<Vec<Match>, Failure> {
        let evaluator = self.evaluator(until)?;
        let Loaded { graph, renderer, cached, .. } = self.load(patch, until)?;
        // What only learning needs leaves the memory to what is cached.
        renderer.release();
        if sets.len() > 1 {
            return Ok(sweep(&evaluator, renderer, graph, base, sets, until)?);
        }
        let cached = cached.get_or_insert_with(|| Cached {
            trials: Trials::new(evaluator, graph.clone()),
            base: None,
            tried: None,
        });
        let base_match = cached.move_base(renderer, base, until)?;
        let each = sets.iter().map(|set| match set {
            set if set == base => Ok(base_match),
            set => cached.evaluate(renderer, set, until),
        });
        Ok(each.collect::<Result<_, Interrupted>>()?)
    }

    fn render(&mut self, patch: Patch<'_>, until: Until<'_>) -> Result<Stereo, Failure> {
        self.release();
        let stems: Vec<_> = self.session.stems.iter().map(|stem| &stem.audio).collect();
        Ok(render_song(patch.graph, patch.layout, patch.flat, &stems, self.session.rate, until)?)
    }

    fn print(
        &mut self,
        patch: Patch<'_>,
        parts: Parts,
        until: Until<'_>,
        sink: Sink<'_>,
    ) -> Result<Vec<Dynamics>, Failure> {
        self.release();
        let rate = self.session.rate;
        let stems: Vec<_> = self.session.stems.iter().map(|stem| &stem.audio).collect();
        if parts == Parts::Mix {
            return Ok(print_mix(patch, &stems, rate, until, sink)?);
        }
        print_song(patch, &stems, rate, until, sink).map_err(|error| match error {
            PrintError::Interrupted(interrupted) => interrupted.into(),
            PrintError::Inseparable(reason) => {
                Failure::Other { engine: Cpu.name().into(), reason: reason.to_string() }
            }
        })
    }
}

impl Loaded<'_> {
    fn new(patch: Patch<'_>, matcher: &Matcher) -> Self {
        let graph = Arc::new(patch.graph.clone());
        Self {
            renderer: Renderer::new(&graph, patch.layout, matcher.samples(), matcher.rate()),
            plan: Plan::new(&graph, &Schedule::new(&graph, |_| false)),
            graph,
            flat: None,
            cached: None,
        }
    }

    /// Sets the renderer to physical parameters, unless it is.
    fn set(&mut self, flat: &[f32], until: Until<'_>) -> Result<(), Interrupted> {
        let same = |a: &f32, b: &f32| a.to_bits() == b.to_bits();
        if self.flat.as_ref().is_some_and(|held| held.iter().zip(flat).all(|(a, b)| same(a, b))) {
            return Ok(());
        }
        self.cached = None;
        let mut held = self.flat.take().unwrap_or_default();
        self.renderer.set(flat, until)?;
        held.clear();
        held.extend_from_slice(flat);
        self.flat = Some(held);
        Ok(())
    }

    /// The objective on one window.
    fn objective(
        &mut self,
        session: &Session,
        matcher: &Matcher,
        window: Clock,
        bench: &mut Bench,
        gradient: &mut [f32],
        until: Until<'_>,
    ) -> Result<Step, Interrupted> {
        assert_eq!(window.rate, session.rate, "a window of another session");
        let Self { renderer, plan, .. } = self;
        session.mix.copy_window(window.start, &mut bench.mix);
        matcher.fill_target(&bench.mix, &mut bench.target);
        let stem =
            |stem: usize, buffer: &mut Stereo| session.stems[stem].audio.copy_window(window.start, buffer);
        let mix = renderer.render(plan, window.start, stem, until)?;
        until.check()?;
        // The mix ends where its file ends; how the tails would have gone on nobody knows.
        let end = session.len().saturating_sub(window.start);
        let matched = if end < mix.len() {
            let matched = matcher.evaluate_with_gradient(&bench.target, &mix.head(end), &mut bench.mix);
            bench.mix.channels.iter_mut().for_each(|c| c[end..].fill(0.0));
            matched
        } else {
            matcher.evaluate_with_gradient(&bench.target, mix, &mut bench.mix)
        };
        let regulariser = renderer.regulariser();
        renderer.reverse(plan, &bench.mix, gradient, until)?;
        Ok(Step { matched, regulariser })
    }

    /// The mean objective on several windows.
    fn mean_objective(
        &mut self,
        session: &Session,
        matcher: &Matcher,
        windows: &[Clock],
        bench: &mut Bench,
        gradient: &mut [f32],
        until: Until<'_>,
    ) -> Result<Step, Interrupted> {
        let share = 1.0 / windows.len() as f64;
        let (mut matches, mut regulariser) = (Vec::with_capacity(windows.len()), 0.0);
        let mut own = std::mem::take(&mut bench.gradient);
        own.resize(gradient.len(), 0.0);
        gradient.fill(0.0);
        for &window in windows {
            let step = self.objective(session, matcher, window, bench, &mut own, until)?;
            matches.push(step.matched);
            regulariser += share * step.regulariser;
            gradient.iter_mut().zip(&own).for_each(|(sum, own)| *sum += share as f32 * own);
        }
        bench.gradient = own;
        Ok(Step { matched: mean(&matches, &vec![1.0; matches.len()]), regulariser })
    }
}

impl Cached<'_> {
    /// Makes `base` what later sets are rendered from, and returns its match.
    fn move_base(
        &mut self,
        renderer: &Renderer,
        base: &BypassSet,
        until: Until<'_>,
    ) -> Result<Match, Interrupted> {
        if let Some((_, matched)) = self.base.as_ref().filter(|(set, _)| set == base) {
            return Ok(*matched);
        }
        let (set, matched) = match self.tried.take().filter(|(set, _)| set == base) {
            Some(tried) => tried,
            None => (base.clone(), self.evaluate(renderer, base, until)?),
        };
        self.tried = None;
        self.trials.accept(renderer);
        self.base = Some((set, matched));
        Ok(matched)
    }

    fn evaluate(
        &mut self,
        renderer: &Renderer,
        set: &BypassSet,
        until: Until<'_>,
    ) -> Result<Match, Interrupted> {
        self.tried = None;
        let matched = self.trials.evaluate(renderer, |id| set.contains(&id), until)?;
        self.tried = Some((set.clone(), matched));
        Ok(matched)
    }
}

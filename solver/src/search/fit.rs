//! Fitting a graph's parameters to the mix by gradient descent.

use candle_core::backprop::GradStore;
use candle_core::{Device, Result, Tensor, Var};
use rand::Rng;
use serde::{Deserialize, Serialize};

use super::Error;
use super::adam::Adam;
use crate::dsp::Stereo;
use crate::engine::{Engine, Joint, Maps, Parameters, Plan, Rows, Step, Workbench, own_maps};
use crate::graph::{Graph, Node, NodeId, NodeKind, Schedule};
use crate::matching::Matcher;
use crate::processors::Kind;
use crate::session::Session;
use crate::stop::{Interrupted, Stop, Until};

/// What comes of work that may be cut short.
type Cut<T> = std::result::Result<T, Interrupted>;

/// How many windows in which nothing sounds are drawn before one is taken all the same: enough for a song that is
/// mostly silence.
const SILENT_DRAWS: usize = 100;

/// Learning rates of Adam.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rates {
    /// Of raw parameters, by kind in strip order.
    pub kinds: [f64; 7],
    /// Of the wet weights' logits.
    pub wet: f64,
}

impl Default for Rates {
    /// Every kind's own rate.
    fn default() -> Self {
        Self { kinds: Kind::ALL.map(|kind| kind.definition().learning_rate()), wet: 3e-2 }
    }
}

impl Rates {
    /// One rate for everything.
    pub fn uniform(rate: f64) -> Self {
        Self { kinds: [rate; 7], wet: rate }
    }
}

/// A graph with its parameters as candle variables, the optimiser, and the engine behind the objective.
pub struct Fitter {
    pub(super) kinds: Vec<KindVars>,
    pub(super) joint: Joint,
    rates: Rates,
    adam: Adam,
    maps: Maps,
}

pub(super) struct KindVars {
    pub kind: Kind,
    ids: Vec<NodeId>,
    pub raw: Var,
    pub wet: Var,
}

impl Fitter {
    /// A fitter for `graph` from `parameters`, on training windows of `session`; `stop` cuts its steps short.
    pub fn new(
        graph: &Graph,
        parameters: &Parameters,
        rates: Rates,
        session: &Session,
        stop: &Stop,
    ) -> Result<Self> {
        let windows = session.windows();
        let matcher = Matcher::new(windows.samples(), windows.warm_up(), session.rate);
        let fitter = Self::with(graph, parameters, rates, matcher, own_maps)?;
        fitter.joint.workbench().stop = stop.clone();
        Ok(fitter)
    }

    /// A fitter on the windows of any loss, with any raw → physical maps. Nothing cuts its steps short.
    pub fn with(
        graph: &Graph,
        parameters: &Parameters,
        rates: Rates,
        matcher: Matcher,
        maps: Maps,
    ) -> Result<Self> {
        let layout = parameters.layout();
        let samples = matcher.samples();
        let stem = |node: &Node| if let NodeKind::Input { stem } = node.kind { stem + 1 } else { 0 };
        let stems = graph.nodes().iter().map(stem).max().unwrap_or(0);
        let workbench = Workbench {
            engine: Engine::new(graph, &layout, samples, matcher.rate()),
            plan: Plan::new(graph, &Schedule::new(graph, |_| false)),
            target: matcher.target(&Stereo::silence(samples)),
            matcher,
            stems: vec![Stereo::silence(samples); stems],
            start: 0,
            end: samples,
            mix_gradient: Stereo::silence(samples),
            gradient: vec![0.0; layout.len],
            step: Step::default(),
            stop: Stop::default(),
            interrupted: false,
        };
        let kinds = parameters.rows.iter().map(KindVars::new).collect::<Result<_>>()?;
        Ok(Self { kinds, joint: Joint::new(workbench), rates, adam: Adam::new(parameters), maps })
    }

    /// The optimiser's moments.
    pub fn adam(&self) -> &Adam {
        &self.adam
    }

    /// Goes on with moments of the same graph.
    pub fn set_adam(&mut self, adam: Adam) {
        self.adam = adam;
    }

    /// Starts the optimiser anew.
    pub fn forget(&mut self) -> Result<()> {
        self.adam = Adam::new(&self.parameters()?);
        Ok(())
    }

    /// Takes a window for the next step: `stems` by number and the mix.
    pub fn load(&mut self, stems: &[&Stereo], mix: &Stereo, start: usize) {
        let mut workbench = self.joint.workbench();
        let Workbench { matcher, target, stems: windows, start: at, end, mix_gradient, .. } = &mut *workbench;
        *at = start;
        *end = mix.len().saturating_sub(start);
        for (window, stem) in windows.iter_mut().zip(stems) {
            stem.copy_window(start, window);
        }
        // The gradient's buffer is free until the step: it carries the target's samples for a moment.
        mix.copy_window(start, mix_gradient);
        matcher.fill_target(mix_gradient, target);
    }

    /// Takes a random window of a session for the next step.
    pub fn load_random(&mut self, session: &Session, rng: &mut impl Rng) {
        let stems: Vec<_> = session.stems.iter().map(|s| &s.audio).collect();
        self.load(&stems, &session.mix, sounding_start(session, rng));
    }

    /// One step of gradient descent on match + regularisers + `sparsity`·Σ wet; returns what it found before moving, or
    /// that it was cut short and did not move.
    pub fn step(&mut self, sparsity: f64) -> Result<Cut<Step>> {
        let Ok((step, gradients)) = self.objective(sparsity)? else { return Ok(Err(Interrupted)) };
        let mut parameters = self.parameters()?;
        let slopes = self.rows(|var| {
            let slope = gradients.get(var).map_or_else(|| var.zeros_like(), |slope| Ok(slope.clone()))?;
            slope.flatten_all()?.to_vec1()
        })?;
        self.adam.step(&mut parameters, &slopes, &self.rates);
        for (vars, rows) in self.kinds.iter().zip(parameters.rows) {
            vars.raw.set(&Tensor::from_vec(rows.raw, vars.raw.shape(), &Device::Cpu)?)?;
            vars.wet.set(&Tensor::from_vec(rows.wet_logits, vars.wet.shape(), &Device::Cpu)?)?;
        }
        Ok(Ok(step))
    }

    /// The objective at the present parameters with all gradients, unless it was cut short.
    pub(super) fn objective(&self, sparsity: f64) -> Result<Cut<(Step, GradStore)>> {
        let mut flat = Vec::with_capacity(self.kinds.len() + 1);
        for vars in &self.kinds {
            flat.push((self.maps)(vars.kind, &vars.raw)?.flatten_all()?);
        }
        let logits: Vec<_> = self.kinds.iter().map(|vars| vars.wet.as_tensor().clone()).collect();
        let wets = candle_nn::ops::sigmoid(&Tensor::cat(&logits, 0)?)?;
        flat.push(wets.clone());
        let objective = match Tensor::cat(&flat, 0)?.apply_op1(self.joint.clone()) {
            Err(_) if self.joint.workbench().interrupted => return Ok(Err(Interrupted)),
            objective => objective?,
        };
        let objective = (objective + (wets.sum_all()? * sparsity)?)?;
        let gradients = objective.backward()?;
        let step = self.joint.workbench().step;
        Ok(Ok((step, gradients)))
    }

    /// The parameters as they are now.
    pub fn parameters(&self) -> Result<Parameters> {
        self.rows(|var| var.flatten_all()?.to_vec1())
    }

    /// The numbers that belong to the variables of all nodes.
    fn rows(&self, of: impl Fn(&Var) -> Result<Vec<f32>>) -> Result<Parameters> {
        let rows = self.kinds.iter().map(|vars| {
            Ok(Rows {
                kind: vars.kind,
                ids: vars.ids.clone(),
                raw: of(&vars.raw)?,
                wet_logits: of(&vars.wet)?,
            })
        });
        Ok(Parameters { rows: rows.collect::<Result<_>>()? })
    }

    /// Lends the engine, set to the present parameters, for evaluations that `until` cuts short.
    pub fn with_engine<R>(
        &mut self,
        until: Until<'_>,
        work: impl FnOnce(&mut Engine, &Plan) -> Cut<R>,
    ) -> Result<Cut<R>> {
        let flat = self.parameters()?.physical(self.maps)?;
        let mut workbench = self.joint.workbench();
        let Workbench { engine, plan, .. } = &mut *workbench;
        Ok(engine.set(&flat, until).and_then(|()| work(engine, plan)))
    }
}

impl KindVars {
    fn new(rows: &Rows) -> Result<Self> {
        let shape = (rows.ids.len(), rows.kind.definition().raw_len());
        Ok(Self {
            kind: rows.kind,
            ids: rows.ids.clone(),
            raw: Var::from_slice(&rows.raw, shape, &Device::Cpu)?,
            wet: Var::from_slice(&rows.wet_logits, rows.ids.len(), &Device::Cpu)?,
        })
    }
}

/// Where a training window starts in which something sounds.
fn sounding_start(session: &Session, rng: &mut impl Rng) -> usize {
    let windows = session.windows();
    let mut draw = || windows.random_start(rng);
    let sounds = |start: &usize| session.sounds(windows.compared(*start));
    let first = draw();
    if sounds(&first) {
        return first;
    }
    std::iter::repeat_with(draw).take(SILENT_DRAWS).find(sounds).unwrap_or(first)
}

/// Refuses a step that ran into infinities.
pub(super) fn check_finite(step: &Step, number: usize) -> std::result::Result<(), Error> {
    if step.matched.full.is_finite() && step.regulariser.is_finite() {
        return Ok(());
    }
    Err(Error::Diverged { step: number })
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::session::Options;

    #[test]
    fn nothing_is_learned_from_silence() {
        let mut session = Session::demo(&Options::default()).unwrap();
        let window = session.windows().samples();
        let stems = session.stems.iter_mut().map(|stem| &mut stem.audio);
        for channel in stems.chain([&mut session.mix]).flat_map(|audio| &mut audio.channels) {
            channel.resize(20 * window, 0.0);
        }
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let windows = session.windows();
        let silent = |start: usize| !session.sounds(windows.compared(start));
        assert!((0..100).any(|_| silent(windows.random_start(&mut rng))));
        assert!(!(0..100).any(|_| silent(sounding_start(&session, &mut rng))));
    }
}

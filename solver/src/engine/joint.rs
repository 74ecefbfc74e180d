//! The op that joins the engine to candle.
//!
//! Parameters, their activations and the optimiser are candle's; the audio is the engine's. Between them stands this
//! one op: all physical parameters as a flat tensor in, the scalar objective out. Its forward computes objective and
//! gradient together, its backward hands the gradient on.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use candle_core::{CpuStorage, CustomOp1, Error, Layout as TensorLayout, Result, Shape, Tensor, bail};

use super::{Engine, Plan};
use crate::dsp::Stereo;
use crate::matching::{Match, Matcher, Target};
use crate::stop::{Interrupted, Stop};

/// An engine with a loss at its end, and the window it is working on.
pub struct Workbench {
    /// Renders the graph.
    pub engine: Engine,
    /// The graph's plan.
    pub plan: Plan,
    /// Compares the mix with the target.
    pub matcher: Matcher,
    /// The target of the window.
    pub target: Target,
    /// The stems of the window, by stem number.
    pub stems: Vec<Stereo>,
    /// Where the window starts in the song, samples.
    pub start: usize,
    /// Where the song ends in the window, samples; what is rendered beyond it is not compared.
    pub end: usize,
    /// `∂ℓ/∂mix`.
    pub mix_gradient: Stereo,
    /// `∂ℓ/∂` physical parameters of the last step.
    pub gradient: Vec<f32>,
    /// What the last step found that was not cut short.
    pub step: Step,
    /// Cuts steps short.
    pub stop: Stop,
    /// True where the last step was cut short.
    pub interrupted: bool,
}

/// The objective of one step and its parts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Step {
    /// The match on the window.
    pub matched: Match,
    /// The weighted regularisers.
    pub regulariser: f64,
}

impl Workbench {
    /// The objective (match + weighted regularisers) of a flat vector of physical parameters, and its gradient.
    ///
    /// # Errors
    /// Once stopped, which is looked at between all parts of the work.
    fn run(&mut self, flat: &[f32]) -> std::result::Result<f64, Interrupted> {
        let Self {
            engine, plan, matcher, target, stems, start, end, mix_gradient, gradient, step, stop, ..
        } = self;
        let until = stop.until_stopped();
        engine.set(flat, until)?;
        let mix = engine.render(plan, *start, |stem, buffer| buffer.copy_from(&stems[stem]), until)?;
        until.check()?;
        let matched = if *end < mix.len() {
            let matched = matcher.evaluate_with_gradient(target, &mix.head(*end), mix_gradient);
            mix_gradient.channels.iter_mut().for_each(|c| c[*end..].fill(0.0));
            matched
        } else {
            matcher.evaluate_with_gradient(target, mix, mix_gradient)
        };
        let regulariser = engine.regulariser();
        engine.reverse(plan, mix_gradient, gradient, until)?;
        *step = Step { matched, regulariser };
        Ok(matched.full + regulariser)
    }
}

/// A shared workbench as a candle op.
#[derive(Clone)]
pub struct Joint(Arc<Mutex<Workbench>>);

impl Joint {
    /// Puts a workbench behind the op.
    pub fn new(workbench: Workbench) -> Self {
        Self(Arc::new(Mutex::new(workbench)))
    }

    /// The workbench, for filling in windows and reading what a step found.
    pub fn workbench(&self) -> MutexGuard<'_, Workbench> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CustomOp1 for Joint {
    fn name(&self) -> &'static str {
        "mixing-graph"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &TensorLayout) -> Result<(CpuStorage, Shape)> {
        let Some((from, to)) = layout.contiguous_offsets() else {
            bail!("the flat parameters must be contiguous");
        };
        let flat = &storage.as_slice::<f32>()?[from..to];
        let mut workbench = self.workbench();
        let objective = workbench.run(flat);
        workbench.interrupted = objective.is_err();
        let objective = objective.map_err(Error::wrap)?;
        Ok((CpuStorage::F32(vec![objective as f32]), Shape::from(())))
    }

    fn bwd(&self, flat: &Tensor, _objective: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let gradient = Tensor::from_slice(&self.workbench().gradient, flat.shape(), flat.device())?;
        Ok(Some(gradient.broadcast_mul(grad)?))
    }
}

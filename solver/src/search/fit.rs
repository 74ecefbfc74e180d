//! Fitting a graph's parameters to the mix by gradient descent.

use rand::Rng;

use crate::clock::Clock;
use crate::engine::{Failure, Patch, Step};
use crate::graph::Graph;
use crate::parameters::{self, Adam, Layout, Mapped, Maps, Parameters, Rates, own_map};
use crate::session::Session;

/// How many windows in which nothing sounds are drawn before one is taken all the same: enough for a song that is
/// mostly silence.
const SILENT_DRAWS: usize = 100;

/// The largest slope that a step goes down: its square is still a number, which the optimiser takes.
const STEEPEST: f32 = 1e18;

/// A graph's parameters and the optimiser that moves them.
pub struct Fitter<'a> {
    graph: &'a Graph,
    layout: Layout,
    pub(super) parameters: Parameters,
    /// Those before the last step, at which the objective was finite.
    before: Option<Parameters>,
    adam: Adam,
    rates: Rates,
    maps: Maps,
}

/// Why a step did not move the parameters.
#[derive(Debug, thiserror::Error)]
pub enum NoStep {
    /// The engine found no objective.
    #[error(transparent)]
    Failure(#[from] Failure),
    /// The objective or its gradient is not finite.
    #[error("the fit diverged")]
    Diverged,
    /// A defect of the program.
    #[error(transparent)]
    Tensor(#[from] parameters::Error),
}

impl<'a> Fitter<'a> {
    /// Begins at `parameters`, which are those of all processors of `graph`.
    pub fn new(graph: &'a Graph, parameters: Parameters) -> Self {
        Self::with(graph, parameters, Rates::Own, own_map)
    }

    /// The same with other learning rates and other raw → physical maps.
    pub fn with(graph: &'a Graph, parameters: Parameters, rates: Rates, maps: Maps) -> Self {
        let (layout, adam) = (parameters.layout(), Adam::new(&parameters));
        Self { graph, layout, parameters, before: None, adam, rates, maps }
    }

    /// Goes on with moments of the same graph.
    pub fn with_adam(self, adam: Adam) -> Self {
        Self { adam, ..self }
    }

    /// The parameters as they are now.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// The optimiser's moments.
    pub fn adam(&self) -> &Adam {
        &self.adam
    }

    /// One step of gradient descent on ℓ + `sparsity`·Σ wet; `objective` is an engine's ℓ on the step's window, which
    /// writes its gradient. Returns what that found before the parameters moved.
    ///
    /// # Errors
    /// If `objective` fails, or if it or its gradient is not finite. Nothing has moved then.
    pub fn step(
        &mut self,
        sparsity: f64,
        objective: impl FnMut(Patch<'_>, &mut [f32]) -> Result<Step, Failure>,
    ) -> Result<Step, NoStep> {
        let (step, slopes) = self.objective(sparsity, objective)?;
        self.before = Some(self.parameters.clone());
        self.adam.step(&mut self.parameters, &slopes, self.rates);
        Ok(step)
    }

    /// Takes the last step back, if there was one: what it led to turned out to be no good.
    pub fn step_back(&mut self) {
        if let Some(before) = self.before.take() {
            self.parameters = before;
        }
    }

    /// What a step finds at the present parameters, and the gradient by raw parameters.
    pub(super) fn objective(
        &self,
        sparsity: f64,
        mut objective: impl FnMut(Patch<'_>, &mut [f32]) -> Result<Step, Failure>,
    ) -> Result<(Step, Parameters), NoStep> {
        let mapped = Mapped::by(self.maps, &self.parameters)?;
        let patch = Patch { graph: self.graph, layout: &self.layout, flat: mapped.flat() };
        let mut gradient = vec![0.0; self.layout.len];
        let step = objective(patch, &mut gradient)?;
        let slopes = mapped.backward(&gradient, sparsity)?;
        let finite = step.matched.full.is_finite()
            && step.regulariser.is_finite()
            && slopes.values().all(|slope| slope.abs() < STEEPEST);
        if finite { Ok((step, slopes)) } else { Err(NoStep::Diverged) }
    }
}

/// A training window in which something sounds.
pub fn random_window(session: &Session, rng: &mut impl Rng) -> Clock {
    let windows = session.windows();
    let mut draw = || windows.random_start(rng);
    let sounds = |start: &usize| session.sounds(windows.compared(*start));
    let first = draw();
    let start = match sounds(&first) {
        true => first,
        false => std::iter::repeat_with(draw).take(SILENT_DRAWS).find(sounds).unwrap_or(first),
    };
    Clock { rate: session.rate, start }
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
        crate::session::testing::resize(&mut session, 20 * window);
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let windows = session.windows();
        let silent = |start: usize| !session.sounds(windows.compared(start));
        assert!((0..100).any(|_| silent(windows.random_start(&mut rng))));
        assert!(!(0..100).any(|_| silent(random_window(&session, &mut rng).start)));
    }
}

//! The engine: forward and reverse through a plan on buffers that are allocated once.

use std::mem::take;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::plan::{Plan, PlanStep, Work};
use crate::dsp::Stereo;
use crate::graph::{Graph, NodeId};
use crate::parameters::{Layout, Place};
use crate::processors::{Kit, Processor};
use crate::stop::{Interrupted, Until};

/// One processor and one signal a node of a graph, for windows of a fixed length.
pub struct Engine {
    pub(super) samples: usize,
    pub(super) rate: u32,
    /// The graph's.
    pub(super) nodes: Vec<NodeId>,
    /// By slot: position among the graph's nodes.
    pub(super) processors: Vec<Option<Worker>>,
    signals: Vec<Stereo>,
    gradients: Vec<Option<Gradient>>,
    /// Buffers of the window's length that nobody uses.
    free: Vec<Stereo>,
    /// The same, for windows that are only played.
    pub(super) spare: Mutex<Vec<Stereo>>,
    parameters: usize,
}

pub(super) struct Worker {
    pub processor: Box<dyn Processor>,
    place: Place,
    regulariser_weight: f32,
    /// `∂ℓ/∂physical` of the last reverse.
    gradient: Vec<f32>,
    wet_gradient: f32,
}

/// `∂ℓ/∂output` of a node.
enum Gradient {
    Own(Stereo),
    /// That of a sum, which is the same for all that enters it. Who has to change it copies it first.
    Shared(Arc<Stereo>),
}

impl Gradient {
    fn signal(&self) -> &Stereo {
        match self {
            Self::Own(signal) => signal,
            Self::Shared(signal) => signal,
        }
    }
}

/// A node of a batch with the buffers it works on, taken out of the engine while the batch runs.
struct Job<'a> {
    step: &'a PlanStep,
    worker: Option<Worker>,
    buffer: Stereo,
}

impl Engine {
    /// An engine for the processors of `graph`, whose values stand where `layout` says, and for windows of `samples`
    /// samples at `rate` Hz.
    pub fn new(graph: &Graph, layout: &Layout, samples: usize, rate: u32) -> Self {
        let kit = Arc::new(Kit::default());
        let nodes = graph.nodes().len();
        let mut processors: Vec<_> = (0..nodes).map(|_| None).collect();
        for place in &layout.places {
            let slot = graph.nodes().binary_search_by_key(&place.id, |n| n.id);
            let definition = place.kind.definition();
            processors[slot.expect("the layout is of this graph")] = Some(Worker {
                processor: definition.make(samples, rate, &kit),
                regulariser_weight: definition.regulariser_weight(),
                gradient: vec![0.0; place.physical.len()],
                wet_gradient: 0.0,
                place: place.clone(),
            });
        }
        Self {
            samples,
            nodes: graph.nodes().iter().map(|node| node.id).collect(),
            rate,
            processors,
            signals: vec![Stereo::default(); nodes],
            gradients: (0..nodes).map(|_| None).collect(),
            free: Vec::new(),
            spare: Mutex::default(),
            parameters: layout.len,
        }
    }

    /// Takes physical parameters and wet weights in the layout's order.
    ///
    /// # Errors
    /// Once `until` is over; some processors then have the new parameters and others the old ones.
    pub fn set(&mut self, flat: &[f32], until: Until<'_>) -> Result<(), Interrupted> {
        assert_eq!(flat.len(), self.parameters, "parameters of another layout");
        self.processors.par_iter_mut().flatten().try_for_each(|worker| {
            until.check()?;
            worker.processor.set(&flat[worker.place.physical.clone()], flat[worker.place.wet]);
            Ok(())
        })
    }

    /// Renders the window that starts at the song's sample `start` and returns the mix, keeping what
    /// [`reverse`](Self::reverse) needs; `stem(number, buffer)` fills in dry stems.
    ///
    /// # Errors
    /// Once `until` is over, which is looked at before each node; the next render is none the worse for it.
    pub fn render(
        &mut self,
        plan: &Plan,
        start: usize,
        stem: impl Fn(usize, &mut Stereo) + Sync,
        until: Until<'_>,
    ) -> Result<&Stereo, Interrupted> {
        let clock = self.clock(start);
        assert_eq!(plan.nodes, self.nodes, "a plan of another graph");
        assert!(plan.cached.is_empty(), "what is learned from is rendered whole");
        for batch in &plan.batches {
            let mut jobs: Vec<_> = batch.steps.iter().map(|step| self.take(step)).collect();
            let signals = &self.signals;
            let done: Result<(), Interrupted> =
                jobs.par_iter_mut().try_for_each(|Job { step, worker, buffer }| {
                    until.check()?;
                    match (step.work, worker) {
                        (Work::Stem(number), _) => stem(number, buffer),
                        (Work::Process, Some(worker)) => {
                            worker.processor.forward(&signals[step.inputs[0]], buffer, clock);
                        }
                        _ => sum(step.inputs.iter().map(|&input| &signals[input]), buffer),
                    }
                    Ok(())
                });
            for Job { step, worker, buffer } in jobs {
                self.signals[step.slot] = buffer;
                self.processors[step.slot] = worker;
            }
            done?;
        }
        Ok(&self.signals[plan.output])
    }

    fn take<'a>(&mut self, step: &'a PlanStep) -> Job<'a> {
        let mut buffer = take(&mut self.signals[step.slot]);
        if buffer.len() != self.samples {
            buffer = self.free_buffer();
        }
        Job { step, worker: self.processors[step.slot].take(), buffer }
    }

    fn free_buffer(&mut self) -> Stereo {
        let lent = || self.spare.get_mut().unwrap_or_else(PoisonError::into_inner).pop();
        self.free.pop().or_else(lent).unwrap_or_else(|| Stereo::silence(self.samples))
    }

    /// Gives back what a render keeps for its reverse, so that there is room for what is played; signals are lent to it.
    pub fn release(&mut self) {
        self.processors.par_iter_mut().flatten().for_each(|worker| worker.processor.release());
        let signals = self.signals.iter_mut().map(take).filter(|signal| !signal.is_empty());
        let spare = self.spare.get_mut().unwrap_or_else(PoisonError::into_inner);
        spare.extend(signals.chain(self.free.drain(..)));
    }

    /// Each processor's regulariser times its weight at the last render, summed; see MATH.md §0.
    pub fn regulariser(&self) -> f64 {
        let workers = self.processors.iter().flatten();
        workers.map(|w| w.regulariser_weight as f64 * w.processor.regulariser()).sum()
    }

    /// Leaves the regularisers out of ℓ.
    #[cfg(test)]
    pub(crate) fn without_regularisers(&mut self) {
        self.processors.iter_mut().flatten().for_each(|worker| worker.regulariser_weight = 0.0);
    }

    /// From `∂ℓ/∂mix` of the last render to the gradient by all parameters, in the layout's order; the
    /// weighted regularisers are part of ℓ.
    ///
    /// # Errors
    /// Once `until` is over, which is looked at before each node; `gradient` then holds no gradient.
    pub fn reverse(
        &mut self,
        plan: &Plan,
        mix_gradient: &Stereo,
        gradient: &mut [f32],
        until: Until<'_>,
    ) -> Result<(), Interrupted> {
        gradient.fill(0.0);
        let mut buffer = self.free_buffer();
        buffer.copy_from(mix_gradient);
        self.gradients[plan.output] = Some(Gradient::Own(buffer));
        for batch in plan.batches.iter().rev() {
            let mut jobs = Vec::with_capacity(batch.steps.len());
            for step in &batch.steps {
                let Some(gradient) = self.gradients[step.slot].take() else { continue };
                let Some(worker) = self.processors[step.slot].take() else {
                    self.pass_on(&step.inputs, gradient);
                    continue;
                };
                let (buffer, shared) = match gradient {
                    Gradient::Own(buffer) => (buffer, None),
                    Gradient::Shared(shared) => (self.free_buffer(), Some(shared)),
                };
                jobs.push((Job { step, worker: Some(worker), buffer }, shared));
            }
            let signals = &self.signals;
            let done: Result<(), Interrupted> =
                jobs.par_iter_mut().try_for_each(|(Job { step, worker, buffer }, shared)| {
                    let Some(worker) = worker else { return Ok(()) };
                    until.check()?;
                    if let Some(shared) = shared {
                        buffer.copy_from(shared);
                    }
                    worker.gradient.fill(0.0);
                    worker.wet_gradient = worker.processor.backward(
                        &signals[step.inputs[0]],
                        buffer,
                        worker.regulariser_weight,
                        &mut worker.gradient,
                    );
                    Ok(())
                });
            for (Job { step, worker, buffer }, shared) in jobs {
                if let Some(worker) = &worker {
                    gradient[worker.place.physical.clone()].copy_from_slice(&worker.gradient);
                    gradient[worker.place.wet] = worker.wet_gradient;
                }
                self.processors[step.slot] = worker;
                self.pass_on(&step.inputs, Gradient::Own(buffer));
                if let Some(shared) = shared {
                    self.drop(Gradient::Shared(shared));
                }
            }
            if done.is_err() {
                // The next reverse would add to what is left here.
                for slot in 0..self.gradients.len() {
                    let left = self.gradients[slot].take();
                    left.into_iter().for_each(|gradient| self.drop(gradient));
                }
                return Err(Interrupted);
            }
        }
        Ok(())
    }

    /// Adds a gradient to those of the nodes it came from.
    fn pass_on(&mut self, sources: &[usize], gradient: Gradient) {
        match (sources, gradient) {
            ([], gradient) => self.drop(gradient),
            (&[source], gradient) => self.add(source, gradient),
            (sources, gradient) => {
                let shared = match gradient {
                    Gradient::Own(signal) => Arc::new(signal),
                    Gradient::Shared(signal) => signal,
                };
                sources.iter().for_each(|&source| self.add(source, Gradient::Shared(shared.clone())));
                self.drop(Gradient::Shared(shared));
            }
        }
    }

    fn add(&mut self, source: usize, more: Gradient) {
        let sum = match self.gradients[source].take() {
            None => more,
            Some(Gradient::Own(mut sum)) => {
                sum.add(more.signal());
                self.drop(more);
                Gradient::Own(sum)
            }
            Some(Gradient::Shared(first)) => {
                let mut sum = self.free_buffer();
                sum.copy_from(&first);
                sum.add(more.signal());
                self.drop(Gradient::Shared(first));
                self.drop(more);
                Gradient::Own(sum)
            }
        };
        self.gradients[source] = Some(sum);
    }

    /// Takes back a buffer that nobody else shares.
    fn drop(&mut self, gradient: Gradient) {
        self.free.extend(match gradient {
            Gradient::Own(signal) => Some(signal),
            Gradient::Shared(signal) => Arc::into_inner(signal),
        });
    }
}

/// `buffer` = the sum of the inputs, in their order.
pub(super) fn sum<'a>(mut inputs: impl Iterator<Item = &'a Stereo>, buffer: &mut Stereo) {
    buffer.copy_from(inputs.next().expect("a sum has inputs"));
    inputs.for_each(|input| buffer.add(input));
}

//! The engine: forward and reverse through a plan on buffers that are allocated once.

use std::mem::take;
use std::sync::{Arc, Mutex};

use rayon::prelude::*;

use super::Layout;
use super::parameters::Place;
use super::plan::{Plan, PlanStep, Work};
use crate::dsp::Stereo;
use crate::graph::Graph;
use crate::processors::{Kit, Processor};
use crate::stop::{Interrupted, Until};

/// One processor and one signal a node of a graph, for windows of a fixed length.
pub struct Engine {
    pub(super) samples: usize,
    pub(super) rate: u32,
    /// By slot: position among the graph's nodes.
    pub(super) processors: Vec<Option<Worker>>,
    signals: Vec<Stereo>,
    gradients: Vec<Option<Stereo>>,
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
                        (Work::Known(_), _) => unreachable!("all is rendered to learn from"),
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
        self.free.pop().unwrap_or_else(|| Stereo::silence(self.samples))
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
        self.gradients[plan.output] = Some(buffer);
        for batch in plan.batches.iter().rev() {
            let mut jobs = Vec::with_capacity(batch.steps.len());
            for step in &batch.steps {
                let Some(buffer) = self.gradients[step.slot].take() else { continue };
                jobs.push(Job { step, worker: self.processors[step.slot].take(), buffer });
            }
            let signals = &self.signals;
            let done: Result<(), Interrupted> =
                jobs.par_iter_mut().try_for_each(|Job { step, worker, buffer }| {
                    let Some(worker) = worker else { return Ok(()) };
                    until.check()?;
                    worker.gradient.fill(0.0);
                    worker.wet_gradient = worker.processor.backward(
                        &signals[step.inputs[0]],
                        buffer,
                        worker.regulariser_weight,
                        &mut worker.gradient,
                    );
                    Ok(())
                });
            for Job { step, worker, buffer } in jobs {
                if let Some(worker) = &worker {
                    gradient[worker.place.physical.clone()].copy_from_slice(&worker.gradient);
                    gradient[worker.place.wet] = worker.wet_gradient;
                }
                self.processors[step.slot] = worker;
                self.pass_on(&step.inputs, buffer);
            }
            if done.is_err() {
                // The next reverse would add to what is left here.
                self.free.extend(self.gradients.iter_mut().filter_map(Option::take));
                return Err(Interrupted);
            }
        }
        Ok(())
    }

    /// Adds a gradient to those of the nodes it came from; the last of them takes the buffer itself.
    fn pass_on(&mut self, sources: &[usize], buffer: Stereo) {
        let Some((&last, others)) = sources.split_last() else {
            return self.free.push(buffer);
        };
        for &source in others {
            match &mut self.gradients[source] {
                Some(gradient) => gradient.add(&buffer),
                None => {
                    let mut copy = self.free_buffer();
                    copy.copy_from(&buffer);
                    self.gradients[source] = Some(copy);
                }
            }
        }
        match &mut self.gradients[last] {
            Some(gradient) => {
                gradient.add(&buffer);
                self.free.push(buffer);
            }
            None => self.gradients[last] = Some(buffer),
        }
    }
}

/// `buffer` = the sum of the inputs, in their order.
pub(super) fn sum<'a>(mut inputs: impl Iterator<Item = &'a Stereo>, buffer: &mut Stereo) {
    buffer.copy_from(inputs.next().expect("a sum has inputs"));
    inputs.for_each(|input| buffer.add(input));
}

//! The engine: forward and reverse through a plan on buffers that are allocated once.

use std::mem::take;
use std::sync::Arc;

use rayon::prelude::*;

use super::Layout;
use super::parameters::Place;
use super::plan::{Plan, PlanStep, Source, Work};
use crate::dsp::Stereo;
use crate::graph::{Graph, NodeId};
use crate::processors::{Kit, Processor};
use crate::stop::{Interrupted, Until};

/// One processor and one signal a node of a graph, for windows of a fixed length.
pub struct Engine {
    samples: usize,
    /// By slot: position among the graph's nodes.
    processors: Vec<Option<Worker>>,
    signals: Vec<Stereo>,
    gradients: Vec<Option<Stereo>>,
    /// Buffers of the window's length that nobody uses.
    free: Vec<Stereo>,
    /// Signals that the last render was asked to keep.
    kept: Vec<(NodeId, Stereo)>,
    parameters: usize,
}

struct Worker {
    processor: Box<dyn Processor>,
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
    /// An engine for the processors of `graph`, whose values stand where `layout` says.
    pub fn new(graph: &Graph, layout: &Layout, samples: usize) -> Self {
        let kit = Arc::new(Kit::default());
        let nodes = graph.nodes().len();
        let mut processors: Vec<_> = (0..nodes).map(|_| None).collect();
        for place in &layout.places {
            let slot = graph.nodes().binary_search_by_key(&place.id, |n| n.id);
            let definition = place.kind.definition();
            processors[slot.expect("the layout is of this graph")] = Some(Worker {
                processor: definition.make(samples, &kit),
                regulariser_weight: definition.regulariser_weight(),
                gradient: vec![0.0; place.physical.len()],
                wet_gradient: 0.0,
                place: place.clone(),
            });
        }
        Self {
            samples,
            processors,
            signals: vec![Stereo::default(); nodes],
            gradients: (0..nodes).map(|_| None).collect(),
            free: Vec::new(),
            kept: Vec::new(),
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

    /// Renders a window and returns the mix; `fetch(source, buffer)` fills in what comes from outside. With `learn`,
    /// keeps what [`reverse`](Self::reverse) needs; without, signals are dropped as soon as nobody needs them.
    ///
    /// # Errors
    /// Once `until` is over, which is looked at before each node; the next render is none the worse for it.
    pub fn render(
        &mut self,
        plan: &Plan,
        fetch: impl Fn(Source, &mut Stereo) + Sync,
        learn: bool,
        until: Until<'_>,
    ) -> Result<&Stereo, Interrupted> {
        for batch in &plan.batches {
            let mut jobs: Vec<_> = batch.steps.iter().map(|step| self.take(step)).collect();
            let signals = &self.signals;
            let done: Result<(), Interrupted> =
                jobs.par_iter_mut().try_for_each(|Job { step, worker, buffer }| {
                    until.check()?;
                    match (step.work, worker) {
                        (Work::Fetch(source), _) => fetch(source, buffer),
                        (Work::Process, Some(worker)) => {
                            worker.processor.forward(&signals[step.inputs[0]], buffer, learn);
                        }
                        _ => sum(&step.inputs, signals, buffer),
                    }
                    Ok(())
                });
            for Job { step, worker, buffer } in jobs {
                self.signals[step.slot] = buffer;
                self.processors[step.slot] = worker;
            }
            if done.is_err() {
                self.free.extend(self.kept.drain(..).map(|(_, signal)| signal));
                return Err(Interrupted);
            }
            for &(slot, kept) in batch.retired.iter().filter(|_| !learn) {
                let signal = take(&mut self.signals[slot]);
                match kept {
                    Some(id) => self.kept.push((id, signal)),
                    None => self.free.push(signal),
                }
            }
        }
        Ok(&self.signals[plan.output])
    }

    /// Hands out the signals that the last render kept, by node.
    pub fn take_kept(&mut self) -> Vec<(NodeId, Stereo)> {
        take(&mut self.kept)
    }

    /// Takes back buffers that were handed out.
    pub fn recycle(&mut self, signals: impl IntoIterator<Item = Stereo>) {
        self.free.extend(signals);
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

    /// Each processor's regulariser times its weight at the last render with `learn`, summed; see MATH.md §0.
    pub fn regulariser(&self) -> f64 {
        let workers = self.processors.iter().flatten();
        workers.map(|w| w.regulariser_weight as f64 * w.processor.regulariser()).sum()
    }

    /// Leaves the regularisers out of ℓ.
    #[cfg(test)]
    pub(crate) fn without_regularisers(&mut self) {
        self.processors.iter_mut().flatten().for_each(|worker| worker.regulariser_weight = 0.0);
    }

    /// From `∂ℓ/∂mix` of the last render with `learn` to the gradient by all parameters, in the layout's order; the
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

/// `buffer` = the sum of the inputs' signals, in the order of the inputs.
fn sum(inputs: &[usize], signals: &[Stereo], buffer: &mut Stereo) {
    buffer.copy_from(&signals[inputs[0]]);
    for &input in &inputs[1..] {
        buffer.add(&signals[input]);
    }
}

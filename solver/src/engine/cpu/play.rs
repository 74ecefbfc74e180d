//! Forward through a plan without learning: several windows at a time, each with signals of its own.

use std::mem::replace;
use std::sync::PoisonError;

use rayon::prelude::*;

use super::Engine;
use super::plan::{Cache, Plan, PlanStep, Work};
use super::render::sum;
use crate::clock::Clock;
use crate::dsp::Stereo;
use crate::graph::NodeId;
use crate::processors::Processor;
use crate::stop::{Interrupted, Until};

/// What came of playing a window. Its buffers are worth giving back ([`Engine::recycle`]).
pub struct Played {
    /// The mix.
    pub mix: Stereo,
    /// The signals that the plan says to keep, by node.
    pub kept: Vec<(NodeId, Stereo)>,
}

/// A node's signal in one window.
enum Signal<'k> {
    /// Not rendered yet, or needed by nobody any more.
    Absent,
    Own(Stereo),
    Cached(&'k Stereo),
}

impl Signal<'_> {
    fn get(&self) -> &Stereo {
        match self {
            Self::Own(signal) => signal,
            Self::Cached(signal) => signal,
            Self::Absent => unreachable!("inputs stand before what they feed"),
        }
    }
}

impl Engine {
    /// Plays the window that starts at the song's sample `start` by a plan that needs no cache; `stem(number, buffer)`
    /// fills in dry stems. Signals are dropped as soon as nobody needs them.
    ///
    /// # Errors
    /// Once `until` is over, which is looked at before each node.
    pub fn play(
        &self,
        plan: &Plan,
        start: usize,
        stem: impl Fn(usize, &mut Stereo) + Sync,
        until: Until<'_>,
    ) -> Result<Played, Interrupted> {
        self.play_with(plan, start, stem, &Cache::new(), until)
    }

    /// The same where `cache` holds what the plan takes from it.
    ///
    /// # Errors
    /// As [`play`](Self::play).
    pub fn play_with(
        &self,
        plan: &Plan,
        start: usize,
        stem: impl Fn(usize, &mut Stereo) + Sync,
        cache: &Cache,
        until: Until<'_>,
    ) -> Result<Played, Interrupted> {
        let clock = self.clock(start);
        let render = |_, processor: &dyn Processor, input: &Stereo, output: &mut Stereo| {
            processor.render(input, output, clock);
        };
        self.play_by(plan, stem, cache, render, until)
    }

    /// Where a window that starts at the song's sample `start` lies in it.
    pub(super) fn clock(&self, start: usize) -> Clock {
        Clock { rate: self.rate, start }
    }

    /// The same where `process(slot, processor, input, output)` renders processors.
    ///
    /// # Errors
    /// As [`play`](Self::play).
    pub(super) fn play_by(
        &self,
        plan: &Plan,
        stem: impl Fn(usize, &mut Stereo) + Sync,
        cache: &Cache,
        process: impl Fn(usize, &dyn Processor, &Stereo, &mut Stereo) + Sync,
        until: Until<'_>,
    ) -> Result<Played, Interrupted> {
        assert_eq!(plan.nodes, self.nodes, "a plan of another graph");
        let mut signals: Vec<_> = self.processors.iter().map(|_| Signal::Absent).collect();
        for (slot, node) in &plan.cached {
            signals[*slot] = Signal::Cached(&cache[node]);
        }
        let mut kept = Vec::new();
        for batch in &plan.batches {
            let work = |step: &PlanStep| {
                until.check()?;
                let mut inputs = step.inputs.iter().map(|&input: &usize| signals[input].get());
                let mut buffer = self.spare_buffer();
                match (step.work, &self.processors[step.slot]) {
                    (Work::Stem(number), _) => stem(number, &mut buffer),
                    (Work::Process, Some(worker)) => {
                        let input = inputs.next().expect("a processor has an input");
                        process(step.slot, &*worker.processor, input, &mut buffer);
                    }
                    _ => sum(inputs, &mut buffer),
                }
                Ok(Signal::Own(buffer))
            };
            let done: Result<Vec<_>, Interrupted> = batch.steps.par_iter().map(work).collect();
            for (step, signal) in batch.steps.iter().zip(done?) {
                signals[step.slot] = signal;
            }
            for &(slot, keep) in &batch.retired {
                if let Signal::Own(signal) = replace(&mut signals[slot], Signal::Absent) {
                    match keep {
                        Some(id) => kept.push((id, signal)),
                        None => self.recycle([signal]),
                    }
                }
            }
        }
        let mix = match replace(&mut signals[plan.output], Signal::Absent) {
            Signal::Own(mix) => mix,
            Signal::Cached(mix) => mix.clone(),
            Signal::Absent => unreachable!("the output comes last"),
        };
        Ok(Played { mix, kept })
    }

    /// Takes back buffers that were handed out.
    pub fn recycle(&self, signals: impl IntoIterator<Item = Stereo>) {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner).extend(signals);
    }

    fn spare_buffer(&self) -> Stereo {
        let spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner).pop();
        spare.unwrap_or_else(|| Stereo::silence(self.samples))
    }
}

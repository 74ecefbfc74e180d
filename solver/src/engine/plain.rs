//! A slow and obvious engine, against which others are held.
//!
//! It renders node by node in topological order, each with a processor made for the occasion, and bypasses processors by
//! taking them out of the graph. Signals and gradients are added up in f64, a song is one window, nothing is kept from one
//! call to the next. What it shares with other engines are the kernels of single processors and of the loss, which have golden
//! vectors of their own.

use std::collections::HashMap;
use std::sync::Arc;

use super::{BypassSet, Dynamics, Engine, Failure, Parts, Patch, Piece, Sink, Step, Studio, Track};
use crate::clock::Clock;
use crate::dsp::Stereo;
use crate::graph::{Graph, NodeId, NodeKind};
use crate::matching::{Match, Matcher};
use crate::parameters::Place;
use crate::processors::{Kit, Processor};
use crate::session::Session;
use crate::stop::Until;

/// The engine.
pub struct Plain;

impl Engine for Plain {
    fn name(&self) -> &str {
        "plain"
    }

    fn open<'s>(&'s self, session: &'s Session, _: Until<'_>) -> Result<Box<dyn Studio + 's>, Failure> {
        let windows = session.windows();
        Ok(Box::new(PlainStudio { session, warm_up: windows.warm_up(), samples: windows.samples() }))
    }
}

/// A session in it.
pub struct PlainStudio<'s> {
    pub session: &'s Session,
    /// Samples at the beginning of a window that are not compared.
    pub warm_up: usize,
    /// Samples of a window.
    pub samples: usize,
}

/// A node that was rendered.
struct Rendered {
    id: NodeId,
    /// Where its inputs stand among those that were rendered before it.
    inputs: Vec<usize>,
    /// Their sum.
    input: Stereo,
    output: Stereo,
    processor: Option<(Box<dyn Processor>, Place)>,
}

/// The sum of signals, added up in f64.
fn sum<'a>(signals: impl Iterator<Item = &'a Stereo>, samples: usize) -> Stereo {
    let mut sum = [vec![0.0f64; samples], vec![0.0; samples]];
    for signal in signals {
        for (sum, x) in sum.iter_mut().flatten().zip(signal.channels.iter().flatten()) {
            *sum += f64::from(*x);
        }
    }
    Stereo { channels: sum.map(|channel| channel.into_iter().map(|v| v as f32).collect()) }
}

impl PlainStudio<'_> {
    /// All nodes of `graph` from the song's sample `from` on, each after what feeds it.
    fn render_from(&self, graph: &Graph, patch: Patch<'_>, from: usize, samples: usize) -> Vec<Rendered> {
        let kit = Arc::new(Kit::default());
        let clock = Clock { rate: self.session.rate, start: from };
        let mut done: Vec<Rendered> = vec![];
        while done.len() < graph.nodes().len() {
            for node in graph.nodes() {
                let sources = graph.edges().iter().filter(|edge| edge.1 == node.id);
                let inputs: Option<Vec<_>> =
                    sources.map(|edge| done.iter().position(|n| n.id == edge.0)).collect();
                let Some(inputs) = inputs.filter(|_| done.iter().all(|n| n.id != node.id)) else { continue };
                let input = sum(inputs.iter().map(|&i| &done[i].output), samples);
                let mut output = input.clone();
                let mut processor = None;
                match node.kind {
                    NodeKind::Input { stem } => {
                        self.session.stems[stem].audio.copy_window(from, &mut output);
                    }
                    NodeKind::Processor(kind) => {
                        let place = patch.layout.places.iter().find(|p| p.id == node.id).unwrap();
                        let mut own = kind.definition().make(samples, clock.rate, &kit);
                        own.set(&patch.flat[place.physical.clone()], patch.flat[place.wet]);
                        own.forward(&input, &mut output, clock);
                        processor = Some((own, place.clone()));
                    }
                    NodeKind::Sum | NodeKind::Output => {}
                }
                done.push(Rendered { id: node.id, inputs, input, output, processor });
            }
        }
        done
    }

    fn mix(&self, graph: &Graph, patch: Patch<'_>, from: usize, samples: usize) -> Stereo {
        let output = graph.nodes().iter().find(|node| node.kind == NodeKind::Output).unwrap().id;
        let rendered = self.render_from(graph, patch, from, samples);
        rendered.into_iter().find(|node| node.id == output).unwrap().output
    }

    fn matcher(&self) -> Matcher {
        Matcher::new(self.samples, self.warm_up, self.session.rate)
    }

    /// The samples of a window before the song ends.
    fn end(&self, start: usize) -> usize {
        self.session.len().saturating_sub(start).min(self.samples)
    }

    fn objective_on(&self, patch: Patch<'_>, start: usize, gradient: &mut [f64]) -> Step {
        let (matcher, end) = (self.matcher(), self.end(start));
        let mut target = Stereo::silence(self.samples);
        self.session.mix.copy_window(start, &mut target);
        let mut nodes = self.render_from(patch.graph, patch, start, self.samples);
        let mut by_mix = Stereo::silence(self.samples);
        let output = patch.graph.nodes().iter().find(|node| node.kind == NodeKind::Output).unwrap().id;
        let mix = nodes.iter().find(|node| node.id == output).unwrap().output.head(end);
        let matched = matcher.evaluate_with_gradient(&matcher.target(&target), &mix, &mut by_mix);
        by_mix.channels.iter_mut().for_each(|channel| channel[end..].fill(0.0));
        let mut by_output: HashMap<NodeId, Vec<Stereo>> = HashMap::from([(output, vec![by_mix])]);
        let mut regulariser = 0.0;
        while let Some(mut node) = nodes.pop() {
            let mut slope = sum(by_output.remove(&node.id).unwrap_or_default().iter(), self.samples);
            if let Some((processor, place)) = &mut node.processor {
                let weight = place.kind.definition().regulariser_weight();
                regulariser += f64::from(weight) * processor.regulariser();
                let mut own = vec![0.0; place.physical.len()];
                let by_wet = processor.backward(&node.input, &mut slope, weight, &mut own);
                gradient[place.wet] += f64::from(by_wet);
                let physical = gradient[place.physical.clone()].iter_mut();
                physical.zip(own).for_each(|(sum, own)| *sum += f64::from(own));
            }
            for source in node.inputs {
                by_output.entry(nodes[source].id).or_default().push(slope.clone());
            }
        }
        Step { matched, regulariser }
    }

    fn evaluate_set(&self, patch: Patch<'_>, set: &BypassSet) -> Match {
        let mut graph = patch.graph.clone();
        for &id in set {
            // A send that nothing feeds any more goes as a whole.
            if graph.node(id).is_some() {
                graph.remove(id).unwrap();
            }
        }
        let windows = self.session.windows();
        let all = windows.evaluation_starts();
        let sounding: Vec<_> =
            all.iter().copied().filter(|&start| self.session.sounds(windows.compared(start))).collect();
        let starts = if sounding.is_empty() { all } else { sounding };
        let matches = starts.iter().map(|&start| {
            let (matcher, mut target) = (self.matcher(), Stereo::silence(self.samples));
            self.session.mix.copy_window(start, &mut target);
            let mix = self.mix(&graph, patch, start, self.samples).head(self.end(start));
            matcher.evaluate(&matcher.target(&target), &mix)
        });
        let weights: Vec<_> = starts.iter().map(|&start| windows.weight(start)).collect();
        mean(&matches.collect::<Vec<_>>(), &weights)
    }
}

fn mean(matches: &[Match], weights: &[f64]) -> Match {
    let of = |part: fn(&Match) -> f64| {
        let sum = matches.iter().zip(weights).map(|(m, weight)| weight * part(m)).sum::<f64>();
        sum / weights.iter().sum::<f64>()
    };
    Match { full: of(|m| m.full), lr: of(|m| m.lr), mid: of(|m| m.mid), side: of(|m| m.side) }
}

impl Studio for PlainStudio<'_> {
    fn objective(
        &mut self,
        patch: Patch<'_>,
        windows: &[Clock],
        gradient: &mut [f32],
        _: Until<'_>,
    ) -> Result<Step, Failure> {
        let mut sum = vec![0.0; gradient.len()];
        let steps: Vec<_> =
            windows.iter().map(|window| self.objective_on(patch, window.start, &mut sum)).collect();
        let count = windows.len() as f64;
        gradient.iter_mut().zip(sum).for_each(|(gradient, sum)| *gradient = (sum / count) as f32);
        let matches: Vec<_> = steps.iter().map(|step| step.matched).collect();
        let matched = mean(&matches, &vec![1.0; matches.len()]);
        Ok(Step { matched, regulariser: steps.iter().map(|step| step.regulariser).sum::<f64>() / count })
    }

    fn evaluate(
        &mut self,
        patch: Patch<'_>,
        _: &BypassSet,
        sets: &[BypassSet],
        _: Until<'_>,
    ) -> Result<Vec<Match>, Failure> {
        Ok(sets.iter().map(|set| self.evaluate_set(patch, set)).collect())
    }

    fn render(&mut self, patch: Patch<'_>, _: Until<'_>) -> Result<Stereo, Failure> {
        let ahead: usize =
            patch.layout.places.iter().map(|place| place.kind.definition().reach(self.session.rate).1).sum();
        let song = self.session.len();
        Ok(self.mix(patch.graph, patch, 0, song + ahead).head(song))
    }

    /// The mix alone, in one piece.
    fn print(
        &mut self,
        patch: Patch<'_>,
        _: Parts,
        until: Until<'_>,
        sink: Sink<'_>,
    ) -> Result<Vec<Dynamics>, Failure> {
        let mix = self.render(patch, until)?;
        let audio = mix.channels.each_ref().map(Vec::as_slice);
        sink(Piece { track: Track::Mix, start: 0, audio })?;
        Ok(Vec::new())
    }
}

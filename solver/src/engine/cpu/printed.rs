//! Takes a rendered song apart: what each stem adds to the mix, and what each compressor and gate does.
//!
//! A gain that follows all that enters it scales every part of that alike, and what is linear leaves parts apart. So each
//! window is played twice: the whole graph first, to learn the gains, then each stem alone, multiplied by the gains of
//! all. What is neither leaves a stem apart only where it enters alone ([`separable`]).

use std::ops::Range;
use std::sync::{PoisonError, RwLock};

use rayon::prelude::*;

use super::Plan;
use super::plan::Cache;
use super::song::{Window, Work, hop, level_frame};
use crate::dsp::{Pool, Recording, Stereo, sum_of_squares};
use crate::engine::{Inseparable, Patch, separable};
use crate::graph::{Batch, Graph, Node, NodeId, Schedule, Scheduled};
use crate::processors::{Kind, Nature, Processor};
use crate::stop::{Interrupted, Until};

/// Stems that are played at the same time, if there are as many threads; more would spend memory.
const SIDE_BY_SIDE: usize = 16;

/// One of the signals that a song is printed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Track {
    /// The mix, as [`render_song`](super::render_song) renders it.
    Mix,
    /// What the stem of that number adds to the mix.
    Stem(usize),
}

/// One window's worth of a printed signal.
#[derive(Clone, Copy)]
pub struct Piece<'a> {
    /// What it is a piece of.
    pub track: Track,
    /// Where in the song it begins, samples.
    pub start: usize,
    /// Left and right.
    pub audio: [&'a [f32]; 2],
}

/// Takes a printed song piece by piece. The pieces of a track come in order and join without gaps; those of different
/// stems may come at the same time, each after the mix's piece of that window. An error ends the printing.
pub type Sink<'a> = &'a (dyn Fn(Piece<'_>) -> Result<(), Interrupted> + Sync);

/// What a compressor or gate does in the course of a song.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dynamics {
    /// The node.
    pub id: NodeId,
    /// Mean square of what enters it (the mean of both channels), 10 ms at a time.
    pub entering: Vec<f32>,
    /// The same of what leaves it, the dry part included.
    pub leaving: Vec<f32>,
}

/// Why a song was not printed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrintError {
    /// Its stems cannot be told apart; nothing was printed.
    #[error(transparent)]
    Inseparable(#[from] Inseparable),
    /// It was given up, by the caller or by the sink.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

/// Renders `patch` over whole stems (by stem number, at `rate` Hz) as [`render_song`](super::render_song) does, and what every stem
/// adds to that, into `sink`. Nothing comes of a stem that no input brings in. Returns what every compressor and gate does,
/// ids rising.
///
/// Memory holds single windows only: of the gain of every compressor and gate, and of the signals that are on their way, of
/// all stems at once while the whole graph is played, then of up to sixteen side by side.
///
/// # Errors
/// If the stems cannot be told apart, which is found before anything is printed; once `until` is over or the sink has
/// enough.
pub fn print_song(
    patch: Patch<'_>,
    stems: &[&Recording],
    rate: u32,
    until: Until<'_>,
    sink: Sink<'_>,
) -> Result<Vec<Dynamics>, PrintError> {
    print_by(hop(rate), &|kind| kind.definition().nature(), patch, stems, rate, until, sink)
}

/// The same of the mix alone, whatever it is made of.
///
/// # Errors
/// Once `until` is over or the sink has enough.
pub fn print_mix(
    patch: Patch<'_>,
    stems: &[&Recording],
    rate: u32,
    until: Until<'_>,
    sink: Sink<'_>,
) -> Result<Vec<Dynamics>, Interrupted> {
    let nature = |kind: Kind| kind.definition().nature();
    let work = Work::new(patch.graph, patch.layout, patch.flat, stems, rate, hop(rate), until)?;
    Printer::new(&work, patch.graph, &nature, stems, rate).run(&[], until, sink)
}

/// How many windows a song of `len` samples at `rate` Hz is printed by: as many pieces there are of each track.
pub fn windows(len: usize, rate: u32) -> usize {
    len.div_ceil(hop(rate))
}

/// [`print_song`] by windows of `hop` samples of new output, for kinds of any `nature`.
pub(super) fn print_by(
    hop: usize,
    nature: &dyn Fn(Kind) -> Nature,
    patch: Patch<'_>,
    stems: &[&Recording],
    rate: u32,
    until: Until<'_>,
    sink: Sink<'_>,
) -> Result<Vec<Dynamics>, PrintError> {
    separable(patch.graph, nature)?;
    let work = Work::new(patch.graph, patch.layout, patch.flat, stems, rate, hop, until)?;
    let route = |stem| Some((stem, Plan::new(patch.graph, &route(&work.schedule, stem)?)));
    let routes: Vec<_> = (0..stems.len()).filter_map(route).collect();
    Ok(Printer::new(&work, patch.graph, nature, stems, rate).run(&routes, until, sink)?)
}

/// A song on its way through a graph.
struct Printer<'a> {
    work: &'a Work,
    stems: &'a [&'a Recording],
    whole: Plan,
    gains: Gains,
}

impl<'a> Printer<'a> {
    fn new(
        work: &'a Work,
        graph: &Graph,
        nature: &dyn Fn(Kind) -> Nature,
        stems: &'a [&'a Recording],
        rate: u32,
    ) -> Self {
        let gains = Gains::new(graph, nature, work.engine.samples, level_frame(rate));
        Self { work, stems, whole: Plan::new(graph, &work.schedule), gains }
    }

    /// Prints the mix, and the stems whose numbers and plans `routes` are.
    fn run(
        self,
        routes: &[(usize, Plan)],
        until: Until<'_>,
        sink: Sink<'_>,
    ) -> Result<Vec<Dynamics>, Interrupted> {
        let side_by_side = rayon::current_num_threads().min(SIDE_BY_SIDE);
        for window in self.work.windows() {
            self.mix(&window, until, sink)?;
            for routes in routes.chunks(side_by_side) {
                routes
                    .par_iter()
                    .try_for_each(|(stem, route)| self.stem(&window, *stem, route, until, sink))?;
            }
        }
        Ok(self.gains.dynamics())
    }

    fn mix(&self, window: &Window, until: Until<'_>, sink: Sink<'_>) -> Result<(), Interrupted> {
        let clock = self.work.engine.clock(window.from);
        let process = |slot, processor: &dyn Processor, input: &Stereo, output: &mut Stereo| {
            let learnt = processor.as_gain().is_some_and(|kernel| {
                let find = |gain: &mut [f32]| kernel.gain(input, gain, clock);
                self.gains.learn(slot, input, output, window.inside(), find)
            });
            if !learnt {
                processor.render(input, output, clock);
            }
        };
        self.play(&self.whole, window, Track::Mix, process, until, sink)
    }

    fn stem(
        &self,
        window: &Window,
        stem: usize,
        route: &Plan,
        until: Until<'_>,
        sink: Sink<'_>,
    ) -> Result<(), Interrupted> {
        let clock = self.work.engine.clock(window.from);
        let process = |slot, processor: &dyn Processor, input: &Stereo, output: &mut Stereo| {
            if !self.gains.apply(slot, input, output) {
                processor.render(input, output, clock);
            }
        };
        self.play(route, window, Track::Stem(stem), process, until, sink)
    }

    fn play(
        &self,
        plan: &Plan,
        window: &Window,
        track: Track,
        process: impl Fn(usize, &dyn Processor, &Stereo, &mut Stereo) + Sync,
        until: Until<'_>,
        sink: Sink<'_>,
    ) -> Result<(), Interrupted> {
        let Self { work: Work { engine, .. }, stems, .. } = self;
        let stem = |stem: usize, buffer: &mut Stereo| stems[stem].copy_window(window.from, buffer);
        let played = engine.play_by(plan, stem, &Cache::new(), process, until)?.mix;
        let audio = played.channels.each_ref().map(|channel| &channel[window.inside()]);
        sink(Piece { track, start: window.start, audio })?;
        engine.recycle([played]);
        Ok(())
    }
}

/// The part of a schedule that a stem reaches; none if it does not come through.
fn route(schedule: &Schedule, stem: usize) -> Option<Schedule> {
    let mut places = vec![None; schedule.nodes.len()];
    let (mut nodes, mut batches) = (Vec::new(), Vec::new());
    for batch in &schedule.batches {
        let start = nodes.len();
        for position in batch.nodes.clone() {
            let Scheduled { id, kind, ref inputs } = schedule.nodes[position];
            let inputs: Vec<usize> = inputs.iter().filter_map(|&input| places[input]).collect();
            if kind.stem() == Some(stem) || !inputs.is_empty() {
                places[position] = Some(nodes.len());
                nodes.push(Scheduled { id, kind, inputs });
            }
        }
        if nodes.len() > start {
            batches.push(Batch { kind: batch.kind, nodes: start..nodes.len() });
        }
    }
    Some(Schedule { nodes, batches, output: places[schedule.output]? })
}

/// The gains of all compressors and gates.
struct Gains {
    /// By slot; none for what is no gain.
    nodes: Vec<Option<RwLock<Learnt>>>,
    /// Samples of a level.
    level_frame: usize,
    /// Buffers of the window's length.
    spare: Pool<Vec<f32>>,
}

#[derive(Default)]
struct Learnt {
    /// In this window; empty until there is one.
    window: Vec<f32>,
    song: Dynamics,
}

impl Gains {
    fn new(graph: &Graph, nature: &dyn Fn(Kind) -> Nature, samples: usize, level_frame: usize) -> Self {
        let node = |node: &Node| {
            let is_gain = node.kind.processor().is_some_and(|kind| nature(kind) == Nature::Gain);
            let song = Dynamics { id: node.id, ..Dynamics::default() };
            is_gain.then(|| RwLock::new(Learnt { song, ..Learnt::default() }))
        };
        Self {
            nodes: graph.nodes().iter().map(node).collect(),
            level_frame,
            spare: Pool::new(move || vec![0.0; samples]),
        }
    }

    /// Where there is a gain to `find`: keeps it for this window, renders by it, keeps the levels `inside` for the song, and
    /// says so.
    fn learn(
        &self,
        slot: usize,
        input: &Stereo,
        output: &mut Stereo,
        inside: Range<usize>,
        find: impl Fn(&mut [f32]),
    ) -> bool {
        let Some(node) = &self.nodes[slot] else { return false };
        self.spare.with(|gain| {
            gain.resize(input.len(), 0.0);
            find(gain);
            multiply(input, gain, output);
            let mut node = node.write().unwrap_or_else(PoisonError::into_inner);
            let Learnt { window, song } = &mut *node;
            song.entering.extend(mean_squares(input, inside.clone(), self.level_frame));
            song.leaving.extend(mean_squares(output, inside, self.level_frame));
            std::mem::swap(window, gain);
        });
        true
    }

    /// Renders by the gain that was learnt, if there is one, and says so.
    fn apply(&self, slot: usize, input: &Stereo, output: &mut Stereo) -> bool {
        let Some(node) = &self.nodes[slot] else { return false };
        let node = node.read().unwrap_or_else(PoisonError::into_inner);
        multiply(input, &node.window, output);
        true
    }

    fn dynamics(self) -> Vec<Dynamics> {
        let nodes = self.nodes.into_iter().flatten();
        let nodes = nodes.map(|n| n.into_inner().unwrap_or_else(PoisonError::into_inner));
        nodes.filter(|n| !n.window.is_empty()).map(|n| n.song).collect()
    }
}

fn multiply(input: &Stereo, gain: &[f32], output: &mut Stereo) {
    for (y, x) in output.channels.iter_mut().zip(&input.channels) {
        for ((y, x), g) in y.iter_mut().zip(x).zip(gain) {
            *y = x * g;
        }
    }
}

fn mean_squares(signal: &Stereo, inside: Range<usize>, frame: usize) -> impl Iterator<Item = f32> {
    let [left, right] = signal.channels.each_ref().map(|c| c[inside.clone()].chunks(frame));
    left.zip(right).map(|(l, r)| (0.5 * (sum_of_squares(l) + sum_of_squares(r)) / l.len() as f64) as f32)
}

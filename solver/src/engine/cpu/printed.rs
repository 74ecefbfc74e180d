//! Takes a rendered song apart: what each stem adds to the mix, and what each compressor and gate does.
//!
//! Compressors and gates multiply by a gain that follows all that enters them; everything else is linear. So each window
//! is played twice: the whole graph first, to learn the gains, then each stem alone, multiplied by the gains of all.

use std::ops::Range;
use std::sync::{PoisonError, RwLock};

use rayon::prelude::*;

use super::Plan;
use super::song::{Work, hop, level_frame};
use crate::dsp::{Pool, Stereo, sum_of_squares};
use crate::graph::{Batch, Graph, NodeId, Schedule, Scheduled};
use crate::parameters::Layout;
use crate::stop::{Interrupted, Until};

/// Stems that are played at the same time, if there are as many threads; more would spend memory.
const SIDE_BY_SIDE: usize = 16;

/// A song as the graph makes it, taken apart. All signals have the stems' length and rate.
#[derive(Clone, Debug, PartialEq)]
pub struct Printed {
    /// What each stem adds to the mix, by stem number: their plain sum is the mix.
    pub stems: Vec<Stereo>,
    /// The mix, as [`render_song`](super::render_song) renders it.
    pub mix: Stereo,
    /// Every compressor and gate, ids rising.
    pub dynamics: Vec<Dynamics>,
}

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

/// Renders `graph` with physical parameters `flat` over whole stems (by stem number) as
/// [`render_song`](super::render_song) does, and what every stem adds to that. A stem that no input brings in is silent.
///
/// `window` is called after each of the [`windows`] that it goes by. Beside the result, which is as large as stems and mix,
/// memory holds single windows only: of the gain of every compressor and gate, and of the signals that are on their way,
/// of all stems at once while the whole graph is played, then of up to sixteen side by side.
///
/// # Errors
/// Once `until` is over.
pub fn print_song(
    graph: &Graph,
    layout: &Layout,
    flat: &[f32],
    stems: &[&Stereo],
    rate: u32,
    until: Until<'_>,
    window: impl Fn(),
) -> Result<Printed, Interrupted> {
    print_by(hop(rate), (graph, layout, flat), (stems, rate), until, window)
}

/// How many windows a song of `len` samples at `rate` Hz is printed by.
pub fn windows(len: usize, rate: u32) -> usize {
    len.div_ceil(hop(rate))
}

/// [`print_song`] by windows of `hop` samples of new output.
pub(super) fn print_by(
    hop: usize,
    (graph, layout, flat): (&Graph, &Layout, &[f32]),
    (stems, rate): (&[&Stereo], u32),
    until: Until<'_>,
    done: impl Fn(),
) -> Result<Printed, Interrupted> {
    let work = Work::new(graph, layout, flat, stems, rate, hop, until)?;
    let engine = &work.engine;
    let whole = Plan::new(graph, &work.schedule);
    let routes: Vec<_> =
        (0..stems.len()).map(|s| route(&work.schedule, s).map(|r| Plan::new(graph, &r))).collect();
    let gains = Gains::new(graph, engine.samples, level_frame(rate));
    let mut mix = Stereo::silence(work.len);
    let mut printed = vec![mix.clone(); stems.len()];
    let side_by_side = rayon::current_num_threads().min(SIDE_BY_SIDE);
    for window in work.windows() {
        let stem = |stem: usize, buffer: &mut Stereo| stems[stem].copy_window(window.from, buffer);
        let clock = engine.clock(window.from);
        let known = |_| unreachable!("nothing is known");
        let all = engine.play_by(
            &whole,
            stem,
            known,
            |slot, processor, input, output| {
                let learnt =
                    gains.learn(slot, input, output, window.inside(), |g| processor.gain(input, g, clock));
                if !learnt {
                    processor.render(input, output, clock);
                }
            },
            until,
        )?;
        window.write(&all.mix, &mut mix);
        engine.recycle([all.mix]);
        let print = |(route, printed): (&Option<Plan>, &mut Stereo)| {
            let Some(route) = route else { return Ok(()) };
            let alone = engine.play_by(
                route,
                stem,
                known,
                |slot, processor, input, output| {
                    if !gains.apply(slot, input, output) {
                        processor.render(input, output, clock);
                    }
                },
                until,
            )?;
            window.write(&alone.mix, printed);
            engine.recycle([alone.mix]);
            Ok(())
        };
        for (routes, printed) in routes.chunks(side_by_side).zip(printed.chunks_mut(side_by_side)) {
            routes.par_iter().zip(printed).try_for_each(print)?;
        }
        done();
    }
    Ok(Printed { stems: printed, mix, dynamics: gains.dynamics() })
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
    /// By slot.
    nodes: Vec<RwLock<Learnt>>,
    /// Samples of a level.
    level_frame: usize,
    /// Buffers of the window's length.
    spare: Pool<Vec<f32>>,
}

#[derive(Default)]
struct Learnt {
    /// In this window; empty until there is one, and for what does more than multiply.
    window: Vec<f32>,
    song: Dynamics,
}

impl Gains {
    fn new(graph: &Graph, samples: usize, level_frame: usize) -> Self {
        let node = |id| Learnt { song: Dynamics { id, ..Dynamics::default() }, ..Learnt::default() };
        Self {
            nodes: graph.nodes().iter().map(|n| RwLock::new(node(n.id))).collect(),
            level_frame,
            spare: Pool::new(move || vec![0.0; samples]),
        }
    }

    /// Where `gain` finds one: keeps it for this window, renders by it, keeps the levels `inside` for the song, and says so.
    fn learn(
        &self,
        slot: usize,
        input: &Stereo,
        output: &mut Stereo,
        inside: Range<usize>,
        gain: impl Fn(&mut [f32]) -> bool,
    ) -> bool {
        self.spare.with(|buffer| {
            buffer.resize(input.len(), 0.0);
            if !gain(buffer) {
                return false;
            }
            multiply(input, buffer, output);
            let mut node = self.nodes[slot].write().unwrap_or_else(PoisonError::into_inner);
            let Learnt { window, song } = &mut *node;
            song.entering.extend(mean_squares(input, inside.clone(), self.level_frame));
            song.leaving.extend(mean_squares(output, inside, self.level_frame));
            std::mem::swap(window, buffer);
            true
        })
    }

    /// Renders by the gain that was learnt, if there is one, and says so.
    fn apply(&self, slot: usize, input: &Stereo, output: &mut Stereo) -> bool {
        let node = self.nodes[slot].read().unwrap_or_else(PoisonError::into_inner);
        if node.window.is_empty() {
            return false;
        }
        multiply(input, &node.window, output);
        true
    }

    fn dynamics(self) -> Vec<Dynamics> {
        let nodes = self.nodes.into_iter().map(|n| n.into_inner().unwrap_or_else(PoisonError::into_inner));
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

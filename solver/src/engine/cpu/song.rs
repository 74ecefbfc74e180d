//! Renders a whole song: windows long enough that every tail is heard and no seam is.

use std::collections::HashMap;
use std::ops::Range;

use super::{Engine, Plan};
use crate::clock;
use crate::dsp::{Recording, Stereo};
use crate::graph::{Graph, NodeKind, Schedule};
use crate::parameters::Layout;
use crate::stop::{Interrupted, Until};

/// Samples at `rate` Hz that one level of a song's dynamics stands for: 10 ms.
pub(super) fn level_frame(rate: u32) -> usize {
    clock::samples(0.01, rate)
}

/// Samples of new output that a window yields at `rate` Hz: ten seconds, a whole number of levels. Longer windows would spend memory, shorter ones
/// time.
pub(super) fn hop(rate: u32) -> usize {
    1000 * level_frame(rate)
}

/// Renders `graph` with physical parameters `flat` over whole stems (by stem number) at `rate` Hz, to the stems' length.
///
/// Every window starts as far before its output as the graph remembers, so the result does not depend on windows.
///
/// # Errors
/// Once `until` is over.
pub fn render_song(
    graph: &Graph,
    layout: &Layout,
    flat: &[f32],
    stems: &[&Recording],
    rate: u32,
    until: Until<'_>,
) -> Result<Stereo, Interrupted> {
    let work = Work::new(graph, layout, flat, stems, rate, hop(rate), until)?;
    work.render(graph, stems, until)
}

/// A song to be rendered, window by window.
pub(super) struct Work {
    /// The whole graph's.
    pub schedule: Schedule,
    /// Set, for windows of the length that the graph needs.
    pub engine: Engine,
    /// Length of the song, samples.
    pub len: usize,
    hop: usize,
    /// How far the graph remembers, samples.
    history: usize,
}

impl Work {
    /// Windows of `hop` samples of new output, or of the whole song if it is shorter.
    ///
    /// # Errors
    /// Once `until` is over.
    pub fn new(
        graph: &Graph,
        layout: &Layout,
        flat: &[f32],
        stems: &[&Recording],
        rate: u32,
        hop: usize,
        until: Until<'_>,
    ) -> Result<Self, Interrupted> {
        let len = stems.iter().map(|s| s.len()).max().unwrap_or(0);
        let schedule = Schedule::new(graph, |_| false);
        let (history, ahead) = reach(&schedule, rate);
        let hop = hop.min(len.max(1));
        // Where the song begins, there is nothing to remember.
        let history = if len <= hop { 0 } else { history.min(len) };
        let mut engine = Engine::new(graph, layout, history + hop + ahead, rate);
        engine.set(flat, until)?;
        Ok(Self { schedule, engine, len, hop, history })
    }

    /// The whole graph's rendering of the song.
    ///
    /// # Errors
    /// Once `until` is over.
    pub fn render(
        &self,
        graph: &Graph,
        stems: &[&Recording],
        until: Until<'_>,
    ) -> Result<Stereo, Interrupted> {
        let plan = Plan::new(graph, &self.schedule);
        let mut song = Stereo::silence(self.len);
        for window in self.windows() {
            let stem = |stem: usize, buffer: &mut Stereo| stems[stem].copy_window(window.from, buffer);
            let mix = self.engine.play(&plan, window.from, stem, until)?.mix;
            window.write(&mix, &mut song);
            self.engine.recycle([mix]);
        }
        Ok(song)
    }

    /// The windows in order.
    pub fn windows(&self) -> impl Iterator<Item = Window> {
        (0..self.len).step_by(self.hop).map(|start| Window {
            // A window that would begin before the song begins with the song instead.
            from: start.saturating_sub(self.history),
            start,
            end: self.len.min(start + self.hop),
        })
    }
}

/// What a window renders of the song, in samples of the song.
pub(super) struct Window {
    /// Where it begins.
    pub from: usize,
    /// Where its output begins to be right.
    pub start: usize,
    /// Where that ends.
    end: usize,
}

impl Window {
    /// Where in the window its output is right.
    pub fn inside(&self) -> Range<usize> {
        self.start - self.from..self.end - self.from
    }

    /// Puts what the window rendered in its place.
    pub fn write(&self, rendered: &Stereo, song: &mut Stereo) {
        for (to, from) in song.channels.iter_mut().zip(&rendered.channels) {
            to[self.start..self.end].copy_from_slice(&from[self.inside()]);
        }
    }
}

/// The longest memory and look-ahead over all paths, samples at `rate` Hz.
fn reach(schedule: &Schedule, rate: u32) -> (usize, usize) {
    let mut reached: HashMap<usize, (usize, usize)> = HashMap::new();
    for batch in &schedule.batches {
        for position in batch.nodes.clone() {
            let node = &schedule.nodes[position];
            let before = node.inputs.iter().map(|i| reached[i]);
            let (h, a) = before.fold((0, 0), |(h, a), (x, y)| (h.max(x), a.max(y)));
            let (own_h, own_a) = match node.kind {
                NodeKind::Processor(kind) => kind.definition().reach(rate),
                _ => (0, 0),
            };
            reached.insert(position, (h + own_h, a + own_a));
        }
    }
    reached[&schedule.output]
}

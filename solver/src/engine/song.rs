//! Renders a whole song: windows long enough that every tail is heard and no seam is.

use std::collections::HashMap;

use super::{Engine, Layout, Plan};
use crate::dsp::Stereo;
use crate::graph::{Graph, NodeKind, Schedule};
use crate::stop::{Interrupted, Until};

/// Samples of new output a window yields; longer windows would spend memory, shorter ones time.
const HOP: usize = 300_000;

/// Renders `graph` with physical parameters `flat` over whole stems (by stem number), to the stems' length.
///
/// Every window starts as far before its output as the graph remembers, so the result does not depend on windows.
///
/// # Errors
/// Once `until` is over.
pub fn render_song(
    graph: &Graph,
    layout: &Layout,
    flat: &[f32],
    stems: &[&Stereo],
    until: Until<'_>,
) -> Result<Stereo, Interrupted> {
    let len = stems.iter().map(|s| s.len()).max().unwrap_or(0);
    let mut song = Stereo::silence(len);
    let schedule = Schedule::new(graph, |_| false);
    let (history, ahead) = reach(&schedule);
    let hop = HOP.min(len.max(1));
    let history = history.min(len);
    let mut engine = Engine::new(graph, layout, history + hop + ahead);
    engine.set(flat, until)?;
    let plan = Plan::new(graph, &schedule);
    for start in (0..len).step_by(hop) {
        // A window that would begin before the song begins with the song instead.
        let from = start.saturating_sub(history);
        let stem = |stem: usize, buffer: &mut Stereo| stems[stem].copy_window(from, buffer);
        let mix = engine.play(&plan, stem, until)?.mix;
        let count = hop.min(len - start);
        for (to, mix) in song.channels.iter_mut().zip(&mix.channels) {
            to[start..start + count].copy_from_slice(&mix[start - from..][..count]);
        }
        engine.recycle([mix]);
    }
    Ok(song)
}

/// The longest memory and look-ahead over all paths, samples.
fn reach(schedule: &Schedule) -> (usize, usize) {
    let mut reached: HashMap<usize, (usize, usize)> = HashMap::new();
    for batch in &schedule.batches {
        for position in batch.nodes.clone() {
            let node = &schedule.nodes[position];
            let before = node.inputs.iter().map(|i| reached[i]);
            let (h, a) = before.fold((0, 0), |(h, a), (x, y)| (h.max(x), a.max(y)));
            let (own_h, own_a) = match node.kind {
                NodeKind::Processor(kind) => kind.definition().reach(),
                _ => (0, 0),
            };
            reached.insert(position, (h + own_h, a + own_a));
        }
    }
    reached[&schedule.output]
}

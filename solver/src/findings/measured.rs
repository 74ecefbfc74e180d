//! What was measured on the song, put into the report of it.

use super::analysis::Analysis;
use super::fitted::match_view;
use super::note_value;
use super::schema::{ProcessorView, Report, TempoView};
use crate::graph::{Graph, NodeId};
use crate::search;

impl Report {
    /// Adds what was measured; if that failed, a note says so, since what was found is worth more than it.
    pub fn add_or_note(&mut self, graph: &Graph, measured: Result<Analysis, search::Error>) {
        match measured {
            Ok(analysis) => self.add(graph, &analysis),
            Err(reason) => self.session.notes.push(format!("Nothing was measured on the song: {reason}.")),
        }
    }

    /// Adds what `analysis` found on the song to a report on `graph`, the one that was analysed.
    pub fn add(&mut self, graph: &Graph, analysis: &Analysis) {
        self.matches.static_mix = analysis.static_mix.map(match_view);
        self.error = Some(analysis.error.clone());
        self.session.tempo = analysis.tempo;
        self.session.notes.extend(analysis.notes.iter().cloned());
        for (i, strip) in self.strips.iter_mut().enumerate() {
            strip.heard = heard(i, graph, analysis);
            strip.tone = analysis.tones.get(&i).cloned();
            for (id, processor) in graph.chain(i).into_iter().zip(&mut strip.chain) {
                add(processor, id, analysis);
            }
        }
    }
}

fn add(processor: &mut ProcessorView, id: NodeId, analysis: &Analysis) {
    processor.matters = analysis.matters.get(&id).copied();
    processor.bands = analysis.bands.get(&id).cloned();
    processor.reduction = analysis.reductions.get(&id).copied();
    if let Some(TempoView { bpm, .. }) = analysis.tempo {
        processor.settings.name_notes(|time_ms| note_value::of(time_ms, bpm).map(str::to_string));
    }
}

/// How far a strip's stem is heard, if it has one.
fn heard(strip: usize, graph: &Graph, analysis: &Analysis) -> Option<f64> {
    let stems = graph.nodes().iter().filter(|node| node.strip == Some(strip)).filter_map(|n| n.kind.stem());
    stems.filter_map(|stem| analysis.heard.as_ref()?.get(stem).copied()).reduce(f64::max)
}

//! What processors do to a steady level over frequency, as the bands of a parametric equaliser, weighted by what passes
//! them.

use std::collections::{BTreeMap, HashMap, HashSet};

use rayon::prelude::*;

use super::spectrum::mean_spectrum;
use crate::bands::{self, Bands};
use crate::graph::{Graph, NodeId};
use crate::parameters::Parameters;
use crate::processors::{Response, Tone};
use crate::search;
use crate::session::Session;
use crate::stop::Until;

/// Reverbs below this wet weight do not colour their strip.
const COLOURING: f32 = 0.1;

/// The bands of every equaliser and of every reverb's colour; by strip (an index into [`Graph::strips`]) those of both
/// together, where a strip has both and the reverb is more than a trace.
type Found = (HashMap<NodeId, Bands>, BTreeMap<usize, Bands>);

/// Fits bands, each weighted by the energy of the dry stems that reach the processor.
///
/// # Errors
/// [`search::Error::Aborted`] once `until` is over; if the tensor maths fails.
pub fn bands(
    session: &Session,
    graph: &Graph,
    parameters: &Parameters,
    until: Until<'_>,
) -> Result<Found, search::Error> {
    let spectra = session.stems.par_iter().map(|s| mean_spectrum(s.audio.channels(), session.rate, until));
    let spectra: Vec<Vec<f64>> = spectra.collect::<Result<_, _>>()?;
    let flat = parameters.physical()?;
    let layout = parameters.layout();
    let curves: Vec<(NodeId, Curve)> = layout
        .places
        .par_iter()
        .filter_map(|place| {
            let tone = place.kind.definition().tone()?;
            let (physical, wet) = (&flat[place.physical.clone()], flat[place.wet]);
            let (Tone::Filter(of) | Tone::Colour(of)) = tone;
            Some((place.id, Curve { tone, response: of(physical, wet), wet }))
        })
        .collect();
    let energy = |id| energy(&stems_before(graph, id), &spectra);
    let rate = session.sample_rate as f64;
    let fit = |response: &Response, energy: &[f64]| {
        let weight = weights(&response.hz, energy, session.rate as f64);
        bands::fit(&response.hz, &response.db, &weight, rate)
    };
    let found = curves
        .par_iter()
        .map(|(id, curve)| {
            until.check()?;
            Ok((*id, fit(&curve.response, &energy(*id))))
        })
        .collect::<Result<HashMap<_, _>, search::Error>>()?;
    let strips: Vec<_> = (0..graph.strips.len()).collect();
    let tones = strips.into_par_iter().map(|strip| {
        until.check()?;
        let chain = graph.chain(strip);
        let own: Vec<&Curve> =
            chain.iter().filter_map(|id| curves.iter().find(|c| c.0 == *id)).map(|c| &c.1).collect();
        let tone = together(&own).zip(chain.first());
        Ok(tone.map(|(total, &first)| (strip, fit(&total, &energy(first)))))
    });
    let tones = tones.filter_map(Result::transpose).collect::<Result<_, search::Error>>()?;
    Ok((found, tones))
}

/// A processor's response.
struct Curve {
    tone: Tone,
    response: Response,
    wet: f32,
}

/// A strip's steady level over frequency through equalisers and reverbs: the reverberation's energy adds to the dry
/// signal's.
fn together(curves: &[&Curve]) -> Option<Response> {
    let first = curves.iter().find(|c| matches!(c.tone, Tone::Filter(_)))?;
    let colours = |c: &&&Curve| matches!(c.tone, Tone::Colour(_)) && c.wet >= COLOURING;
    curves.iter().find(colours)?;
    let hz = first.response.hz.clone();
    let level = |&hz: &f64| {
        let of = |curve: &&Curve| match curve.tone {
            Tone::Filter(_) => at(&curve.response, hz),
            Tone::Colour(_) => {
                let (wet, dry) = (f64::from(curve.wet), 1.0 - f64::from(curve.wet));
                let energy = dry * dry + wet * wet * 10f64.powf(at(&curve.response, hz) / 10.0);
                10.0 * energy.max(1e-12).log10()
            }
        };
        curves.iter().map(of).sum()
    };
    let db = hz.iter().map(level).collect();
    Some(Response { hz, db })
}

/// A response at any frequency.
fn at(response: &Response, hz: f64) -> f64 {
    let after = response.hz.partition_point(|&h| h < hz);
    let (Some(&right), Some(&left)) = (response.db.get(after), response.db.get(after.saturating_sub(1)))
    else {
        return response.db.last().copied().unwrap_or(0.0);
    };
    let (from, to) = (response.hz[after.saturating_sub(1)], response.hz[after]);
    if to > from { left + (right - left) * (hz - from) / (to - from) } else { right }
}

/// The stems whose sound reaches a node.
fn stems_before(graph: &Graph, id: NodeId) -> HashSet<usize> {
    let (mut open, mut seen) = (vec![id], HashSet::from([id]));
    let mut stems = HashSet::new();
    while let Some(id) = open.pop() {
        stems.extend(graph.node(id).and_then(|node| node.kind.stem()));
        open.extend(graph.predecessors(id).filter(|&from| seen.insert(from)));
    }
    stems
}

/// The sum of some stems' spectra.
fn energy(stems: &HashSet<usize>, spectra: &[Vec<f64>]) -> Vec<f64> {
    let bins = spectra.first().map_or(0, Vec::len);
    let mut stems: Vec<usize> = stems.iter().copied().filter(|&stem| stem < spectra.len()).collect();
    stems.sort_unstable();
    (0..bins).map(|bin| stems.iter().map(|&stem| spectra[stem][bin]).sum()).collect()
}

/// How much a response counts at its frequencies: the root of the signal's energy per octave there, so that a region
/// 40 dB down still counts a hundredth.
fn weights(hz: &[f64], energy: &[f64], rate: f64) -> Vec<f64> {
    let bins_per_hz = energy.len().saturating_sub(1) as f64 / (rate / 2.0);
    let at = |&hz: &f64| {
        let bin = (hz * bins_per_hz).round() as usize;
        let near = &energy[bin.saturating_sub(1).min(energy.len())..(bin + 2).min(energy.len())];
        (hz * near.iter().sum::<f64>() / near.len().max(1) as f64).sqrt()
    };
    hz.iter().map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Selection;
    use crate::graph::strategies::diamond;
    use crate::processors::Kind;

    #[test]
    fn a_node_hears_the_stems_before_it() {
        let graph = diamond();
        assert_eq!(stems_before(&graph, 40), HashSet::from([0]));
        let stems: Vec<_> = (0..3).map(|i| (format!("{i}"), (i < 2).then_some(0))).collect();
        let console = Graph::console(
            &stems,
            &["bus".into()],
            Selection { master: true, ..Selection::of(&[Kind::Equalizer]) },
        )
        .unwrap();
        let of = |strip| stems_before(&console, console.chain(strip)[0]);
        assert_eq!([of(0), of(2)], [HashSet::from([0]), HashSet::from([2])]);
        assert_eq!([of(3), of(4)], [HashSet::from([0, 1]), HashSet::from([0, 1, 2])]);
    }

    #[test]
    fn weights_follow_the_signal() {
        let mut energy = vec![0.0; 1025];
        energy[100..110].fill(1.0);
        let hz: Vec<f64> = (0..1025).map(|i| i as f64 * 15_000.0 / 1024.0).collect();
        let weight = weights(&hz, &energy, 30_000.0);
        assert!(weight[105] > 0.0 && weight[50] == 0.0 && weight[1000] == 0.0);
        assert!(weights(&hz, &[], 30_000.0).iter().all(|w| *w == 0.0));
    }

    #[test]
    fn a_reverb_colours_its_strip_by_its_energy() {
        let flat = |db: f64| Response { hz: vec![100.0, 1000.0], db: vec![db; 2] };
        let of =
            |kind: Kind, db, wet| Curve { tone: kind.definition().tone().unwrap(), response: flat(db), wet };
        let (eq, reverb) = (of(Kind::Equalizer, -6.0, 1.0), of(Kind::Reverb, 0.0, 0.5));
        let total = together(&[&eq, &reverb]).unwrap();
        assert!(total.db.iter().all(|db| (db - (-6.0 - 3.0103)).abs() < 1e-3), "{total:?}");
        assert_eq!(together(&[&eq]), None);
        assert_eq!(together(&[&reverb]), None);
        let trace = Curve { wet: 0.01, ..reverb };
        assert_eq!(together(&[&eq, &trace]), None);
    }
}

//! Raw parameters of all processors of a graph, and where their physical values stand in one flat vector.

use std::collections::HashSet;
use std::iter::repeat_n;
use std::ops::Range;

use rand::Rng;
use rand_distr::{Distribution, Normal};
use serde::{Deserialize, Serialize};

use crate::graph::{Graph, NodeId};
use crate::processors::{Kind, START_SPREAD};

/// The processors of one kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rows {
    /// The kind.
    pub kind: Kind,
    /// The nodes, ids rising, one a row.
    pub ids: Vec<NodeId>,
    /// Raw parameters, `ids × row_len`.
    pub raw: Vec<f32>,
    /// Logits of the wet weights.
    pub wet_logits: Vec<f32>,
}

/// The raw parameters of a graph: rows by kind, in strip order, only kinds that occur.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Parameters {
    /// One entry a kind.
    pub rows: Vec<Rows>,
}

impl Parameters {
    /// The start of a fit: raw parameters near 0, wet weights where each kind starts (MATH.md §0, neutral).
    pub fn start(graph: &Graph, rng: &mut impl Rng) -> Self {
        let spread = Normal::new(0.0, START_SPREAD).expect("the spread is positive");
        let rows = Kind::ALL.into_iter().filter_map(|kind| {
            let ids: Vec<_> = graph.processors().filter(|&(_, k)| k == kind).map(|(id, _)| id).collect();
            let definition = kind.definition();
            let starts = definition.parameters().iter().flat_map(|p| repeat_n(p.start, p.len));
            let row: Vec<_> = starts.collect();
            (!ids.is_empty()).then(|| Rows {
                kind,
                raw: row.repeat(ids.len()).into_iter().map(|start| start + spread.sample(rng)).collect(),
                wet_logits: vec![definition.wet_start(); ids.len()],
                ids,
            })
        });
        Self { rows: rows.collect() }
    }

    /// The same, where the processors that `given` knows start from there.
    pub fn start_from(graph: &Graph, given: &Parameters, rng: &mut impl Rng) -> Self {
        let mut parameters = Self::start(graph, rng);
        for given in &given.rows {
            let len = given.kind.definition().row_len();
            let Some(rows) = parameters.rows.iter_mut().find(|rows| rows.kind == given.kind) else {
                continue;
            };
            for (i, id) in given.ids.iter().enumerate() {
                if let Ok(at) = rows.ids.binary_search(id) {
                    rows.raw[at * len..][..len].copy_from_slice(&given.raw[i * len..][..len]);
                    rows.wet_logits[at] = given.wet_logits[i];
                }
            }
        }
        parameters
    }

    /// The same without the nodes in `removed`.
    pub fn without(&self, removed: &HashSet<NodeId>) -> Self {
        let rows = self.rows.iter().filter_map(|rows| {
            let len = rows.kind.definition().row_len();
            let kept: Vec<_> = (0..rows.ids.len()).filter(|&i| !removed.contains(&rows.ids[i])).collect();
            (!kept.is_empty()).then(|| Rows {
                kind: rows.kind,
                ids: kept.iter().map(|&i| rows.ids[i]).collect(),
                raw: kept.iter().flat_map(|&i| &rows.raw[i * len..(i + 1) * len]).copied().collect(),
                wet_logits: kept.iter().map(|&i| rows.wet_logits[i]).collect(),
            })
        });
        Self { rows: rows.collect() }
    }

    /// Every processor with its wet weight 0…1, in [`Layout`]'s order.
    pub fn wets(&self) -> impl Iterator<Item = (NodeId, f32)> + '_ {
        let sigmoid = |z: f32| 1.0 / (1.0 + (-z).exp());
        self.rows
            .iter()
            .flat_map(move |r| r.ids.iter().zip(&r.wet_logits).map(move |(&id, &z)| (id, sigmoid(z))))
    }

    /// All numbers: raw parameters and logits of wet weights.
    pub fn values(&self) -> impl Iterator<Item = f32> + '_ {
        self.rows.iter().flat_map(|rows| rows.raw.iter().chain(&rows.wet_logits)).copied()
    }

    /// Where the physical values stand in a flat vector.
    pub fn layout(&self) -> Layout {
        let mut places = Vec::new();
        let mut from = 0;
        for rows in &self.rows {
            let len = rows.kind.definition().row_len();
            for &id in &rows.ids {
                places.push(Place { id, kind: rows.kind, physical: from..from + len, wet: 0 });
                from += len;
            }
        }
        for (i, place) in places.iter_mut().enumerate() {
            place.wet = from + i;
        }
        let len = from + places.len();
        Layout { places, len }
    }
}

/// The order of physical parameters in a flat vector: row by row, kind by kind, then all wet weights.
#[derive(Clone, Debug)]
pub struct Layout {
    /// One entry a processor.
    pub places: Vec<Place>,
    /// Length of the flat vector.
    pub len: usize,
}

/// Where one processor's values stand.
#[derive(Clone, Debug)]
pub struct Place {
    /// The node.
    pub id: NodeId,
    /// Its kind.
    pub kind: Kind,
    /// Its physical parameters.
    pub physical: Range<usize>,
    /// Its wet weight.
    pub wet: usize,
}

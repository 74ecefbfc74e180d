//! Pruning by brute force: every processor alone, in random order.

use rand::Rng;
use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};

use super::Trial;
use crate::graph::NodeId;
use crate::parameters::Parameters;
use crate::processors::Kind;

/// The processors still to be tried, the next one last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BruteForce {
    left: Vec<(NodeId, Kind)>,
}

impl BruteForce {
    /// All processors, shuffled.
    pub fn new(parameters: &Parameters, rng: &mut impl Rng) -> Self {
        let all = parameters.rows.iter().flat_map(|rows| rows.ids.iter().map(|&id| (id, rows.kind)));
        let mut left: Vec<_> = all.collect();
        left.shuffle(rng);
        Self { left }
    }

    /// The next processor.
    pub fn next(&mut self) -> Option<Trial> {
        self.left.pop().map(|(id, kind)| Trial { kind, nodes: vec![id] })
    }
}

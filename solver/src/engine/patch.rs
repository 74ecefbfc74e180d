//! What engines are asked about.

use std::collections::BTreeSet;

use crate::graph::{Graph, NodeId};
use crate::parameters::{self, Layout, Parameters};

/// Processors that are bypassed together.
pub type BypassSet = BTreeSet<NodeId>;

/// A graph with physical parameters.
#[derive(Clone, Copy, Debug)]
pub struct Patch<'a> {
    /// The graph.
    pub graph: &'a Graph,
    /// Where its processors' values stand.
    pub layout: &'a Layout,
    /// Physical parameters and wet weights, in the layout's order.
    pub flat: &'a [f32],
}

/// A graph with physical parameters, of its own.
#[derive(Clone, Debug)]
pub struct PatchBuf {
    graph: Graph,
    layout: Layout,
    flat: Vec<f32>,
}

impl PatchBuf {
    /// A graph with the parameters of its processors.
    ///
    /// # Errors
    /// If the tensor maths fails.
    pub fn new(graph: &Graph, parameters: &Parameters) -> Result<Self, parameters::Error> {
        Ok(Self { graph: graph.clone(), layout: parameters.layout(), flat: parameters.physical()? })
    }

    /// To be asked about.
    pub fn patch(&self) -> Patch<'_> {
        Patch { graph: &self.graph, layout: &self.layout, flat: &self.flat }
    }
}

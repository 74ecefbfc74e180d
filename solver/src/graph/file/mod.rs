//! Graphs as files, in the layout of `report.json`.
//!
//! ```json
//! {"rate": 30000,
//!  "strips": [{"name": "vox", "role": "track", "group": "band"}, {"name": "band", "role": "group"}],
//!  "graph": {"nodes": [{"id": 0, "kind": "input", "strip": 0}, {"id": 1, "kind": "sum", "strip": 1},
//!                      {"id": 2, "kind": "stereo_imager", "strip": 1, "wet_logit": 0.5,
//!                       "parameters": {"log_gain": [0.1]}},
//!                      {"id": 3, "kind": "output"}],
//!            "edges": [[0, 1], [1, 2], [2, 3]]}}
//! ```
//!
//! Any directed acyclic graph of the kinds will do. An input brings in the stem that its strip, a track, is called after.
//! A strip with the role `send` begins with a sum; a processor of that strip leads into it from each strip that feeds it.
//! `rate` and what a processor is set to may be missing. Here is the text and the graph in it; parameters are only carried
//! along, since this room knows none.

mod convert;
mod error;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{NodeId, Role};
pub use error::FileError;

/// What a graph file holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GraphFile {
    /// The rate in Hz on whose grid the parameters are: 30 000, but for what older versions of the program wrote.
    pub rate: Option<u32>,
    /// The strips, in any order.
    pub strips: Vec<StripFile>,
    /// The nodes, in any order.
    pub nodes: Vec<NodeFile>,
    /// `(from, to)` by node id.
    pub edges: Vec<(NodeId, NodeId)>,
}

/// A strip in a graph file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StripFile {
    /// The stem's name for a track; any other for groups and the master.
    pub name: String,
    /// What the strip is for.
    pub role: Role,
    /// The name of the group that the strip is routed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}

/// A node in a graph file. Keys it does not know are refused, since a misspelt one would be missed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeFile {
    /// Unique in the graph.
    pub id: NodeId,
    /// `input`, `sum`, `output` or a processor's kind.
    pub kind: String,
    /// Index into [`GraphFile::strips`]; sums and the output may do without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strip: Option<usize>,
    /// Logit of the processor's wet weight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wet_logit: Option<f32>,
    /// The processor's raw parameters by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<BTreeMap<String, Vec<f32>>>,
}

/// The keys of the text. All are optional here, so that what is missing can be told by name.
#[derive(Default, Serialize, Deserialize)]
struct Text {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rate: Option<u32>,
    strips: Option<Vec<StripFile>>,
    graph: Option<Body>,
    #[serde(default, skip_serializing)]
    nodes: Option<Vec<NodeFile>>,
    #[serde(default, skip_serializing)]
    edges: Option<Vec<(NodeId, NodeId)>>,
}

#[derive(Serialize, Deserialize)]
struct Body {
    nodes: Vec<NodeFile>,
    edges: Vec<(NodeId, NodeId)>,
}

impl GraphFile {
    /// Reads the text: JSON with `strips` and either `graph` or its `nodes` and `edges`. All other keys of a report are
    /// passed over.
    ///
    /// # Errors
    /// [`FileError::Json`] for what is no JSON of this layout, with its place; [`FileError::Missing`] where a key is
    /// missing.
    pub fn parse(text: &[u8]) -> Result<Self, FileError> {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let Text { rate, strips, graph, nodes, edges } =
            serde_json::from_slice(text).map_err(FileError::json)?;
        let (nodes, edges) = match graph {
            Some(Body { nodes, edges }) => (nodes, edges),
            None => (nodes.ok_or(FileError::Missing("nodes"))?, edges.ok_or(FileError::Missing("edges"))?),
        };
        Ok(Self { rate, strips: strips.ok_or(FileError::Missing("strips"))?, nodes, edges })
    }
}

impl Serialize for GraphFile {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { rate, strips, nodes, edges } = self.clone();
        Text { rate, strips: Some(strips), graph: Some(Body { nodes, edges }), ..Text::default() }
            .serialize(serializer)
    }
}

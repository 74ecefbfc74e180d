//! What can be wrong with a graph file.

use std::fmt;

use super::super::{Error, NodeId, NodeName, Role};
use crate::processors::Kind;

/// Why a text is no graph. Each message is one sentence for the user, to stand after the file's name.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FileError {
    /// The text is no JSON, or not of the layout.
    #[error("line {line}, column {column}: {reason}; correct it there")]
    Json {
        /// Counted from one.
        line: usize,
        /// Counted from one.
        column: usize,
        /// What the parser found and what it expected.
        reason: String,
    },
    /// A key is not there.
    #[error(
        "there are no \"{0}\"; a graph file is {{\"strips\": [...], \"graph\": {{\"nodes\": [...], \"edges\": [...]}}}}"
    )]
    Missing(&'static str),
    /// A kind that does not exist.
    #[error(
        "node {node} is of the kind '{kind}', which does not exist; the kinds are input, sum, output{}",
        Kinds
    )]
    UnknownKind {
        /// The node.
        node: NodeId,
        /// The name it gives.
        kind: String,
    },
    /// A strip is routed to a group that is not there.
    #[error("strip '{strip}' is routed to '{group}', but no strip with the role group is called so")]
    UnknownGroup {
        /// The strip's name.
        strip: String,
        /// The name it gives.
        group: String,
    },
    /// A strip is routed to a send.
    #[error(
        "strip '{strip}' is routed to the send '{send}', but sends are fed by gains; lead one from the end of '{strip}' into \
         the sum of '{send}'"
    )]
    RoutedToSend {
        /// The strip's name.
        strip: String,
        /// The send's name.
        send: String,
    },
    /// One name for two strips of a role.
    #[error("two strips with the role {} are called '{name}'; every name may stand once", .role.name())]
    SameName {
        /// What the strips are for.
        role: Role,
        /// The name.
        name: String,
    },
    /// More than one master.
    #[error("{0} strips have the role master; there may be one")]
    Masters(usize),
    /// A node that belongs to nobody.
    #[error("{0} is in no strip; only sums and the output may be")]
    NoStrip(NodeName),
    /// An input outside the tracks.
    #[error("{0} is an input, but that strip is no track; give the strip the role track and the stem's name")]
    NotATrack(NodeName),
    /// A track that brings nothing in.
    #[error("strip '{0}' is a track without an input; add one or take the strip out")]
    NoInput(String),
    /// The nodes and edges are no graph that can be rendered.
    #[error(transparent)]
    Graph(#[from] Error),
}

impl FileError {
    /// The parser's error, its place apart from its reason.
    pub(super) fn json(error: serde_json::Error) -> Self {
        let mut reason = error.to_string();
        if let Some(end) = reason.rfind(" at line ") {
            reason.truncate(end);
        }
        Self::Json { line: error.line(), column: error.column(), reason }
    }
}

/// `, equalizer, compressor, …`
struct Kinds;

impl fmt::Display for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        Kind::ALL.iter().try_for_each(|kind| write!(f, ", {kind}"))
    }
}

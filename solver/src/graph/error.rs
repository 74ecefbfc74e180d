//! What can be wrong with a graph.

use std::fmt;

use super::{NodeId, NodeKind};

/// Why a graph could not be built or changed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// A console that is not in the table.
    #[error("the console '{name}' is unknown; the consoles are {consoles}")]
    UnknownConsole {
        /// The name that was given.
        name: String,
        /// Those that there are.
        consoles: String,
    },
    /// A letter of no kind of the console, or none at all.
    #[error("{}", unknown_letter(.console, *.letter, .choice))]
    UnknownLetter {
        /// The console's name.
        console: &'static str,
        /// The letter, if there is one.
        letter: Option<char>,
        /// Its letters, and what they stand for.
        choice: String,
    },
    /// A console of nothing.
    #[error("a console needs at least one stem")]
    NoStems,
    /// A stem is routed to a group that does not exist.
    #[error("stem '{stem}' is routed to group {group}, counted from 0, but there are {groups} groups")]
    UnknownGroup {
        /// The stem's name.
        stem: String,
        /// The index it gives.
        group: usize,
        /// How many groups there are.
        groups: usize,
    },
    /// Two nodes of one id.
    #[error("node {0} is given twice; every node needs an id of its own")]
    DuplicateNode(NodeId),
    /// No node of that id.
    #[error("node {0} is not in the graph")]
    UnknownNode(NodeId),
    /// An edge from or to no node.
    #[error("the edge {from} → {to} names node {missing}, which is not in the graph")]
    DanglingEdge {
        /// Where the edge starts.
        from: NodeId,
        /// Where it ends.
        to: NodeId,
        /// The one that is not there.
        missing: NodeId,
    },
    /// A node names a strip that does not exist.
    #[error("{node} names strip {strip}, counted from 0, but there are {strips} strips")]
    UnknownStrip {
        /// The node.
        node: NodeName,
        /// The index it gives.
        strip: usize,
        /// How many strips there are.
        strips: usize,
    },
    /// A strip is routed to something else than a group.
    #[error("strip '{strip}' is routed to strip {group}, counted from 0, which is no group's strip")]
    NotAGroup {
        /// The strip's name.
        strip: String,
        /// The index it gives.
        group: usize,
    },
    /// None or several outputs.
    #[error("the graph has {0} outputs; it needs exactly one")]
    Outputs(usize),
    /// A node that is fed by too many or too few.
    #[error("{node} is fed {found} times; it needs {right} input")]
    Inputs {
        /// The node.
        node: NodeName,
        /// Edges that end at it.
        found: usize,
        /// `no`, `exactly one` or `at least one`.
        right: &'static str,
    },
    /// A node that feeds nothing.
    #[error("{0} feeds no other node; every node must reach the output")]
    DeadEnd(NodeName),
    /// An output amid the graph.
    #[error("{0} feeds other nodes; the output must come last")]
    OutputFeeds(NodeName),
    /// A node that feeds itself.
    #[error("{0} is part of a cycle; sound must flow from the inputs to the output")]
    Cycle(NodeName),
    /// A send whose sound comes back to it.
    #[error("the send '{0}' feeds itself; sends must not run in circles")]
    SendCircle(String),
    /// A send that is not fed.
    #[error(
        "nothing feeds the send '{0}'; lead a gain from another strip into its sum, or take the strip out"
    )]
    UnfedSend(String),
    /// A processor of a send that is neither a gain nor behind the sum.
    #[error(
        "{0} comes before the sum of its send without leading straight into it; a send begins with a sum, and one gain \
         leads from each strip into it"
    )]
    BeforeSum(NodeName),
    /// A node that would be lost without sends.
    #[error("{0} feeds nothing but sends; it must reach the output without them, too")]
    OnlySent(NodeName),
    /// What is to be removed is no processor.
    #[error("{0} cannot be removed; only processors can")]
    NotAProcessor(NodeName),
}

fn unknown_letter(console: &str, letter: Option<char>, choice: &str) -> String {
    let wrong = match letter {
        Some(letter) => format!("'{letter}' names no kind of processor of the console {console}"),
        None => "no kind of processor is named".into(),
    };
    format!("{wrong}; give some of {choice}")
}

/// How a message names a node: `node 12 (reverb of strip 'vox')`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeName {
    /// Its id.
    pub id: NodeId,
    /// What it does.
    pub kind: NodeKind,
    /// The name of its strip.
    pub strip: Option<String>,
}

impl fmt::Display for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "node {} ({}", self.id, self.kind)?;
        match &self.strip {
            Some(strip) => write!(f, " of strip '{strip}')"),
            None => f.write_str(")"),
        }
    }
}

//! What a search begins with.

use super::{Error, Settings};
use crate::engine::Parameters;
use crate::graph::Graph;
use crate::session::Session;

/// What a search begins with.
#[derive(Clone, Debug)]
pub struct Start {
    /// The graph.
    pub graph: Graph,
    /// Parameters of some or all of its processors; the others start fresh.
    pub given: Parameters,
}

impl Start {
    /// The full mixing console of a session.
    ///
    /// # Errors
    /// If the session has no stems.
    pub fn console(session: &Session, settings: &Settings) -> Result<Self, Error> {
        let stems: Vec<_> = session.stems.iter().map(|s| (s.name.clone(), s.group)).collect();
        let graph = Graph::console(&stems, &session.groups, &settings.kinds, settings.master)?;
        Ok(Self { graph, given: Parameters::default() })
    }
}

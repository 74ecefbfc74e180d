//! From a file's content to a graph and back.

use super::super::{Error, Graph, Node, NodeKind, NodeName, Role, Strip};
use super::{FileError, GraphFile, NodeFile, StripFile};
use crate::processors::Kind;

impl GraphFile {
    /// A graph's content, without parameters.
    pub fn of(graph: &Graph) -> Self {
        let strips = graph.strips.iter().map(|strip| StripFile {
            name: strip.name.clone(),
            role: strip.role,
            group: strip.group.map(|group| graph.strips[group].name.clone()),
        });
        let nodes = graph.nodes().iter().map(|node| NodeFile {
            id: node.id,
            kind: node.kind.to_string(),
            strip: node.strip,
            wet_logit: None,
            parameters: None,
        });
        Self { rate: None, strips: strips.collect(), nodes: nodes.collect(), edges: graph.edges().to_vec() }
    }

    /// The graph. Its strips are sorted: tracks, groups, sends, then the master, each in the file's order. The stem of an input
    /// is the index of its track in [`Graph::strips`], until [`Graph::bind_stems`] says which that is.
    ///
    /// # Errors
    /// The first thing that is wrong, by the name of the node or strip.
    pub fn graph(&self) -> Result<Graph, FileError> {
        self.check_names()?;
        let mut order: Vec<usize> = (0..self.strips.len()).collect();
        order.sort_by_key(|&strip| self.strips[strip].role as u8);
        let mut place = vec![0; order.len()];
        order.iter().enumerate().for_each(|(to, &from)| place[from] = to);
        let strips = order.iter().map(|&from| {
            let StripFile { name, role, group } = &self.strips[from];
            let group = group.as_ref().map(|group| self.group(name, group)).transpose()?;
            Ok(Strip { name: name.clone(), role: *role, group: group.map(|group| place[group]) })
        });
        let strips = strips.collect::<Result<Vec<_>, FileError>>()?;
        let nodes = self.nodes.iter().map(|node| {
            let strip = self.strip(node)?.map(|strip| place[strip]);
            let kind = match node.kind()? {
                NodeKind::Input { .. } => NodeKind::Input { stem: strip.unwrap_or_default() },
                other => other,
            };
            Ok(Node { id: node.id, kind, strip })
        });
        let graph = Graph::from_parts(strips, nodes.collect::<Result<_, FileError>>()?, self.edges.clone())?;
        for (i, strip) in graph.strips.iter().enumerate() {
            let has_input = graph.nodes().iter().any(|n| n.kind == NodeKind::Input { stem: i });
            if strip.role == Role::Track && !has_input {
                return Err(FileError::NoInput(strip.name.clone()));
            }
        }
        Ok(graph)
    }

    /// How messages name a node of the file.
    pub fn name(&self, node: &NodeFile) -> NodeName {
        let strip = node.strip.and_then(|strip| self.strips.get(strip)).map(|strip| strip.name.clone());
        NodeName { id: node.id, kind: node.kind().unwrap_or(NodeKind::Sum), strip }
    }

    /// The names by which strips are found must say which is meant.
    fn check_names(&self) -> Result<(), FileError> {
        for (i, strip) in self.strips.iter().enumerate() {
            if self.strips[..i].iter().any(|s| s.role == strip.role && s.name == strip.name) {
                return Err(FileError::SameName { role: strip.role, name: strip.name.clone() });
            }
        }
        match self.strips.iter().filter(|s| s.role == Role::Master).count() {
            0 | 1 => Ok(()),
            masters => Err(FileError::Masters(masters)),
        }
    }

    /// The position of the group that the strip `from` names.
    fn group(&self, from: &str, group: &str) -> Result<usize, FileError> {
        let named = |role| self.strips.iter().position(|s| s.role == role && s.name == group);
        match (named(Role::Group), named(Role::Send)) {
            (Some(found), _) => Ok(found),
            (None, Some(_)) => Err(FileError::RoutedToSend { strip: from.into(), send: group.into() }),
            (None, None) => Err(FileError::UnknownGroup { strip: from.into(), group: group.into() }),
        }
    }

    /// The position of a node's strip, where it has one and may be in it.
    fn strip(&self, node: &NodeFile) -> Result<Option<usize>, FileError> {
        let kind = node.kind()?;
        let Some(strip) = node.strip else {
            return match kind {
                NodeKind::Sum | NodeKind::Output => Ok(None),
                NodeKind::Input { .. } | NodeKind::Processor(_) => Err(FileError::NoStrip(self.name(node))),
            };
        };
        let strips = self.strips.len();
        let found =
            self.strips.get(strip).ok_or(Error::UnknownStrip { node: self.name(node), strip, strips })?;
        if matches!(kind, NodeKind::Input { .. }) && found.role != Role::Track {
            return Err(FileError::NotATrack(self.name(node)));
        }
        Ok(Some(strip))
    }
}

impl NodeFile {
    /// What the node does; the stem of an input is not known from here.
    ///
    /// # Errors
    /// [`FileError::UnknownKind`].
    pub fn kind(&self) -> Result<NodeKind, FileError> {
        match self.kind.as_str() {
            "input" => Ok(NodeKind::Input { stem: 0 }),
            "sum" => Ok(NodeKind::Sum),
            "output" => Ok(NodeKind::Output),
            name => match Kind::named(name) {
                Some(kind) => Ok(NodeKind::Processor(kind)),
                None => Err(FileError::UnknownKind { node: self.id, kind: name.into() }),
            },
        }
    }
}

impl Graph {
    /// Gives every input the stem that `stem` makes of its stem now.
    pub fn bind_stems(&mut self, stem: impl Fn(usize) -> usize) {
        for node in &mut self.nodes {
            if let NodeKind::Input { stem: bound } = &mut node.kind {
                *bound = stem(*bound);
            }
        }
    }
}

//! A result as it lies on disk: what was found, in units and as the processors' own parameters.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::Error;
use crate::engine::own_maps;
use crate::graph::Graph;
use crate::report::{Report, json};
use crate::search::StartFile;

/// A result folder's report and graph, which belong together.
#[derive(Clone, Debug)]
pub struct Found {
    /// The folder.
    pub folder: PathBuf,
    /// The findings in units.
    pub report: Report,
    /// The graph with all its parameters.
    pub graph: StartFile,
    /// Physical parameters of all processors.
    flat: Vec<f32>,
    /// Where those of each processor stand, by strip and place in its chain.
    places: BTreeMap<(usize, usize), Range<usize>>,
}

impl Found {
    /// Reads a result folder.
    ///
    /// # Errors
    /// If it is none: no `report.json` of this version, no `graph.json`, or one of other processors.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let path = folder.join("report.json");
        let text = fs::read_to_string(&path).map_err(|reason| match reason.kind() {
            ErrorKind::NotFound if !folder.exists() => Error::Missing(folder.to_owned()),
            ErrorKind::NotFound | ErrorKind::NotADirectory => Error::NoReport(folder.to_owned()),
            _ => Error::Io { what: "reading", path: path.clone(), source: reason },
        })?;
        let report = json::from_str(&text).map_err(|source| Error::Report { path, source })?;
        let file = StartFile::of_result(folder).map_err(|error| Error::Graph(Box::new(error)))?;
        let start = file.start();
        if !describes(&report, &start.graph) || !start.is_given_whole() {
            return Err(Error::OtherGraph(folder.to_owned()));
        }
        let flat = start.given.physical(own_maps)?;
        let by_node: BTreeMap<_, _> =
            start.given.layout().places.into_iter().map(|place| (place.id, place.physical)).collect();
        let chains = (0..report.strips.len()).flat_map(|strip| {
            let chain = start.graph.chain(strip).into_iter().enumerate();
            chain.map(move |(place, id)| ((strip, place), id))
        });
        let places = chains.map(|(at, id)| (at, by_node[&id].clone())).collect();
        Ok(Self { folder: folder.to_owned(), report, graph: file, flat, places })
    }

    /// Physical parameters of the processor at a place in a strip's chain, both counted from 0.
    ///
    /// # Panics
    /// If there is none.
    pub fn physical(&self, strip: usize, place: usize) -> &[f32] {
        &self.flat[self.places[&(strip, place)].clone()]
    }
}

/// Whether a report's strips and chains are those of a graph.
fn describes(report: &Report, graph: &Graph) -> bool {
    report.strips.len() == graph.strips.len()
        && report.strips.iter().zip(&graph.strips).enumerate().all(|(i, (view, strip))| {
            let kinds = graph.chain(i).into_iter().map(|id| graph.node(id)?.kind.processor());
            view.name == strip.name
                && view.role == strip.role
                && view.chain.iter().map(|p| Some(p.kind())).eq(kinds)
        })
}

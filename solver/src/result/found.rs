//! A result as it lies on disk: what was found, in units and as the processors' own parameters.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::ops::{Range, RangeInclusive};
use std::path::{Path, PathBuf};

use super::{GRAPH_FILE, REPORT_FILE, ReadError, json};
use crate::findings::Report;
use crate::graph::Graph;
use crate::processors::Device;
use crate::search::StartFile;
use crate::session::TEMPI;

/// Sample rates that files have, Hz.
const SAMPLE_RATES: RangeInclusive<u32> = 4_000..=768_000;

/// Gains that a report tells lie within this, dB.
const WIDEST_DB: f64 = 1000.0;

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
    pub fn read(folder: &Path) -> Result<Self, ReadError> {
        // Who names the report means its folder.
        let is_report = folder.is_file() && folder.file_name().is_some_and(|name| name == REPORT_FILE);
        let folder = if is_report { folder.parent().unwrap_or(Path::new("")) } else { folder };
        let path = folder.join(REPORT_FILE);
        let text = fs::read_to_string(&path).map_err(|reason| match reason.kind() {
            ErrorKind::NotFound if !folder.exists() => ReadError::Missing(folder.to_owned()),
            ErrorKind::NotFound | ErrorKind::NotADirectory => ReadError::NoReport(folder.to_owned()),
            _ => ReadError::Unreadable { path: path.clone(), source: reason },
        })?;
        let report =
            json::from_str(&text).map_err(|source| ReadError::Report { path: path.clone(), source })?;
        check(&report).map_err(|what| ReadError::OutOfRange { path, what })?;
        let file = graph(folder)?;
        let start = file.start();
        if !describes(&report, &start.graph) || !start.is_given_whole() {
            return Err(ReadError::OtherGraph(folder.to_owned()));
        }
        let flat = start.given.physical()?;
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

/// Reads the graph that a search found, from its result folder.
///
/// # Errors
/// If there is none, or if the file is none.
pub fn graph(folder: &Path) -> Result<StartFile, ReadError> {
    let path = folder.join(GRAPH_FILE);
    if !folder.exists() {
        return Err(ReadError::Missing(folder.to_owned()));
    }
    if !path.exists() {
        return Err(ReadError::NoGraph(folder.to_owned()));
    }
    StartFile::read(&path).map_err(|error| ReadError::Graph(Box::new(error)))
}

/// Looks for figures that would make files which no program can open.
///
/// # Errors
/// What is wrong, in words.
fn check(report: &Report) -> Result<(), String> {
    let rate = report.session.sample_rate;
    if !SAMPLE_RATES.contains(&rate) {
        return Err(format!("the session's sample rate is {rate} Hz"));
    }
    if let Some(tempo) = &report.session.tempo
        && !TEMPI.contains(&tempo.bpm)
    {
        return Err(format!("the tempo is {}", tempo.bpm));
    }
    for strip in &report.strips {
        let wrong = |what: &str, value: f64| Err(format!("'{}' has a {what} of {value}", strip.name));
        for processor in &strip.chain {
            match processor.kind().definition().device() {
                Device::Fader(of) if of(&processor.settings).gain_db.abs() > WIDEST_DB => {
                    return wrong("gain in dB", of(&processor.settings).gain_db);
                }
                Device::Compressor(of) | Device::Gate(of) if of(&processor.settings).ratio < 1.0 => {
                    return wrong("ratio", of(&processor.settings).ratio);
                }
                _ => {}
            }
            let bands = processor.bands.iter().flat_map(|bands| &bands.bands);
            if let Some(band) = bands.into_iter().find(|band| !(band.hz > 0.0 && band.q > 0.0)) {
                return wrong("band in Hz", band.hz);
            }
        }
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_not_there_is_told_from_one_without_a_graph() {
        let home = tempfile::tempdir().unwrap();
        let said = |folder: &Path| graph(folder).unwrap_err().to_string();
        assert!(
            said(&home.path().join("nowhere"))
                .ends_with("nowhere does not exist; give the folder of a result")
        );
        let empty = said(home.path());
        assert!(empty.ends_with("holds no graph.json to go on from; give the folder of a result"), "{empty}");
        fs::write(home.path().join(GRAPH_FILE), [0xff, 0x00, 0x13]).unwrap();
        let binary = said(home.path());
        assert!(binary.contains(&format!("{GRAPH_FILE}: line 1, column 1: ")), "{binary}");
    }
}

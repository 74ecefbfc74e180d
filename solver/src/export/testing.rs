//! Results for the tests of this room.

use std::fs;
use std::path::Path;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::stems::{Stem, Stems};
use crate::findings::{Report, fixture};
use crate::graph::{Graph, GraphFile, Role, Selection};
use crate::parameters::Parameters;
use crate::processors::Kind;
use crate::result::GRAPH_FILE;
use crate::result::json;
use crate::session::{AudioFormat, AudioShape, AudioSource, Options, Session};

/// The built-in song.
pub fn demo() -> Session {
    Session::demo(&Options::default()).unwrap()
}

/// A result of the full console of a session, with parameters near their start.
pub fn result(session: &Session, folder: &Path) -> Report {
    result_of(session, folder, Selection { master: true, ..Selection::of(&Kind::ALL) })
}

/// The same of what is selected of a console.
pub fn result_of(session: &Session, folder: &Path, selection: Selection) -> Report {
    let stems: Vec<_> = session.stems.iter().map(|stem| (stem.name.clone(), stem.group)).collect();
    let graph = Graph::console(&stems, &session.groups, selection).unwrap();
    let mut report = fixture::of_graph(&graph);
    report.settings.console = selection.console;
    report.session.name = "Night / Drive".into();
    report.session.sample_rate = session.sample_rate;
    put(&report, &graph, folder);
    report
}

/// Writes a result folder.
pub fn put(report: &Report, graph: &Graph, folder: &Path) {
    let mut file = GraphFile::of(graph);
    let parameters = Parameters::start(graph, &mut ChaCha8Rng::seed_from_u64(3));
    parameters.write_to(&mut file);
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("report.json"), json::to_string(report).unwrap()).unwrap();
    fs::write(folder.join(GRAPH_FILE), json::graph(&file).unwrap()).unwrap();
}

/// Made-up files for the tracks of a report.
pub fn stems(report: &Report, offset_s: f64) -> Stems {
    let stem = |file: String, seconds: f64| Stem {
        source: AudioSource::Memory("nothing", b""),
        file,
        shape: AudioShape { rate: 44_100, channels: 1, samples: None, format: AudioFormat::Wav },
        seconds,
    };
    let tracks = report.strips.iter().enumerate().filter(|(_, strip)| strip.role == Role::Track);
    Stems {
        tracks: tracks.map(|(i, _)| (i, stem(format!("{i:03} it's.wav"), 200.25))).collect(),
        offset_s,
        mix: Some(stem("mix.wav".into(), 217.5)),
    }
}

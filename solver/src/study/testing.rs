//! Two short songs of noise, studies of them, and what those wrote, for the tests of this room.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

use super::{Event, Experiment, Mode, Study, Summary, songs};
use crate::search::{Preset, Settings, Stop};

/// The songs' rate, and that of the studies, Hz.
pub const RATE: u32 = 8_000;

/// Writes a second of two stems of noise in a group, the first of which is louder in the mix.
pub fn write_song(folder: &Path, seed: u64) {
    fs::create_dir_all(folder).unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut noise = || (0..2 * RATE).map(|_| 0.2 * rng.random_range(-1.0f32..1.0)).collect::<Vec<_>>();
    let (a, b) = (noise(), noise());
    let mix: Vec<f32> = a.iter().zip(&b).map(|(a, b)| 3.0 * a + b).collect();
    for (name, samples) in [("a", a), ("b", b), ("mix", mix)] {
        let spec = hound::WavSpec {
            channels: 2,
            sample_rate: RATE,
            bits_per_sample: 32,
            sample_format: hound::SampleFormat::Float,
        };
        let mut file = hound::WavWriter::create(folder.join(format!("{name}.wav")), spec).unwrap();
        samples.into_iter().for_each(|v| file.write_sample(v).unwrap());
        file.finalize().unwrap();
    }
    let session = r#"{"mix": "mix.wav", "groups": [{"name": "both"}], "stems": [
        {"name": "a", "file": "a.wav", "group": "both"}, {"name": "b|c", "file": "b.wav"}]}"#;
    fs::write(folder.join("session.json"), session).unwrap();
}

/// A home with the songs `one` and `two`.
pub fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    write_song(&home.path().join("one"), 1);
    write_song(&home.path().join("two"), 2);
    home
}

/// A study of some songs in a home, as short as can be.
pub fn study(experiment: Experiment, home: &Path, names: &[&str], out: &str) -> Study {
    let paths: Vec<PathBuf> = names.iter().map(|name| home.join(name)).collect();
    let (songs, failures) = songs(&paths, &[]).unwrap();
    let settings = Settings {
        steps: 2,
        prune_rounds: 1,
        steps_per_round: 1,
        threads: 1,
        ..Settings::preset(Preset::Quick)
    };
    let out = home.join(out);
    Study { experiment, settings, rate: RATE, songs, failures, out, every: Duration::from_secs(60) }
}

/// Runs a study, stopping at the given event if there are so many.
pub fn run(study: &Study, mode: Mode, stop_at: usize) -> (Summary, Vec<Event>) {
    let stop = Stop::default();
    let (sender, events) = crossbeam_channel::unbounded();
    let done = study.prepare(mode).unwrap();
    std::thread::scope(|scope| {
        let running = scope.spawn(|| study.run(done, &{ sender }, &stop).unwrap());
        let mut told = Vec::new();
        for event in events {
            told.push(event);
            if told.len() == stop_at {
                stop.stop();
            }
        }
        (running.join().unwrap(), told)
    })
}

/// Runs a study to its end.
pub fn whole(study: &Study) -> Summary {
    run(study, Mode::Fresh, usize::MAX).0
}

/// All that a study wrote but for what it cost, by file.
pub fn written(out: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for folder in [out.to_owned(), out.join("cells")] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_file() {
                found.insert(name.clone(), timeless(&name, &fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found
}

/// The content of a file without what it tells of costs.
fn timeless(name: &str, text: &str) -> String {
    fn clear(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                ["fit_s", "prune_s", "step_ms_median", "evaluations", "threads"].iter().for_each(|key| {
                    fields.remove(*key);
                });
                fields.values_mut().for_each(clear);
            }
            Value::Array(items) => items.iter_mut().for_each(clear),
            _ => {}
        }
    }
    if name.ends_with(".json") {
        let mut value = serde_json::from_str(text).unwrap();
        clear(&mut value);
        return value.to_string();
    }
    let by = if name.ends_with(".csv") { "," } else { "|" };
    let mut costs = Vec::new();
    let mut line = |line: &str| {
        let fields: Vec<_> = line.split(by).map(str::trim).collect();
        let is_cost = |field: &&str| {
            ["prune_s", "fit_s", "evaluations", "trials in s", "training in s"].contains(field)
        };
        if fields.iter().any(&is_cost) {
            costs = (0..fields.len()).filter(|&i| is_cost(&fields[i])).collect();
        }
        let kept = fields.iter().enumerate().filter(|(i, _)| !costs.contains(i));
        kept.map(|(_, field)| *field).collect::<Vec<_>>().join(by) + "\n"
    };
    if name.ends_with(".svg") { text.to_owned() } else { text.lines().map(&mut line).collect() }
}

/// A file's text.
pub fn read(path: PathBuf) -> String {
    fs::read_to_string(path).unwrap()
}

/// The study's tables as JSON.
pub fn value(study: &Study) -> Value {
    let name = study.experiment.name();
    serde_json::from_str(&read(study.out.join(format!("{name}.json")))).unwrap()
}

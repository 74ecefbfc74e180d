//! Exports of the program: read back and compared with the result that they were made from.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Output;

use mixtrace_solver::findings::Report;
use mixtrace_solver::result::json;
use mixtrace_tests::{run, tiny, write_session};
use tempfile::{TempDir, tempdir};

/// A folder with the result `result/` of a known graph on a session.
fn solved(session: &Path, graph: Option<&Path>) -> TempDir {
    let cwd = tempdir().unwrap();
    let mut arguments = vec!["solve", session.to_str().unwrap(), "--out", "result"];
    match graph {
        Some(graph) => {
            arguments.extend(["--graph", graph.to_str().unwrap(), "--steps", "0", "--method", "none"]);
        }
        None => arguments.extend(["--steps", "3", "--prune-rounds", "0"]),
    }
    let done = run(cwd.path(), &arguments);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    cwd
}

/// The built-in song with the graph of the golden report.
fn known() -> TempDir {
    solved(&tiny(), Some(&Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/tiny-graph.json")))
}

fn export(cwd: &Path, format: &str, more: &[&str]) -> Output {
    run(cwd, &[&["export", "result", "--format", format], more].concat())
}

/// Exports and returns where to.
fn exported(cwd: &Path, format: &str) -> PathBuf {
    let done = export(cwd, format, &[]);
    assert!(done.status.success(), "{format}: {}", String::from_utf8_lossy(&done.stderr));
    let printed = String::from_utf8(done.stdout).unwrap();
    cwd.join(printed.lines().last().unwrap())
}

fn report(cwd: &Path) -> Report {
    json::from_str(&fs::read_to_string(cwd.join("result/report.json")).unwrap()).unwrap()
}

/// One sentence on one line, exit code 2, and nothing written.
fn refuses(cwd: &Path, done: &Output, parts: &[&str]) {
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(2), "{said}");
    let last = said.lines().last().unwrap();
    assert!(parts.iter().all(|part| last.contains(part)), "{said}");
    let written = fs::read_dir(cwd.join("result")).map(|entries| entries.count()).unwrap_or(0);
    assert!(written <= 7 && !cwd.join("there").exists(), "{written} files");
}

fn samples(path: &Path) -> Vec<f32> {
    hound::WavReader::open(path).unwrap().samples().map(Result::unwrap).collect()
}

#[test]
fn printed_stems_sum_up_to_the_match() {
    let cwd = known();
    let folder = exported(cwd.path(), "wav");
    let wanted = samples(&cwd.path().join("result/match.wav"));
    let mut sum = vec![0.0; wanted.len()];
    let mut names = vec![];
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let stem = samples(&path);
            assert_eq!(stem.len(), wanted.len());
            sum.iter_mut().zip(stem).for_each(|(sum, v)| *sum += v);
            names.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    names.sort();
    assert_eq!(names, ["01 kick.wav", "02 snare.wav", "03 ch00_synthbass2.wav", "04 ch01_strings1.wav"]);
    let off = sum.iter().zip(&wanted).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(off < 1e-5, "{off}");
    assert!(wanted.iter().any(|v| v.abs() > 0.1));
    // The reverb on the strings.
    assert_eq!(fs::read_dir(folder.join("impulses")).unwrap().count(), 1);
}

#[test]
fn a_dawproject_holds_the_reports_figures_and_the_stems() {
    let cwd = known();
    let path = exported(cwd.path(), "dawproject");
    let mut zip = zip::ZipArchive::new(File::open(path).unwrap()).unwrap();
    let mut text = String::new();
    zip.by_name("project.xml").unwrap().read_to_string(&mut text).unwrap();
    for (stem, file) in [("01_kick", "01 kick"), ("04_ch01_strings1", "04 ch01_strings1")] {
        let mut audio = vec![];
        zip.by_name(&format!("audio/{file}.flac")).unwrap().read_to_end(&mut audio).unwrap();
        assert_eq!(audio, fs::read(tiny().join(format!("stems/{stem}.flac"))).unwrap());
    }
    let project = roxmltree::Document::parse(&text).unwrap();
    let tracks: BTreeMap<_, _> = project
        .descendants()
        .filter(|n| n.has_tag_name("Track"))
        .map(|track| (track.attribute("name").unwrap(), track))
        .collect();
    for strip in &report(cwd.path()).strips {
        let track = tracks[strip.name.as_str()];
        let channel = track.children().find(|n| n.has_tag_name("Channel")).unwrap();
        let figures = |device: &str, value: &str| -> Vec<f64> {
            let devices = channel.descendants().filter(|n| n.has_tag_name(device));
            let values = devices.filter_map(|d| d.children().find(|n| n.has_tag_name(value)));
            values.map(|n| n.attribute("value").unwrap().parse().unwrap()).collect()
        };
        let compressors = strip.chain.iter().filter(|p| p.kind().name() == "compressor");
        let thresholds: Vec<f64> = compressors.map(|p| p.settings.number("threshold_db")).collect();
        let found = figures("Compressor", "Threshold");
        assert_eq!(found.len(), thresholds.len(), "{}", strip.name);
        for (found, wanted) in found.iter().zip(&thresholds) {
            assert!((found - wanted).abs() < 1e-3, "{}: {found}, not {wanted}", strip.name);
        }
        let bands = strip.chain.iter().filter(|p| p.kind().name() == "equalizer");
        let wanted: Vec<f64> = bands.flat_map(|p| &p.bands).flat_map(|b| &b.bands).map(|b| b.hz).collect();
        // Frequencies are notes there: 69 is 440 Hz.
        let hertz = |note: f64| 440.0 * 2f64.powf((note - 69.0) / 12.0);
        let found: Vec<f64> = figures("Band", "Freq").into_iter().map(hertz).collect();
        assert_eq!(found.len(), wanted.len(), "{}", strip.name);
        assert!(found.iter().zip(&wanted).all(|(a, b)| (a / b - 1.0).abs() < 1e-6), "{found:?} {wanted:?}");
    }
}

#[test]
fn every_format_is_written_once_and_again_only_if_asked() {
    let cwd = known();
    for format in ["dawproject", "reaper", "wav", "csv", "md", "preset"] {
        let path = exported(cwd.path(), format);
        assert!(path.exists(), "{format}");
        let again = export(cwd.path(), format, &[]);
        let said = String::from_utf8_lossy(&again.stderr);
        assert_eq!(again.status.code(), Some(2), "{said}");
        assert!(said.contains("exists already") && said.contains("--force"), "{said}");
        assert!(export(cwd.path(), format, &["--force"]).status.success());
    }
    let page = fs::read_to_string(cwd.path().join("result/tiny.md")).unwrap();
    assert_eq!(page, fs::read_to_string(cwd.path().join("result/report.md")).unwrap());
}

#[test]
fn what_is_no_result_is_refused() {
    let cwd = known();
    fs::create_dir(cwd.path().join("empty")).unwrap();
    let from = |folder: &str| run(cwd.path(), &["export", folder, "--format", "csv", "--out", "there"]);
    refuses(cwd.path(), &from("nowhere"), &["nowhere"]);
    refuses(cwd.path(), &from("empty"), &["empty", "report.json"]);
    refuses(cwd.path(), &export(cwd.path(), "mp3", &["--out", "there"]), &["mp3", "dawproject"]);
    let path = cwd.path().join("result/report.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("\"schema\": 1", "\"schema\": 7")).unwrap();
    refuses(cwd.path(), &export(cwd.path(), "csv", &["--out", "there"]), &["schema 7"]);
    fs::write(&path, &text[..text.len() / 2]).unwrap();
    refuses(cwd.path(), &export(cwd.path(), "csv", &["--out", "there"]), &["report.json"]);
}

#[test]
fn a_stem_that_is_gone_is_named_and_the_session_may_have_moved() {
    let home = tempdir().unwrap();
    let (session, moved) = (home.path().join("song"), home.path().join("elsewhere"));
    write_session(&session);
    let cwd = solved(&session, None);
    fs::rename(&session, &moved).unwrap();
    for format in ["dawproject", "reaper", "wav"] {
        let done = export(cwd.path(), format, &["--out", "there"]);
        refuses(cwd.path(), &done, &["--session"]);
    }
    let there = ["--session", moved.to_str().unwrap()];
    assert!(export(cwd.path(), "reaper", &[&there[..], &["--out", "project"]].concat()).status.success());
    fs::remove_file(moved.join("stems/b.wav")).unwrap();
    refuses(cwd.path(), &export(cwd.path(), "wav", &[&there[..], &["--out", "there"]].concat()), &["b.wav"]);
}

#[test]
fn a_report_without_processors_and_with_awkward_names_can_be_exported() {
    let home = tempdir().unwrap();
    let session = home.path().join("song");
    write_session(&session);
    let path = session.join("session.json");
    let long = "every take of them, ".repeat(10);
    let text = fs::read_to_string(&path).unwrap();
    let text = text.replace("\"name\": \"a\"", "\"name\": \"AC/DC \\\"loud\\\" 'n' 🎸\"");
    fs::write(&path, text.replace("\"name\": \"b\"", &format!("\"name\": \"{}\"", long.trim_end()))).unwrap();
    let cwd = tempdir().unwrap();
    let short = ["--out", "result", "--steps", "2", "--prune-rounds", "1", "--tolerance", "10"];
    let done = run(cwd.path(), &[&["solve", session.to_str().unwrap()], &short[..]].concat());
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(report(cwd.path()).pruning.processors_after, 0);
    for format in ["dawproject", "reaper", "wav", "csv", "md", "preset"] {
        assert!(exported(cwd.path(), format).exists(), "{format}");
    }
}

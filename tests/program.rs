//! The program on a real song, as a user runs it.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use mixtrace_solver::findings::Report;
use mixtrace_solver::result::json;
use mixtrace_tests::{program, run, tiny, write_session};
use tempfile::tempdir;

const FILES: [&str; 7] =
    ["report.json", "graph.json", "report.md", "report.html", "graph.svg", "match.wav", "original.wav"];

/// A search of a few seconds.
const SHORT: [&str; 4] = ["--steps", "6", "--prune-rounds", "1"];

fn solve(cwd: &Path, session: &Path, more: &[&str]) -> std::process::Output {
    run(cwd, &[&["solve", session.to_str().unwrap()], &SHORT[..], more].concat())
}

#[test]
fn a_demo_writes_a_report_whose_numbers_hold_together() {
    let cwd = tempdir().unwrap();
    let done = run(cwd.path(), &[&["demo"], &SHORT[..]].concat());
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let out = cwd.path().join("out/demo");
    let printed = String::from_utf8(done.stdout).unwrap();
    for file in FILES {
        assert!(out.join(file).exists() && printed.contains(file), "{file} is neither written nor named");
    }
    let report = json::from_str(&fs::read_to_string(out.join("report.json")).unwrap()).unwrap();
    assert_eq!(report.session.stems, ["kick", "snare", "ch00_synthbass2", "ch01_strings1"]);
    assert_eq!(report.strips.len(), 4 + 3);
    for strip in &report.strips {
        assert!(printed.contains(&strip.name), "the table lacks {}", strip.name);
    }
    assert_eq!(report.pruning.processors_before, 7 * 7);
    let in_chains: usize = report.strips.iter().map(|s| s.chain.len()).sum();
    assert_eq!(report.pruning.processors_after, in_chains);
    assert!(!report.stopped);
    // The plain sum of these stems is far off the mix (the reference, to which the short last window is worth a whole one,
    // measures 8.990); even a few steps come much closer.
    assert!((report.matches.plain_sum.full - 9.406).abs() < 0.05, "{:?}", report.matches.plain_sum);
    assert!(report.matches.pruned.full < 2.0, "{:?}", report.matches);

    let wav = hound::WavReader::open(out.join("match.wav")).unwrap();
    assert_eq!(wav.spec().sample_rate, 44_100);
    assert!((wav.duration() as f64 / 44_100.0 - report.session.duration_s).abs() < 1e-3);
}

#[test]
fn one_thread_and_two_write_the_same_report() {
    let cwd = tempdir().unwrap();
    let report = |threads: &str| {
        let done = solve(cwd.path(), &tiny(), &["--threads", threads, "--out", threads, "--seed", "3"]);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let text = fs::read_to_string(cwd.path().join(threads).join("report.json")).unwrap();
        text[..text.find("\"timing\"").unwrap()].to_string()
    };
    assert_eq!(report("1"), report("2"));
}

#[test]
fn a_mix_that_needs_no_processor_gets_none() {
    let cwd = tempdir().unwrap();
    write_session(&cwd.path().join("session"));
    let done = solve(cwd.path(), Path::new("session"), &["--tolerance", "10", "--out", "result"]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let text = fs::read_to_string(cwd.path().join("result/report.json")).unwrap();
    assert_eq!(json::from_str(&text).unwrap().pruning.processors_after, 0);
}

#[test]
fn another_seed_writes_another_report() {
    let cwd = tempdir().unwrap();
    write_session(&cwd.path().join("session"));
    let report = |seed: &str| {
        solve(cwd.path(), Path::new("session"), &["--seed", seed, "--out", seed]);
        let text = fs::read_to_string(cwd.path().join(seed).join("report.json")).unwrap();
        json::from_str(&text).unwrap().matches.console.full
    };
    assert_ne!(report("1"), report("2"));
}

#[test]
fn folders_of_stems_are_groups() {
    let cwd = tempdir().unwrap();
    write_session(&cwd.path().join("song"));
    fs::create_dir_all(cwd.path().join("stems/pair")).unwrap();
    for stem in ["a", "b"] {
        let from = cwd.path().join(format!("song/stems/{stem}.wav"));
        fs::copy(from, cwd.path().join(format!("stems/pair/{stem}.wav"))).unwrap();
    }
    let arguments = ["solve", "--stems", "stems", "--mix", "song/mix.wav", "--out", "result"];
    let done = run(cwd.path(), &[&arguments[..], &SHORT[..]].concat());
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let text = fs::read_to_string(cwd.path().join("result/report.json")).unwrap();
    let report = json::from_str(&text).unwrap();
    assert_eq!(report.session.groups, ["pair"]);
    assert!(report.strips.iter().any(|s| s.name == "a" && s.group.as_deref() == Some("pair")));
}

/// The report in a result folder.
fn report(cwd: &Path, result: &str) -> Report {
    json::from_str(&fs::read_to_string(cwd.join(result).join("report.json")).unwrap()).unwrap()
}

#[test]
fn a_result_gone_on_from_without_a_step_keeps_its_graph_and_its_match() {
    let cwd = tempdir().unwrap();
    let solve = |more: &[&str]| {
        let done = solve(cwd.path(), &tiny(), more);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    solve(&["--out", "first", "--tolerance", "0.3"]);
    let first = report(cwd.path(), "first");
    assert!(first.pruning.processors_after < 49, "nothing was pruned");
    let song = tiny();
    let still = ["solve", song.to_str().unwrap(), "--continue", "first", "--steps", "0", "--method", "none"];
    let done = run(cwd.path(), &[&still[..], &["--out", "second"]].concat());
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let second = report(cwd.path(), "second");
    assert_eq!((&second.graph, &second.strips), (&first.graph, &first.strips));
    assert_eq!(second.matches.plain_sum, first.matches.plain_sum);
    assert!((second.matches.pruned.full - first.matches.pruned.full).abs() < 2e-4);
    assert_eq!(second.matches.console, second.matches.pruned);
    assert_eq!(second.pruning.processors_before, first.pruning.processors_after);
    assert_eq!(second.settings.start, "result first");
    let graph = |result: &str| fs::read(cwd.path().join(result).join("graph.json")).unwrap();
    assert_eq!(graph("first"), graph("second"));

    // More steps bring it closer, and the pruned graph's kinds are those that are left.
    solve(&["--continue", "first", "--out", "third"]);
    let third = report(cwd.path(), "third");
    assert!(third.matches.console.full < first.matches.pruned.full, "{:?}", third.matches);
    // A report's graph starts without its parameters.
    solve(&["--graph", "first/report.json", "--out", "fourth"]);
    let fourth = report(cwd.path(), "fourth");
    assert_eq!(fourth.pruning.processors_before, first.pruning.processors_after);
    assert_eq!(fourth.settings.start, "graph report.json");
    assert!(fourth.matches.console.full > third.matches.console.full);
}

#[test]
fn any_graph_in_a_file_is_fitted_pruned_and_shown() {
    let cwd = tempdir().unwrap();
    write_session(&cwd.path().join("song"));
    // A parallel reverb, two compressors in series, and stem b left out.
    let graph = r#"{"strips": [{"name": "rooms", "role": "group"}, {"name": "a", "role": "track"}],
 "nodes": [{"id": 0, "kind": "input", "strip": 1}, {"id": 1, "kind": "equalizer", "strip": 1},
           {"id": 2, "kind": "compressor", "strip": 1}, {"id": 3, "kind": "compressor", "strip": 1},
           {"id": 4, "kind": "reverb", "strip": 0}, {"id": 9, "kind": "output"}],
 "edges": [[0, 1], [1, 2], [2, 3], [3, 9], [1, 4], [4, 9]]}"#;
    fs::write(cwd.path().join("mine.json"), graph).unwrap();
    let arguments = ["--graph", "mine.json", "--method", "none", "--out", "result"];
    let done = solve(cwd.path(), Path::new("song"), &arguments);
    let (said, printed) = (String::from_utf8(done.stderr).unwrap(), String::from_utf8(done.stdout).unwrap());
    assert!(done.status.success(), "{said}");
    assert!(said.contains("note: The stem \"b\" is not in the graph and was left out."), "{said}");
    for words in ["2. comp", "3. comp", "→ rooms (1) and output", "from a 1", "first graph"] {
        assert!(printed.contains(words), "{words} is missing: {printed}");
    }
    let report = report(cwd.path(), "result");
    assert_eq!(report.settings.processors, "ecr");
    assert_eq!(report.strips.iter().map(|s| s.chain.len()).collect::<Vec<_>>(), [3, 1]);
    assert_eq!(report.pruning.processors_before, 4);
    assert_eq!(report.settings.start, "graph mine.json");
    let page = fs::read_to_string(cwd.path().join("result/report.md")).unwrap();
    assert!(page.contains("was left out") && page.contains("from a 1"), "{page}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_keeps_what_was_found() {
    let cwd = tempdir().unwrap();
    let arguments = ["demo", "--steps", "100000", "--out", "result"];
    let running = program()
        .current_dir(cwd.path())
        .args(arguments)
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let running = running.unwrap();
    std::thread::sleep(Duration::from_secs(6));
    let pid = running.id().to_string();
    std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap();
    let done = running.wait_with_output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let text = fs::read_to_string(cwd.path().join("result/report.json")).unwrap();
    assert!(json::from_str(&text).unwrap().stopped);
}

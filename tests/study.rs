//! `mixtrace study` on a real song, as a user runs it.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::Output;

use mixtrace_tests::{run, tiny, write_session};
use tempfile::tempdir;

/// Searches of a second or so.
const SHORT: [&str; 6] = ["--steps", "2", "--prune-rounds", "1", "--steps-per-round", "1"];

fn study(cwd: &Path, arguments: &[&str]) -> Output {
    run(cwd, &[&["study"], arguments, &SHORT[..]].concat())
}

fn said(done: &Output) -> String {
    String::from_utf8_lossy(&done.stderr).into_owned()
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path).unwrap()
}

/// A table without the lines' last fields, which tell of durations.
fn figures(csv: &str, fields: usize) -> Vec<String> {
    csv.lines().map(|line| line.split(',').take(fields).collect::<Vec<_>>().join(",")).collect()
}

#[test]
fn a_study_of_a_song_with_two_mixes_names_both_and_writes_every_table() {
    let cwd = tempdir().unwrap();
    let song = tiny();
    let mixes = ["--mix", "mix_sparse.flac", "--mix", "mix_dense.flac"];
    let done = study(cwd.path(), &[&["consoles", song.to_str().unwrap()], &mixes[..]].concat());
    assert!(done.status.success(), "{}", said(&done));
    let out = cwd.path().join("out/study-consoles");
    let printed = String::from_utf8(done.stdout).unwrap();
    for file in ["consoles.md", "consoles.csv", "consoles.json"] {
        assert!(out.join(file).is_file() && printed.contains(file), "{file} is neither written nor named");
    }
    let csv = read(out.join("consoles.csv"));
    // The reference measures 8.990, as the short last window is worth a whole one to it.
    let base = |song: &str| -> f64 {
        let line = csv.lines().find(|line| line.starts_with(&format!("{song},base,"))).unwrap();
        line.split(',').nth(2).unwrap().parse().unwrap()
    };
    assert!((base("tiny mix_dense") - 9.406).abs() < 0.05);
    assert!(base("tiny mix_sparse") > 1.0);
    assert!(out.join("cells/tiny-mix_sparse-console-ecnsgdr.report.json").is_file());
}

#[cfg(unix)]
#[test]
fn ctrl_c_keeps_what_is_done_and_resume_goes_on_to_the_same_table() {
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    let cwd = tempdir().unwrap();
    write_session(&cwd.path().join("song"));
    let whole = study(cwd.path(), &["pruning", "song", "--out", "whole"]);
    assert!(whole.status.success(), "{}", said(&whole));

    let arguments = [&["study", "pruning", "song", "--out", "parts", "--checkpoint-every", "0"], &SHORT[..]];
    let mut program = mixtrace_tests::program();
    program.current_dir(cwd.path()).args(arguments.concat());
    let running = program.stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let first = cwd.path().join("parts/pruning.csv");
    let begun = Instant::now();
    while !first.exists() && begun.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(5));
    }
    Command::new("kill").args(["-INT", &running.id().to_string()]).status().unwrap();
    let stopped = running.wait_with_output().unwrap();
    let told = said(&stopped);
    assert_eq!(stopped.status.code(), Some(130), "{told}");
    assert!(told.contains("--resume --out parts"), "{told}");
    assert!(read(&first).lines().count() < 1 + 2 * 6, "it was done before it could be stopped");

    let refused = study(cwd.path(), &["pruning", "song", "--out", "parts"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(said(&refused).contains("--resume") && said(&refused).trim_end().lines().count() == 1);
    let resumed = study(cwd.path(), &["pruning", "song", "--out", "parts", "--resume"]);
    assert!(resumed.status.success(), "{}", said(&resumed));
    let of = |folder: &str| figures(&read(cwd.path().join(folder).join("pruning.csv")), 14);
    assert_eq!(of("parts"), of("whole"));
}

#[test]
fn a_broken_song_is_told_of_and_the_others_are_studied() {
    let cwd = tempdir().unwrap();
    write_session(&cwd.path().join("good"));
    write_session(&cwd.path().join("bad"));
    let session = cwd.path().join("bad/session.json");
    fs::write(&session, read(&session).replace("\"two\"", "\"three\"")).unwrap();
    fs::write(cwd.path().join("bad/stems/a.wav"), "no audio").unwrap();
    let done = study(cwd.path(), &["seeds", "bad", "good", "nowhere", "--runs", "2", "--out", "out"]);
    assert_eq!(done.status.code(), Some(2));
    let told = said(&done);
    let end: Vec<_> = told.trim_end().lines().rev().take(2).collect();
    assert!(end.iter().any(|line| line.contains("a.wav")) && end.iter().any(|line| line.contains("nowhere")));
    assert!(told.matches("a.wav").count() == 2, "told at once and at the end: {told}");
    let page = read(cwd.path().join("out/seeds.md"));
    assert!(page.contains("two mix") && page.contains("a.wav"), "{page}");
    assert!(cwd.path().join("out/seeds-two-mix.svg").is_file());
}

#[test]
fn what_cannot_be_studied_is_refused_in_one_sentence_and_nothing_is_left_behind() {
    let cwd = tempdir().unwrap();
    write_session(&cwd.path().join("song"));
    for (arguments, words) in [
        (&["pruning"][..], ["nothing to study", "session"]),
        (&["pruning", "song", "song"], ["song", "twice"]),
        (&["pruning", "song", "./song/session.json"], ["session.json", "twice"]),
        (&["pruning", "song", "--mix", "mix.wav", "--mix", "mix.wav"], ["mix.wav", "twice"]),
        (&["pruning", "nowhere"], ["nowhere", "does not exist"]),
        (&["seeds", "song", "--runs", "0"], ["runs is 0", "between 1 and"]),
        (&["consoles", "song", "--preset", "slow"], ["slow", "quick"]),
        (&["consoles", "song", "--threads", "0"], ["threads", "0"]),
        (&["tolerance", "song", "--out", "song/mix.wav/x"], ["mix.wav", "not a folder"]),
    ] {
        let done = study(cwd.path(), arguments);
        let told = said(&done);
        assert_eq!(done.status.code(), Some(2), "{arguments:?}: {told}");
        assert_eq!(told.trim_end().lines().count(), 1, "{arguments:?}: {told}");
        assert!(words.iter().all(|word| told.contains(word)), "{arguments:?}: {told}");
        assert_eq!(fs::read_dir(cwd.path()).unwrap().count(), 1, "{arguments:?} left something behind");
    }
}

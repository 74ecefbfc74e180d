//! Bad input gets one clear sentence and exit code 2, and nothing is left behind.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use mixtrace_tests::{run, run_on_full_disk, write_session, write_tone, write_wav};
use tempfile::{TempDir, tempdir};

/// A folder with a good session in `song/`.
fn with_session() -> TempDir {
    let cwd = tempdir().unwrap();
    write_session(&cwd.path().join("song"));
    cwd
}

/// Asserts that the program refuses with one sentence that holds all of `words`, and writes nothing.
#[track_caller]
fn refuses(cwd: &Path, arguments: &[&str], words: &[&str]) {
    let before = names(cwd);
    let done = run(cwd, arguments);
    let said = String::from_utf8(done.stderr).unwrap();
    assert_eq!(done.status.code(), Some(2), "{said}");
    assert!(done.stdout.is_empty());
    assert_eq!(said.trim_end().lines().count(), 1, "more than one line: {said}");
    for word in words {
        assert!(said.contains(word), "{word:?} is missing: {said}");
    }
    assert_eq!(names(cwd), before, "something was left behind");
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Replaces text in the session's `session.json`.
fn edit(cwd: &TempDir, from: &str, to: &str) {
    let path = cwd.path().join("song/session.json");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from));
    fs::write(path, text.replace(from, to)).unwrap();
}

#[test]
fn a_missing_folder_or_file_is_named() {
    let cwd = with_session();
    refuses(cwd.path(), &["solve", "nowhere"], &["nowhere", "does not exist"]);
    fs::remove_file(cwd.path().join("song/stems/b.wav")).unwrap();
    refuses(cwd.path(), &["solve", "song"], &["b.wav", "does not exist"]);
    refuses(cwd.path(), &["solve"], &["nothing to solve", "--stems"]);
    refuses(cwd.path(), &["solve", "--stems", "song/stems"], &["--mix"]);
    refuses(cwd.path(), &["solve", "--stems", "nowhere", "--mix", "song/mix.wav"], &["nowhere"]);
}

#[test]
fn a_file_that_holds_no_whole_audio_is_named() {
    let cwd = with_session();
    let stem = cwd.path().join("song/stems/b.wav");
    fs::write(&stem, "this is no audio at all").unwrap();
    refuses(cwd.path(), &["solve", "song"], &["b.wav", "audio"]);
    fs::write(&stem, "").unwrap();
    refuses(cwd.path(), &["solve", "song"], &["b.wav"]);
    write_wav(&stem, 2, std::iter::empty());
    refuses(cwd.path(), &["solve", "song"], &["b.wav"]);
    write_tone(&stem, 300.0, 2.5);
    let whole = fs::read(&stem).unwrap();
    fs::write(&stem, &whole[..whole.len() / 2]).unwrap();
    refuses(cwd.path(), &["solve", "song"], &["b.wav"]);
    write_wav(&stem, 3, (0..30_000).map(|i| (i as f32).sin()));
    refuses(cwd.path(), &["solve", "song"], &["b.wav", "channels"]);
}

#[test]
fn a_sample_that_is_no_number_is_found_to_the_second() {
    let cwd = with_session();
    for bad in [f32::NAN, f32::INFINITY] {
        let tone = (0..88_200).map(|i| if i == 66_150 { bad } else { (i as f32 * 0.02).sin() });
        write_wav(&cwd.path().join("song/stems/b.wav"), 1, tone);
        refuses(cwd.path(), &["solve", "song"], &["b.wav", "1.5"]);
    }
}

#[test]
fn silence_everywhere_is_refused() {
    let cwd = with_session();
    let silence = || (0..88_200).map(|_| 0.0);
    write_wav(&cwd.path().join("song/stems/a.wav"), 1, silence());
    write_wav(&cwd.path().join("song/stems/b.wav"), 1, silence());
    refuses(cwd.path(), &["solve", "song"], &["silent"]);
    let cwd = with_session();
    write_wav(&cwd.path().join("song/mix.wav"), 1, silence());
    refuses(cwd.path(), &["solve", "song"], &["mix", "silent"]);
}

#[test]
fn a_session_that_contradicts_itself_is_refused() {
    let cwd = with_session();
    edit(&cwd, r#""group": "all""#, r#""group": "brass""#);
    refuses(cwd.path(), &["solve", "song"], &["brass"]);
    let cwd = with_session();
    edit(&cwd, r#""name": "b""#, r#""name": "a""#);
    refuses(cwd.path(), &["solve", "song"], &["\"a\""]);
    let cwd = with_session();
    edit(&cwd, r#""sample_rate": 44100"#, r#""sample_rate": "fast""#);
    refuses(cwd.path(), &["solve", "song"], &["session.json", "line 1", "column"]);
    let cwd = with_session();
    fs::write(cwd.path().join("song/session.json"), r#"{"name": "x", "mix": "mix.wav", "stems": []}"#)
        .unwrap();
    refuses(cwd.path(), &["solve", "song"], &["stem"]);
}

#[test]
fn more_than_256_stems_are_refused() {
    let cwd = with_session();
    let many = cwd.path().join("many");
    fs::create_dir(&many).unwrap();
    for i in 0..257 {
        write_wav(&many.join(format!("{i}.wav")), 1, (0..100).map(|n| (n as f32).sin()));
    }
    refuses(cwd.path(), &["solve", "--stems", "many", "--mix", "song/mix.wav"], &["257", "256"]);
}

#[test]
fn settings_out_of_range_are_refused() {
    let cwd = with_session();
    for (arguments, words) in [
        (["--processors", "exq"], ["'x'", "ecnsgdr"]),
        (["--processors", ""], ["kind", "ecnsgdr"]),
        (["--console", "neve"], ["'neve'", "paper"]),
        (["--method", "magic"], ["magic", "dry-wet"]),
        (["--preset", "slow"], ["slow", "quick"]),
        (["--tolerance", "-1"], ["tolerance", "-1"]),
        (["--tolerance", "nan"], ["tolerance", "NaN"]),
        (["--steps", "0"], ["steps", "0"]),
        (["--threads", "0"], ["threads", "0"]),
        (["--rate", "10"], ["10", "Hz"]),
    ] {
        refuses(cwd.path(), &[&["solve", "song"], &arguments[..]].concat(), &words);
    }
}

/// One stem through an equalizer.
const GRAPH: &str = r#"{"strips": [{"name": "a", "role": "track"}],
 "nodes": [{"id": 0, "kind": "input", "strip": 0}, {"id": 1, "kind": "gain_pan", "strip": 0}, {"id": 2, "kind": "output"}],
 "edges": [[0, 1], [1, 2]]}"#;

#[test]
fn a_file_that_holds_no_graph_for_the_session_is_refused() {
    let cwd = with_session();
    let path = cwd.path().join("mine.json");
    fs::write(&path, "").unwrap();
    let set = r#""gain_pan", "wet_logit": 0, "parameters": {"log_gain": [0, 0]}"#;
    let set = GRAPH.replace(r#""gain_pan""#, set).replacen('{', r#"{"rate": 44100, "#, 1);
    for (text, words) in [
        ("no graph".into(), ["mine.json", "line 1, column 2", "correct it"]),
        (
            GRAPH.replace("[1, 2]", "[1, 2], [2, 1]"),
            ["mine.json", "node 1 (gain_pan of strip 'a')", "exactly one"],
        ),
        (GRAPH.replace("[0, 1]", "[1, 1]"), ["mine.json", "node 0 (input of strip 'a')", "feeds no other"]),
        (
            GRAPH.replace("gain_pan", "sum").replace("[0, 1]", "[0, 1], [1, 1]"),
            ["mine.json", "node 1", "cycle"],
        ),
        (GRAPH.replace("gain_pan", "fuzz"), ["mine.json", "node 1", "'fuzz'"]),
        (GRAPH.replace("[1, 2]", "[1, 7]"), ["mine.json", "1 → 7", "node 7"]),
        (GRAPH.replace("gain_pan", "output"), ["mine.json", "2 outputs", "exactly one"]),
        (
            GRAPH.replace(r#""gain_pan", "strip": 0"#, r#""gain_pan""#),
            ["mine.json", "node 1 (gain_pan)", "no strip"],
        ),
        (GRAPH.replace(r#""a""#, r#""vox""#), ["mine.json", "no stem 'vox'", "'a', 'b'"]),
        (set.clone(), ["mine.json", "grid of 44100 Hz", "30000 Hz"]),
        (
            set.replace("44100", "30000").replace("[0, 0]", "[0]"),
            ["node 1 (gain_pan of strip 'a')", "log_gain", "2"],
        ),
        (set.replace(r#""rate": 44100,"#, ""), ["mine.json", "sample rate", "\"rate\""]),
    ] {
        fs::write(&path, &text).unwrap();
        refuses(cwd.path(), &["solve", "song", "--graph", "mine.json"], &words);
    }
    fs::write(&path, GRAPH).unwrap();
    refuses(cwd.path(), &["solve", "song", "--graph", "mine.json", "--steps", "0"], &["steps is 0"]);
    refuses(cwd.path(), &["solve", "song", "--graph", "nowhere.json"], &["nowhere.json", "does not exist"]);
    refuses(cwd.path(), &["solve", "song", "--graph", "song"], &["song cannot be read"]);
}

#[test]
fn a_folder_that_holds_no_result_is_not_gone_on_from() {
    let cwd = with_session();
    refuses(cwd.path(), &["solve", "song", "--continue", "nowhere"], &["nowhere", "does not exist"]);
    refuses(cwd.path(), &["solve", "song", "--continue", "song"], &["song", "graph.json"]);
    for both in [["--graph", "x", "--continue", "y"], ["--graph", "x", "--processors", "e"]] {
        let done = run(cwd.path(), &[&["solve", "song"], &both[..]].concat());
        assert_eq!(done.status.code(), Some(2));
        assert!(String::from_utf8(done.stderr).unwrap().contains("cannot be used with"));
    }
}

#[test]
fn results_that_exist_stay_unless_forced() {
    let cwd = with_session();
    fs::create_dir(cwd.path().join("result")).unwrap();
    fs::write(cwd.path().join("result/report.json"), "mine").unwrap();
    refuses(cwd.path(), &["solve", "song", "--out", "result"], &["result", "--force"]);
    assert_eq!(fs::read_to_string(cwd.path().join("result/report.json")).unwrap(), "mine");
    let forced = ["solve", "song", "--out", "result", "--force", "--steps", "1", "--prune-rounds", "0"];
    assert!(run(cwd.path(), &forced).status.success());
    assert!(fs::read_to_string(cwd.path().join("result/report.json")).unwrap().contains("\"schema\": 1"));
}

#[test]
fn an_output_folder_that_cannot_be_made_is_refused_before_solving() {
    let cwd = with_session();
    refuses(cwd.path(), &["solve", "song", "--out", "song/mix.wav/result"], &["mix.wav"]);
}

/// The system refuses to write on, in the middle of `match.wav`.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_what_was_there() {
    let cwd = with_session();
    fs::create_dir(cwd.path().join("result")).unwrap();
    fs::write(cwd.path().join("result/report.json"), "mine").unwrap();
    let short = ["solve", "song", "--out", "result", "--force", "--steps", "1", "--prune-rounds", "0"];
    let done = run_on_full_disk(cwd.path(), 200, &short);
    let said = String::from_utf8(done.stderr).unwrap();
    assert_eq!(done.status.code(), Some(2), "{said}");
    assert!(said.lines().any(|line| line.contains("result")), "{said}");
    assert_eq!(names(&cwd.path().join("result")), ["report.json"]);
    assert_eq!(fs::read_to_string(cwd.path().join("result/report.json")).unwrap(), "mine");
    assert_eq!(names(cwd.path()), ["result", "song"]);
}

#[test]
fn stems_of_another_song_are_only_warned_about() {
    let cwd = with_session();
    let mut state = 1u32;
    let noise = (0..220_500).map(move |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 16_777_216.0 - 0.5
    });
    write_wav(&cwd.path().join("song/mix.wav"), 2, noise);
    let done = run(cwd.path(), &["solve", "song", "--out", "result", "--steps", "1", "--prune-rounds", "0"]);
    assert!(done.status.success());
    let said = String::from_utf8(done.stderr).unwrap();
    assert!(said.contains("different songs"), "{said}");
}

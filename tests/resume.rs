//! A search that was interrupted, however often and wherever, goes on and ends as if it had not been.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use mixtrace_solver::result::FILES;
use mixtrace_solver::result::json;
use mixtrace_solver::search::checkpoint;
use mixtrace_tests::{program, run, run_on_full_disk, tiny, write_session, write_tone};
use tempfile::tempdir;

/// A search of the tiny song that takes some seconds.
const SEARCH: [&str; 8] = ["--steps", "8", "--prune-rounds", "2", "--processors", "eg", "--seed", "5"];

/// What was found, but for what differs between two runs of the same search: the report and all raw parameters. Nothing but
/// results may be in the folder.
#[track_caller]
fn found(folder: &Path) -> String {
    let mut wanted = FILES;
    wanted.sort();
    assert_eq!(names(folder), wanted);
    let read = |name| fs::read_to_string(folder.join(name)).unwrap();
    let report = read("report.json");
    report[..report.find("\"timing\"").unwrap()].to_string() + &read("graph.json")
}

fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return vec![] };
    let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn has_checkpoint(folder: &Path) -> bool {
    folder.join(checkpoint::FILE_NAME).exists()
}

fn start(cwd: &Path, arguments: &[&str]) -> Child {
    let mut command = program();
    command.current_dir(cwd).args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn said(done: &Output) -> String {
    String::from_utf8_lossy(&done.stderr).into_owned()
}

/// Random times of up to half a second and a little more each time, so that whatever they fall on comes to an end.
struct Lives {
    state: u32,
    count: u32,
}

impl Lives {
    fn next(&mut self) -> Duration {
        self.state = self.state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        self.count += 1;
        Duration::from_millis(u64::from((self.state >> 16) % 500 + 40 * self.count))
    }
}

/// Begins a search and kills it again and again until one of its lives is long enough. Returns how many it took.
fn kill_until_it_ends(cwd: &Path, begin: &[&str], out: &str, seed: u32) -> u32 {
    let folder = cwd.join(out);
    let mut lives = Lives { state: seed, count: 0 };
    loop {
        let arguments = if has_checkpoint(&folder) {
            vec!["solve", "--resume", out, "--checkpoint-every", "0"]
        } else {
            begin.to_vec()
        };
        let mut running = start(cwd, &arguments);
        let end = Instant::now() + lives.next();
        while running.try_wait().unwrap().is_none() && Instant::now() < end {
            sleep(Duration::from_millis(5));
        }
        if running.try_wait().unwrap().is_none() {
            running.kill().unwrap();
        }
        let done = running.wait_with_output().unwrap();
        // It may be killed when all is in place and the checkpoint gone, just before its own end.
        let in_place = folder.join("report.json").exists() && !has_checkpoint(&folder);
        if done.status.success() || in_place {
            return lives.count;
        }
        assert_eq!(done.status.code(), None, "it ended by itself: {}", said(&done));
    }
}

#[test]
fn a_search_that_is_killed_at_random_moments_ends_with_the_report_of_one_that_is_not() {
    let cwd = tempdir().unwrap();
    let song = tiny();
    let solve = [&["solve", song.to_str().unwrap()], &SEARCH[..]].concat();
    let done = run(cwd.path(), &[&solve[..], &["--out", "whole"]].concat());
    assert!(done.status.success(), "{}", said(&done));

    let begin = [&solve[..], &["--out", "killed", "--checkpoint-every", "0"]].concat();
    let lives = kill_until_it_ends(cwd.path(), &begin, "killed", 1);
    assert!(lives > 4, "it ended after {lives} lives, before it was interrupted amid anything");
    assert_eq!(found(&cwd.path().join("killed")), found(&cwd.path().join("whole")));
}

#[test]
fn several_runs_that_are_killed_at_random_moments_end_with_the_same_report() {
    let cwd = tempdir().unwrap();
    write_session(&cwd.path().join("song"));
    let short = ["--runs", "3", "--steps", "4", "--prune-rounds", "1", "--processors", "eg"];
    let solve = [&["solve", "song"], &short[..]].concat();
    let done = run(cwd.path(), &[&solve[..], &["--out", "whole"]].concat());
    assert!(done.status.success(), "{}", said(&done));

    let begin = [&solve[..], &["--out", "killed", "--checkpoint-every", "0"]].concat();
    kill_until_it_ends(cwd.path(), &begin, "killed", 2);
    assert_eq!(found(&cwd.path().join("killed")), found(&cwd.path().join("whole")));

    let text = fs::read_to_string(cwd.path().join("killed/report.json")).unwrap();
    let report = json::from_str(&text).unwrap();
    assert_eq!(report.runs.iter().map(|run| run.seed).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(report.settings.runs, 3);
    let chosen = report.runs.iter().find(|run| run.chosen).unwrap();
    assert_eq!(chosen.processors, report.pruning.processors_after);
    assert_eq!(chosen.matched, report.matches.pruned.full);
    let shares = report.strips.iter().flat_map(|s| &s.chain).map(|p| p.kept_in_runs.unwrap());
    assert!(shares.into_iter().all(|share| (0.33..=1.0).contains(&share)));
    refuses(cwd.path(), &["solve", "song", "--runs", "0"], &["runs", "0", "1000"]);
}

#[test]
fn runs_that_begin_with_a_result_go_on_without_it() {
    let cwd = tempdir().unwrap();
    write_session(&cwd.path().join("song"));
    let first =
        ["solve", "song", "--out", "first", "--steps", "2", "--prune-rounds", "0", "--processors", "eg"];
    assert!(run(cwd.path(), &first).status.success());
    let short = ["--continue", "first", "--runs", "2", "--steps", "30", "--prune-rounds", "1"];
    let solve = [&["solve", "song"], &short[..]].concat();
    let done = run(cwd.path(), &[&solve[..], &["--out", "whole"]].concat());
    assert!(done.status.success(), "{}", said(&done));

    let mut running = start(cwd.path(), &[&solve[..], &["--out", "killed"]].concat());
    while !has_checkpoint(&cwd.path().join("killed")) {
        sleep(Duration::from_millis(5));
    }
    running.kill().unwrap();
    running.wait().unwrap();
    fs::remove_dir_all(cwd.path().join("first")).unwrap();
    let done = run(cwd.path(), &["solve", "--resume", "killed"]);
    assert!(done.status.success(), "{}", said(&done));
    assert_eq!(found(&cwd.path().join("killed")), found(&cwd.path().join("whole")));
    assert!(found(&cwd.path().join("killed")).contains("\"start\": \"result first\""));
}

#[test]
fn a_killed_demo_goes_on_with_checkpoints_a_minute_apart() {
    let cwd = tempdir().unwrap();
    let folder = cwd.path().join("out/demo");
    let demo = [&["demo"], &SEARCH[..]].concat();
    let mut running = start(cwd.path(), &demo);
    while !has_checkpoint(&folder) && running.try_wait().unwrap().is_none() {
        sleep(Duration::from_millis(5));
    }
    running.kill().unwrap();
    running.wait().unwrap();
    assert_eq!(names(&folder), [checkpoint::FILE_NAME]);
    // Results in a folder by default never go where a search is unfinished.
    let whole = run(cwd.path(), &demo);
    assert!(whole.status.success(), "{}", said(&whole));
    let done = run(cwd.path(), &["solve", "--resume", "out/demo", "--threads", "1"]);
    assert!(done.status.success(), "{}", said(&done));
    assert_eq!(found(&folder), found(&cwd.path().join("out/demo-2")));
}

#[cfg(unix)]
#[test]
fn a_stopped_search_says_how_to_go_on_and_ends_with_the_report_of_one_that_was_not() {
    let cwd = tempdir().unwrap();
    write_session(&cwd.path().join("song"));
    let solve = |out: &'static str| {
        let long = ["--steps", "150", "--prune-rounds", "1", "--processors", "ecg"];
        [&["solve", "song", "--out", out], &long[..]].concat()
    };
    let running = start(cwd.path(), &solve("stopped one"));
    let folder = cwd.path().join("stopped one");
    while !has_checkpoint(&folder) {
        sleep(Duration::from_millis(5));
    }
    let pid = running.id().to_string();
    std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap();
    let done = running.wait_with_output().unwrap();
    assert!(done.status.success(), "{}", said(&done));
    let to_go_on = "mixtrace solve --resume \"stopped one\"";
    assert_eq!(said(&done).lines().filter(|line| line.contains(to_go_on)).count(), 1, "{}", said(&done));
    assert!(json::from_str(&fs::read_to_string(folder.join("report.json")).unwrap()).unwrap().stopped);
    assert!(has_checkpoint(&folder));

    let refused = run(cwd.path(), &solve("stopped one"));
    assert_eq!(refused.status.code(), Some(2));
    assert!(said(&refused).contains("--resume \"stopped one\"") && said(&refused).contains("--force"));

    let done = run(cwd.path(), &["solve", "--resume", "stopped one"]);
    assert!(done.status.success(), "{}", said(&done));
    assert!(run(cwd.path(), &solve("whole")).status.success());
    assert_eq!(found(&folder), found(&cwd.path().join("whole")));
}

/// A folder with a session in `song` and a search of it in `result`, killed at its first checkpoint.
fn interrupted() -> tempfile::TempDir {
    let cwd = tempdir().unwrap();
    write_session(&cwd.path().join("song"));
    let mut running = start(cwd.path(), &["solve", "song", "--out", "result", "--steps", "100000"]);
    while !has_checkpoint(&cwd.path().join("result")) {
        sleep(Duration::from_millis(5));
    }
    running.kill().unwrap();
    running.wait().unwrap();
    cwd
}

/// Every file below `folder` and what is in it.
fn content(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = vec![];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(content(&path))
        } else {
            found.push((path.clone(), fs::read(path).unwrap()))
        }
    }
    found.sort();
    found
}

/// Asserts that the program refuses with one sentence that holds all of `words`, and that nothing has changed on disk.
#[track_caller]
fn refuses(cwd: &Path, arguments: &[&str], words: &[&str]) {
    let before = content(cwd);
    let done = run(cwd, arguments);
    assert_eq!(done.status.code(), Some(2), "{}", said(&done));
    assert_eq!(said(&done).trim_end().lines().count(), 1, "more than one line: {}", said(&done));
    for word in words {
        assert!(said(&done).contains(word), "{word:?} is missing: {}", said(&done));
    }
    assert!(done.stdout.is_empty());
    assert!(content(cwd) == before, "something has changed on disk");
}

#[test]
fn a_bad_checkpoint_is_refused_and_nothing_is_changed() {
    let cwd = interrupted();
    let resume = ["solve", "--resume", "result"];
    let file = cwd.path().join("result").join(checkpoint::FILE_NAME);
    let whole = fs::read_to_string(&file).unwrap();
    refuses(cwd.path(), &["solve", "--resume", "nowhere"], &["nowhere", "no unfinished search"]);
    refuses(cwd.path(), &["solve", "--resume", "song"], &["song", "no unfinished search"]);
    for text in ["", "garbage", "{}", &whole[..whole.len() / 2], &whole.replace("\"round\":0", "\"round\":1")]
    {
        fs::write(&file, text).unwrap();
        refuses(cwd.path(), &resume, &["checkpoint.json", "no whole checkpoint"]);
    }
    fs::write(&file, whole.replace("\"format\":2", "\"format\":12")).unwrap();
    refuses(cwd.path(), &resume, &["format 12", "formats 1 to 2"]);
    fs::write(&file, &whole).unwrap();

    let kick = cwd.path().join("song/stems/a.wav");
    let audio = fs::read(&kick).unwrap();
    write_tone(&kick, 221.0, 2.5);
    refuses(cwd.path(), &resume, &["another session", "changed"]);
    fs::remove_file(&kick).unwrap();
    refuses(cwd.path(), &resume, &["a.wav", "does not exist"]);
    fs::write(&kick, audio).unwrap();

    for (more, named) in [
        (&["song"][..], "the session"),
        (&["--seed", "1"], "--seed"),
        (&["--preset", "standard"], "--preset"),
        (&["--out", "elsewhere"], "--out"),
        (&["--force"], "--force"),
        (&["--no-align"], "--no-align"),
    ] {
        refuses(cwd.path(), &[&resume[..], more].concat(), &["--resume", "leave out", named]);
    }
    refuses(cwd.path(), &[&resume[..], &["--threads", "0"]].concat(), &["threads", "0"]);
}

#[test]
fn a_folder_with_an_unfinished_search_is_refused_unless_it_is_thrown_away() {
    let cwd = interrupted();
    let solve = ["solve", "song", "--out", "result", "--steps", "1", "--prune-rounds", "0"];
    refuses(cwd.path(), &solve, &["unfinished search", "mixtrace solve --resume result", "--force"]);
    // A session that cannot be opened is no reason to throw anything away.
    let bad = ["solve", "nowhere", "--out", "result", "--force"];
    refuses(cwd.path(), &bad, &["nowhere", "does not exist"]);
    let done = run(cwd.path(), &[&solve[..], &["--force"]].concat());
    assert!(done.status.success(), "{}", said(&done));
    found(&cwd.path().join("result"));
}

/// No checkpoint fits, but the search goes on and tells so once.
#[cfg(target_os = "linux")]
#[test]
fn a_search_that_cannot_be_kept_goes_on_and_says_so_once() {
    let cwd = tempdir().unwrap();
    write_session(&cwd.path().join("song"));
    let kept_often = ["--checkpoint-every", "0", "--steps", "4", "--prune-rounds", "0"];
    let done =
        run_on_full_disk(cwd.path(), 100, &[&["solve", "song", "--out", "result"], &kept_often[..]].concat());
    let told = said(&done).lines().filter(|line| line.contains("could not be kept")).count();
    assert_eq!(told, 1, "{}", said(&done));
    // The audio of the results does not fit either.
    assert!(said(&done).contains("original.wav"), "{}", said(&done));
    assert!(names(&cwd.path().join("result")).is_empty());
}

//! Studies of two short songs of noise, from the first search to the tables.

use std::fs;
use std::time::Duration;

use serde_json::Value;

use super::testing::{RATE, home, read, run, study, value, whole, write_song, written};
use super::{Cell, Event, Experiment, Mode, Study};
use crate::processors::Kind;
use crate::result::json;
use crate::search::Stop;

#[test]
fn consoles_of_more_kinds_have_a_row_each_and_the_first_is_the_plain_sum() {
    let home = home();
    let study = study(Experiment::Consoles, home.path(), &["one", "two"], "out");
    let summary = whole(&study);
    assert_eq!((summary.failures.len(), summary.stopped, summary.files.len()), (0, false, 3));
    let value = value(&study);
    for (song, name) in [(0, "one mix"), (1, "two mix")] {
        let song = &value["songs"][song];
        assert_eq!(song["song"], name);
        let rows = song["rows"].as_array().unwrap();
        let titles: Vec<_> = rows.iter().map(|row| row["configuration"].as_str().unwrap()).collect();
        assert_eq!(titles, ["base", "g", "sg", "esg", "esgr", "ecsgr", "ecnsgr", "ecnsgdr"]);
        let report =
            read(study.out.join(format!("cells/{}-console-ecnsgdr.report.json", name.replace(' ', "-"))));
        let report = json::from_str(&report).unwrap();
        let base = rows[0]["full"].as_f64().unwrap();
        assert!((base - report.matches.plain_sum.full).abs() < 1e-4, "{base}");
        let last = rows[7]["full"].as_f64().unwrap();
        assert!((last - report.matches.pruned.full).abs() < 1e-4, "{last}");
        let processors: Vec<_> = rows
            .iter()
            .map(|row| row["processors"].as_u64().or(row["processors"].as_f64().map(|f| f as u64)).unwrap())
            .collect();
        assert_eq!(processors, [0, 3, 6, 9, 12, 15, 18, 21]);
    }
    let mean = &value["mean"];
    assert_eq!(mean["songs"], 2);
    for i in 0..8 {
        let of = |rows: &Value| rows["rows"][i]["side"].as_f64().unwrap();
        let wanted = (of(&value["songs"][0]) + of(&value["songs"][1])) / 2.0;
        assert!((of(mean) - wanted).abs() < 1e-12);
    }
    let csv = read(study.out.join("consoles.csv"));
    assert_eq!(csv.lines().count(), 1 + 3 * 8);
    assert_eq!(csv.lines().filter(|line| line.starts_with("mean,")).count(), 8);
}

#[test]
fn every_way_of_pruning_begins_with_the_same_fitted_console() {
    let home = home();
    let study = study(Experiment::Pruning, home.path(), &["one"], "out");
    whole(&study);
    let value = value(&study);
    let rows = value["songs"][0]["rows"].as_array().unwrap();
    let titles: Vec<_> = rows.iter().map(|row| row["configuration"].as_str().unwrap()).collect();
    let wanted =
        ["console", "brute force 0.01", "dry/wet 0.01", "dry/wet 0.001", "hybrid 0.01", "hybrid 0.1"];
    assert_eq!(titles, wanted);
    let cell = |name: &str| -> Cell {
        serde_json::from_str(&read(study.out.join(format!("cells/one-mix-{name}.json")))).unwrap()
    };
    let console = cell("console-ecnsgdr");
    for name in ["brute-force-0.01", "dry-wet-0.01", "dry-wet-0.001", "hybrid-0.01", "hybrid-0.1"] {
        let pruned = cell(name);
        assert_eq!((pruned.console, pruned.plain_sum), (console.pruned, console.plain_sum), "{name}");
        assert!(pruned.timing.step_ms_median == 0.0 && pruned.timing.evaluations > 7, "{name}");
        assert_eq!(pruned.before, console.before, "{name}");
        let report = read(study.out.join(format!("cells/one-mix-{name}.report.json")));
        let report = json::from_str(&report).unwrap();
        assert_eq!(report.settings.steps, 2, "the report tells of the console's steps");
        assert!((report.pruning.ratio - pruned.ratio().unwrap()).abs() < 1e-4);
        for kind in Kind::ALL {
            assert!((report.pruning.by_kind[&kind] - pruned.ratio_of(kind).unwrap()).abs() < 1e-4, "{kind}");
        }
        let kept: usize = pruned.strips.iter().map(|s| s.kinds.len()).sum();
        assert_eq!(kept, pruned.after.values().sum::<usize>());
    }
    assert_eq!(rows[0]["rho"], 0.0);
    assert!(rows[1]["rho"].as_f64().unwrap() > 0.0, "nothing was pruned, so nothing was compared");
    // The one song is the mean.
    assert_eq!(value["mean"]["rows"], value["songs"][0]["rows"]);
}

#[test]
fn a_study_that_was_stopped_anywhere_goes_on_to_the_same_tables_on_any_number_of_threads() {
    let home = home();
    let new = |out: &str| {
        let mut study = study(Experiment::Pruning, home.path(), &["one"], out);
        study.every = Duration::ZERO;
        study
    };
    let wanted = new("wanted");
    let (_, told) = run(&wanted, Mode::Fresh, usize::MAX);
    let begun = |told: &[Event]| told.iter().filter(|e| matches!(e, Event::Begun { .. })).count();
    let done = |told: &[Event]| told.iter().filter(|e| matches!(e, Event::Done { .. })).count();
    assert_eq!((begun(&told), done(&told)), (6, 6));
    let wanted = written(&wanted.out);
    for part in [4, told.len() / 2] {
        let mut study = new(&format!("out {part}"));
        let (stopped, before) = run(&study, Mode::Fresh, part);
        assert!(stopped.stopped, "at event {part}");
        study.settings.threads = 2;
        let (ended, after) = run(&study, Mode::Resume, usize::MAX);
        assert!(!ended.stopped);
        assert_eq!(done(&before) + begun(&after), 6, "at event {part}");
        let found = written(&study.out);
        assert_eq!(found.keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>());
        for (name, text) in &wanted {
            assert_eq!(&found[name], text, "{name} after a stop at event {part}");
        }
    }
}

#[test]
fn a_stop_amid_a_search_leaves_what_is_done_and_a_checkpoint() {
    let home = home();
    let mut study = study(Experiment::Seeds { runs: 2 }, home.path(), &["one"], "out");
    // Long enough to be stopped in.
    study.settings.steps_per_round = 40;
    let stop = Stop::default();
    let (sender, events) = crossbeam_channel::unbounded();
    let done = study.prepare(Mode::Fresh).unwrap();
    std::thread::scope(|scope| {
        let running = scope.spawn(|| study.run(done, &{ sender }, &stop).unwrap());
        let step = |e: &Event| matches!(e, Event::Search(crate::search::Event::PruneStarted { .. }));
        let second = events.iter().filter(step).nth(1);
        assert!(second.is_some());
        stop.stop();
        assert!(running.join().unwrap().stopped);
    });
    let names: Vec<_> = written(&study.out).into_keys().collect();
    assert!(names.contains(&"one-mix-seed-0.json".to_owned()), "{names:?}");
    assert!(names.contains(&"one-mix-seed-1.checkpoint.json".to_owned()), "{names:?}");
    assert_eq!(value(&study)["songs"][0]["rows"].as_array().unwrap().len(), 1);
    let (_, told) = run(&study, Mode::Resume, usize::MAX);
    let resumed = told.iter().filter(|e| matches!(e, Event::Search(crate::search::Event::Resumed { .. })));
    assert_eq!(resumed.count(), 1);
    assert!(written(&study.out).into_keys().all(|name| !name.contains("checkpoint")));
}

#[test]
fn a_broken_song_is_told_and_the_others_are_studied() {
    let home = home();
    fs::write(home.path().join("one/b.wav"), "no audio").unwrap();
    let study = study(Experiment::Consoles, home.path(), &["nowhere", "one", "two"], "out");
    let (summary, told) = run(&study, Mode::Fresh, usize::MAX);
    let failed: Vec<_> = summary.failures.iter().map(|f| f.to_string()).collect();
    assert!(
        failed.len() == 2 && failed[0].contains("nowhere") && failed[1].starts_with("one mix: "),
        "{failed:?}"
    );
    assert!(failed[1].contains("b.wav"));
    assert!(told.iter().any(|e| matches!(e, Event::Failed(f) if f.song == "one mix")));
    let page = read(study.out.join("consoles.md"));
    assert!(page.contains("## Not studied") && page.contains("nowhere") && page.contains("b.wav"), "{page}");
    let value = value(&study);
    assert_eq!(value["failures"].as_array().unwrap().len(), 2);
    assert_eq!((&value["songs"][0]["song"], &value["mean"]["songs"]), (&"two mix".into(), &1.into()));
}

#[test]
fn results_of_other_settings_or_of_another_song_are_never_mixed_in() {
    let home = home();
    let first = study(Experiment::Consoles, home.path(), &["one", "two"], "out");
    whole(&first);
    let before = written(&first.out);
    let refused = |study: &Study, mode| study.prepare(mode).unwrap_err().to_string();
    assert!(refused(&first, Mode::Fresh).contains("go on there"));
    let mut other = first.clone();
    other.settings.steps = 3;
    let told = refused(&other, Mode::Resume);
    assert!(told.contains("2 steps, not 3 steps") && told.contains("begin again"), "{told}");
    other = first.clone();
    other.rate = 9_000;
    assert!(refused(&other, Mode::Resume).contains("8000 Hz, not a rate of 9000 Hz"));
    assert_eq!(written(&first.out), before);
    // Nothing is left to do, so nothing is solved.
    let (_, told) = run(&first, Mode::Resume, usize::MAX);
    assert!(!told.iter().any(|e| matches!(e, Event::Begun { .. })));
    assert_eq!(written(&first.out), before);

    write_song(&home.path().join("one"), 3);
    let (summary, _) = run(&first, Mode::Resume, usize::MAX);
    assert_eq!(summary.failures.len(), 1);
    assert!(summary.failures[0].reason.contains("have changed"), "{:?}", summary.failures);
    assert_eq!(value(&first)["songs"].as_array().unwrap().len(), 1);

    other.rate = RATE;
    other.settings.steps = 1;
    other.songs.pop();
    assert!(run(&other, Mode::Force, usize::MAX).0.failures.is_empty());
    assert_eq!(value(&other)["settings"]["steps"], 1);
}

#[test]
fn a_file_in_the_folder_that_is_no_result_is_refused_by_name() {
    let home = home();
    let study = study(Experiment::Pruning, home.path(), &["one"], "out");
    run(&study, Mode::Fresh, 6);
    for (name, text) in [
        ("one-mix-console-ecnsgdr.json", "{"),
        ("one-mix-hybrid-0.1.json", "[]"),
        ("one-mix-hybrid-0.01.checkpoint.json", "{\"format\": 1}"),
    ] {
        let path = study.out.join("cells").join(name);
        let before = fs::read(&path).ok();
        fs::write(&path, text).unwrap();
        let told = study.prepare(Mode::Resume).unwrap_err().to_string();
        assert!(told.contains(name) && told.contains("remove it"), "{told}");
        assert_eq!(read(path.clone()), text);
        before.map_or_else(|| fs::remove_file(&path), |bytes| fs::write(&path, bytes)).unwrap();
    }
    study.prepare(Mode::Resume).unwrap();
}

#[test]
fn a_console_whose_parameters_are_gone_or_wrong_is_not_begun_with() {
    let home = home();
    let study = study(Experiment::Pruning, home.path(), &["one"], "out");
    whole(&study);
    fs::remove_file(study.out.join("cells/one-mix-hybrid-0.1.json")).unwrap();
    let file = study.out.join("cells/one-mix-console-ecnsgdr.parameters.json");
    let good = read(file.clone());
    let resume = || {
        let done = study.prepare(Mode::Resume).unwrap();
        study.run(done, &crossbeam_channel::unbounded().0, &Stop::default())
    };
    for text in ["{\"rows\": []}".to_owned(), good.replacen("\"ids\": [\n", "\"ids\": [\n99,\n", 1)] {
        fs::write(&file, text).unwrap();
        let told = resume().unwrap_err().to_string();
        assert!(told.contains("parameters.json") && told.contains("another console"), "{told}");
    }
    fs::remove_file(&file).unwrap();
    assert!(resume().unwrap_err().to_string().contains("it is not there"));
    fs::write(&file, good).unwrap();
    resume().unwrap();
}

#[test]
fn seeds_say_how_many_runs_kept_each_processor() {
    let home = home();
    let study = study(Experiment::Seeds { runs: 3 }, home.path(), &["one"], "out");
    let summary = whole(&study);
    assert_eq!(summary.files.len(), 5);
    let value = value(&study);
    let rows = value["songs"][0]["rows"].as_array().unwrap();
    let titles: Vec<_> = rows.iter().map(|row| row["run"].as_str().unwrap()).collect();
    assert_eq!(titles, ["seed 0", "seed 1", "seed 2"]);
    assert_ne!(rows[0]["full"], rows[1]["full"]);
    assert_eq!(value.get("mean"), None);
    let strips = value["kept"]["one mix"]["strips"].as_array().unwrap();
    assert_eq!(strips.len(), 3);
    let kept: f64 = strips
        .iter()
        .flat_map(|s| s["kept"].as_object().unwrap().values())
        .map(|v| v.as_f64().unwrap())
        .sum();
    let processors: f64 = rows.iter().map(|row| row["processors"].as_f64().unwrap()).sum();
    assert!((3.0 * kept - processors).abs() < 1e-9);
    let csv = read(study.out.join("seeds-kept.csv"));
    assert_eq!(csv.lines().next().unwrap().split(',').count(), 4 + 7);
    assert!(csv.lines().any(|line| line.starts_with("one mix,3,both,group,")), "{csv}");
    let page = read(study.out.join("seeds.md"));
    assert!(page.contains("| b\\|c |") && page.contains("standard deviation of 3 runs"), "{page}");
    assert!(page.contains("(seeds-one-mix.svg)") && study.out.join("seeds-one-mix.svg").is_file());
}

#[test]
fn tolerances_are_drawn_for_every_song_and_their_mean() {
    let home = home();
    let mut study = study(Experiment::Tolerance, home.path(), &["one"], "out");
    study.settings.prune_rounds = 0;
    let summary = whole(&study);
    let plots: Vec<_> = summary.files.iter().filter(|f| f.extension().is_some_and(|e| e == "svg")).collect();
    assert_eq!(plots.len(), 2);
    assert!(plots.iter().all(|plot| roxmltree::Document::parse(&read((*plot).clone())).is_ok()));
    let value = value(&study);
    assert_eq!(value["mean"]["rows"].as_array().unwrap().len(), 22);
    for row in value["songs"][0]["rows"].as_array().unwrap() {
        assert_eq!((&row["increase"], &row["rho"]), (&0.0.into(), &0.0.into()), "no round, nothing pruned");
    }
}

#[test]
fn runs_and_settings_out_of_range_are_refused() {
    let home = home();
    for runs in [0, 1001] {
        let study = study(Experiment::Seeds { runs }, home.path(), &["one"], "out");
        let told = study.prepare(Mode::Fresh).unwrap_err().to_string();
        assert!(told.contains(&runs.to_string()), "{told}");
    }
    let mut study = study(Experiment::Pruning, home.path(), &["one"], "out");
    study.settings.steps = 0;
    assert!(study.prepare(Mode::Fresh).unwrap_err().to_string().contains("steps"));
    assert!(!study.out.exists());
}

//! The worker on the built-in song, with few steps.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use nice_plug::params::persist::PersistentField;
use tempfile::TempDir;

use super::*;
use crate::project::Project;

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

struct Desk {
    folder: TempDir,
    project: SharedProject,
    switch: Arc<SolveSwitch>,
    recording: Arc<AtomicBool>,
    worker: Worker,
}

impl Desk {
    /// A worker, and a project whose session is the built-in song.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/songs/tiny")), folder.path());
        let project = SharedProject::default();
        project.with(|project| {
            project.session = Some(folder.path().into());
            project.solve.processors = "eg".into();
            project.solve.steps = Some(3);
            project.solve.prune_rounds = Some(1);
            project.solve.steps_per_round = Some(1);
        });
        let (switch, recording) = (Arc::<SolveSwitch>::default(), Arc::<AtomicBool>::default());
        let heard = Arc::clone(&recording);
        let worker =
            Worker::watching(project.clone(), Arc::clone(&switch), move || heard.load(Ordering::Relaxed));
        Self { folder, project, switch, recording, worker }
    }

    /// The same with a search that does not end by itself.
    fn endless() -> Self {
        let desk = Self::new();
        desk.project.with(|project| project.solve.steps = Some(1_000_000));
        desk
    }

    fn until(&self, what: &str, there: impl Fn(&View) -> bool) -> View {
        let begun = Instant::now();
        loop {
            let view = self.worker.view();
            if there(&view) {
                return view;
            }
            assert!(begun.elapsed() < PATIENCE, "{what} never came: {view:?}");
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn until_free(&self) -> View {
        self.until("an end", |view| !view.is_busy())
    }

    fn until_searching(&self) -> View {
        self.until("a first step", |view| !view.steps.is_empty())
    }

    /// Long enough for anything that was going to begin.
    fn rest(&self) -> View {
        thread::sleep(Duration::from_millis(300));
        self.worker.view()
    }

    fn set(&self, solve: bool) {
        self.switch.set(solve, self.project.restored());
    }

    /// As a host does that opens a project.
    fn load(&self, project: &Project) {
        self.project.set(serde_json::to_value(project).unwrap());
    }

    /// Names in the session's folder that are not the song's, sorted.
    fn written(&self) -> Vec<String> {
        let names = fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<_> = names.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        let song = ["session.json", "stems", "mix_dense.flac", "mix_sparse.flac"];
        names.retain(|name| !song.contains(&&**name) && !name.starts_with("ground_truth"));
        names.sort();
        names
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, to) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if path.is_dir() { copy(&path, &to) } else { fs::copy(&path, &to).map(drop).unwrap() }
    }
}

fn failure(view: &View) -> &str {
    match &view.phase {
        Phase::Failed(reason) => reason,
        other => panic!("{other:?} is no failure"),
    }
}

#[test]
fn a_solve_goes_from_a_take_to_a_report_beside_it() {
    let desk = Desk::new();
    desk.worker.start();
    assert!(desk.worker.view().is_busy());
    let view = desk.until_free();
    assert_eq!(view.phase, Phase::Done);
    assert_eq!(desk.written(), ["report"]);

    let folder = desk.folder.path().join("report");
    assert_eq!(view.session.as_deref(), Some(desk.folder.path()));
    assert_eq!(view.folder.as_ref(), Some(&folder));
    assert_eq!(desk.project.with(|project| project.report.clone()), Some(folder.clone()));
    let report = view.report.unwrap();
    assert_eq!(*report, shown::read(&folder).unwrap());
    assert!(!report.stopped);
    assert_eq!((report.settings.steps, report.settings.steps_per_round), (3, 1));
    assert_eq!(report.timing.threads, threads::count());
    let wav = hound::WavReader::open(folder.join("match.wav")).unwrap();
    assert_eq!((wav.spec().sample_rate, wav.duration()), (44_100, 352_800));

    // What the window drew.
    assert_eq!(view.steps.iter().map(|s| s[0]).collect::<Vec<_>>(), [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(view.evaluated.iter().map(|e| e[0]).collect::<Vec<_>>(), [3.0, 4.0]);
    let console = view.console.unwrap();
    let (before, after) = (report.pruning.processors_before, report.pruning.processors_after);
    assert_eq!((console.processors().count(), view.processors[0]), (before, [0.0, before as f64]));
    assert!(view.processors.len() > 1);
    assert_eq!(view.removed.len(), before - after);
    assert!(view.removed.keys().all(|id| console.node(*id).is_some()));
    assert_eq!(*view.chains, report.strips);
    assert_eq!((view.fraction, view.left), (1.0, None));

    desk.worker.start();
    assert_eq!(desk.until_free().phase, Phase::Done);
    assert_eq!(desk.written(), ["report", "report-2"]);
    assert_eq!(desk.worker.view().folder, Some(desk.folder.path().join("report-2")));
}

#[test]
fn what_cannot_be_solved_is_told_in_a_sentence() {
    let desk = Desk::new();
    desk.project.with(|project| project.session = None);
    desk.worker.start();
    assert!(failure(&desk.until_free()).starts_with("There is no take yet: "));

    let gone = desk.folder.path().join("gone");
    desk.project.with(|project| project.session = Some(gone));
    desk.worker.start();
    let view = desk.until_free();
    assert!(failure(&view).starts_with("The take cannot be opened: "), "{view:?}");
    assert!(failure(&view).contains("gone does not exist"), "{view:?}");

    desk.project.with(|project| {
        project.session = Some(desk.folder.path().into());
        project.solve.method = "magic".into();
    });
    desk.worker.start();
    let view = desk.until_free();
    assert!(failure(&view).contains("the method 'magic' is unknown"), "{view:?}");
    assert!(desk.written().is_empty());
}

#[test]
fn a_session_deleted_under_the_search_is_told_and_not_made_anew() {
    let desk = Desk::endless();
    desk.worker.start();
    desk.until_searching();
    fs::remove_dir_all(desk.folder.path()).unwrap();
    desk.worker.stop();
    let view = desk.until_free();
    assert!(failure(&view).ends_with("is no longer there."), "{view:?}");
    assert!(!desk.folder.path().exists());
    assert_eq!(desk.project.with(|project| project.report.clone()), None);
}

#[test]
fn a_panic_in_the_search_becomes_a_sentence() {
    let job = job::Job {
        session: "x".into(),
        // More threads than rayon has room for.
        settings: mixtrace_solver::search::Settings {
            threads: usize::MAX,
            ..mixtrace_solver::search::Settings::preset(mixtrace_solver::search::Preset::Quick)
        },
        stop: Default::default(),
        view: Arc::default(),
    };
    let (events, _) = unbounded();
    match job.run(events) {
        Err(job::Ended::Failed(reason)) => assert!(reason.starts_with("The solve broke off ("), "{reason}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn stopping_keeps_what_was_found_and_discarding_nothing() {
    let desk = Desk::endless();
    desk.worker.start();
    desk.until_searching();
    desk.worker.start();
    desk.worker.stop();
    let view = desk.until_free();
    assert_eq!(view.phase, Phase::Done);
    assert!(view.report.unwrap().stopped);
    assert_eq!(desk.written(), ["report"]);

    desk.worker.start();
    let view = desk.until_searching();
    assert!(view.report.is_some(), "the last report stays until there is another");
    desk.worker.discard();
    assert_eq!(desk.until_free().phase, Phase::Discarded);
    assert_eq!(desk.written(), ["report"]);
    assert_eq!(desk.rest().phase, Phase::Discarded);
}

#[test]
fn a_solve_waits_for_the_take_under_way_and_solves_that_one() {
    let desk = Desk::new();
    desk.recording.store(true, Ordering::Relaxed);
    let session = desk.project.with(|project| project.session.take());
    desk.worker.start();
    assert_eq!(desk.rest().phase, Phase::Waiting);
    // As the recorder does at a take's end.
    desk.project.with(|project| project.session = session);
    desk.recording.store(false, Ordering::Relaxed);
    assert_eq!(desk.until_free().phase, Phase::Done);

    desk.recording.store(true, Ordering::Relaxed);
    desk.worker.start();
    desk.worker.stop();
    assert_eq!(desk.until_free().phase, Phase::Discarded);
}

#[test]
fn the_hosts_switch_starts_and_stops() {
    let desk = Desk::endless();
    // Off went Capture in the same instant: the recorder has the take's last samples still to write.
    desk.recording.store(true, Ordering::Relaxed);
    desk.set(true);
    desk.until("the wait", |view| view.phase == Phase::Waiting);
    desk.recording.store(false, Ordering::Relaxed);
    desk.until_searching();
    desk.set(false);
    assert_eq!(desk.until_free().phase, Phase::Done);
    assert!(desk.worker.view().report.unwrap().stopped);
}

#[test]
fn a_project_saved_with_the_switch_on_does_not_start_to_solve() {
    let desk = Desk::new();
    let saved = desk.project.with(|project| project.clone());
    desk.set(true);
    desk.load(&saved);
    assert_eq!(desk.rest().phase, Phase::Idle);
    desk.set(false);
    desk.rest();
    desk.set(true);
    assert_eq!(desk.until("the end", |view| view.phase == Phase::Done).phase, Phase::Done);
}

#[test]
fn a_loaded_project_shows_its_report_or_says_why_not() {
    let desk = Desk::new();
    desk.worker.start();
    let solved = desk.until_free();
    let report = desk.folder.path().join("report");
    let project = desk.project.with(|project| project.clone());

    let none = Project { report: None, ..project.clone() };
    desk.load(&none);
    let view = desk.until("an empty view", |view| view.report.is_none());
    assert_eq!((view.phase, view.folder, view.report_problem), (Phase::Idle, None, None));
    assert!(view.console.is_none() && view.steps.is_empty());

    desk.load(&project);
    let view = desk.until("the report", |view| view.report.is_some());
    assert_eq!((&view.report, &view.folder), (&solved.report, &Some(report.clone())));
    let console = view.console.unwrap();
    assert_eq!(console.processors().count(), view.report.unwrap().pruning.processors_after);
    assert!(console.strips.iter().any(|strip| strip.group.is_some()));

    desk.load(&none);
    desk.until("an empty view", |view| view.report.is_none());
    fs::write(report.join("report.json"), "{").unwrap();
    desk.load(&project);
    let view = desk.until("a problem", |view| view.report_problem.is_some());
    assert!(view.report.is_none());
    assert!(view.report_problem.unwrap().contains("report.json cannot be shown: this is no Mixtrace report"));

    desk.load(&Project { report: Some("/gone".into()), ..project });
    let view = desk.until("another problem", |view| view.folder == Some("/gone".into()));
    assert!(view.report_problem.unwrap().starts_with("The report /gone/report.json cannot be read ("));
}

#[test]
fn a_project_loaded_in_the_midst_of_a_search_does_not_disturb_it() {
    let desk = Desk::endless();
    let saved = desk.project.with(|project| project.clone());
    desk.worker.start();
    desk.until_searching();
    desk.set(false);
    desk.load(&Project { report: Some("/elsewhere".into()), ..saved });
    let view = desk.rest();
    assert_eq!((view.phase, view.report_problem), (Phase::Searching, None));
    desk.worker.stop();
    desk.until_free();
    let view = desk.rest();
    assert_eq!(view.phase, Phase::Done);
    assert_eq!(view.folder, desk.project.with(|project| project.report.clone()));
    assert_eq!(view.folder, Some(desk.folder.path().join("report")));
}

#[test]
fn dropping_the_worker_ends_it_at_once_wherever_it_is() {
    let phases = [Phase::Idle, Phase::Waiting, Phase::Opening, Phase::Searching, Phase::Writing];
    for phase in phases {
        let desk = Desk::endless();
        desk.recording.store(phase == Phase::Waiting, Ordering::Relaxed);
        if phase == Phase::Writing {
            desk.project.with(|project| project.solve.steps = Some(1));
        }
        if phase != Phase::Idle {
            desk.worker.start();
        }
        desk.until("the phase", |view| view.phase == phase);
        if phase == Phase::Searching {
            desk.until_searching();
        }
        let held_by_threads = Arc::downgrade(&desk.worker.view);
        let Desk { folder, worker, .. } = desk;
        let begun = Instant::now();
        drop(worker);
        let took = begun.elapsed();
        assert!(took < Duration::from_millis(200), "{phase:?}: {took:?}");
        // A disk that is busy may hold up what was being written; nobody waits for it.
        while held_by_threads.upgrade().is_some() {
            assert!(begun.elapsed() < Duration::from_secs(20), "{phase:?}: a thread runs on");
            thread::yield_now();
        }
        let half =
            |e: std::io::Result<fs::DirEntry>| e.unwrap().file_name().to_string_lossy().starts_with('.');
        assert!(!fs::read_dir(folder.path()).unwrap().any(half), "{phase:?}");
    }
}

//! A plugin that has been in use, for the tests: what the views are drawn from without a host.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mixtrace_solver::findings::*;
use mixtrace_solver::graph::{Console, Graph, Role, Selection};
use mixtrace_solver::processors::{Cell, Curve, Kind, Response, Settings, THIRD_OCTAVES};

use super::snapshot::Snapshot;
use crate::params::Source;
use crate::project::{Label, Project};
use crate::recorder::{Recording, Take};
use crate::worker::Phase;
use crate::{capture, exports, listen, recorder, worker};

const TRACKS: [(&str, &str); 8] = [
    ("Kick in", "Drums"),
    ("Snare top", "Drums"),
    ("Overheads", "Drums"),
    ("Lead vocal", "Vocals"),
    ("Backing vocals", "Vocals"),
    ("Bass", ""),
    ("Rhodes", "Keys"),
    ("Organ", "Keys"),
];

/// Settings of a kind that is set by a few numbers.
fn numbers<const N: usize>(kind: Kind, values: [(&str, f64); N]) -> Settings {
    Settings::new(kind, values.map(|(key, value)| (key, value.into())))
}

/// Settings of a kind, set by `seed` 0…1; blank for kinds that this knows nothing of.
fn settings(kind: Kind, seed: f64) -> Settings {
    match kind.name() {
        "equalizer" => {
            let bell = |hz: f64, at: f64, db: f64| db * (-((hz / at).log2() / 0.8).powi(2)).exp();
            let db = |&hz: &f64| {
                bell(hz, 250.0 + 90.0 * seed, -3.2 - 4.0 * seed) + bell(hz, 6300.0, 2.1 + seed)
                    - 9.0 * (30.0 / hz).powi(2)
            };
            let response =
                Response { hz: THIRD_OCTAVES.to_vec(), db: THIRD_OCTAVES.iter().map(db).collect() };
            Settings::new(kind, [("response", response.into())])
        }
        "compressor" => {
            let (threshold_db, ratio) = (-24.3 + 10.0 * seed, 3.1 + seed);
            let values =
                [("threshold_db", threshold_db), ("ratio", ratio), ("knee_db", 6.0), ("time_ms", 12.3)];
            numbers(kind, values)
        }
        "noise_gate" => {
            let values =
                [("threshold_db", -41.26), ("ratio", 2.0 + seed), ("knee_db", 3.3), ("time_ms", 4.2)];
            numbers(kind, values)
        }
        "stereo_imager" => numbers(kind, [("width", 0.8 + seed)]),
        "gain_pan" => {
            let (gain_db, pan) = (-4.2 + 3.0 * seed, -0.23 + seed);
            numbers(kind, [("gain_db", gain_db), ("pan", pan), ("left_db", -3.5), ("right_db", -5.1)])
        }
        "multitap_delay" => {
            let tap = |channel: &str, time_ms: f64, gain_db: f64| {
                vec![channel.into(), time_ms.into(), gain_db.into(), Cell::Empty]
            };
            let taps = vec![
                tap("left", 125.0, -14.0),
                tap("left", 375.1, -26.4),
                tap("right", 250.1, -17.5),
                tap("right", 500.1, -31.0),
            ];
            Settings::new(kind, [("taps", taps.into())])
        }
        "reverb" => {
            let by_octave = Curve {
                over: vec![125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0],
                of: vec![1.9, 1.8, 1.6, 1.4, 1.2, 0.9, 0.6],
            };
            let values = [
                ("rt60_s", 1.4.into()),
                ("rt60_by_octave", by_octave.into()),
                ("pre_delay_ms", 0.0.into()),
                ("pre_wet_db", (-14.0).into()),
            ];
            Settings::new(kind, values)
        }
        _ => Settings::blank(kind),
    }
}

/// A processor of a kind, set by `seed` 0…1.
pub fn processor(kind: Kind, seed: f64) -> ProcessorView {
    ProcessorView::new(0.2 + 0.75 * seed, settings(kind, seed))
}

/// Tracks with their groups, as a project labels them.
fn labels(tracks: usize) -> Vec<Label> {
    let label = |i: usize| match TRACKS.get(i) {
        Some((name, group)) => Label { name: (*name).into(), group: (*group).into() },
        None => Label { name: format!("Guitar {}", i - 7), group: "Guitars".into() },
    };
    (0..tracks).map(label).collect()
}

fn groups(labels: &[Label]) -> Vec<String> {
    let mut groups: Vec<String> = vec![];
    for label in labels.iter().filter(|l| !l.group.is_empty()) {
        if !groups.contains(&label.group) {
            groups.push(label.group.clone());
        }
    }
    groups
}

/// A report of so many tracks, about a third of all processors kept.
pub fn report(tracks: usize) -> Report {
    let labels = labels(tracks);
    let groups = groups(&labels);
    let kept = |i: usize| {
        let kinds = Console::PAPER.kinds().into_iter().enumerate();
        let stays = move |k: usize| (i * 5 + k * 4 + i / 7).is_multiple_of(3);
        let set = move |k: usize, kind| processor(kind, ((i * 37 + k * 11) % 100) as f64 / 100.0);
        kinds.filter(|(k, _)| stays(*k)).map(|(k, kind)| set(k, kind)).collect::<Vec<_>>()
    };
    let track = |(i, l): (usize, &Label)| StripView {
        name: l.name.clone(),
        role: Role::Track,
        group: (!l.group.is_empty()).then(|| l.group.clone()),
        chain: kept(i),
        heard: None,
        tone: None,
        also: vec![],
    };
    let group = |(i, name): (usize, &String)| StripView {
        name: name.clone(),
        role: Role::Group,
        group: None,
        chain: kept(tracks + i),
        heard: None,
        tone: None,
        also: vec![],
    };
    let strips: Vec<StripView> =
        labels.iter().enumerate().map(track).chain(groups.iter().enumerate().map(group)).collect();
    let after = strips.iter().map(|s| s.chain.len()).sum::<usize>();
    let before = strips.len() * Console::PAPER.kinds().len();
    let matches = |full: f64| MatchView { full, lr: full * 0.93, mid: full * 0.871, side: full * 1.268 };
    Report {
        schema: SCHEMA,
        program: "mixtrace 0.1.0".into(),
        stopped: false,
        session: SessionView {
            name: "Take 3".into(),
            sample_rate: 48_000,
            duration_s: 217.3,
            stems: labels.iter().map(|l| l.name.clone()).collect(),
            groups,
            tempo: None,
            notes: vec![
                "512 frames were lost while the take was recorded; they are silent in all stems.".into(),
            ],
            source: None,
            fingerprint: None,
        },
        settings: SettingsView {
            console: Console::PAPER,
            rate: 30_000,
            steps: 400,
            prune_rounds: 8,
            steps_per_round: 60,
            method: "dry-wet".into(),
            tolerance: 0.01,
            start: CONSOLE.into(),
            processors: "ecnsgdr".into(),
            master: false,
            seed: 0,
            runs: 1,
        },
        matches: Matches {
            plain_sum: matches(1.083),
            static_mix: Some(matches(0.941)),
            console: matches(0.372),
            pruned: matches(0.38),
        },
        error: None,
        pruning: Pruning {
            processors_before: before,
            processors_after: after,
            ratio: 1.0 - after as f64 / before as f64,
            by_kind: Kind::ALL.map(|kind| (kind, 0.66)).into(),
        },
        history: vec![],
        graph: GraphView { nodes: vec![], edges: vec![] },
        strips,
        runs: vec![],
        timing: Timing { fit_s: 74.2, prune_s: 31.7, step_ms_median: 91.8, evaluations: 212, threads: 7 },
    }
}

/// The full console of the same tracks.
fn console(tracks: usize) -> Arc<Graph> {
    let labels = labels(tracks);
    let groups = groups(&labels);
    let track = |l: &Label| (l.name.clone(), groups.iter().position(|g| *g == l.group));
    let tracks: Vec<(String, Option<usize>)> = labels.iter().map(track).collect();
    Arc::new(Graph::console(&tracks, &groups, Selection::of(&Kind::ALL)).unwrap())
}

/// A new instance in a host with all 31 side chains.
pub fn empty() -> Snapshot {
    Snapshot {
        now: Instant::now(),
        capture: capture::View {
            buses: 32,
            sample_rate: 48_000,
            transport: capture::Transport { present: true, playing: false, position: Some(0), tempo: None },
            ..Default::default()
        },
        peaks: vec![[0.0; 2]; 32],
        recorder: recorder::View {
            home: "/home/anna/Documents/Mixtrace".into(),
            free_bytes: Some(214_000_000_000),
            ..Default::default()
        },
        worker: worker::View::default(),
        listen: listen::View::Nothing,
        exports: exports::View::Nothing,
        project: Project::default(),
        project_problem: None,
        capture_on: false,
        source: Source::Through,
    }
}

/// Eight named stems under a running take, earlier takes beside it.
pub fn recording() -> Snapshot {
    let mut shot = empty();
    for (place, label) in shot.project.stems.iter_mut().zip(labels(8)) {
        *place = label;
    }
    for (i, peak) in shot.peaks.iter_mut().take(9).enumerate() {
        let level = 0.9 * 0.72f32.powi(i as i32);
        *peak = [level, level * 0.8];
    }
    shot.peaks[1] = [1.02, 0.7];
    shot.capture_on = true;
    shot.capture.armed = true;
    shot.capture.capturing = true;
    shot.capture.transport =
        capture::Transport { present: true, playing: true, position: Some(3_590_400), tempo: None };
    shot.recorder.recording =
        Some(Recording { name: "Take 4".into(), seconds: 42.3, lost_frames: 0, bytes_per_second: 3_456_000 });
    let home = shot.recorder.home.clone();
    let take = |n: usize, seconds, position_s, lost_frames| Take {
        folder: home.join(format!("Take {n}")),
        name: format!("Take {n}"),
        seconds,
        position_s,
        stems: 8,
        lost_frames,
    };
    shot.recorder.takes =
        vec![take(3, 217.3, Some(12.0), 512), take(2, 64.0, Some(96.5), 0), take(1, 31.2, None, 0)];
    shot.project.session = Some(home.join("Take 3"));
    shot
}

/// In the middle of a search.
pub fn solving() -> Snapshot {
    let mut shot = recording();
    shot.capture_on = false;
    shot.capture.armed = false;
    shot.capture.capturing = false;
    shot.recorder.recording = None;
    let console = console(6);
    let all: Vec<_> = console.processors().collect();
    let now = Instant::now();
    let age = |i: usize| now - Duration::from_millis(150 * (i as u64 % 9));
    let removed: HashMap<_, _> =
        all.iter().enumerate().filter(|(i, _)| i % 3 == 1).map(|(i, (id, _))| (*id, age(i))).collect();
    let falling = |i: usize| 0.34 + 1.4 * (-(i as f64) / 60.0).exp() + 0.05 * ((i * 7919) % 13) as f64 / 13.0;
    shot.worker = worker::View {
        phase: Phase::Searching,
        session: shot.project.session.clone(),
        words: "prune 2/8, trial 14".into(),
        fraction: 0.58,
        left: Some(Duration::from_secs(74)),
        steps: (0..520).map(|i| [i as f64, falling(i)]).collect(),
        evaluated: vec![[400.0, 0.362], [460.0, 0.371], [520.0, 0.369]],
        processors: (0..40).map(|i| [i as f64, (all.len() - i / 2) as f64]).collect(),
        console: Some(console),
        removed: Arc::new(removed),
        ..Default::default()
    };
    shot
}

/// With a report, as after a search.
pub fn solved() -> Snapshot {
    let mut shot = solving();
    shot.worker.phase = Phase::Done;
    shot.worker.report = Some(Arc::new(report(8)));
    shot.worker.folder = Some(PathBuf::from("/home/anna/Documents/Mixtrace/Take 3/report"));
    shot.worker.console = Some(console(8));
    shot.listen = listen::View::Ready { gain_db: 1.24, span_s: [12.0, 229.3], heard: false };
    shot
}

/// With a report of so many tracks.
pub fn solved_with(tracks: usize) -> Snapshot {
    let mut shot = solved();
    shot.worker.report = Some(Arc::new(report(tracks)));
    shot
}

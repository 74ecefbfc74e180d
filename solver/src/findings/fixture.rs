//! Reports for the tests: one with every kind, role and awkward name, and one of any size.

use super::fitted::graph_view;
use super::schema::*;
use crate::bands::{Band, Bands, Shape};
use crate::graph::{Console, Graph, Role, Selection};
use crate::processors::{Cell, Curve, Kind, Reduction, Response, Settings, THIRD_OCTAVES};
use crate::session::{Origin, Source};

/// A response with two bells, a low cut and an overall level.
fn response(seed: f64) -> Response {
    let bell = |hz: f64, at: f64, db: f64| db * (-((hz / at).log2() / 0.8).powi(2)).exp();
    let curve = |&hz: &f64| {
        bell(hz, 250.0 + 90.0 * seed, -3.2 - seed) + bell(hz, 6300.0, 2.1 + seed)
            - 9.0 * (30.0 / hz).powi(2)
            - 1.5
    };
    Response { hz: THIRD_OCTAVES.to_vec(), db: THIRD_OCTAVES.iter().map(curve).collect() }
}

/// Settings of a kind that is set by four numbers or less.
fn numbers<const N: usize>(kind: Kind, values: [(&str, f64); N]) -> Settings {
    Settings::new(kind, values.map(|(key, value)| (key, value.into())))
}

/// Settings of a kind, set by `seed` 0…1; blank for kinds that this knows nothing of.
fn settings(kind: Kind, seed: f64) -> Settings {
    match kind.name() {
        "equalizer" => Settings::new(kind, [("response", response(seed).into())]),
        "compressor" => numbers(
            kind,
            [
                ("threshold_db", -24.318_27 + 10.0 * seed),
                ("ratio", 3.123_456 + seed),
                ("knee_db", 6.0),
                ("time_ms", 12.345_67),
            ],
        ),
        "noise_gate" => numbers(
            kind,
            [("threshold_db", -41.25), ("ratio", 2.0 + seed), ("knee_db", 3.3), ("time_ms", 4.2)],
        ),
        "stereo_imager" => numbers(kind, [("width", 0.8 + seed)]),
        "gain_pan" => numbers(
            kind,
            [("gain_db", -4.2 + 3.0 * seed), ("pan", -0.23 + seed), ("left_db", -3.5), ("right_db", -5.1)],
        ),
        "multitap_delay" => {
            let tap = |channel: &str, time_ms: f64, gain_db: f64| {
                vec![channel.into(), time_ms.into(), gain_db.into(), Cell::Empty]
            };
            let taps = vec![
                tap("left", 125.033_3, -14.02),
                tap("left", 375.1, -26.4),
                tap("right", 250.066_7, -17.5),
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
    let settings = settings(kind, seed);
    let (bands, reduction) = match kind {
        Kind::Equalizer => (Some(bands(seed)), None),
        Kind::Compressor | Kind::NoiseGate => {
            (None, Some(Reduction { median_db: 2.25 + seed, max_db: 7.5 + 4.0 * seed }))
        }
        Kind::Reverb => (Some(Bands { bands: bands(seed).bands.split_off(2), ..bands(seed) }), None),
        _ => (None, None),
    };
    let matters = Some(0.002 + 0.11 * seed * seed);
    ProcessorView { matters, bands, reduction, ..ProcessorView::new(0.2 + 0.75 * seed, settings) }
}

/// Four bands set by `seed`.
fn bands(seed: f64) -> Bands {
    let band = |shape, hz, db, q| Band { shape, hz, db, q };
    Bands {
        bands: vec![
            band(Shape::HighPass, 41.0 + 60.0 * seed, 0.0, 0.71),
            band(Shape::Bell, 312.4, -3.2 - seed, 1.13),
            band(Shape::Bell, 6300.0, 2.1 + seed, 0.94),
            band(Shape::LowPass, 12_400.0, 0.0, 0.71),
        ],
        bands_level_db: -1.5 + seed,
        bands_residual_db: 0.3 + 0.4 * seed,
    }
}

fn strip(name: &str, role: Role, group: Option<&str>, chain: &[(Kind, f64)]) -> StripView {
    let has = |kind| chain.iter().any(|p| p.0 == kind);
    StripView {
        name: name.into(),
        role,
        group: group.map(Into::into),
        // The longer the name, the quieter the track.
        heard: (role == Role::Track).then_some(1.6 / name.len() as f64),
        chain: chain.iter().map(|&(kind, seed)| processor(kind, seed)).collect(),
        tone: (has(Kind::Equalizer) && has(Kind::Reverb)).then(|| bands(0.5)),
        also: vec![],
    }
}

/// The pruned console with these strips.
fn console(strips: &[StripView]) -> GraphView {
    let mut graph = GraphView { nodes: vec![], edges: vec![] };
    let mut ends = vec![];
    let mut heads = vec![];
    for (i, strip) in strips.iter().enumerate() {
        let head = if strip.role == Role::Track { "input" } else { "sum" };
        heads.push(graph.nodes.len());
        let kinds = strip.chain.iter().map(|p| p.kind().name());
        for (place, kind) in std::iter::once(head).chain(kinds).enumerate() {
            let id = graph.nodes.len();
            graph.nodes.push(NodeView { id, kind: kind.into(), strip: Some(i) });
            if place > 0 {
                graph.edges.push([id - 1, id]);
            }
        }
        ends.push(graph.nodes.len() - 1);
    }
    let output = graph.nodes.len();
    graph.nodes.push(NodeView { id: output, kind: "output".into(), strip: None });
    let bus = |role, name: Option<&String>| {
        strips.iter().position(|s| s.role == role && name.is_none_or(|name| *name == s.name))
    };
    for (strip, &end) in strips.iter().zip(&ends) {
        let group = strip.group.as_ref().and_then(|name| bus(Role::Group, Some(name)));
        let master = bus(Role::Master, None).filter(|_| strip.role != Role::Master);
        graph.edges.push([end, group.or(master).map_or(output, |bus| heads[bus])]);
    }
    graph
}

/// No console: a vocal with two compressors in series, half of it through a reverb of its own, and a send before that to
/// a bus that a dry bass feeds too; the bus meets the rest in a sum outside all strips.
///
/// ```text
/// vox   0 in ─ 1 eq ┬ 2 comp ─ 3 comp ┬─────────── 5 sum ─┐
///                   │                 └ 4 reverb ─┘       │
/// bass  6 in ───────┼─┬───────────────────────────────────┼ 9 sum ─ 10 out
/// space             └─┴ 7 sum ─ 8 reverb ─────────────────┘
/// ```
pub fn parallel() -> Report {
    use Kind::*;
    let strips = vec![
        strip(
            "vox",
            Role::Track,
            None,
            &[(Equalizer, 0.4), (Compressor, 0.2), (Compressor, 0.9), (Reverb, 0.3)],
        ),
        strip("bass", Role::Track, None, &[]),
        strip("space", Role::Group, None, &[(Reverb, 0.8)]),
    ];
    let mut report = report("Parallel", strips, "ecr");
    let node =
        |(id, (kind, strip)): (usize, (&str, Option<usize>))| NodeView { id, kind: kind.into(), strip };
    let nodes = [
        ("input", Some(0)),
        ("equalizer", Some(0)),
        ("compressor", Some(0)),
        ("compressor", Some(0)),
        ("reverb", Some(0)),
        ("sum", Some(0)),
        ("input", Some(1)),
        ("sum", Some(2)),
        ("reverb", Some(2)),
        ("sum", None),
        ("output", None),
    ];
    report.graph.nodes = nodes.into_iter().enumerate().map(node).collect();
    report.graph.edges = vec![
        [0, 1],
        [1, 2],
        [2, 3],
        [3, 4],
        [3, 5],
        [4, 5],
        [1, 7],
        [6, 7],
        [7, 8],
        [5, 9],
        [6, 9],
        [8, 9],
        [9, 10],
    ];
    report.settings.start = "graph parallel.json".into();
    report
}

/// A report of any graph whose nodes are in strips.
pub fn of_graph(graph: &Graph) -> Report {
    let chain = |i| -> Vec<_> {
        let kinds = graph.chain(i).into_iter().filter_map(|id| graph.node(id)?.kind.processor());
        kinds.map(|kind| (kind, 0.5)).collect()
    };
    let strips = graph.strips.iter().enumerate().map(|(i, of)| {
        let group = of.group.map(|group| graph.strips[group].name.as_str());
        strip(&of.name, of.role, group, &chain(i))
    });
    let mut report = report("Any graph", strips.collect(), "ecnsgdr");
    for send in graph.sends() {
        let place = graph.chain(send.to).iter().position(|&id| id == send.gain).unwrap();
        report.strips[send.to].chain[place].from = send.from.map(|strip| graph.strips[strip].name.clone());
    }
    report.graph = graph_view(graph);
    report.settings.start = "graph any.json".into();
    report
}

/// A console with a send, to which a track in a group and one in none are sent.
pub fn hall() -> Report {
    let stems = [("Kick".to_owned(), Some(0)), ("Lead vocal".to_owned(), None)];
    let console = Console::HALL;
    let selection = Selection { console, kinds: &console.kinds(), master: true };
    let mut report = of_graph(&Graph::console(&stems, &["Drums".to_owned()], selection).unwrap());
    report.settings.console = console;
    report.settings.processors = console.letters();
    report.settings.start = CONSOLE.into();
    report
}

/// Six tracks, two groups and a master; all seven kinds; names with markup, quotes, emoji and 200 characters.
pub fn song() -> Report {
    use Kind::*;
    let long = format!("Backing vocals, {}", "every take of them, ".repeat(10));
    let strips = vec![
        strip("Kick in", Role::Track, Some("Drums"), &[(Equalizer, 0.9), (Compressor, 0.6), (GainPan, 0.2)]),
        strip(
            "Snare <top> & \"bottom\" | 'rim'",
            Role::Track,
            Some("Drums"),
            &[(NoiseGate, 0.5), (Reverb, 0.0)],
        ),
        strip("Overheads", Role::Track, Some("Drums"), &[]),
        strip("Lead 👩‍🎤 *vocal*", Role::Track, Some("Vocals ✨"), &[(Equalizer, 0.3), (MultitapDelay, 0.2)]),
        strip(long.trim_end(), Role::Track, Some("Vocals ✨"), &[(StereoImager, 0.55), (Reverb, 0.4)]),
        strip("Bass", Role::Track, None, &[(Compressor, 0.9), (GainPan, 0.5)]),
        strip("Drums", Role::Group, None, &[(Equalizer, 0.1), (Compressor, 0.1)]),
        strip("Vocals ✨", Role::Group, None, &[(Reverb, 0.1)]),
        strip("master", Role::Master, None, &[(Equalizer, 0.7), (StereoImager, 0.4)]),
    ];
    report("Night Drive <demo>", strips, "ecnsgdr")
}

/// The same, found in five runs that agree on some of it.
pub fn song_of_runs() -> Report {
    let mut report = song();
    report.settings.runs = 5;
    let run = |seed: u64| RunView {
        seed,
        matched: 0.38 + 0.002 * seed as f64,
        processors: 20 - seed as usize,
        chosen: seed == 4,
    };
    report.runs = (0..5).map(run).collect();
    for (i, processor) in report.strips.iter_mut().flat_map(|s| &mut s.chain).enumerate() {
        processor.kept_in_runs = Some((i % 5 + 1) as f64 / 5.0);
    }
    let also = |kind, kept_in_runs| AlsoView { kind, kept_in_runs };
    report.strips[1].also = vec![also(Kind::Compressor, 0.6), also(Kind::NoiseGate, 0.2)];
    report.strips[2].also = vec![also(Kind::Reverb, 0.2)];
    report
}

/// A report of `tracks` tracks in groups of eight, every third processor kept.
pub fn of_size(tracks: usize) -> Report {
    let mut strips: Vec<StripView> = (0..tracks)
        .map(|i| {
            let group = format!("Group {}", i / 8 + 1);
            let kept: Vec<(Kind, f64)> = (0..7)
                .filter(|k| (i * 5 + k * 4 + i / 7) % 3 == 0)
                .map(|k| (Kind::ALL[k], ((i * 37 + k * 11) % 100) as f64 / 100.0))
                .collect();
            strip(&format!("{:02} Track", i + 1), Role::Track, (tracks > 2).then_some(group.as_str()), &kept)
        })
        .collect();
    if tracks > 2 {
        for i in 0..tracks.div_ceil(8) {
            strips.push(strip(&format!("Group {}", i + 1), Role::Group, None, &[(Kind::Equalizer, 0.5)]));
        }
    }
    report("A song of some size", strips, "ecnsgdr")
}

/// Errors of some 2 dB, more at the ends of hearing and in the midst of the song. Nothing is heard below 30 Hz, at 63 Hz
/// and from 0:13 to 0:31.
fn error() -> ErrorView {
    let hz: Vec<f64> = THIRD_OCTAVES.into_iter().filter(|&hz| hz > 30.0 && hz != 63.0).collect();
    let by_hz = |&hz: &f64| 1.4 + 0.8 * (hz / 1000.0f64).log10().powi(2);
    let s: Vec<f64> = (0..13).chain(31..217).map(f64::from).collect();
    let db = s.iter().map(|s| 2.0 + (s / 70.0).sin() + 0.3 * (s * 1.7).cos()).collect();
    ErrorView {
        by_frequency: Response { db: hz.iter().map(by_hz).collect(), hz },
        over_time: ErrorOverTime { s, db },
    }
}

/// Twelve rounds that take out the less the later they are.
fn history(round: usize, before: usize, after: usize) -> RoundView {
    let left = before.saturating_sub(after) as f64 * (1.0 - round as f64 / 12.0).powi(2);
    let matched = 0.372_118 + 0.008_349 * (round as f64 / 12.0) + 0.002 * (round as f64).sin();
    RoundView { round, processors: after + left.round() as usize, matched }
}

fn report(name: &str, strips: Vec<StripView>, processors: &str) -> Report {
    let after = strips.iter().map(|s| s.chain.len()).sum::<usize>();
    let before = strips.len() * processors.len();
    let by_kind = Kind::ALL.map(|kind| {
        let kept = strips.iter().flat_map(|s| &s.chain).filter(|p| p.kind() == kind).count();
        (kind, 1.0 - kept as f64 / strips.len() as f64)
    });
    let named = |role| strips.iter().filter(|s| s.role == role).map(|s| s.name.clone()).collect::<Vec<_>>();
    let matches = |full: f64| MatchView { full, lr: full * 0.93, mid: full * 0.871, side: full * 1.268 };
    Report {
        schema: SCHEMA,
        program: "mixtrace 0.1.0".into(),
        stopped: false,
        session: SessionView {
            name: name.into(),
            sample_rate: 48_000,
            duration_s: 217.346_71,
            stems: named(Role::Track),
            groups: named(Role::Group),
            tempo: Some(TempoView { bpm: 120.0, from: TempoFrom::Given }),
            notes: vec![
                "The stem \"Bass\" was 0.4 s shorter than the mix & was padded with silence.".into(),
                "The stem <Overheads> was shifted by 12 samples.".into(),
            ],
            source: Some(Source { origin: Origin::Demo, rate: 30_000, align: true }),
            fingerprint: None,
        },
        settings: SettingsView {
            console: Console::PAPER,
            rate: 30_000,
            steps: 6000,
            prune_rounds: 12,
            steps_per_round: 500,
            method: "hybrid".into(),
            tolerance: 0.01,
            start: CONSOLE.into(),
            processors: processors.into(),
            master: strips.iter().any(|s| s.role == Role::Master),
            seed: 0,
            runs: 1,
        },
        matches: Matches {
            plain_sum: matches(1.083_214),
            static_mix: Some(matches(0.941_77)),
            console: matches(0.372_118),
            pruned: matches(0.380_467),
        },
        error: Some(error()),
        pruning: Pruning {
            processors_before: before,
            processors_after: after,
            ratio: 1.0 - after as f64 / before as f64,
            by_kind: by_kind.into(),
        },
        history: (0..13).map(|round| history(round, before, after)).collect(),
        graph: console(&strips),
        strips,
        runs: vec![],
        timing: Timing {
            fit_s: 1834.22,
            prune_s: 921.7,
            step_ms_median: 241.87,
            evaluations: 412,
            threads: 8,
        },
    }
}

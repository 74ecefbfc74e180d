//! `report.json`, schema 1.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::bands::Bands;
use crate::graph::{Console, Role};
use crate::processors::{Kind, Reduction, Response, Settings, Told};
use crate::session::{Fingerprint, Source};

/// The schema this program writes and reads.
pub const SCHEMA: u32 = 1;

/// What a search begins with if it is told nothing else.
pub const CONSOLE: &str = "console";

/// All that was found, in units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The program and its version.
    pub program: String,
    /// True where the user stopped the search before its end.
    pub stopped: bool,
    /// What was analysed.
    pub session: SessionView,
    /// How it was analysed.
    pub settings: SettingsView,
    /// How close the graphs come to the mix.
    #[serde(rename = "match")]
    pub matches: Matches,
    /// Where the pruned graph's mix is off.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<ErrorView>,
    /// What pruning removed.
    pub pruning: Pruning,
    /// The end of every fit, in order: of the console first, then of what each round of pruning left.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub history: Vec<RoundView>,
    /// The pruned graph.
    pub graph: GraphView,
    /// Tracks, then groups, then sends, then the master, in session order.
    pub strips: Vec<StripView>,
    /// The runs that are done, in order of their seeds, if there are several.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub runs: Vec<RunView>,
    /// How long it took.
    pub timing: Timing,
}

/// The session as the report names it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionView {
    /// The session's name.
    pub name: String,
    /// The mix file's sample rate, Hz.
    pub sample_rate: u32,
    /// Length of the mix, s.
    pub duration_s: f64,
    /// Stem names that were used.
    pub stems: Vec<String>,
    /// Group names.
    pub groups: Vec<String>,
    /// The tempo, where it is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tempo: Option<TempoView>,
    /// What was adjusted on the way in, a sentence each: stems padded, cut, shifted or dropped.
    pub notes: Vec<String>,
    /// How to open the session again, for exports.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub source: Option<Source>,
    /// How to know that it is the same then.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fingerprint: Option<Fingerprint>,
}

/// A song's tempo.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TempoView {
    /// Quarter notes a minute.
    pub bpm: f64,
    /// Who says so.
    pub from: TempoFrom,
}

/// Who says what a song's tempo is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TempoFrom {
    /// The user.
    Given,
    /// The session's file.
    Session,
    /// The sound of the mix: an estimate.
    Mix,
}

/// The settings of the search.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SettingsView {
    /// The engine's sample rate, Hz.
    pub rate: u32,
    /// Training steps of the full console.
    pub steps: usize,
    /// Rounds of pruning.
    pub prune_rounds: usize,
    /// Training steps after each round.
    pub steps_per_round: usize,
    /// The search method, such as `dry-wet`.
    pub method: String,
    /// Match that a prune may cost.
    pub tolerance: f64,
    /// What the search began with: `console`, `graph FILE` or `result FOLDER`.
    #[serde(default = "console")]
    pub start: String,
    /// The console that it took the processors from.
    #[serde(default = "Console::paper", skip_serializing_if = "Console::is_paper")]
    pub console: Console,
    /// Letters of the kinds that the search began with.
    pub processors: String,
    /// True where the search began with a strip on the sum of all.
    pub master: bool,
    /// Seed of every random choice; with several runs, that of the first.
    pub seed: u64,
    /// How many runs were asked for, each with a seed one higher.
    #[serde(skip_serializing_if = "is_one", default = "one")]
    pub runs: usize,
}

fn one() -> usize {
    1
}

fn is_one(count: &usize) -> bool {
    *count == 1
}

/// One of several runs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunView {
    /// Its seed.
    pub seed: u64,
    /// The match of its pruned graph.
    #[serde(rename = "match")]
    pub matched: f64,
    /// How many processors it kept.
    pub processors: usize,
    /// True for the run that the report describes.
    pub chosen: bool,
}

/// What searches began with before reports said so.
fn console() -> String {
    CONSOLE.into()
}

/// A match by channel pair, whole song (MATH.md §8). Lower is closer; 0 is identical.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MatchView {
    /// Mean of left, right, mid and side.
    pub full: f64,
    /// Mean of left and right.
    pub lr: f64,
    /// Mid (left + right).
    pub mid: f64,
    /// Side (left − right).
    pub side: f64,
}

/// The match at three stages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Matches {
    /// The plain sum of the stems.
    pub plain_sum: MatchView,
    /// What fitted faders and pan pots of tracks and groups come to, alone.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub static_mix: Option<MatchView>,
    /// The fitted full console, or whatever graph the search began with, before pruning.
    pub console: MatchView,
    /// The pruned graph that the report describes.
    pub pruned: MatchView,
}

/// What pruning removed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pruning {
    /// Processors that the search began with.
    pub processors_before: usize,
    /// Processors in the pruned graph.
    pub processors_after: usize,
    /// Share that was removed, 0…1.
    pub ratio: f64,
    /// The same by kind.
    pub by_kind: BTreeMap<Kind, f64>,
}

/// The end of a fit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoundView {
    /// Rounds of pruning before it.
    pub round: usize,
    /// Processors that it fitted.
    pub processors: usize,
    /// The whole-song match.
    #[serde(rename = "match")]
    pub matched: f64,
}

/// Where the pruned graph's mix is off: mean absolute differences from the mix's level, dB, of what is heard in the mix.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ErrorView {
    /// Third octave by third octave over the whole song.
    pub by_frequency: Response,
    /// Second by second over all frequencies.
    pub over_time: ErrorOverTime,
}

/// An error over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ErrorOverTime {
    /// Beginnings, s.
    pub s: Vec<f64>,
    /// Mean absolute difference of levels, dB.
    pub db: Vec<f64>,
}

/// The pruned graph.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GraphView {
    /// Nodes, ids rising.
    pub nodes: Vec<NodeView>,
    /// `[from, to]` by node id.
    pub edges: Vec<[usize; 2]>,
}

/// A node of the graph.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NodeView {
    /// Unique in the graph.
    pub id: usize,
    /// `input`, `sum`, `output` or a processor's kind.
    pub kind: String,
    /// Index into [`Report::strips`]; none for sums and the output outside any strip.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub strip: Option<usize>,
}

/// One strip and its chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StripView {
    /// The stem's, group's or send's name; `master`.
    pub name: String,
    /// What the strip is for.
    pub role: Role,
    /// The group a track is routed to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub group: Option<String>,
    /// Of a track, how much of the stem's energy, as its strip and its group's leave it, stands out of the mix, 0…1. Little
    /// can be said of a stem that hardly does.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub heard: Option<f64>,
    /// The processors that stayed, in order.
    pub chain: Vec<ProcessorView>,
    /// Equalisers and the colour of reverbs together, where the strip has both.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tone: Option<Bands>,
    /// What other runs kept here and this one did not, the most often kept first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub also: Vec<AlsoView>,
}

/// A processor that only other runs kept.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlsoView {
    /// Its kind.
    pub kind: Kind,
    /// The share of the runs that kept it, 0…1.
    pub kept_in_runs: f64,
}

/// One processor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProcessorView {
    /// Dry/wet weight, 0…1.
    pub wet: f64,
    /// The share of the runs that kept it, 0…1, if there are several.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub kept_in_runs: Option<f64>,
    /// By how much the match rises if this processor alone is bypassed. Below 0, the match is better without it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub matters: Option<f64>,
    /// Of the gain of a send: the name of the strip that it sends.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub from: Option<String>,
    /// What it is set to, its kind included.
    #[serde(flatten)]
    pub settings: Settings,
    /// What it does to a steady level over frequency, as bands.
    #[serde(flatten)]
    pub bands: Option<Bands>,
    /// The gain reduction that a compressor or a gate reached on the song.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reduction: Option<Reduction>,
}

impl ProcessorView {
    /// What the parameters alone say of a processor.
    pub fn new(wet: f64, settings: Settings) -> Self {
        Self { wet, kept_in_runs: None, matters: None, from: None, settings, bands: None, reduction: None }
    }

    /// The processor's kind.
    pub fn kind(&self) -> Kind {
        self.settings.kind()
    }

    /// What its kind needs to tell it.
    pub fn told(&self) -> Told<'_> {
        let Self { settings, wet, bands, reduction, .. } = self;
        Told { settings, wet: *wet, bands: bands.as_ref(), reduction: *reduction }
    }
}

impl SettingsView {
    /// The kinds that the search began with, in the order of its console; those of another graph come last.
    pub fn kinds(&self) -> Vec<Kind> {
        let console = self.console.kinds();
        let others = Kind::ALL.into_iter().filter(|kind| !console.contains(kind));
        let all = console.iter().copied().chain(others);
        all.filter(|kind| self.processors.contains(kind.letter())).collect()
    }
}

/// How long it took, all runs together. The only part of a report that differs between two runs of the same search.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// All training, s.
    pub fit_s: f64,
    /// All pruning, s.
    pub prune_s: f64,
    /// Median of one training step of the full console, ms.
    pub step_ms_median: f64,
    /// Whole-song evaluations.
    pub evaluations: usize,
    /// Solver threads.
    pub threads: usize,
}

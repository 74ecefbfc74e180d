//! A cell: what one configuration found for one song, and its files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Error;
use super::experiment::Configuration;
use super::song::Song;
use crate::files::{self, Durable};
use crate::findings::Report;
use crate::graph::Role;
use crate::matching::Match;
use crate::processors::Kind;
use crate::search::{Outcome, Settings};
use crate::session::Fingerprint;

/// The layout of a cell's file that this program writes and reads.
pub const FORMAT: u32 = 1;

/// What one configuration found for one song.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// The layout of this file.
    pub format: u32,
    /// The program and its version.
    pub program: String,
    /// The song's name.
    pub song: String,
    /// The configuration's name.
    pub configuration: String,
    /// The session's, as it was opened.
    pub fingerprint: Fingerprint,
    /// What the solver worked at, Hz.
    pub rate: u32,
    /// The settings.
    pub settings: Settings,
    /// Match of the plain sum of all stems.
    pub plain_sum: Match,
    /// Match of the fitted console.
    pub console: Match,
    /// Match of what pruning left of it.
    pub pruned: Match,
    /// Processors of the console by kind.
    pub before: BTreeMap<Kind, usize>,
    /// Processors that were left, by kind.
    pub after: BTreeMap<Kind, usize>,
    /// What each strip kept.
    pub strips: Vec<Kept>,
    /// How long it took.
    pub timing: Timing,
}

/// What a strip kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// The stem's or group's name.
    pub strip: String,
    /// What the strip is for.
    pub role: Role,
    /// The kinds of its processors, in order.
    pub kinds: Vec<Kind>,
}

/// What a cell cost: the only part of it that differs between two runs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// All training, s; without that of a console which it began with.
    pub fit_s: f64,
    /// All trials of pruning, s.
    pub prune_s: f64,
    /// Median of one training step of the console, ms; 0 where another cell fitted it.
    pub step_ms_median: f64,
    /// Whole-song evaluations; one more for each time that the search was interrupted amid a round of pruning.
    pub evaluations: usize,
}

impl Cell {
    /// What `outcome` says of a song, with the report of it.
    pub fn new(
        (song, fingerprint): (&Song, Fingerprint),
        configuration: &Configuration,
        report: &Report,
        outcome: &Outcome,
    ) -> Self {
        let count = |kinds: Vec<Kind>| {
            let mut counts: BTreeMap<_, _> = configuration.settings.kinds.iter().map(|&k| (k, 0)).collect();
            kinds.into_iter().for_each(|kind| *counts.entry(kind).or_insert(0) += 1);
            counts
        };
        let strips = report.strips.iter().map(|strip| Kept {
            strip: strip.name.clone(),
            role: strip.role,
            kinds: strip.chain.iter().map(|p| p.kind()).collect(),
        });
        Self {
            format: FORMAT,
            program: report.program.clone(),
            song: song.name.clone(),
            configuration: configuration.name.clone(),
            fingerprint,
            rate: report.settings.rate,
            settings: configuration.settings.clone(),
            plain_sum: outcome.plain_sum,
            console: outcome.console_match,
            pruned: outcome.pruned_match,
            before: count(outcome.console.iter().map(|p| p.1).collect()),
            after: count(outcome.graph.processors().map(|p| p.1).collect()),
            strips: strips.collect(),
            timing: Timing {
                fit_s: outcome.timing.fit.as_secs_f64(),
                prune_s: outcome.timing.prune.as_secs_f64(),
                step_ms_median: outcome.timing.step_median.as_secs_f64() * 1000.0,
                evaluations: outcome.timing.evaluations,
            },
        }
    }

    /// Share of the console's processors that pruning removed, 0…1; none where there were none.
    pub fn ratio(&self) -> Option<f64> {
        share_removed(self.before.values().sum(), self.after.values().sum())
    }

    /// The same among those of a kind.
    pub fn ratio_of(&self, kind: Kind) -> Option<f64> {
        let of = |counts: &BTreeMap<Kind, usize>| counts.get(&kind).copied().unwrap_or(0);
        share_removed(of(&self.before), of(&self.after))
    }
}

fn share_removed(before: usize, after: usize) -> Option<f64> {
    (before > 0).then(|| before.saturating_sub(after) as f64 / before as f64)
}

/// The files of a cell, all in the folder `cells` of a study.
pub struct Files {
    /// The numbers. It is written last: where it is, the cell is done.
    pub cell: PathBuf,
    /// The report of what was found.
    pub report: PathBuf,
    /// The parameters of a fitted console.
    pub parameters: PathBuf,
    /// The search, as long as it is not done.
    pub checkpoint: PathBuf,
}

impl Files {
    /// Where the files of a cell are.
    pub fn of(out: &Path, song: &Song, configuration: &Configuration) -> Self {
        let file =
            |what: &str| out.join("cells").join(format!("{}-{}{what}.json", song.slug, configuration.name));
        Self {
            cell: file(""),
            report: file(".report"),
            parameters: file(".parameters"),
            checkpoint: file(".checkpoint"),
        }
    }
}

/// Writes beside the file and renames, so that no reader ever meets half of it.
pub fn write(path: &Path, text: &str) -> Result<(), Error> {
    files::replace(path, text.as_bytes(), Durable::No).map_err(Error::io("writing", path))
}

/// Writes something as JSON.
pub fn write_json(path: &Path, value: &impl Serialize) -> Result<(), Error> {
    let text = serde_json::to_string_pretty(value).map_err(|e| Error::io("writing", path)(e.into()))?;
    write(path, &(text + "\n"))
}

/// Reads something that [`write_json`] wrote; none where there is no such file.
pub fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Option<T>, Error> {
    let bytes = match fs::read(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(Error::io("reading", path))?,
    };
    let refused = |e: serde_json::Error| Error::Useless { file: path.to_owned(), reason: e.to_string() };
    serde_json::from_slice(&bytes).map(Some).map_err(refused)
}

//! A result for other programs: as a DAW's project, as printed stems, as tables and presets.
//!
//! From what [`Found`] holds of a result, [`stems`] finds the audio again that it was made from. Then each format is drawn by
//! a file of its own: [`dawproject`] and [`reaper`] are projects with the original stems, whose strips are the channels of
//! a [`mixer`]; [`printed`] are the stems as the graph leaves them; [`csv`] and [`preset`] hold the settings; `md` is the
//! report's own page. What is no plain effect goes along as an impulse response ([`impulses`]).
//! Everything is put in place at once or not at all.

mod csv;
mod dawproject;
mod error;
mod impulses;
mod mixer;
mod preset;
mod printed;
mod reaper;
mod stems;
mod xml;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

pub use error::Error;

use crate::findings::Report;
use crate::pages::markdown;
use crate::result::names;
use crate::result::{FILES, Found, put};
use crate::stop::Stop;

/// What a result can be exported to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// An exchange project for Bitwig Studio, Studio One, Cubase and others: one file.
    DawProject,
    /// A Reaper project: a folder.
    Reaper,
    /// The stems as the graph leaves them, which sum up to the mix: a folder.
    Wav,
    /// A table, a line a parameter: one file.
    Csv,
    /// The report as Markdown: one file.
    Markdown,
    /// The settings as JSON, a file a strip: a folder.
    Preset,
}

impl Format {
    /// All formats.
    pub const ALL: [Format; 6] =
        [Format::DawProject, Format::Reaper, Format::Wav, Format::Csv, Format::Markdown, Format::Preset];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Format::DawProject => "dawproject",
            Format::Reaper => "reaper",
            Format::Wav => "wav",
            Format::Csv => "csv",
            Format::Markdown => "md",
            Format::Preset => "preset",
        }
    }

    /// What follows the song's name in the name of the file or folder.
    fn ending(self) -> &'static str {
        match self {
            Format::DawProject => ".dawproject",
            Format::Reaper => " reaper",
            Format::Wav => " stems",
            Format::Csv => ".csv",
            Format::Markdown => ".md",
            Format::Preset => " presets",
        }
    }

    /// Where an export goes that is to disturb nothing: [`default_path`](Self::default_path), or the first place like it
    /// with a number that is free.
    pub fn free_path(self, found: &Found) -> PathBuf {
        let name = names::clean(&found.report.session.name);
        let numbered = |n: usize| match n {
            1 => found.folder.join(name.clone() + self.ending()),
            n => found.folder.join(format!("{name}-{n}{}", self.ending())),
        };
        (1..).map(numbered).find(|path| !path.exists()).expect("some number is free")
    }

    /// Where an export goes that is given no other place: into the result's folder, named after the song.
    pub fn default_path(self, found: &Found) -> PathBuf {
        found.folder.join(names::clean(&found.report.session.name) + self.ending())
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let format = Self::ALL.into_iter().find(|format| format.name() == name);
        format.ok_or_else(|| Error::UnknownFormat { name: name.to_owned() })
    }
}

/// How to export.
#[derive(Clone, Default)]
pub struct Options {
    /// Where the session is now, if not where the report says.
    pub session: Option<PathBuf>,
    /// Whether what is in the way may be written over.
    pub force: bool,
    /// An abort gives it up.
    pub stop: Stop,
    /// Is told how far it is, `(done, of)`, where that takes a while.
    pub on: Option<Arc<dyn Fn(usize, usize) + Send + Sync>>,
}

impl Options {
    /// Tells how far it is.
    fn tell(&self, done: usize, of: usize) {
        if let Some(on) = &self.on {
            on(done, of);
        }
    }
}

/// The tempo of a project, quarter notes a minute: 120 where the song's is not known.
fn tempo(report: &Report) -> f64 {
    report.session.tempo.map_or(120.0, |tempo| tempo.bpm)
}

/// Exports a result to the file or folder `to`.
///
/// # Errors
/// If the stems are not found, or the system refuses; then nothing of it is there. Each message says what would be right.
pub fn export(found: &Found, format: Format, to: &Path, options: &Options) -> Result<(), Error> {
    put::check(to, options.force)?;
    let own = |name: &&str| fs::canonicalize(found.folder.join(name)).ok() == to.canonicalize().ok();
    if to.exists() && FILES.iter().any(own) {
        return Err(Error::ResultsOwn(to.to_owned()));
    }
    stems::check(found, to, options)?;
    let report = &found.report;
    let text = |text: String| put(to, options, |path| Ok(put::write(path, text.as_bytes())?));
    match format {
        Format::Csv => text(csv::to_string(report)),
        Format::Markdown => text(markdown::to_string(report)),
        Format::Preset => put(to, options, |folder| preset::write(report, folder)),
        Format::DawProject => {
            let stems = stems::Stems::find(found, options)?;
            put(to, options, |path| dawproject::write(found, &stems, path, &options.stop))
        }
        Format::Reaper => {
            let stems = stems::Stems::find(found, options)?;
            put(to, options, |folder| reaper::write(found, &stems, folder, &options.stop))
        }
        Format::Wav => printed::export(found, to, options),
    }
}

/// Puts what `write` makes in place, as [`put::put`] does.
fn put(to: &Path, options: &Options, write: impl FnOnce(&Path) -> Result<(), Error>) -> Result<(), Error> {
    let until = options.stop.until_aborted();
    put::put(to, options.force, until, |staged| write(staged).map_err(|error| error.moved(staged, to)))
}

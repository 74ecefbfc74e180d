//! `session.json`: a session as it lies on disk.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Error;
use super::TEMPI;
use super::audio::Source;
use super::plan::{Plan, PlannedStem};
use crate::files::{self, Durable};

/// The name of a session's file in its folder.
pub const FILE_NAME: &str = "session.json";

/// The content of `session.json`. Keys it does not know are ignored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SessionFile {
    /// The song's name; the folder's where it is missing.
    #[serde(default)]
    pub name: String,
    /// Sample rate in Hz, for the reader: each audio file tells its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample_rate: Option<u32>,
    /// Where in the song the first sample lies, in samples of `sample_rate`, if the recorder knew; before the song's
    /// beginning if negative.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_samples: Option<i64>,
    /// Frames that were lost in recording and filled with silence, so that all files stay in step.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub lost_frames: u64,
    /// The song's tempo in quarter notes a minute, if it is known and does not change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tempo: Option<f64>,
    /// What the user should know of the recording, a sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The mix, relative to the session's folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mix: Option<PathBuf>,
    /// The stems, in the order of the report.
    pub stems: Vec<StemFile>,
    /// The groups, in the order of the report.
    #[serde(default)]
    pub groups: Vec<GroupFile>,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// A stem in `session.json`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StemFile {
    /// Its name, which no other stem has.
    pub name: String,
    /// Its audio, relative to the session's folder.
    pub file: PathBuf,
    /// The name of its group; without one it goes straight to the output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}

/// A group in `session.json`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GroupFile {
    /// Its name, which no other group has.
    pub name: String,
}

impl SessionFile {
    /// Reads a session's file.
    ///
    /// # Errors
    /// If it cannot be read or is not as described here; then with line and column.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let bytes = fs::read(path).map_err(|reason| Error::Unreadable { path: path.to_owned(), reason })?;
        Self::parse(&bytes, path)
    }

    /// Parses the content of a session's file; `path` is for messages.
    pub(super) fn parse(bytes: &[u8], path: &Path) -> Result<Self, Error> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        serde_json::from_slice(bytes).map_err(|e| {
            let (line, column) = (e.line(), e.column());
            let mut reason = e.to_string();
            if let Some(end) = reason.rfind(" at line ") {
                reason.truncate(end);
            }
            Error::Json { path: path.to_owned(), line, column, reason }
        })
    }

    /// Writes `session.json` into `folder`, which must exist: beside the one that may be there, then in its place, so that
    /// no reader ever meets half a file.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn save(&self, folder: &Path) -> Result<(), Error> {
        let path = folder.join(FILE_NAME);
        let written = serde_json::to_string_pretty(self).map_err(io::Error::from);
        // Not durable: syncing may wait a second for the audio beside it.
        let written = written.and_then(|text| files::replace(&path, (text + "\n").as_bytes(), Durable::No));
        written.map_err(|reason| Error::Unwritable { path, reason })
    }

    fn note_on_losses(&self) -> Option<String> {
        let frames = match self.lost_frames {
            0 => return None,
            1 => "1 frame was".to_owned(),
            n => format!("{n} frames were"),
        };
        let seconds = |rate: u32| format!(" ({:.3} s)", self.lost_frames as f64 / rate as f64);
        let seconds = self.sample_rate.filter(|&rate| rate > 0).map(seconds).unwrap_or_default();
        Some(format!("{frames} lost in recording{seconds} and filled with silence."))
    }

    fn note_on_tempo(&self) -> Option<String> {
        let tempo = self.tempo.filter(|tempo| !TEMPI.contains(tempo))?;
        let (slowest, fastest) = (TEMPI.start(), TEMPI.end());
        Some(format!(
            "The session's tempo of {tempo} was not used; it must lie between {slowest} and {fastest}."
        ))
    }

    /// The song's name, where this is the file at `path`: its folder's name if it has none of its own.
    pub fn name_at(&self, path: &Path) -> String {
        if !self.name.trim().is_empty() {
            return self.name.clone();
        }
        let folder = path.parent().and_then(|p| p.canonicalize().ok());
        folder.as_deref().and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Resolves names and paths; `find` turns a path in the file into audio, `mix` is used instead of the file's.
    pub(super) fn plan(
        &self,
        path: &Path,
        mix: Option<Source>,
        find: impl Fn(&Path) -> Source,
    ) -> Result<Plan, Error> {
        let place = path.display().to_string();
        let mix = match (mix, &self.mix) {
            (Some(mix), _) => mix,
            (None, Some(file)) => find(file),
            (None, None) => return Err(Error::NoMix { path: path.to_owned() }),
        };
        let groups: Vec<String> = self.groups.iter().map(|g| g.name.clone()).collect();
        let mut stems = Vec::with_capacity(self.stems.len());
        for stem in &self.stems {
            let group = match &stem.group {
                None => None,
                Some(name) => Some(groups.iter().position(|g| g == name).ok_or_else(|| {
                    Error::UnknownGroup { place: place.clone(), stem: stem.name.clone(), group: name.clone() }
                })?),
            };
            stems.push(PlannedStem { name: stem.name.clone(), group, source: find(&stem.file) });
        }
        let name = self.name_at(path);
        let notes = self.notes.iter().cloned().chain(self.note_on_losses()).chain(self.note_on_tempo());
        let tempo = self.tempo.filter(|tempo| TEMPI.contains(tempo));
        Ok(Plan { place, name, groups, stems, mix, tempo, notes: notes.collect() })
    }
}

/// The session's file that `path` means: itself, or the one in that folder.
pub(crate) fn locate(path: &Path) -> Result<PathBuf, Error> {
    let about = |path: &Path| fs::metadata(path);
    match about(path) {
        Err(e) if e.kind() == ErrorKind::NotFound => Err(Error::NoSuchSession { path: path.to_owned() }),
        Err(reason) => Err(Error::Unreadable { path: path.to_owned(), reason }),
        Ok(found) if !found.is_dir() => Ok(path.to_owned()),
        Ok(_) => {
            let file = path.join(FILE_NAME);
            if file.is_file() { Ok(file) } else { Err(Error::NoSessionFile { folder: path.to_owned() }) }
        }
    }
}

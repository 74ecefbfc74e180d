//! A session: dry stems, how they are grouped, and the mix.
//!
//! Opening one goes: names and paths (`file` for `session.json`, `folder` for a folder of stems, both giving a `plan`) →
//! samples (`audio`) → one rate (`resample`) → checks, silence dropped → in step with the mix (`align`), which also
//! sets the length. All of it runs on the rayon threads that it is called on. [`windows`] says which
//! excerpts training and evaluation take. [`Source`] is how to open it again, its [`fingerprint`] how to know that it is the same.

mod align;
mod audio;
mod checksum;
mod demo;
mod error;
mod file;
mod fingerprint;
mod folder;
mod plan;
pub mod resample;
mod source;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
pub mod windows;

use std::ops::{Range, RangeInclusive};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::dsp::{Recording, Stereo};
use crate::stop::{Interrupted, Stop, Until};
use align::Alignment;
pub use audio::{Format as AudioFormat, Shape as AudioShape, Source as AudioSource};
pub use checksum::Checksum;
pub use error::Error;
pub(crate) use file::locate;
pub use file::{FILE_NAME, GroupFile, SessionFile, StemFile};
pub use fingerprint::{Fingerprint, fingerprint};
use plan::{Plan, PlannedStem};
pub use source::{Origin, Source};
use windows::Windows;

/// How many stems a session may have.
pub const MAX_STEMS: usize = 256;

/// Rates that audio can be worked on at, lowest and highest, in Hz.
pub const RATES: (u32, u32) = (8_000, 192_000);

/// Tempi that a song may have, in quarter notes a minute.
pub const TEMPI: RangeInclusive<f64> = 20.0..=400.0;

/// The largest sample taken for audio (+120 dBFS): squares of larger ones leave what f32 can sum.
const LOUDEST: f32 = 1e6;

/// Stems and mixes whose samples all stay below this (−90 dBFS) are silent.
const SILENCE: f32 = 3.162_277_6e-5;

/// Differences in length below this, in seconds, come from rounding and are not worth a note.
const SAME_LENGTH_S: f64 = 0.010;

/// A song, ready to be worked on: all audio at one rate, of the mix's length and in step with it.
#[derive(Clone, Debug)]
pub struct Session {
    /// The song's name.
    pub name: String,
    /// Sample rate of the mix's file in Hz.
    pub sample_rate: u32,
    /// Sample rate in Hz of all audio here.
    pub rate: u32,
    /// The stems that sound.
    pub stems: Vec<Stem>,
    /// Names of the groups that have stems.
    pub groups: Vec<String>,
    /// The mix.
    pub mix: Stereo,
    /// The hash of the mix's file, as a stem's ([`Stem::content`]).
    pub mix_content: Option<Checksum>,
    /// Length of the mix in seconds.
    pub duration_s: f64,
    /// By how many samples (at `rate`) the mix was later than the stems, which were shifted by as much.
    pub offset_samples: isize,
    /// Quarter notes a minute, if the session's file says so.
    pub tempo: Option<f64>,
    /// What the user should know, a sentence each.
    pub notes: Vec<String>,
}

/// A dry track.
#[derive(Clone, Debug)]
pub struct Stem {
    /// Its name.
    pub name: String,
    /// Index of its group in [`Session::groups`].
    pub group: Option<usize>,
    /// Its file, if it came from one: not moved nor cut, at the file's own rate.
    pub source: Option<AudioSource>,
    /// The hash of the file's samples ([`Checksum::of_audio`]), as they were decoded: one channel where it is mono.
    pub content: Option<Checksum>,
    /// Its samples, as many as the mix has.
    pub audio: Recording,
}

/// How to open a session.
#[derive(Clone, Debug)]
pub struct Options {
    /// The rate to work at, in Hz.
    pub rate: u32,
    /// Whether a constant offset between stems and mix is looked for and taken out.
    pub align: bool,
    /// Another mix than the one that `session.json` names: a path from the current or the session's folder.
    pub mix: Option<PathBuf>,
    /// An abort gives the opening up; a stop is none, since there is nothing yet to keep.
    pub stop: Stop,
}

impl Default for Options {
    fn default() -> Self {
        Self { rate: 30_000, align: true, mix: None, stop: Stop::default() }
    }
}

impl Session {
    /// Opens a session folder, or the session by its `session.json`.
    ///
    /// # Errors
    /// If names, files or samples are not those of a session; each says what would be right. [`Error::Aborted`] soon after
    /// an abort through [`Options::stop`].
    pub fn open(folder_or_session_json: &Path, options: &Options) -> Result<Self, Error> {
        let path = locate(folder_or_session_json)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let mix = options.mix.as_ref().map(|mix| {
            let inside = folder.join(mix);
            AudioSource::File(if !mix.exists() && inside.exists() { inside } else { mix.clone() })
        });
        let plan = SessionFile::read(&path)?.plan(&path, mix, |file| AudioSource::File(folder.join(file)))?;
        Self::load(plan, options)
    }

    /// Makes a session from a folder of stems and a mix: sub-folders are groups, files beside them are ungrouped
    /// stems, all in order of names. [`Options::mix`] is not used.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn from_stems(stems_dir: &Path, mix: &Path, options: &Options) -> Result<Self, Error> {
        Self::load(folder::plan(stems_dir, mix)?, options)
    }

    /// The built-in song of eight seconds. [`Options::mix`] is not used.
    ///
    /// # Errors
    /// If the rate is out of range.
    pub fn demo(options: &Options) -> Result<Self, Error> {
        Self::load(demo::plan()?, options)
    }

    /// Samples of the mix at [`Session::rate`]; every stem has as many.
    pub fn len(&self) -> usize {
        self.mix.len()
    }

    /// True if the mix has no samples, which no opened session is.
    pub fn is_empty(&self) -> bool {
        self.mix.is_empty()
    }

    /// How the song is cut into windows.
    pub fn windows(&self) -> Windows {
        Windows { rate: self.rate, song: self.len() }
    }

    /// Whether the mix or a stem sounds within these samples. Where nothing does, any console is right, and there is
    /// nothing to learn: a capture goes on until somebody stops it.
    pub fn sounds(&self, samples: Range<usize>) -> bool {
        let mix = self.mix.channels.each_ref().map(Vec::as_slice);
        let to = samples.end.min(self.len());
        self.stems.iter().map(|stem| stem.audio.channels()).chain([mix]).flatten().any(|channel| {
            let heard = channel.get(samples.start..to).unwrap_or_default();
            heard.iter().any(|v| v.abs() >= SILENCE)
        })
    }

    fn load(plan: Plan, options: &Options) -> Result<Self, Error> {
        let (rate, until) = (options.rate, options.stop.until_aborted());
        if !(RATES.0..=RATES.1).contains(&rate) {
            return Err(Error::Rate { rate, allowed: RATES });
        }
        plan.check()?;
        let Plan { place, name, groups, stems: planned, mix: mix_source, tempo, mut notes } = plan;

        let read_stem = |stem: &PlannedStem| {
            let Read { audio, content, .. } = read_at(&stem.source, rate, until)?;
            Ok((Recording::from(audio), content))
        };
        let (mix, read) = rayon::join(
            || read_at(&mix_source, rate, until),
            || planned.par_iter().map(read_stem).collect::<Vec<Result<_, Error>>>(),
        );
        let Read { audio: mix, content: mix_content, own_rate: sample_rate } = mix?;
        if is_silent(mix.channels.each_ref().map(Vec::as_slice)) {
            return Err(Error::SilentMix { file: mix_source.name() });
        }

        let mut stems = Vec::with_capacity(planned.len());
        for (stem, audio) in planned.into_iter().zip(read) {
            let (audio, content) = audio?;
            until.check()?;
            if is_silent(audio.channels()) {
                notes.push(format!("The stem \"{}\" is silent and was left out.", stem.name));
            } else {
                let PlannedStem { name, group, source } = stem;
                stems.push(Stem { name, group, source: Some(source), content: Some(content), audio });
            }
        }
        if stems.is_empty() {
            return Err(Error::SilentStems { place });
        }
        let groups = keep_used_groups(groups, &mut stems);

        let alignment = align::align(&sum(&stems, until)?, &mix, rate, until)?;
        notes.extend(note_on_alignment(alignment, rate, options.align));
        let offset_samples = if options.align { alignment.offset } else { 0 };
        for stem in &mut stems {
            until.check()?;
            let longer = stem.audio.len() as isize - mix.len() as isize;
            // What the move alone pushes over an end has been said.
            if longer.abs() as f64 >= SAME_LENGTH_S * rate as f64 {
                notes.extend(note_on_length(&stem.name, (longer + offset_samples) as f64 / rate as f64));
            }
            if (offset_samples, longer) != (0, 0) {
                stem.audio = shifted(stem.audio.channels(), offset_samples, mix.len()).into();
            }
        }
        let duration_s = mix.len() as f64 / rate as f64;
        let mix_content = Some(mix_content);
        Ok(Self {
            name,
            sample_rate,
            rate,
            stems,
            groups,
            mix,
            mix_content,
            duration_s,
            offset_samples,
            tempo,
            notes,
        })
    }
}

fn note_on_alignment(alignment: Alignment, rate: u32, shifting: bool) -> Option<String> {
    if alignment.is_chance() {
        return Some(format!(
            "The stems and the mix have next to nothing in common (correlation {:.2}): they may belong to \
             different songs.",
            alignment.likeness
        ));
    }
    let seconds = alignment.offset as f64 / rate as f64;
    let way = if seconds < 0.0 { "earlier" } else { "later" };
    let done =
        if shifting { "the stems were moved by as much" } else { "the stems were left where they are" };
    (seconds != 0.0).then(|| format!("The mix runs {:.4} s {way} than the stems; {done}.", seconds.abs()))
}

fn note_on_length(stem: &str, beyond_s: f64) -> Option<String> {
    let (way, done) = if beyond_s < 0.0 { ("before", "padded with silence") } else { ("after", "cut") };
    (beyond_s.abs() >= SAME_LENGTH_S)
        .then(|| format!("The stem \"{stem}\" ends {:.2} s {way} the mix and was {done}.", beyond_s.abs()))
}

/// A file that was read.
struct Read {
    /// Its audio at the working rate.
    audio: Stereo,
    /// The hash of its samples as they were decoded.
    content: Checksum,
    /// Its own rate, Hz.
    own_rate: u32,
}

/// Reads a file at `rate` Hz.
fn read_at(source: &audio::Source, rate: u32, until: Until<'_>) -> Result<Read, Error> {
    let (audio, content, own_rate) = audio::read(source, until)?;
    match resample::resample(audio, own_rate, rate, until) {
        Ok(audio) => Ok(Read { audio, content, own_rate }),
        Err(resample::Error::Refused(reason)) => Err(Error::NotAudio { file: source.name(), reason }),
        Err(resample::Error::Interrupted(interrupted)) => Err(interrupted.into()),
    }
}

fn is_silent(channels: [&[f32]; 2]) -> bool {
    channels.into_iter().flatten().all(|v| v.abs() < SILENCE)
}

fn keep_used_groups(groups: Vec<String>, stems: &mut [Stem]) -> Vec<String> {
    let used = |group: usize| stems.iter().any(|s| s.group == Some(group));
    let kept: Vec<usize> = (0..groups.len()).filter(|&g| used(g)).collect();
    for stem in stems {
        stem.group = stem.group.and_then(|g| kept.iter().position(|&k| k == g));
    }
    groups.into_iter().enumerate().filter(|(g, _)| kept.contains(g)).map(|(_, name)| name).collect()
}

/// The plain sum of all stems, as long as the longest.
fn sum(stems: &[Stem], until: Until<'_>) -> Result<Stereo, Interrupted> {
    let len = stems.iter().map(|s| s.audio.len()).max().unwrap_or(0);
    let mut total = Stereo::silence(len);
    for stem in stems {
        until.check()?;
        for (to, from) in total.channels.iter_mut().zip(stem.audio.channels()) {
            to.iter_mut().zip(from).for_each(|(t, f)| *t += f);
        }
    }
    Ok(total)
}

/// Left and right later by `offset` samples (earlier if negative), cut or padded with zeros to `len` samples.
fn shifted(channels: [&[f32]; 2], offset: isize, len: usize) -> Stereo {
    let mut result = Stereo::silence(len);
    for (to, from) in result.channels.iter_mut().zip(channels) {
        let to = to.get_mut(offset.max(0) as usize..).unwrap_or_default();
        let from = from.get((-offset).max(0) as usize..).unwrap_or_default();
        let n = to.len().min(from.len());
        to[..n].copy_from_slice(&from[..n]);
    }
    result
}

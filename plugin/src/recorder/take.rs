//! A take under way: a folder with a file for each bus that has sounded.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use mixtrace_solver::session::SessionFile;

use super::error::Error;
use super::heard::{Heard, refuse};
use super::wave::{Disk, FRAME, WaveFile};
use super::{home, labels};
use crate::project::SharedProject;

/// Shorter takes, in seconds, come from a key pressed twice and are not kept.
const LEAST_S: f64 = 0.25;

/// Buses whose samples all stay below this (−90 dBFS) are silent, as they are to the solver.
const SILENCE: f32 = 3.162_277_6e-5;

/// What is cut off all files, in seconds, if `session.json` does not fit on the disk otherwise.
const ROOM_S: u64 = 1;

/// The file of the mix in a session's folder.
const MIX: &str = "mix.wav";

/// What became of a take.
#[derive(Debug, PartialEq)]
pub enum Outcome {
    /// A session in its folder.
    Session,
    /// Too short: nothing is left of it.
    TooShort,
    /// No stem sounded: nothing is left of it.
    NoStems,
    /// Stems sounded but the mix did not: the stems' files are left, but they are no session.
    NoMix,
}

/// A take under way.
pub struct OpenTake {
    folder: PathBuf,
    name: String,
    project: SharedProject,
    sample_rate: u32,
    /// Where in the song it began, in samples.
    start: Option<i64>,
    /// The mix, then the stems.
    buses: Vec<Bus>,
    frames: u64,
    lost: u64,
    /// The host's tempo, once the take has ended and was at one tempo.
    tempo: Option<f64>,
    /// Samples that were no audio.
    refused: u64,
    notes: Vec<String>,
}

/// A bus of the take.
#[derive(Default)]
struct Bus {
    /// Its file, once it has sounded (the mix's from the beginning), and where it lies in the folder.
    file: Option<(WaveFile, PathBuf)>,
    peak: f32,
}

impl OpenTake {
    /// Makes a new folder in `home` for a take that begins at `start` in the song.
    pub fn begin(
        disk: &Disk,
        home: &Path,
        project: &SharedProject,
        buses: usize,
        sample_rate: u32,
        start: Option<i64>,
    ) -> Result<Self, Error> {
        let folder = home::new_take(home).map_err(|reason| Error::Home { home: home.to_owned(), reason })?;
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut take = Self {
            folder,
            name,
            project: project.clone(),
            sample_rate,
            start,
            buses: (0..buses).map(|_| Bus::default()).collect(),
            frames: 0,
            lost: 0,
            tempo: None,
            refused: 0,
            notes: Vec::new(),
        };
        if let Err(error) = take.open(disk, 0) {
            take.remove();
            return Err(error);
        }
        Ok(take)
    }

    /// Takes notice of the tempo that the host had all the time, in thousandths of a quarter note a minute.
    pub fn keep_tempo(&mut self, tempo: Option<u32>) {
        self.tempo = tempo.map(|tempo| f64::from(tempo) / 1000.0);
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Frames so far.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// Frames that were lost and are silent.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// Its length so far.
    pub fn seconds(&self) -> f64 {
        self.frames as f64 / f64::from(self.sample_rate)
    }

    /// Bytes that a second of it takes, with as many buses as have sounded so far.
    pub fn bytes_per_second(&self) -> u64 {
        let files = self.buses.iter().filter(|bus| bus.file.is_some()).count() as u64;
        files * FRAME * u64::from(self.sample_rate)
    }

    /// Adds a sentence for the user.
    pub fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// Another take that goes on where this one has come to.
    pub fn next(&self, disk: &Disk, home: &Path) -> Result<Self, Error> {
        let start = self.start.map(|start| start.saturating_add_unsigned(self.frames));
        let mut next = Self::begin(disk, home, &self.project, self.buses.len(), self.sample_rate, start)?;
        next.note(format!("Goes on from {} without a gap.", self.name));
        Ok(next)
    }

    /// Appends lost frames as silence.
    pub fn lose(&mut self, frames: u64) {
        self.frames += frames;
        self.lost += frames;
    }

    /// Appends `count` frames, from `from` on, of a block of `frames`; `planes` holds all of the mix's left channel, its
    /// right channel, the first stem's left one, and so on. What is no audio there becomes silence.
    pub fn write(
        &mut self,
        disk: &Disk,
        planes: &mut [f32],
        frames: usize,
        from: usize,
        count: usize,
    ) -> Result<(), Error> {
        for (number, both) in planes.chunks_exact_mut(2 * frames).enumerate().take(self.buses.len()) {
            let (left, right) = both.split_at_mut(frames);
            let (left, right) = (&mut left[from..from + count], &mut right[from..from + count]);
            let mut heard = Heard::of(left, right);
            if !heard.is_audio() {
                self.refused += refuse(left) + refuse(right);
                heard = Heard::of(left, right);
            }
            if self.buses[number].file.is_none() && heard.peak() > 0.0 {
                self.open(disk, number)?;
            }
            let bus = &mut self.buses[number];
            if let Some((file, path)) = &mut bus.file
                && !heard.is_blank()
            {
                bus.peak = bus.peak.max(heard.peak());
                file.write(self.frames, left, right).map_err(failed(&self.folder, path))?;
            }
        }
        self.frames += count as u64;
        Ok(())
    }

    /// Brings the files up to date, for readers that come after a crash, and looks whether they are still there.
    pub fn sync(&mut self) -> Result<(), Error> {
        self.check()?;
        for bus in &mut self.buses {
            if let Some((file, path)) = &mut bus.file {
                file.sync().map_err(failed(&self.folder, path))?;
            }
        }
        Ok(())
    }

    /// Ends the take with all that was written.
    pub fn close(&mut self) -> Result<Outcome, Error> {
        self.finish(self.frames)
    }

    /// Ends the take with as much of it as the disk has taken.
    pub fn salvage(&mut self) -> Result<Outcome, Error> {
        let files = self.buses.iter_mut().filter_map(|bus| bus.file.as_mut());
        let readable = files.map(|(file, _)| file.readable()).min().unwrap_or(0);
        let frames = self.frames.min(readable);
        self.notes.push("The recording broke off because it could not be written any further.".into());
        self.finish(frames)
            .or_else(|_| self.finish(frames.saturating_sub(ROOM_S * u64::from(self.sample_rate))))
    }

    fn finish(&mut self, frames: u64) -> Result<Outcome, Error> {
        self.frames = frames;
        let sounds = |bus: &Bus| bus.file.is_some() && bus.peak >= SILENCE;
        let stems = self.buses.iter().skip(1).any(sounds);
        let outcome = if self.seconds() < LEAST_S {
            Outcome::TooShort
        } else if !stems {
            Outcome::NoStems
        } else if !self.buses.first().is_some_and(sounds) {
            Outcome::NoMix
        } else {
            Outcome::Session
        };
        match outcome {
            Outcome::TooShort | Outcome::NoStems => self.remove(),
            Outcome::NoMix => self.close_files()?,
            Outcome::Session => {
                self.close_files()?;
                self.check()?;
                self.session().save(&self.folder)?;
            }
        }
        Ok(outcome)
    }

    /// Brings all files to the take's length, but those of silent buses, which go.
    fn close_files(&mut self) -> Result<(), Error> {
        for bus in &mut self.buses {
            let Some((file, path)) = &mut bus.file else { continue };
            if bus.peak >= SILENCE {
                file.close(self.frames).map_err(failed(&self.folder, path))?;
            } else {
                let path = self.folder.join(path);
                bus.file = None;
                // Left there it does no harm: no session names it.
                let _ = fs::remove_file(path);
            }
        }
        Ok(())
    }

    /// What `session.json` says, by the names of this moment.
    fn session(&self) -> SessionFile {
        let mut notes = self.notes.clone();
        if self.refused > 0 {
            let what = if self.refused == 1 { "1 sample" } else { &format!("{} samples", self.refused) };
            notes.push(format!("{what} that were no numbers or above +120 dBFS were replaced by silence."));
        }
        let files = self.buses.iter().skip(1).enumerate();
        let files = files.filter_map(|(stem, bus)| Some((stem, &bus.file.as_ref()?.1)));
        let (stems, groups) = self.project.with(|project| labels::session(project, files));
        SessionFile {
            name: self.name.clone(),
            sample_rate: Some(self.sample_rate),
            start_samples: self.start,
            lost_frames: self.lost,
            tempo: self.tempo,
            notes,
            mix: Some(MIX.into()),
            stems,
            groups,
        }
    }

    /// Whether the files are still where they were made.
    fn check(&self) -> Result<(), Error> {
        let mut files = self.buses.iter().filter_map(|bus| bus.file.as_ref());
        match files.all(|(_, path)| self.folder.join(path).exists()) {
            true => Ok(()),
            false => Err(Error::Gone { folder: self.folder.clone() }),
        }
    }

    /// Creates the file of a bus.
    fn open(&mut self, disk: &Disk, number: usize) -> Result<(), Error> {
        let path = match number.checked_sub(1) {
            None => PathBuf::from(MIX),
            Some(stem) => {
                let name = self.project.with(|project| labels::stem(project, stem));
                Path::new("stems").join(labels::file(stem, &name))
            }
        };
        let whole = self.folder.join(&path);
        let create = || {
            if let Some(parent) = whole.parent().filter(|parent| *parent != self.folder) {
                match fs::create_dir(parent) {
                    Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(e),
                    _ => {}
                }
            }
            WaveFile::begin((disk.create)(&whole)?, self.sample_rate)
        };
        let file = create().map_err(failed(&self.folder, &path))?;
        self.buses[number].file = Some((file, path));
        Ok(())
    }

    /// Takes all of it away again, but nothing that others have put there.
    fn remove(&mut self) {
        let mut files = vec![self.folder.join(MIX)];
        files.extend(self.buses.iter_mut().filter_map(|bus| Some(self.folder.join(bus.file.take()?.1))));
        for file in files {
            let _ = fs::remove_file(file);
        }
        for folder in [self.folder.join("stems"), self.folder.clone()] {
            let _ = fs::remove_dir(folder);
        }
    }
}

fn failed(folder: &Path, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let file = folder.join(path);
    |reason| Error::File { file, reason }
}

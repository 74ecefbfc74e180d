//! The match on disk: where it lies in the song, and how loud it is to be.

use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use hound::{SampleFormat, WavReader};

use mixtrace_solver::session::{FILE_NAME, SessionFile};

use super::level;

/// Tells a file from another one in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Stamp {
    path: PathBuf,
    modified: Option<SystemTime>,
    bytes: u64,
}

impl Stamp {
    /// Of the match of a report's folder.
    ///
    /// # Errors
    /// A sentence if there is none.
    pub fn of(report: &Path) -> Result<Self, String> {
        let path = report.join("match.wav");
        match fs::metadata(&path) {
            Ok(about) if about.is_file() => {
                Ok(Self { modified: about.modified().ok(), bytes: about.len(), path })
            }
            Ok(_) => Err(unreadable(&path, &"no file")),
            Err(reason) => Err(unreadable(&path, &reason)),
        }
    }
}

/// A match that is open for reading.
pub struct Found {
    path: PathBuf,
    reader: WavReader<BufReader<File>>,
    /// Samples per second.
    pub rate: u32,
    /// Frames.
    pub len: i64,
    /// Where in the song the first frame lies, in samples.
    pub start: i64,
    /// What brings it to the mix's loudness, dB.
    pub gain_db: f32,
    /// The same as a factor.
    gain: f32,
}

impl Found {
    /// Opens the match of a report's folder and finds its level; `session` is the project's, should the report not lie in
    /// its session's folder.
    ///
    /// # Errors
    /// A sentence if it cannot be read.
    pub fn open(stamp: &Stamp, session: Option<&Path>, go_on: impl Fn() -> bool) -> Result<Self, String> {
        let path = stamp.path.clone();
        let reader = WavReader::open(&path).map_err(|reason| unreadable(&path, &reason))?;
        let spec = reader.spec();
        if (spec.channels, spec.bits_per_sample, spec.sample_format) != (2, 32, SampleFormat::Float) {
            return Err(unreadable(&path, &"not written by Mixtrace"));
        }
        let (start, gain_db) = match SessionOf::find(&path, session) {
            Some(SessionOf { folder, file }) => {
                let mix = file.mix.map(|mix| folder.join(mix));
                let gain_db = mix.map_or(0.0, |mix| level::gain_db(&mix, &path, go_on));
                // Stems that were exported, or come from a host that tells no position, begin where the song does.
                (file.start_samples.unwrap_or(0), gain_db)
            }
            None => (0, 0.0),
        };
        Ok(Self {
            rate: spec.sample_rate,
            len: i64::from(reader.duration()),
            start,
            gain_db,
            gain: 10_f32.powf(gain_db / 20.0),
            reader,
            path,
        })
    }

    /// Goes to a frame.
    ///
    /// # Errors
    /// A sentence if the system refuses.
    pub fn seek(&mut self, position: i64) -> Result<(), String> {
        let frame = position.clamp(0, self.len) as u32; // its length came from 32 bits
        self.reader.seek(frame).map_err(|reason| unreadable(&self.path, &reason))
    }

    /// Reads frames at their final level; returns how many, fewer than asked for only at the end.
    ///
    /// # Errors
    /// A sentence if the system refuses.
    pub fn read(&mut self, frames: &mut [[f32; 2]]) -> Result<usize, String> {
        let mut samples = self.reader.samples::<f32>();
        let mut count = 0;
        for frame in frames {
            for (channel, value) in frame.iter_mut().enumerate() {
                match samples.next() {
                    Some(Ok(sample)) => *value = self.gain * sample,
                    Some(Err(reason)) => return Err(unreadable(&self.path, &reason)),
                    None if channel == 0 => return Ok(count),
                    None => return Err(unreadable(&self.path, &io::ErrorKind::UnexpectedEof)),
                }
            }
            count += 1;
        }
        Ok(count)
    }
}

/// The session that a match was found for.
struct SessionOf {
    folder: PathBuf,
    file: SessionFile,
}

impl SessionOf {
    /// The one whose folder the report lies in, or else the project's.
    fn find(path: &Path, session: Option<&Path>) -> Option<Self> {
        let around = path.parent().and_then(Path::parent);
        let folders = [around, session, session.and_then(Path::parent)];
        folders.into_iter().flatten().find_map(|folder| {
            let file = SessionFile::read(&folder.join(FILE_NAME)).ok()?;
            Some(Self { folder: folder.to_path_buf(), file })
        })
    }
}

fn unreadable(path: &Path, reason: &dyn std::fmt::Display) -> String {
    format!("The match {} cannot be read ({reason}); solve the take again.", path.display())
}

//! `mix.wav` and `match.wav`: audio as 32-bit float WAV.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use hound::{SampleFormat, WavSpec, WavWriter};

use super::Error;
use crate::dsp::Stereo;
use crate::stop::Until;

const BYTES_PER_FRAME: usize = 8;
/// Frames that are written without a look at whether to go on: 1 MiB, which takes a few milliseconds.
const PART: usize = (1 << 20) / BYTES_PER_FRAME;
/// A WAV file counts its bytes in 32 bits; some are the header's.
const MAX_FRAMES: usize = (u32::MAX as usize - 1024) / BYTES_PER_FRAME;

/// Writes `audio` at `rate` Hz to `path`, over what was there.
///
/// # Errors
/// [`Error::TooLong`] beyond 2³² bytes, [`Error::Io`] where the file system refuses, [`Error::Aborted`] with part of it
/// written once `until` is over.
pub fn write(path: &Path, audio: &Stereo, rate: u32, until: Until<'_>) -> Result<(), Error> {
    let mut file = Writer::new(path, audio.len(), rate)?;
    file.add(audio.channels.each_ref().map(Vec::as_slice), until)?;
    file.end()
}

/// A file that is written piece by piece.
pub struct Writer {
    path: PathBuf,
    file: WavWriter<BufWriter<File>>,
}

impl Writer {
    /// A file at `path`, over what was there, for `len` samples at `rate` Hz.
    ///
    /// # Errors
    /// [`Error::TooLong`] beyond 2³² bytes, [`Error::Io`] where the file system refuses.
    pub fn new(path: &Path, len: usize, rate: u32) -> Result<Self, Error> {
        if len > MAX_FRAMES {
            return Err(Error::TooLong(len, MAX_FRAMES));
        }
        let file = File::create(path).map_err(Error::io("writing", path))?;
        let (channels, sample_rate) = (2, rate);
        let spec = WavSpec { channels, sample_rate, bits_per_sample: 32, sample_format: SampleFormat::Float };
        let file = WavWriter::new(BufWriter::new(file), spec).map_err(refused(path))?;
        Ok(Self { path: path.to_owned(), file })
    }

    /// Adds left and right of the next piece.
    ///
    /// # Errors
    /// [`Error::Io`] where the file system refuses, [`Error::Aborted`] once `until` is over.
    pub fn add(&mut self, piece: [&[f32]; 2], until: Until<'_>) -> Result<(), Error> {
        let [left, right] = piece.map(|channel| channel.chunks(PART));
        for (left, right) in left.zip(right) {
            until.check()?;
            for (&left, &right) in left.iter().zip(right) {
                let written = self.file.write_sample(left).and_then(|()| self.file.write_sample(right));
                written.map_err(refused(&self.path))?;
            }
        }
        Ok(())
    }

    /// Completes the file.
    ///
    /// # Errors
    /// [`Error::Io`] where the file system refuses.
    pub fn end(self) -> Result<(), Error> {
        self.file.finalize().map_err(refused(&self.path))
    }
}

fn refused(path: &Path) -> impl FnOnce(hound::Error) -> Error {
    move |error| Error::io("writing", path)(as_io(error))
}

fn as_io(error: hound::Error) -> std::io::Error {
    match error {
        hound::Error::IoError(error) => error,
        other => std::io::Error::other(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stop::Stop;

    #[test]
    fn audio_comes_back_sample_by_sample() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("match.wav");
        let audio = Stereo { channels: [vec![0.0, 0.5, -1.5e-7], vec![1.25, -0.25, 0.1]] };
        write(&path, &audio, 44_100, Until::DONE).unwrap();
        let mut reader = hound::WavReader::open(&path).unwrap();
        assert_eq!((reader.spec().sample_rate, reader.spec().channels, reader.duration()), (44_100, 2, 3));
        let samples: Vec<f32> = reader.samples().map(Result::unwrap).collect();
        assert_eq!(samples, [0.0, 1.25, 0.5, -0.25, -1.5e-7, 0.1]);
    }

    #[test]
    fn an_abort_is_met_before_the_next_part() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("match.wav");
        let stop = Stop::aborting_at(2);
        let written = write(&path, &Stereo::silence(3 * PART), 48_000, stop.until_aborted());
        assert!(matches!(written, Err(Error::Aborted)));
        assert_eq!(stop.looks(), 2);
        assert!(path.metadata().unwrap().len() < 2 * (PART * BYTES_PER_FRAME) as u64);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_told_with_its_place() {
        let path = Path::new("/dev/full");
        let error = write(path, &Stereo::silence(100_000), 48_000, Until::DONE).unwrap_err().to_string();
        assert!(error.starts_with("writing /dev/full failed: No space left"), "{error}");
    }
}

//! `mix.wav` and `match.wav`: audio as 32-bit float WAV.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

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
    if audio.len() > MAX_FRAMES {
        return Err(Error::TooLong(audio.len(), MAX_FRAMES));
    }
    let file = File::create(path).map_err(Error::io("writing", path))?;
    let spec =
        WavSpec { channels: 2, sample_rate: rate, bits_per_sample: 32, sample_format: SampleFormat::Float };
    let refused = |error| Error::io("writing", path)(as_io(error));
    let mut writer = WavWriter::new(BufWriter::new(file), spec).map_err(refused)?;
    let [left, right] = audio.channels.each_ref().map(|c| c.chunks(PART));
    for (left, right) in left.zip(right) {
        until.check()?;
        for (&left, &right) in left.iter().zip(right) {
            writer.write_sample(left).map_err(refused)?;
            writer.write_sample(right).map_err(refused)?;
        }
    }
    writer.finalize().map_err(refused)
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

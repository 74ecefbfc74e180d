//! `match.wav`: audio as 32-bit float WAV.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use hound::{SampleFormat, WavSpec, WavWriter};

use super::error::Error;
use crate::dsp::Stereo;

const BYTES_PER_FRAME: usize = 8;
/// A WAV file counts its bytes in 32 bits; some are the header's.
const MAX_FRAMES: usize = (u32::MAX as usize - 1024) / BYTES_PER_FRAME;

/// Writes `audio` at `rate` Hz to `path`, over what was there.
///
/// # Errors
/// [`Error::TooLong`] beyond 2³² bytes, [`Error::Io`] where the file system refuses.
pub fn write(path: &Path, audio: &Stereo, rate: u32) -> Result<(), Error> {
    if audio.len() > MAX_FRAMES {
        return Err(Error::TooLong(audio.len(), MAX_FRAMES));
    }
    let file = File::create(path).map_err(Error::io("writing", path))?;
    let on_disk = file.try_clone().map_err(Error::io("writing", path))?;
    write_to(file, audio, rate).map_err(Error::io("writing", path))?;
    on_disk.sync_all().map_err(Error::io("writing", path))
}

fn write_to(file: File, audio: &Stereo, rate: u32) -> std::io::Result<()> {
    let spec =
        WavSpec { channels: 2, sample_rate: rate, bits_per_sample: 32, sample_format: SampleFormat::Float };
    let mut writer = WavWriter::new(BufWriter::new(file), spec).map_err(as_io)?;
    let [left, right] = &audio.channels;
    for (&left, &right) in left.iter().zip(right) {
        writer.write_sample(left).map_err(as_io)?;
        writer.write_sample(right).map_err(as_io)?;
    }
    writer.finalize().map_err(as_io)
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

    #[test]
    fn audio_comes_back_sample_by_sample() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("match.wav");
        let audio = Stereo { channels: [vec![0.0, 0.5, -1.5e-7], vec![1.25, -0.25, 0.1]] };
        write(&path, &audio, 44_100).unwrap();
        let mut reader = hound::WavReader::open(&path).unwrap();
        assert_eq!((reader.spec().sample_rate, reader.spec().channels, reader.duration()), (44_100, 2, 3));
        let samples: Vec<f32> = reader.samples().map(Result::unwrap).collect();
        assert_eq!(samples, [0.0, 1.25, 0.5, -0.25, -1.5e-7, 0.1]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_told_with_its_place() {
        let path = Path::new("/dev/full");
        let error = write(path, &Stereo::silence(100_000), 48_000).unwrap_err().to_string();
        assert!(error.starts_with("writing /dev/full failed: No space left"), "{error}");
    }
}

//! Audio files and folders for the tests of this room.

use std::fs;
use std::path::{Path, PathBuf};

use super::Session;
use crate::dsp::Stereo;

/// Cuts a session's audio, or pads it with silence.
pub fn resize(session: &mut Session, len: usize) {
    let resized = |mut audio: Stereo| {
        audio.channels.iter_mut().for_each(|channel| channel.resize(len, 0.0));
        audio
    };
    session.mix = resized(session.mix.clone());
    session.stems.iter_mut().for_each(|stem| stem.audio = resized(stem.audio.stereo()).into());
}

/// The song that lies in the repository.
pub fn tiny() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/songs/tiny")
}

/// How samples are written.
#[derive(Clone, Copy, Debug)]
pub enum Format {
    /// Integers of so many bits.
    Int(u16),
    /// Floats of so many bits.
    Float(u16),
}

/// The bytes of a WAV file with interleaved `samples`.
pub fn wav(format: Format, channels: u16, rate: u32, samples: &[f64]) -> Vec<u8> {
    let (tag, bits) = match format {
        Format::Int(bits) => (1u16, bits),
        Format::Float(bits) => (3, bits),
    };
    let mut data = Vec::new();
    for &v in samples {
        let full = 2f64.powi(bits as i32 - 1);
        let int = (v * full).round().clamp(-full, full - 1.0) as i64;
        match format {
            Format::Int(8) => data.push((int + 128) as u8),
            Format::Int(_) => data.extend(&int.to_le_bytes()[..bits as usize / 8]),
            Format::Float(32) => data.extend((v as f32).to_le_bytes()),
            Format::Float(_) => data.extend(v.to_le_bytes()),
        }
    }
    let frame = channels * (bits / 8);
    let mut file = Vec::new();
    file.extend(b"RIFF");
    file.extend((36 + data.len() as u32).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0");
    file.extend(tag.to_le_bytes());
    file.extend(channels.to_le_bytes());
    file.extend(rate.to_le_bytes());
    file.extend((rate * frame as u32).to_le_bytes());
    file.extend(frame.to_le_bytes());
    file.extend(bits.to_le_bytes());
    file.extend(b"data");
    file.extend((data.len() as u32).to_le_bytes());
    file.extend(data);
    file
}

/// Writes stereo audio as a 32-bit float WAV file, with the folders it needs.
pub fn write(path: &Path, rate: u32, audio: &Stereo) {
    let [left, right] = &audio.channels;
    let samples: Vec<f64> = left.iter().zip(right).flat_map(|(&l, &r)| [l as f64, r as f64]).collect();
    put(path, &wav(Format::Float(32), 2, rate, &samples));
}

/// Writes a file, with the folders it needs.
pub fn put(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

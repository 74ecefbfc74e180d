//! The built-in song: eight seconds, four stems, three groups.

use std::path::Path;

use super::Error;
use super::audio::Source;
use super::file::{FILE_NAME, SessionFile};
use super::plan::Plan;

macro_rules! song {
    ($file:literal) => {
        ($file, include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/songs/tiny/", $file)))
    };
}

const SESSION: (&str, &[u8]) = song!("session.json");

const AUDIO: [(&str, &[u8]); 5] = [
    song!("mix_dense.flac"),
    song!("stems/01_kick.flac"),
    song!("stems/02_snare.flac"),
    song!("stems/03_ch00_synthbass2.flac"),
    song!("stems/04_ch01_strings1.flac"),
];

/// Plans the built-in song.
pub(super) fn plan() -> Result<Plan, Error> {
    let session = SessionFile::parse(SESSION.1, Path::new(FILE_NAME))?;
    session.plan(Path::new(FILE_NAME), None, |file| {
        match AUDIO.iter().find(|(name, _)| Path::new(name) == file) {
            Some((name, bytes)) => Source::Memory(name, bytes),
            None => Source::File(file.to_owned()),
        }
    })
}

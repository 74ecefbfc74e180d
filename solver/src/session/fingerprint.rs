//! How to know that a session is the same as before.

use std::fmt;
use std::str::FromStr;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Session;
use crate::dsp::Stereo;

/// So many samples are turned into bytes at a time.
const SAMPLES: usize = 1024;

/// A SHA-256 hash; serialised as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    pub(crate) fn of(hash: impl Into<[u8; 32]>) -> Self {
        Self(hash.into())
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<Fingerprint> for String {
    fn from(fingerprint: Fingerprint) -> Self {
        fingerprint.to_string()
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = NotAHash;

    fn try_from(digits: String) -> Result<Self, NotAHash> {
        digits.parse()
    }
}

impl FromStr for Fingerprint {
    type Err = NotAHash;

    fn from_str(digits: &str) -> Result<Self, NotAHash> {
        let mut bytes = [0; 32];
        if digits.len() != 2 * bytes.len() || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(NotAHash);
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks(2)) {
            let pair = str::from_utf8(pair).map_err(|_| NotAHash)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| NotAHash)?;
        }
        Ok(Self(bytes))
    }
}

/// The text is no [`Fingerprint`].
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("a hash has 64 hexadecimal digits")]
pub struct NotAHash;

/// The hash of all that a search sees of a session: the working rate, the groups' and stems' names, who is in which group,
/// and every sample of stems and mix at that rate.
///
/// Hashed are, one after the other: `mixtrace session 1`; the rate; the number of groups and their names; the number of stems
/// and, for each, its name, its group's index (all bits set without one) and its audio's hash; the mix's audio's hash. Integers
/// are 8 bytes, little-endian; a name is its length in bytes and UTF-8. Audio's hash is that of the number of samples and all
/// of the left, then of the right channel, 4 bytes little-endian each.
///
/// Another processor or version of the program may resample to other last bits, and so to another hash.
pub fn fingerprint(session: &Session) -> Fingerprint {
    let audio: Vec<&Stereo> = session.stems.iter().map(|s| &s.audio).chain([&session.mix]).collect();
    let hashes: Vec<_> = audio.into_par_iter().map(audio_hash).collect();
    let mut hash = Sha256::new();
    hash.update(b"mixtrace session 1");
    number(&mut hash, session.rate as usize);
    number(&mut hash, session.groups.len());
    for group in &session.groups {
        name(&mut hash, group);
    }
    number(&mut hash, session.stems.len());
    for (stem, audio) in session.stems.iter().zip(&hashes) {
        name(&mut hash, &stem.name);
        number(&mut hash, stem.group.unwrap_or(usize::MAX));
        hash.update(audio);
    }
    hash.update(hashes[session.stems.len()]);
    Fingerprint(hash.finalize().into())
}

fn number(hash: &mut Sha256, number: usize) {
    let number = if number == usize::MAX { u64::MAX } else { number as u64 };
    hash.update(number.to_le_bytes());
}

fn name(hash: &mut Sha256, name: &str) {
    number(hash, name.len());
    hash.update(name);
}

fn audio_hash(audio: &Stereo) -> [u8; 32] {
    let mut hash = Sha256::new();
    number(&mut hash, audio.len());
    let mut bytes = [0; 4 * SAMPLES];
    for samples in audio.channels.iter().flat_map(|channel| channel.chunks(SAMPLES)) {
        for (to, sample) in bytes.chunks_mut(4).zip(samples) {
            to.copy_from_slice(&sample.to_le_bytes());
        }
        hash.update(&bytes[..4 * samples.len()]);
    }
    hash.finalize().into()
}

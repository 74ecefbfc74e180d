//! Checksums of files and of audio.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// So many samples are turned into bytes at a time.
const SAMPLES: usize = 1024;

/// A SHA-256 checksum; serialised as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Checksum(pub(super) [u8; 32]);

impl Checksum {
    /// Of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Of audio: of the number of samples and all of the first channel, then of the next, 4 bytes little-endian each.
    pub fn of_audio(channels: &[&[f32]]) -> Self {
        let mut hash = Sha256::new();
        hash.update((channels.first().map_or(0, |c| c.len()) as u64).to_le_bytes());
        let mut bytes = [0; 4 * SAMPLES];
        for samples in channels.iter().flat_map(|channel| channel.chunks(SAMPLES)) {
            for (to, sample) in bytes.chunks_mut(4).zip(samples) {
                to.copy_from_slice(&sample.to_le_bytes());
            }
            hash.update(&bytes[..4 * samples.len()]);
        }
        Self(hash.finalize().into())
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<Checksum> for String {
    fn from(hash: Checksum) -> Self {
        hash.to_string()
    }
}

impl TryFrom<String> for Checksum {
    type Error = NotAChecksum;

    fn try_from(digits: String) -> Result<Self, NotAChecksum> {
        digits.parse()
    }
}

impl FromStr for Checksum {
    type Err = NotAChecksum;

    fn from_str(digits: &str) -> Result<Self, NotAChecksum> {
        let mut bytes = [0; 32];
        if digits.len() != 2 * bytes.len() || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(NotAChecksum);
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks(2)) {
            let pair = str::from_utf8(pair).map_err(|_| NotAChecksum)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| NotAChecksum)?;
        }
        Ok(Self(bytes))
    }
}

/// The text is no [`Checksum`].
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("a checksum has 64 hexadecimal digits")]
pub struct NotAChecksum;

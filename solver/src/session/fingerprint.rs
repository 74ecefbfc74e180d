//! How to know that a session is the same as before.
//!
//! A [`Fingerprint`] is made of the samples of the session's files as they are decoded, which are the same on every machine.
//! Earlier versions made it of the samples that came of resampling, which need not be; what they wrote is still checked as
//! they did.

use std::fmt;
use std::str::FromStr;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Session;
use super::checksum::{Checksum, NotAChecksum};

/// What a fingerprint of decoded samples begins with in files; one of resampled samples has nothing there.
const DECODED: &str = "v2:";

/// The hash of all that a search sees of a session, and what it was made of. Serialised as 64 hexadecimal digits behind
/// `v2:`, or alone where it is of resampled samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Fingerprint {
    of: Of,
    hash: Checksum,
}

/// What samples a fingerprint is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Of {
    Resampled,
    Decoded,
}

impl Fingerprint {
    /// Whether it is that of a session.
    pub fn is_of(&self, session: &Session) -> bool {
        let hash = match self.of {
            Of::Resampled => of_resampled(session),
            Of::Decoded => of_decoded(session),
        };
        self.hash == hash
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.of {
            Of::Resampled => self.hash.fmt(f),
            Of::Decoded => write!(f, "{DECODED}{}", self.hash),
        }
    }
}

impl From<Fingerprint> for String {
    fn from(fingerprint: Fingerprint) -> Self {
        fingerprint.to_string()
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = NotAChecksum;

    fn try_from(text: String) -> Result<Self, NotAChecksum> {
        text.parse()
    }
}

impl FromStr for Fingerprint {
    type Err = NotAChecksum;

    fn from_str(text: &str) -> Result<Self, NotAChecksum> {
        Ok(match text.strip_prefix(DECODED) {
            Some(digits) => Self { of: Of::Decoded, hash: digits.parse()? },
            None => Self { of: Of::Resampled, hash: text.parse()? },
        })
    }
}

/// The fingerprint of a session: of the working rate, how far the stems were moved, the groups' and stems' names, who is in
/// which group, and every sample of stems and mix as it was decoded.
///
/// Hashed are, one after the other: `mixtrace session 2`; the rate; the move in samples; the number of groups and their names;
/// the number of stems and, for each, its name, its group's index (all bits set without one) and its audio's hash; the
/// mix's audio's hash. Integers are 8 bytes, little-endian; a name is its length in bytes and UTF-8. Audio's hash is
/// [`Stem::content`](super::Stem::content) or, of audio that came from no file, that of its samples at the working rate.
pub fn fingerprint(session: &Session) -> Fingerprint {
    Fingerprint { of: Of::Decoded, hash: of_decoded(session) }
}

fn of_decoded(session: &Session) -> Checksum {
    let stems = session.stems.par_iter().map(|stem| {
        let own = || Checksum::of_audio(&stem.audio.channels());
        stem.content.unwrap_or_else(own)
    });
    let stems: Vec<_> = stems.collect();
    let mix = session.mix_content.unwrap_or_else(|| of_mix(session));
    let mut hash = Sha256::new();
    hash.update(b"mixtrace session 2");
    number(&mut hash, session.rate as usize);
    hash.update((session.offset_samples as i64).to_le_bytes());
    all(hash, session, &stems, mix)
}

/// As earlier versions hashed: without the move, and all samples of stems and mix at the working rate. Another
/// processor or version of the program may resample to other last bits, and so to another hash.
fn of_resampled(session: &Session) -> Checksum {
    let stems = session.stems.par_iter().map(|stem| Checksum::of_audio(&stem.audio.channels()));
    let stems: Vec<_> = stems.collect();
    let mut hash = Sha256::new();
    hash.update(b"mixtrace session 1");
    number(&mut hash, session.rate as usize);
    all(hash, session, &stems, of_mix(session))
}

fn of_mix(session: &Session) -> Checksum {
    Checksum::of_audio(&session.mix.channels.each_ref().map(Vec::as_slice))
}

/// Names, groups and the hashes of all audio.
fn all(mut hash: Sha256, session: &Session, stems: &[Checksum], mix: Checksum) -> Checksum {
    number(&mut hash, session.groups.len());
    for group in &session.groups {
        name(&mut hash, group);
    }
    number(&mut hash, session.stems.len());
    for (stem, audio) in session.stems.iter().zip(stems) {
        name(&mut hash, &stem.name);
        number(&mut hash, stem.group.unwrap_or(usize::MAX));
        hash.update(audio.0);
    }
    hash.update(mix.0);
    Checksum(hash.finalize().into())
}

fn number(hash: &mut Sha256, number: usize) {
    let number = if number == usize::MAX { u64::MAX } else { number as u64 };
    hash.update(number.to_le_bytes());
}

fn name(hash: &mut Sha256, name: &str) {
    number(hash, name.len());
    hash.update(name);
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::dsp::Stereo;
    use crate::search::stop_tests;
    use crate::session::testing::tiny;
    use crate::session::{Options, Stem};

    #[test]
    fn a_session_is_known_by_all_that_a_search_sees_of_it() {
        let session = stop_tests::session;
        let plain = fingerprint(&session());
        let retouch = |audio: &mut Stereo, channel: usize| audio.channels[channel][12_345] += 1e-6;
        let changes: [fn(&mut Session); 9] = [
            |s| s.rate = 44_100,
            |s| s.offset_samples = -3,
            |s| s.groups[0].push('!'),
            |s| s.stems[0].name.push('!'),
            |s| s.stems[1].group = None,
            |s| s.stems.swap(0, 1),
            |s| s.stems[1].content = Some(Checksum::of(b"another file")),
            |s| s.mix_content = Some(Checksum::of(b"another file")),
            |_| (),
        ];
        for (i, change) in changes.iter().enumerate() {
            let mut changed = session();
            change(&mut changed);
            assert_eq!(plain.is_of(&changed), i == 8, "change {i}");
            assert_eq!(fingerprint(&changed) == plain, i == 8, "change {i}");
        }
        for channel in 0..2 {
            let mut changed = session();
            retouch(&mut changed.mix, channel);
            assert!(!plain.is_of(&changed));
            let mut changed = session();
            let mut audio = changed.stems[1].audio.stereo();
            retouch(&mut audio, channel);
            changed.stems[1].audio = audio.into();
            assert!(!plain.is_of(&changed));
        }
        let same = Session { name: "another title".into(), ..session() };
        assert!(plain.is_of(&same));
    }

    /// The bytes that are hashed must stay the same, or no result would be known again.
    #[test]
    fn a_fingerprint_stays_what_it_is() {
        let audio = Stereo { channels: [vec![0.5, -1.0], vec![0.25, 0.0]] };
        let stem = Stem {
            name: "kick".into(),
            group: Some(0),
            source: None,
            content: None,
            audio: audio.clone().into(),
        };
        let (stems, groups) = (vec![stem], vec!["drums".into()]);
        let mut tiny = Session { stems, groups, mix: audio, ..stop_tests::session() };
        // As earlier versions wrote it.
        let resampled = "3ec7d56ae276579020cbeb7fae6c5a64576b27722a1df753e5b7b7a7cb301aa3";
        let old: Fingerprint = resampled.parse().unwrap();
        assert!(old.is_of(&tiny));
        assert_eq!(old.to_string(), resampled);
        let found = fingerprint(&tiny);
        let decoded = "v2:b405d54d2e7be976d84d41ba773c02ddb7c64f708b473b12f80d7d639ffd613a";
        assert_eq!(found.to_string(), decoded);
        assert_eq!(found.to_string().parse::<Fingerprint>().unwrap(), found);
        tiny.mix.channels[0][0] = 0.0;
        assert!(!old.is_of(&tiny) && !found.is_of(&tiny));
        for bad in ["", "00", "v2:", &"g".repeat(64), &"é".repeat(32), &format!("v3:{resampled}")] {
            assert!(bad.parse::<Fingerprint>().is_err(), "{bad}");
        }
    }

    #[test]
    fn files_are_known_by_their_samples_whatever_they_are_resampled_to() {
        let open =
            |rate: u32, path: &Path| Session::open(path, &Options { rate, ..Options::default() }).unwrap();
        let session = open(30_000, &tiny());
        let known = fingerprint(&session);
        let mut another_machine = session.clone();
        for stem in &mut another_machine.stems {
            let mut audio = stem.audio.stereo();
            audio.channels.iter_mut().flatten().for_each(|v| *v *= 1.0 + f32::EPSILON);
            stem.audio = audio.into();
        }
        assert!(known.is_of(&another_machine));
        assert!(!known.is_of(&open(44_100, &tiny())));
    }
}

//! What the plugin has captured, read back.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long a test waits for another thread: far longer than it needs, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(60);

/// A captured session.
pub struct Take {
    /// Its folder.
    pub folder: PathBuf,
    /// What `session.json` says.
    pub session: Value,
}

/// The takes below a home that are closed, the first one first.
pub fn takes(home: &Path) -> Vec<Take> {
    let folders = fs::read_dir(home).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut takes: Vec<_> = folders
        .filter_map(|folder| {
            let text = fs::read_to_string(folder.join("session.json")).ok()?;
            let session = serde_json::from_str(&text).expect("a session is written as a whole");
            Some(Take { folder, session })
        })
        .collect();
    takes.sort_by_key(|take| take.number());
    takes
}

impl Take {
    fn number(&self) -> Option<u64> {
        self.folder.file_name()?.to_str()?.rsplit(' ').next()?.parse().ok()
    }

    /// Where in the song it begins, in samples.
    pub fn start(&self) -> Option<i64> {
        self.session["start_samples"].as_i64()
    }

    /// Frames that were lost.
    pub fn lost(&self) -> u64 {
        self.session["lost_frames"].as_u64().unwrap_or(0)
    }

    /// The mix: left and right.
    pub fn mix(&self) -> [Vec<f32>; 2] {
        self.read(&self.session["mix"])
    }

    /// Names, groups and samples of the stems.
    pub fn stems(&self) -> Vec<Stem> {
        let stems = self.session["stems"].as_array().expect("a list of stems");
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let stems = stems.iter().map(|stem| Stem {
            name: text(&stem["name"]).expect("a name"),
            group: text(&stem["group"]),
            audio: self.read(&stem["file"]),
        });
        stems.collect()
    }

    fn read(&self, file: &Value) -> [Vec<f32>; 2] {
        let path = self.folder.join(file.as_str().expect("a file's name"));
        let reader = hound::WavReader::open(&path).expect("a WAV file");
        let spec = reader.spec();
        assert_eq!((spec.channels, spec.bits_per_sample), (2, 32), "{}", path.display());
        assert_eq!(spec.sample_format, hound::SampleFormat::Float, "{}", path.display());
        assert_eq!(Some(u64::from(spec.sample_rate)), self.session["sample_rate"].as_u64());
        let samples: Vec<f32> = reader.into_samples().map(|s| s.expect("whole samples")).collect();
        [0, 1].map(|channel| samples.iter().skip(channel).step_by(2).copied().collect())
    }
}

/// A stem of a take.
pub struct Stem {
    /// Its name.
    pub name: String,
    /// Its group's name.
    pub group: Option<String>,
    /// Left and right.
    pub audio: [Vec<f32>; 2],
}

/// Asserts that a bus was captured bit for bit: `frames` frames of `song` from `start` on.
#[track_caller]
pub fn assert_captured(
    audio: &[Vec<f32>; 2],
    bus: usize,
    start: i64,
    frames: usize,
    song: impl Fn(usize, usize, i64) -> f32,
) {
    for (channel, samples) in audio.iter().enumerate() {
        assert_eq!(samples.len(), frames, "length of bus {bus}, channel {channel}");
        let wrong = (start..).zip(samples).find(|(at, s)| s.to_bits() != song(bus, channel, *at).to_bits());
        if let Some((at, sample)) = wrong {
            let sent = song(bus, channel, at);
            panic!("bus {bus}, channel {channel}, frame {at}: {sample} was captured, {sent} was sent");
        }
    }
}

/// Waits until `look` finds something.
#[track_caller]
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let since = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(since.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

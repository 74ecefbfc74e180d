//! Takes from a host's audio thread to sessions that the solver opens.

mod disks;
mod lives;
mod sessions;

use std::fs::{self, File};
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use mixtrace_solver::session::{FILE_NAME, Options, Session, SessionFile};
use tempfile::TempDir;

use super::wave::Medium;
use super::*;
use crate::capture::testing::{Block, Host, sample};
use crate::capture::{Transport, channel, channel_of};

const RATE: u32 = 48_000;

/// A second of blocks.
const SECOND: [usize; 75] = [640; 75];

/// A recorder with a home of its own, and the host that feeds it.
struct Rig {
    host: Host,
    recorder: Recorder,
    project: SharedProject,
    home: TempDir,
}

fn project(home: &Path) -> SharedProject {
    let project = SharedProject::default();
    project.with(|project| project.home = Some(home.to_owned()));
    project
}

impl Rig {
    fn new(buses: usize) -> Self {
        Self::on(buses, RATE, Disk::default())
    }

    fn on(buses: usize, rate: u32, disk: Disk) -> Self {
        let (tap, drain, _) = channel();
        let home = tempfile::tempdir().unwrap();
        let project = project(home.path());
        let recorder = Recorder::spawn_on(drain, project.clone(), disk);
        // Not in real time: the host waits rather than loses.
        Self { host: Host::new(tap, buses, rate, true), recorder, project, home }
    }

    /// Stops the transport and waits until the take is put away.
    fn stop(&mut self) -> View {
        self.host.stop();
        self.settle()
    }

    fn settle(&self) -> View {
        wait_until("the take is put away", || !self.recorder.is_busy());
        self.recorder.view()
    }

    fn folder(&self, take: usize) -> PathBuf {
        self.home.path().join(format!("Take {take:03}"))
    }

    fn problem(&self) -> String {
        self.recorder.view().problem.unwrap_or_default()
    }
}

fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let since = Instant::now();
    while !done() {
        assert!(since.elapsed() < Duration::from_secs(20), "{what}: not in 20 s");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn open(folder: &Path) -> Session {
    Session::open(folder, &Options { align: false, ..Options::default() }).unwrap()
}

fn file(folder: &Path) -> SessionFile {
    SessionFile::read(&folder.join(FILE_NAME)).unwrap()
}

/// Interleaved samples of a file.
fn samples(path: &Path) -> Vec<f32> {
    let mut reader = hound::WavReader::open(path).unwrap();
    let spec = reader.spec();
    assert_eq!(
        (spec.channels, spec.bits_per_sample, spec.sample_format),
        (2, 32, hound::SampleFormat::Float)
    );
    reader.samples().map(Result::unwrap).collect()
}

/// All files of a take, by their paths in its folder; the mix first.
fn files(folder: &Path) -> Vec<PathBuf> {
    let stems = fs::read_dir(folder.join("stems")).into_iter().flatten();
    let mut stems: Vec<_> = stems.map(|entry| Path::new("stems").join(entry.unwrap().file_name())).collect();
    stems.sort();
    [vec![PathBuf::from("mix.wav")], stems].concat()
}

fn song(bus: usize, from: usize, frames: usize) -> impl Iterator<Item = f32> {
    (from..from + frames).flat_map(move |at| [sample(bus, 0, at), sample(bus, 1, at)])
}

fn assert_song(folder: &Path, buses: usize, from: usize, frames: usize) {
    let files = files(folder);
    assert_eq!(files.len(), buses);
    for (bus, path) in files.iter().enumerate() {
        let samples = samples(&folder.join(path));
        assert_eq!(samples.len(), 2 * frames, "{path:?}");
        assert!(samples.into_iter().eq(song(bus, from, frames)), "{path:?}");
    }
}

//! The takes that are there.

use std::cmp::Reverse;
use std::fs;
use std::path::{Path, PathBuf};

use mixtrace_solver::session::{FILE_NAME, SessionFile};

use super::Take;

/// The most takes that are looked into.
const MOST: usize = 100;

/// Finished takes in `home`, the newest first. Folders without a session that can be read are passed over.
pub fn takes(home: &Path) -> Vec<Take> {
    let folders = fs::read_dir(home).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut folders: Vec<_> = folders
        .filter_map(|folder| {
            let closed = fs::metadata(folder.join(FILE_NAME)).ok()?.modified().ok()?;
            Some((Reverse(closed), Reverse(folder)))
        })
        .collect();
    folders.sort();
    folders.into_iter().filter_map(|(_, Reverse(folder))| take(folder)).take(MOST).collect()
}

fn take(folder: PathBuf) -> Option<Take> {
    let session = SessionFile::read(&folder.join(FILE_NAME)).ok()?;
    let mix = hound::WavReader::open(folder.join(session.mix?)).ok()?;
    let rate = f64::from(mix.spec().sample_rate);
    let name = if session.name.trim().is_empty() {
        folder.file_name()?.to_string_lossy().into_owned()
    } else {
        session.name
    };
    Some(Take {
        name,
        seconds: f64::from(mix.duration()) / rate,
        position_s: session.start_samples.map(|start| start as f64 / rate),
        stems: session.stems.len(),
        lost_frames: session.lost_frames,
        folder,
    })
}

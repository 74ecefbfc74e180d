//! Where new files go: the nearest folder that exists, and what is to be made below it.

use std::fs;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use super::Error;
use crate::files::STAGING;

/// A staging folder that was not touched for so long is no longer written into by anybody.
const ABANDONED: Duration = Duration::from_secs(24 * 60 * 60);

/// The nearest folder that exists, and the way from there to what is to be made.
pub(crate) struct Place {
    /// The folder.
    pub base: PathBuf,
    /// The way; empty for the folder itself.
    pub missing: PathBuf,
}

impl Place {
    /// Of the folder `dir`, which may exist.
    ///
    /// # Errors
    /// [`Error::NotAFolder`] where the path leads through a file; [`Error::Io`] where it leads nowhere.
    pub fn of_folder(dir: &Path) -> Result<Self, Error> {
        Self::below(dir, 0)
    }

    /// Of a file or folder that is made anew or replaced as a whole: its base lies above it.
    ///
    /// # Errors
    /// As [`of_folder`](Self::of_folder), and [`Error::Io`] for the root of all folders.
    pub fn above(to: &Path) -> Result<Self, Error> {
        let place = Self::below(to, 1)?;
        if place.missing.as_os_str().is_empty() {
            return Err(Error::io("finding", to)(std::io::ErrorKind::NotFound.into()));
        }
        Ok(place)
    }

    /// Looks for the base from so many levels above `to` on.
    fn below(to: &Path, levels: usize) -> Result<Self, Error> {
        let whole = std::path::absolute(to).map_err(Error::io("finding", to))?;
        // The root exists.
        let base = whole.ancestors().skip(levels).find(|p| p.exists()).unwrap_or(Path::new("/"));
        let missing = whole.strip_prefix(base).unwrap_or(Path::new("")).to_path_buf();
        if !base.is_dir() {
            return Err(Error::NotAFolder(base.to_path_buf()));
        }
        if !missing.components().all(|c| matches!(c, Component::Normal(_))) {
            return Err(Error::io("finding", to)(std::io::ErrorKind::NotFound.into()));
        }
        Ok(Self { base: base.to_path_buf(), missing })
    }

    /// A folder for files that are not complete yet: inside the base, so that it is on the same disk. Those that programs
    /// which were ended have left there are removed.
    ///
    /// # Errors
    /// [`Error::Io`] if the system refuses.
    pub fn stage(&self) -> Result<TempDir, Error> {
        self.sweep();
        let staging = tempfile::Builder::new().prefix(STAGING).tempdir_in(&self.base);
        // The system's own message would name the temporary folder.
        staging.map_err(|e| Error::io("writing to", &self.base)(e.kind().into()))
    }

    /// Removes staging folders that nobody has touched for long. What cannot be removed stays: it is in nobody's way.
    fn sweep(&self) {
        let Ok(entries) = fs::read_dir(&self.base) else { return };
        let is_staging = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().starts_with(STAGING);
        for entry in entries.flatten().filter(is_staging) {
            let touched = entry.metadata().ok().filter(fs::Metadata::is_dir).and_then(|m| m.modified().ok());
            if touched.and_then(|at| at.elapsed().ok()).is_some_and(|age| age > ABANDONED) {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::time::SystemTime;

    use super::*;

    #[cfg(unix)]
    #[test]
    fn what_a_killed_program_left_is_removed_once_it_is_old() {
        let home = tempfile::tempdir().unwrap();
        let names = [".mixtrace-old", ".mixtrace-new", "mixtrace-old"];
        for name in names {
            let folder = home.path().join(name);
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join("report.json"), "{").unwrap();
            if name.ends_with("old") {
                let before = SystemTime::now() - 2 * ABANDONED;
                File::open(&folder).unwrap().set_modified(before).unwrap();
            }
        }
        let place = Place::of_folder(&home.path().join("song")).unwrap();
        drop(place.stage().unwrap());
        let left = names.map(|name| home.path().join(name).exists());
        assert_eq!(left, [false, true, true]);
    }
}

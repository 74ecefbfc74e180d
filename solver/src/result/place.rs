//! Where new files go: the nearest folder that exists, and what is to be made below it.

use std::path::{Component, Path, PathBuf};

use tempfile::TempDir;

use super::Error;

/// What the names of folders begin with whose files are not complete yet.
pub(crate) const STAGING: &str = ".mixtrace-";

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

    /// A folder for files that are not complete yet: inside the base, so that it is on the same disk.
    ///
    /// # Errors
    /// [`Error::Io`] if the system refuses.
    pub fn stage(&self) -> Result<TempDir, Error> {
        let staging = tempfile::Builder::new().prefix(STAGING).tempdir_in(&self.base);
        // The system's own message would name the temporary folder.
        staging.map_err(|e| Error::io("writing to", &self.base)(e.kind().into()))
    }
}

//! Files that are there whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What the names of files and folders begin with that are not complete yet.
pub const STAGING: &str = ".mixtrace-";

/// Whether a file must outlive a power cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durable {
    /// On the disk before it has its name, so that not even a power cut leaves half a file under it.
    Yes,
    /// Not synced: that can take seconds which nothing can interrupt, and a plugin that is removed has 200 ms. The rename alone
    /// keeps a half-written file from being seen.
    No,
}

/// Writes a file: beside the one that may be there, then in its place, so that no reader ever meets half of it. A failure
/// leaves what was there. The folder must exist.
///
/// # Errors
/// What the system says.
pub fn replace(path: &Path, bytes: &[u8], durable: Durable) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    // Made like any other file, so that it gets the rights of one.
    let staged = tempfile::Builder::new().prefix(STAGING).make_in(folder, |path| File::create_new(path));
    // The system's own message would name the staged file.
    let staged = staged.map_err(|error| io::Error::from(error.kind()))?;
    staged.as_file().write_all(bytes)?;
    if durable == Durable::Yes {
        staged.as_file().sync_all()?;
    }
    staged.persist(path)?;
    Ok(())
}

/// True for what is there only while something is being written.
pub fn is_left_over(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(STAGING))
}

/// Removes what a program that was ended while it was writing into a folder has left there. There need be no such folder.
///
/// # Errors
/// What could not be removed or read, and what the system says.
pub fn sweep(folder: &Path) -> Result<(), (PathBuf, io::Error)> {
    if !folder.is_dir() {
        return Ok(());
    }
    let entries = fs::read_dir(folder).and_then(|entries| entries.collect::<io::Result<Vec<_>>>());
    let paths = entries.map_err(|error| (folder.to_owned(), error))?.into_iter().map(|entry| entry.path());
    for path in paths.filter(|path| is_left_over(path)) {
        let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.map_err(|error| (path, error))?;
    }
    Ok(())
}

/// Removes a file, if there is one.
///
/// # Errors
/// What the system says.
pub fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_replaced_and_nothing_is_left_beside_it() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("report.json");
        for (text, durable) in [("old", Durable::Yes), ("new", Durable::No)] {
            replace(&file, text.as_bytes(), durable).unwrap();
            assert_eq!(fs::read_to_string(&file).unwrap(), text);
        }
        assert_eq!(names(home.path()), ["report.json"]);
    }

    #[test]
    fn a_failure_leaves_what_was_there_and_names_no_staged_file() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("report.json");
        fs::create_dir_all(folder.join("mine")).unwrap();
        replace(&folder, b"new", Durable::No).unwrap_err();
        assert_eq!(names(home.path()), ["report.json"]);
        let nowhere = replace(&home.path().join("no such folder/report.json"), b"", Durable::No);
        assert!(!nowhere.unwrap_err().to_string().contains(STAGING));
    }

    #[test]
    fn what_a_killed_program_left_is_swept_and_nothing_else() {
        let home = tempfile::tempdir().unwrap();
        sweep(&home.path().join("nowhere")).unwrap();
        fs::create_dir(home.path().join(".mixtrace-1a2b")).unwrap();
        fs::write(home.path().join(".mixtrace-1a2b/report.json"), "{\"sch").unwrap();
        fs::write(home.path().join(".mixtrace-3c4d"), "{").unwrap();
        fs::write(home.path().join("mixtrace.txt"), "mine").unwrap();
        sweep(home.path()).unwrap();
        assert_eq!(names(home.path()), ["mixtrace.txt"]);
    }
}

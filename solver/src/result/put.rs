//! A file or folder, written beside, then renamed into place, so that nothing half-written is ever seen.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use super::Error;
use super::place::Place;
use crate::stop::Until;

/// Proves, before the work, that nothing but an empty folder is in the way of [`put`], or that it may be written over.
///
/// # Errors
/// [`Error::Exists`], or [`Error::NotAFolder`] where the path leads through a file.
pub fn check(to: &Path, force: bool) -> Result<(), Error> {
    // Not what a link leads to: it would be replaced itself.
    let kind = fs::symlink_metadata(to).map(|metadata| metadata.file_type());
    if kind.is_ok_and(|kind| !kind.is_file() && !kind.is_dir()) {
        return Err(Error::Special(to.to_owned()));
    }
    let is_empty = || fs::read_dir(to).is_ok_and(|mut entries| entries.next().is_none());
    if to.exists() && !force && !is_empty() {
        return Err(Error::Exists(to.to_owned()));
    }
    Place::above(to)?;
    Ok(())
}

/// Makes the file or folder `to`: `write` is given a path on the same disk, and what it has made there is put in place, unless
/// `until` is over by then.
///
/// With `force`, a file is replaced, and a folder keeps what is not written again.
///
/// # Errors
/// Those of [`check`] and of `write`; [`Error::NotAFile`] and [`Error::NotAFolder`] where a folder and a file would replace
/// one another. Then what was there is there still.
pub fn put<E: From<Error>>(
    to: &Path,
    force: bool,
    until: Until<'_>,
    write: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<(), E> {
    check(to, force)?;
    let place = Place::above(to)?;
    let staging = place.stage()?;
    let staged = staging.path().join(&place.missing);
    let parent = staged.parent().unwrap_or(staging.path());
    fs::create_dir_all(parent).map_err(Error::io("creating", to))?;
    write(&staged)?;
    until.check().map_err(Error::from)?;
    if to.exists() {
        return Ok(replace(&staged, to)?);
    }
    let top = place.missing.components().next().map(|top| Path::new(top.as_os_str()).to_owned());
    let top = top.unwrap_or_else(|| place.missing.clone());
    let target = place.base.join(&top);
    fs::rename(staging.path().join(&top), &target).map_err(Error::io("creating", &target))?;
    Ok(())
}

/// Writes a file.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    fs::write(path, bytes).map_err(Error::io("writing", path))
}

/// Copies what is read from one place to another, a piece at a time.
pub(crate) fn copy(
    (content, from): (&mut dyn Read, &Path),
    (copy, to): (&mut dyn Write, &Path),
    until: Until<'_>,
) -> Result<(), Error> {
    let mut piece = vec![0; 1 << 20];
    loop {
        until.check()?;
        match content.read(&mut piece).map_err(Error::io("reading", from))? {
            0 => return Ok(()),
            read => copy.write_all(&piece[..read]).map_err(Error::io("writing", to))?,
        }
    }
}

/// Makes a folder.
pub(crate) fn folder(path: &Path) -> Result<(), Error> {
    fs::create_dir_all(path).map_err(Error::io("creating", path))
}

/// Renames a file over another, or all files of a folder into another.
fn replace(staged: &Path, to: &Path) -> Result<(), Error> {
    let moves = moves(staged, to)?;
    for (_, target) in &moves {
        if target.is_dir() {
            return Err(Error::NotAFile(target.clone()));
        }
        if let Some(file) = target.ancestors().skip(1).find(|above| above.is_file()) {
            return Err(Error::NotAFolder(file.to_owned()));
        }
    }
    for (from, target) in &moves {
        if let Some(parent) = target.parent() {
            folder(parent)?;
        }
        fs::rename(from, target).map_err(Error::io("writing", target))?;
    }
    Ok(())
}

/// All files below `from`, and where they go.
fn moves(from: &Path, to: &Path) -> Result<Vec<(PathBuf, PathBuf)>, Error> {
    if !from.is_dir() {
        return Ok(vec![(from.to_owned(), to.to_owned())]);
    }
    let entries = fs::read_dir(from).and_then(|entries| entries.collect::<Result<Vec<_>, _>>());
    let mut all = Vec::new();
    for entry in entries.map_err(Error::io("reading", to))? {
        all.extend(moves(&entry.path(), &to.join(entry.file_name()))?);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stop::Stop;

    /// As outside, without an abort.
    fn put(to: &Path, force: bool, write: impl FnOnce(&Path) -> Result<(), Error>) -> Result<(), Error> {
        super::put(to, force, Until::DONE, write)
    }

    /// A folder of two files.
    fn two(text: &'static str) -> impl FnOnce(&Path) -> Result<(), Error> {
        move |path| {
            folder(&path.join("audio"))?;
            write(&path.join("song.rpp"), text.as_bytes())?;
            write(&path.join("audio").join("kick.wav"), text.as_bytes())
        }
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_and_a_folder_are_put_where_nothing_is_and_nothing_else_is_left() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("deep/er/song.csv");
        put(&file, false, |path| write(path, b"a")).unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"a");
        put(&home.path().join("song"), false, two("b")).unwrap();
        assert_eq!(names(home.path()), ["deep", "song"]);
        assert_eq!(names(&home.path().join("song")), ["audio", "song.rpp"]);
    }

    #[test]
    fn what_exists_is_refused_unless_it_may_be_written_over() {
        let home = tempfile::tempdir().unwrap();
        let (file, song) = (home.path().join("song.csv"), home.path().join("song"));
        fs::write(&file, "mine").unwrap();
        put(&song, false, two("old")).unwrap();
        fs::write(song.join("lyrics.txt"), "la la").unwrap();
        for refused in [put(&file, false, |_| Ok(())), put(&song, false, two("new"))] {
            let text = refused.unwrap_err().to_string();
            assert!(
                text.ends_with("exists already; choose another place or let it be written over"),
                "{text}"
            );
        }
        put(&file, true, |path| write(path, b"new")).unwrap();
        put(&song, true, two("new")).unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert_eq!(fs::read(song.join("audio/kick.wav")).unwrap(), b"new");
        assert_eq!(fs::read(song.join("lyrics.txt")).unwrap(), b"la la");
        assert_eq!(names(home.path()), ["song", "song.csv"]);
    }

    #[test]
    fn a_file_never_replaces_a_folder_nor_a_folder_a_file() {
        let home = tempfile::tempdir().unwrap();
        let (file, song) = (home.path().join("song.csv"), home.path().join("song"));
        fs::write(&file, "mine").unwrap();
        fs::create_dir(&song).unwrap();
        let over_folder = put(&song, true, |path| write(path, b"new"));
        assert!(matches!(over_folder, Err(Error::NotAFile(path)) if path == song));
        assert!(matches!(put(&file, true, two("new")), Err(Error::NotAFolder(path)) if path == file));
        let below = put(&file.join("song.csv"), true, |path| write(path, b"new"));
        assert!(matches!(below, Err(Error::NotAFolder(path)) if path == file));
        assert_eq!((fs::read(&file).unwrap(), names(&song)), (b"mine".to_vec(), vec![]));
    }

    #[cfg(unix)]
    #[test]
    fn links_and_devices_are_never_replaced() {
        let home = tempfile::tempdir().unwrap();
        let (whole, dangling) = (home.path().join("whole"), home.path().join("dangling"));
        fs::write(home.path().join("song.csv"), "mine").unwrap();
        std::os::unix::fs::symlink(home.path().join("song.csv"), &whole).unwrap();
        std::os::unix::fs::symlink(home.path().join("nowhere"), &dangling).unwrap();
        for place in [&*whole, &*dangling, Path::new("/dev/null")] {
            for force in [false, true] {
                assert!(matches!(check(place, force), Err(Error::Special(path)) if path == place));
            }
        }
    }

    #[test]
    fn a_failure_and_an_abort_leave_what_was_there() {
        let home = tempfile::tempdir().unwrap();
        let song = home.path().join("song");
        let broken = put(&song, false, |path| {
            folder(path)?;
            write(&path.join("no such folder").join("a"), b"")
        });
        assert!(matches!(broken, Err(Error::Io { what: "writing", .. })));
        let stop = Stop::default();
        stop.abort();
        let aborted = super::put(&song, false, stop.until_aborted(), two("a"));
        assert!(matches!(aborted, Err(Error::Aborted)));
        assert_eq!(names(home.path()), [""; 0]);
    }
}

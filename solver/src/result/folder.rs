//! The result folder: all formats of a report, put in place at once or not at all.
//!
//! Until then the folder may hold a search's checkpoint, which makes it that search's own.

use std::fs;
use std::path::{Path, PathBuf};

use super::place::Place;
use super::{Error, FILES, GRAPH_FILE, REPORT_FILE, json, wav};
use crate::dsp::Stereo;
use crate::files;
use crate::findings::Report;
use crate::graph::GraphFile;
use crate::pages::spectrogram::Pictures;
use crate::pages::{html, markdown, svg};
use crate::search::checkpoint;
use crate::session;
use crate::stop::Until;

/// What a result's files are made from.
#[derive(Clone, Copy)]
pub struct Content<'a> {
    /// The findings in units.
    pub report: &'a Report,
    /// The pruned graph with all its raw parameters, to go on from.
    pub graph: &'a GraphFile,
    /// The mix as it was matched, to be heard and seen beside what was found.
    pub original: &'a Stereo,
    /// The pruned graph's mix.
    pub mix: &'a Stereo,
    /// The sample rate of both, Hz.
    pub mix_rate: u32,
}

/// `dir`, or the first of `dir-2`, `dir-3`, … that does not exist.
pub fn unused(dir: &Path) -> PathBuf {
    let numbered = |n: usize| {
        let mut path = dir.as_os_str().to_owned();
        path.push(format!("-{n}"));
        PathBuf::from(path)
    };
    if !dir.exists() {
        return dir.to_owned();
    }
    (2..).map(numbered).find(|path| !path.exists()).expect("some number is free")
}

/// Proves, before hours of work, that [`write()`] will find a place: that `dir` is not in use (or `force` is given) and
/// that files can be written there. Leaves nothing behind.
///
/// # Errors
/// [`Error::Exists`], [`Error::Unfinished`], [`Error::NotAFolder`], [`Error::NotAFile`] or [`Error::Io`], as [`write()`]
/// would give them.
pub fn check(dir: &Path, force: bool) -> Result<(), Error> {
    let place = find(dir, force)?;
    let staging = place.stage()?;
    write_file(&staging.path().join(REPORT_FILE), b"").map_err(|e| e.moved(staging.path(), dir))?;
    staging.close().map_err(Error::io("writing to", &place.base))
}

/// Writes [`FILES`] into the folder `dir` and returns where they are.
///
/// Everything is written elsewhere on the same disk first and then renamed into place, so that nothing half-written is
/// ever seen and a failure leaves what was there. Nothing is synced to the disk: that can take seconds which nothing can
/// interrupt, and a plugin that is removed has 200 ms. A folder that exists keeps the files that are not a result's.
///
/// # Errors
/// [`Error::Exists`] or [`Error::Unfinished`] where `dir` holds something and `force` is not given; [`Error::NotANumber`], [`Error::TooLong`] for
/// what cannot be written; [`Error::NotAFolder`], [`Error::NotAFile`], [`Error::Io`] for what is in the way;
/// [`Error::Aborted`] if `until` was over before the files were renamed.
pub fn write(content: Content<'_>, dir: &Path, force: bool, until: Until<'_>) -> Result<Vec<PathBuf>, Error> {
    write_at(&find(dir, force)?, content, dir, until)
}

/// The same, where the place was found before.
fn write_at(
    place: &Place,
    content: Content<'_>,
    dir: &Path,
    until: Until<'_>,
) -> Result<Vec<PathBuf>, Error> {
    let json = json::to_string(content.report)?;
    let graph = json::graph(content.graph)?;
    // All formats are drawn from what the JSON says, so that drawing them from it again gives the same.
    let report = json::from_str(&json)?;

    let staging = place.stage()?;
    let staged = staging.path().join(&place.missing);
    fs::create_dir_all(&staged).map_err(Error::io("creating", dir))?;
    for (name, audio) in [("original.wav", content.original), ("match.wav", content.mix)] {
        let written = wav::write(&staged.join(name), audio, content.mix_rate, until);
        written.map_err(|e| e.moved(&staged, dir))?;
    }
    let pictures = Pictures::of(content.original, content.mix, content.mix_rate, until)?;
    let texts = [
        ("graph.svg", svg::to_string(&report)),
        ("report.html", html::to_string(&report, Some(&pictures))),
        ("report.md", markdown::to_string(&report)),
        (GRAPH_FILE, graph),
        (REPORT_FILE, json),
    ];
    for (name, text) in texts {
        until.check()?;
        write_file(&staged.join(name), text.as_bytes()).map_err(|e| e.moved(&staged, dir))?;
    }

    match place.missing.components().next() {
        Some(top) => {
            let to = place.base.join(top);
            fs::rename(staging.path().join(top), &to).map_err(|error| match to.exists() {
                // Another one has taken the place since it was found free.
                true => Error::Exists(dir.to_path_buf()),
                false => Error::io("creating", &to)(error),
            })?;
        }
        None => {
            for name in FILES {
                let to = dir.join(name);
                fs::rename(staged.join(name), &to).map_err(Error::io("writing", &to))?;
            }
        }
    }
    Ok(FILES.iter().map(|name| dir.join(name)).collect())
}

/// Removes what a program that was ended while it was writing into the folder `dir` has left there. There need be no such
/// folder.
///
/// # Errors
/// [`Error::Io`] if the system refuses.
pub fn clean(dir: &Path) -> Result<(), Error> {
    files::sweep(dir).map_err(|(path, error)| Error::io("removing", &path)(error))
}

fn entries(dir: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = fs::read_dir(dir).and_then(|entries| entries.map(|e| Ok(e?.path())).collect());
    entries.map_err(Error::io("reading", dir))
}

/// Where a result goes, if it may go there.
fn find(dir: &Path, force: bool) -> Result<Place, Error> {
    let place = Place::of_folder(dir)?;
    if place.missing.as_os_str().is_empty() {
        let base = &place.base;
        if !force && base.join(checkpoint::FILE_NAME).exists() {
            return Err(Error::Unfinished(dir.to_path_buf()));
        }
        if !force && entries(base)?.iter().any(|entry| !files::is_left_over(entry)) {
            return Err(Error::Exists(dir.to_path_buf()));
        }
        if base.join(session::FILE_NAME).exists() {
            return Err(Error::Session(dir.to_path_buf()));
        }
        if let Some(taken) = FILES.iter().map(|name| base.join(name)).find(|p| p.is_dir()) {
            return Err(Error::NotAFile(taken));
        }
    }
    Ok(place)
}

fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    fs::write(path, bytes).map_err(Error::io("writing", path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture;
    use crate::stop::Stop;

    /// Writes a result of some report, with a graph and mixes that do not matter.
    fn write(report: &Report, dir: &Path, force: bool, until: Until<'_>) -> Result<Vec<PathBuf>, Error> {
        write_at(&find(dir, force)?, report, dir, until)
    }

    /// The same, where the place was found before.
    fn write_at(place: &Place, report: &Report, dir: &Path, until: Until<'_>) -> Result<Vec<PathBuf>, Error> {
        let [original, mix] = audio();
        let graph = GraphFile { rate: Some(30_000), ..GraphFile::default() };
        let content = Content { report, graph: &graph, original: &original, mix: &mix, mix_rate: 48_000 };
        super::write_at(place, content, dir, until)
    }

    /// A mix, and one that was found for it.
    fn audio() -> [Stereo; 2] {
        [0.5, 0.25].map(|level| Stereo { channels: [vec![level; 100], vec![-level; 100]] })
    }

    /// Every file and folder below `dir` with its content.
    fn content(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
        let mut found = vec![];
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                found.extend(content(&path));
                found.push((path, vec![]));
            } else {
                found.push((path.clone(), fs::read(path).unwrap()));
            }
        }
        found.sort();
        found
    }

    #[test]
    fn a_folder_that_is_taken_gets_the_first_free_number() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("take 1.5");
        assert_eq!(unused(&dir), dir);
        for taken in ["take 1.5", "take 1.5-2", "take 1.5-4"] {
            fs::create_dir(home.path().join(taken)).unwrap();
        }
        assert_eq!(unused(&dir), home.path().join("take 1.5-3"));
    }

    #[test]
    fn a_place_that_another_one_takes_meanwhile_is_refused_and_left_as_it_was() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("song");
        let found_free = find(&dir, false).unwrap();
        write(&fixture::song(), &dir, false, Until::DONE).unwrap();
        let before = content(home.path());
        let refusal = write_at(&found_free, &fixture::song(), &dir, Until::DONE).unwrap_err();
        assert!(matches!(&refusal, Error::Exists(place) if *place == dir), "{refusal}");
        assert_eq!(content(home.path()), before);
    }

    #[test]
    fn a_result_is_seven_files_and_nothing_else() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("results").join("song");
        check(&dir, false).unwrap();
        assert_eq!(content(home.path()), []);
        let written = write(&fixture::song(), &dir, false, Until::DONE).unwrap();
        assert_eq!(written.len(), FILES.len());
        assert!(written.iter().all(|p| p.is_file()));
        // The seven files and the two folders.
        assert_eq!(content(home.path()).len(), FILES.len() + 2);
        let text = fs::read_to_string(dir.join("report.json")).unwrap();
        let report = json::from_str(&text).unwrap();
        assert_eq!(fs::read_to_string(dir.join("report.md")).unwrap(), markdown::to_string(&report));
        let [original, mix] = audio();
        let pictures = Pictures::of(&original, &mix, 48_000, Until::DONE).unwrap();
        let page = html::to_string(&report, Some(&pictures));
        assert_eq!(fs::read_to_string(dir.join("report.html")).unwrap(), page);
        assert_eq!(fs::read_to_string(dir.join("graph.svg")).unwrap(), svg::to_string(&report));
    }

    #[test]
    fn the_same_findings_give_the_same_bytes() {
        let home = tempfile::tempdir().unwrap();
        let folders = ["a", "b"].map(|name| {
            let dir = home.path().join(name);
            write(&fixture::song(), &dir, false, Until::DONE).unwrap();
            FILES.map(|file| fs::read(dir.join(file)).unwrap())
        });
        assert_eq!(folders[0], folders[1]);
    }

    #[cfg(unix)]
    #[test]
    fn a_new_folder_has_the_rights_of_any_new_folder() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let (plain, dir) = (home.path().join("plain"), home.path().join("song"));
        fs::create_dir(&plain).unwrap();
        write(&fixture::song(), &dir, false, Until::DONE).unwrap();
        let mode = |p: &Path| fs::metadata(p).unwrap().permissions().mode();
        assert_eq!(mode(&dir), mode(&plain));
    }

    #[test]
    fn a_folder_in_use_is_refused_and_left_as_it_was() {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("my lyrics.txt"), "la la").unwrap();
        let before = content(home.path());
        let refusals =
            [check(home.path(), false), write(&fixture::song(), home.path(), false, Until::DONE).map(drop)];
        for refusal in refusals {
            let text = refusal.unwrap_err().to_string();
            assert!(
                text.ends_with("exists already; choose another place or let it be written over"),
                "{text}"
            );
        }
        assert_eq!(content(home.path()), before);
    }

    #[test]
    fn a_sessions_folder_is_never_written_into() {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join(session::FILE_NAME), "{}").unwrap();
        let before = content(home.path());
        for refusal in
            [check(home.path(), true), write(&fixture::song(), home.path(), true, Until::DONE).map(drop)]
        {
            assert!(matches!(refusal, Err(Error::Session(folder)) if folder == home.path()));
        }
        assert_eq!(content(home.path()), before);
    }

    #[test]
    fn an_empty_folder_is_welcome() {
        let home = tempfile::tempdir().unwrap();
        check(home.path(), false).unwrap();
        write(&fixture::song(), home.path(), false, Until::DONE).unwrap();
        assert_eq!(content(home.path()).len(), FILES.len());
    }

    #[test]
    fn a_folder_with_an_unfinished_search_is_refused_and_says_how_to_go_on() {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join(checkpoint::FILE_NAME), "{}").unwrap();
        let before = content(home.path());
        let put = |force| write(&fixture::song(), home.path(), force, Until::DONE);
        for refusal in [check(home.path(), false), put(false).map(drop)] {
            let text = refusal.unwrap_err().to_string();
            let named = home.path().display().to_string();
            assert!(text.contains(&named) && text.contains("unfinished search"), "{text}");
        }
        assert_eq!(content(home.path()), before);
        check(home.path(), true).unwrap();
        put(true).unwrap();
        assert_eq!(content(home.path()).len(), FILES.len() + 1);
    }

    #[test]
    fn what_a_killed_program_left_is_no_use_of_a_folder_and_can_be_cleaned_away() {
        let home = tempfile::tempdir().unwrap();
        clean(&home.path().join("nowhere")).unwrap();
        fs::create_dir(home.path().join(".mixtrace-1a2b")).unwrap();
        fs::write(home.path().join(".mixtrace-1a2b/report.json"), "{\"sch").unwrap();
        fs::write(home.path().join(".mixtrace-3c4d"), "{").unwrap();
        check(home.path(), false).unwrap();
        fs::write(home.path().join("mixtrace.txt"), "mine").unwrap();
        clean(home.path()).unwrap();
        assert_eq!(content(home.path()), [(home.path().join("mixtrace.txt"), b"mine".to_vec())]);
    }

    #[test]
    fn force_renews_a_result_and_keeps_what_is_not_a_result() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("song");
        write(&fixture::of_size(3), &dir, false, Until::DONE).unwrap();
        fs::write(dir.join("my lyrics.txt"), "la la").unwrap();
        check(&dir, true).unwrap();
        write(&fixture::song(), &dir, true, Until::DONE).unwrap();
        assert_eq!(fs::read_to_string(dir.join("my lyrics.txt")).unwrap(), "la la");
        let text = fs::read_to_string(dir.join("report.json")).unwrap();
        assert_eq!(json::from_str(&text).unwrap().session.name, fixture::song().session.name);
        assert_eq!(content(&dir).len(), FILES.len() + 1);
    }

    #[test]
    fn a_failure_leaves_what_was_there() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("song");
        write(&fixture::song(), &dir, false, Until::DONE).unwrap();
        let before = content(home.path());
        let mut broken = fixture::song();
        broken.matches.pruned.full = f64::NAN;
        let error = write(&broken, &dir, true, Until::DONE).unwrap_err().to_string();
        assert!(error.contains("match.pruned.full"), "{error}");
        assert_eq!(content(home.path()), before);

        fs::remove_file(dir.join("match.wav")).unwrap();
        fs::create_dir(dir.join("match.wav")).unwrap();
        let before = content(home.path());
        for refusal in [check(&dir, true), write(&fixture::song(), &dir, true, Until::DONE).map(drop)] {
            assert!(matches!(refusal, Err(Error::NotAFile(_))));
        }
        assert_eq!(content(home.path()), before);
    }

    #[test]
    fn an_abort_leaves_what_was_there() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("song");
        let put = |stop: &Stop, force| write(&fixture::song(), &dir, force, stop.until_aborted());
        assert!(matches!(put(&Stop::aborting_at(1), false), Err(Error::Aborted)));
        assert_eq!(content(home.path()), []);
        let count = Stop::default();
        put(&count, false).unwrap();
        let before = content(home.path());
        for look in 1..=count.looks() {
            assert!(matches!(put(&Stop::aborting_at(look), true), Err(Error::Aborted)));
            assert_eq!(content(home.path()), before);
        }
    }

    #[test]
    fn a_place_that_can_hold_no_folder_is_told_before_the_work() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("mix.wav");
        fs::write(&file, "RIFF").unwrap();
        for dir in [file.clone(), file.join("song"), file.join("deep").join("song")] {
            for force in [false, true] {
                let text = check(&dir, force).unwrap_err().to_string();
                assert!(text.contains("mix.wav is a file, not a folder"), "{text}");
                write(&fixture::song(), &dir, force, Until::DONE).unwrap_err();
            }
        }
        assert_eq!(content(home.path()).len(), 1);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_place_that_cannot_be_written_is_told_before_the_work() {
        // Not even root can make a folder there.
        let text = check(Path::new("/proc/mixtrace"), false).unwrap_err().to_string();
        assert!(text.starts_with("writing to /proc failed: "), "{text}");
    }
}

//! The songs of a study: sessions, each with its own mix or with others.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::Error;
use crate::result::names::plain;
use crate::session::{self, SessionFile};

/// A session with one mix.
#[derive(Clone, Debug, PartialEq)]
pub struct Song {
    /// The session as given.
    pub session: PathBuf,
    /// The mix as given; the session's own where none was.
    pub mix: Option<PathBuf>,
    /// Session and mix by name, such as `tiny mix_dense`.
    pub name: String,
    /// The same as part of file names, such as `tiny-mix_dense`.
    pub slug: String,
    /// How many strips its console has.
    pub strips: usize,
}

/// Something that could not be studied, while the rest went on.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Failure {
    /// The song's name, or the session as given where it has none.
    pub song: String,
    /// The configuration that failed; none where the whole song did.
    pub configuration: Option<String>,
    /// Why: a sentence.
    pub reason: String,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let Self { song, configuration, reason } = self;
        match configuration {
            Some(configuration) => write!(f, "{song}, {configuration}: {reason}"),
            None => write!(f, "{song}: {reason}"),
        }
    }
}

/// Every session with each of `mixes` (paths from the current or the session's folder), or with its own where there are
/// none. Only `session.json` is read. A session that has none that can be read is a failure, and the others are there.
///
/// # Errors
/// Where nothing is given, something is given twice, or two songs would have the same name.
pub fn songs(sessions: &[PathBuf], mixes: &[PathBuf]) -> Result<(Vec<Song>, Vec<Failure>), Error> {
    if sessions.is_empty() {
        return Err(Error::NoSong);
    }
    if let Some(twice) = repeated(mixes.iter().map(|mix| (mix, mix.clone()))) {
        return Err(Error::MixTwice(twice.clone()));
    }
    let place = |path: &Path| session::locate(path).ok().and_then(|file| file.canonicalize().ok());
    let places = sessions.iter().map(|path| (path, place(path).unwrap_or_else(|| path.clone())));
    if let Some(twice) = repeated(places) {
        return Err(Error::SongTwice(twice.clone()));
    }
    let (mut songs, mut failures) = (Vec::new(), Vec::new());
    for path in sessions {
        match with_mixes(path, mixes) {
            Ok(more) => songs.extend(more),
            Err(error) => failures.push(Failure {
                song: path.display().to_string(),
                configuration: None,
                reason: error.to_string(),
            }),
        }
    }
    let mut names: HashMap<String, &Song> = HashMap::new();
    for song in &songs {
        // Some file systems do not tell upper case from lower.
        if let Some(other) = names.insert(song.slug.to_lowercase(), song) {
            let place = |song: &Song| song.session.join(song.mix.as_deref().unwrap_or(Path::new("")));
            let (first, second) = (place(other), place(song));
            return Err(Error::SameName { name: song.name.clone(), first, second });
        }
    }
    Ok((songs, failures))
}

fn with_mixes(path: &Path, mixes: &[PathBuf]) -> Result<Vec<Song>, session::Error> {
    let file = session::locate(path)?;
    let session = SessionFile::read(&file)?;
    let song = |mix: Option<&PathBuf>| {
        let heard = mix.or(session.mix.as_ref()).and_then(|mix| mix.file_stem());
        let heard = heard.unwrap_or_default().to_string_lossy();
        let name = session.name_at(&file);
        Song {
            session: path.to_owned(),
            mix: mix.cloned(),
            slug: format!("{}-{}", plain(&name), plain(&heard)),
            name: format!("{name} {heard}").trim().to_owned(),
            strips: session.stems.len() + session.groups.len(),
        }
    };
    Ok(if mixes.is_empty() { vec![song(None)] } else { mixes.iter().map(|mix| song(Some(mix))).collect() })
}

/// What stands twice, by its place.
fn repeated<'a>(paths: impl Iterator<Item = (&'a PathBuf, PathBuf)>) -> Option<&'a PathBuf> {
    let mut seen = std::collections::HashSet::new();
    paths.into_iter().find(|(_, place)| !seen.insert(place.clone())).map(|(path, _)| path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(home: &Path, name: &str, json: &str) -> PathBuf {
        let folder = home.join(name);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("session.json"), json).unwrap();
        folder
    }

    const STEM: &str = r#""stems": [{"name": "a", "file": "a.wav"}]"#;

    #[test]
    fn every_song_is_studied_with_every_mix_and_named_by_both() {
        let home = tempfile::tempdir().unwrap();
        let a = folder(home.path(), "a", &format!(r#"{{"name": "Night / Day", "mix": "m.wav", {STEM}}}"#));
        let b = folder(home.path(), "b", &format!(r#"{{"mix": "n.wav", {STEM}}}"#));
        let names = |mixes: &[PathBuf]| {
            let (songs, failures) = songs(&[a.clone(), b.clone()], mixes).unwrap();
            assert!(failures.is_empty());
            songs.into_iter().map(|s| (s.name, s.slug)).collect::<Vec<_>>()
        };
        let pair = |name: &str, slug: &str| (name.to_owned(), slug.to_owned());
        assert_eq!(names(&[]), [pair("Night / Day m", "Night___Day-m"), pair("b n", "b-n")]);
        let mixes = ["x/dry.flac".into(), "wet.flac".into()];
        let found: Vec<_> = names(&mixes).into_iter().map(|n| n.0).collect();
        assert_eq!(found, ["Night / Day dry", "Night / Day wet", "b dry", "b wet"]);
    }

    #[test]
    fn a_broken_song_is_told_and_the_others_stay() {
        let home = tempfile::tempdir().unwrap();
        let good = folder(home.path(), "a", &format!(r#"{{"mix": "m.wav", {STEM}}}"#));
        let bad = folder(home.path(), "b", "{");
        let nowhere = home.path().join("nowhere");
        let (songs, failures) = songs(&[nowhere, good, bad], &[]).unwrap();
        assert_eq!(songs.len(), 1);
        assert!(failures[0].reason.contains("does not exist") && failures[1].reason.contains("line 1"));
    }

    #[test]
    fn nothing_and_the_same_twice_are_refused_in_a_sentence() {
        let home = tempfile::tempdir().unwrap();
        let json = format!(r#"{{"name": "x", "mix": "m.wav", {STEM}}}"#);
        let (a, b) = (folder(home.path(), "a", &json), folder(home.path(), "b", &json));
        let told = |sessions: &[PathBuf], mixes: &[PathBuf]| songs(sessions, mixes).unwrap_err().to_string();
        assert!(told(&[], &[]).contains("nothing to study"));
        assert!(told(&[a.clone(), a.join("session.json")], &[]).contains("given twice"));
        assert!(told(&[a.clone(), home.path().join("b/../a")], &[]).contains("given twice"));
        assert!(
            told(std::slice::from_ref(&a), &["m".into(), "m".into()]).contains("the mix m is given twice")
        );
        assert!(told(&[a.clone(), b], &[]).contains("both be called \"x m\""));
        assert!(told(&[a], &["p/m.wav".into(), "q/m.wav".into()]).contains("both be called \"x m\""));
    }
}

//! The stems' original files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Error, Options};
use crate::graph::Role;
use crate::result::Found;
use crate::result::names::numbered;
use crate::search::{Start, StartError};
use crate::session::Error::{NoSessionFile, NoStemsFolder, NoSuchSession};
use crate::session::{AudioShape, AudioSource, FILE_NAME, Origin, Session, SessionFile, Source, locate};

/// The files of a result's stems, and how they lie against the mix.
#[derive(Clone, Debug)]
pub struct Stems {
    /// By index of the track's strip.
    pub tracks: BTreeMap<usize, Stem>,
    /// By how much the stems were moved later to be in step with the mix, s.
    pub offset_s: f64,
    /// The mix, if it is a file.
    pub mix: Option<Stem>,
}

/// An audio file.
#[derive(Clone, Debug)]
pub struct Stem {
    /// Where it is.
    pub source: AudioSource,
    /// What the export calls it.
    pub file: String,
    /// Its rate and channels.
    pub shape: AudioShape,
    /// Its length, s.
    pub seconds: f64,
}

impl Stems {
    /// Finds the stems of a result's tracks.
    ///
    /// # Errors
    /// If the session is not there, or another.
    pub fn find(found: &Found, options: &Options) -> Result<Self, Error> {
        let source = source(found, options.session.as_deref())?;
        let (session, _) = open(found, options)?;
        let strips = &found.report.strips;
        let files = numbered(strips.iter().map(|strip| strip.name.as_str()));
        let mut tracks = BTreeMap::new();
        for (i, (strip, file)) in strips.iter().zip(files).enumerate() {
            let stem = session.stems.iter().find(|stem| stem.name == strip.name);
            if let Some(source) = stem.and_then(|stem| stem.source.clone())
                && strip.role == Role::Track
            {
                tracks.insert(i, Stem::of(source, &file, session.duration_s)?);
            }
        }
        let offset_s = session.offset_samples as f64 / f64::from(session.rate);
        let mix = mix(&source).filter(|mix| mix.is_file()).map(AudioSource::File);
        let mix = mix.map(|mix| Stem::of(mix, "mix", session.duration_s)).transpose()?;
        Ok(Self { tracks, offset_s, mix })
    }

    /// Where in the song the stems begin, and how much of each lies before that, s.
    pub fn begin(&self) -> (f64, f64) {
        if self.offset_s < 0.0 { (0.0, -self.offset_s) } else { (self.offset_s, 0.0) }
    }
}

impl Stem {
    /// A file and what it is to be called; `song_s` is its length if its header does not tell.
    fn of(source: AudioSource, name: &str, song_s: f64) -> Result<Self, Error> {
        let shape = source.shape()?;
        let seconds = shape.samples.map_or(song_s, |samples| samples as f64 / f64::from(shape.rate));
        let file = format!("{name}.{}", shape.format.ending());
        Ok(Self { source, file, shape, seconds })
    }
}

/// Opens the session that a result was found in, and binds the result's graph to it.
///
/// # Errors
/// If it is not there, or another.
pub fn open(found: &Found, options: &Options) -> Result<(Session, Start), Error> {
    let source = source(found, options.session.as_deref())?;
    let session = source.open(&options.stop).map_err(|error| match error {
        // It is not gone from where the user has just said that it is: it never was there.
        NoSuchSession { .. } | NoSessionFile { .. } | NoStemsFolder { .. } if options.session.is_some() => {
            Error::Session(error)
        }
        error => error.into(),
    })?;
    if found.report.session.fingerprint.is_some_and(|solved| !solved.is_of(&session)) {
        return Err(Error::ChangedSession(place_of(&source)));
    }
    let bound = found.graph.clone().bind(&session).map_err(|error| match error {
        StartError::NoSuchStem { .. } => Error::OtherSession(Box::new(error)),
        other => Error::Graph(Box::new(other)),
    });
    Ok((session, bound?.0))
}

/// Refuses to write where the session's own files are.
///
/// # Errors
/// [`Error::SessionsOwn`] if the file or folder `to` is one of them, or holds one.
pub fn check(found: &Found, to: &Path, options: &Options) -> Result<(), Error> {
    let Ok(source) = source(found, options.session.as_deref()) else { return Ok(()) };
    let mut own = mix(&source).into_iter().collect::<Vec<_>>();
    match &source.origin {
        Origin::Demo => {}
        Origin::Stems { folder, .. } => own.push(folder.clone()),
        Origin::Session { path, .. } => {
            if let Ok(file) = locate(path) {
                let folder = file.parent().unwrap_or(Path::new("")).to_owned();
                let stems = SessionFile::read(&file).map(|session| session.stems).unwrap_or_default();
                own.extend(stems.into_iter().map(|stem| folder.join(stem.file)));
                own.push(file);
            }
        }
    }
    let Ok(to) = to.canonicalize() else { return Ok(()) };
    match own.into_iter().filter_map(|own| own.canonicalize().ok()).find(|own| own.starts_with(&to)) {
        Some(own) => Err(Error::SessionsOwn(own)),
        None => Ok(()),
    }
}

/// Where a session is, for messages.
fn place_of(source: &Source) -> PathBuf {
    match &source.origin {
        Origin::Demo => PathBuf::from("the built-in song"),
        Origin::Session { path, .. } => path.clone(),
        Origin::Stems { folder, .. } => folder.clone(),
    }
}

/// How to open a result's session: as the report says, or the same from the folder `now`.
fn source(found: &Found, now: Option<&Path>) -> Result<Source, Error> {
    let before = found.report.session.source.as_ref();
    let Some(now) = now else { return before.cloned().ok_or(Error::NoSource) };
    let (rate, align) = (found.report.settings.rate, before.is_none_or(|source| source.align));
    let origin = match before.map(|source| &source.origin) {
        // A folder of stems has no session.json.
        Some(Origin::Stems { mix, .. }) if now.is_dir() && !now.join(FILE_NAME).exists() => {
            Origin::Stems { folder: now.to_owned(), mix: moved(mix, now) }
        }
        Some(Origin::Session { mix: Some(mix), .. }) => {
            Origin::Session { path: now.to_owned(), mix: Some(moved(mix, now)) }
        }
        _ => Origin::Session { path: now.to_owned(), mix: None },
    };
    Ok(Source { origin, rate, align })
}

/// A mix where it was, or in the folder that the session is in now.
fn moved(mix: &Path, now: &Path) -> PathBuf {
    let inside = mix.file_name().map(|name| now.join(name)).filter(|inside| inside.exists());
    inside.filter(|_| !mix.exists()).unwrap_or_else(|| mix.to_owned())
}

/// Where the mix of a session is, if it is a file.
fn mix(source: &Source) -> Option<PathBuf> {
    match &source.origin {
        Origin::Demo => None,
        Origin::Stems { mix, .. } => Some(mix.clone()),
        Origin::Session { path, mix } => {
            let file = locate(path).ok()?;
            let named = || SessionFile::read(&file).ok()?.mix;
            let mix = mix.clone().or_else(named)?;
            let inside = file.parent().unwrap_or(Path::new("")).join(&mix);
            Some(if inside.exists() { inside } else { mix })
        }
    }
}

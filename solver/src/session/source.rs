//! How a session was opened, so that it can be opened again from anywhere.

use std::io;
use std::path::{Path, PathBuf, absolute};

use serde::{Deserialize, Serialize};

use super::{Error, Options, Session};
use crate::stop::Stop;

/// How a session is opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// From where.
    pub origin: Origin,
    /// The rate to work at, in Hz.
    pub rate: u32,
    /// Whether a constant offset between stems and mix is looked for and taken out.
    pub align: bool,
}

/// Where a session comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The built-in song.
    Demo,
    /// A session on disk.
    Session {
        /// Its folder or its `session.json`.
        path: PathBuf,
        /// Another mix than its own: a path from the current or the session's folder.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        mix: Option<PathBuf>,
    },
    /// A folder of stems, and a mix.
    Stems {
        /// The folder, whose sub-folders are groups.
        folder: PathBuf,
        /// The mix.
        mix: PathBuf,
    },
}

impl Source {
    /// Opens the session; `stop` can give that up.
    ///
    /// # Errors
    /// Those of [`Session::open`].
    pub fn open(&self, stop: &Stop) -> Result<Session, Error> {
        let mut options = Options { rate: self.rate, align: self.align, mix: None, stop: stop.clone() };
        match &self.origin {
            Origin::Demo => Session::demo(&options),
            Origin::Session { path, mix } => {
                options.mix.clone_from(mix);
                Session::open(path, &options)
            }
            Origin::Stems { folder, mix } => Session::from_stems(folder, mix, &options),
        }
    }

    /// The same with absolute paths, so that it does not matter from where it is opened.
    ///
    /// # Errors
    /// If there is no current folder.
    pub fn absolute(&self) -> io::Result<Self> {
        let origin = match &self.origin {
            Origin::Demo => Origin::Demo,
            Origin::Session { path, mix } => {
                let mix = mix.as_ref().map(|mix| absolute(beside(path, mix)));
                Origin::Session { path: absolute(path)?, mix: mix.transpose()? }
            }
            Origin::Stems { folder, mix } => Origin::Stems { folder: absolute(folder)?, mix: absolute(mix)? },
        };
        Ok(Self { origin, ..*self })
    }
}

/// The mix that [`Session::open`] takes: one in the current folder before one in the session's.
fn beside(session: &Path, mix: &Path) -> PathBuf {
    let folder = if session.is_dir() { session } else { session.parent().unwrap_or(Path::new("")) };
    let inside = folder.join(mix);
    if !mix.exists() && inside.exists() { inside } else { mix.to_path_buf() }
}

//! `checkpoint.json`: written beside and renamed, so that whoever ends the program when leaves a whole one.
//!
//! One JSON object: `format`, `program`, `sha256` and `search`, in which are [`About`] and the [`State`]. The hash is that of
//! the bytes of `search`. Numbers have as many digits as it takes to get the same bits back.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::{About, Error};
use crate::PROGRAM;
use crate::clock::REFERENCE;
use crate::search::State;
use crate::session::Fingerprint;

/// The name of a checkpoint's file in the folder of results.
pub const FILE_NAME: &str = "checkpoint.json";

/// The format that is written here. Another one is due when a field changes its meaning or cannot be missed.
///
/// Format 1 had learning rates by the number of a kind and a policy of resets among the settings, which nobody could set,
/// did not name the engine, since there was but one, and its parameters depended on the rate of the search. It reads as
/// the present one where that was [`REFERENCE`].
pub(super) const FORMAT: u64 = 2;

/// The oldest format that is read here.
pub(super) const OLDEST: u64 = 1;

/// What the name of the file that is not whole yet ends with.
const UNDER_WAY: &str = ".part";

#[derive(Serialize, Deserialize)]
struct Whole<'a> {
    format: u64,
    program: &'a str,
    sha256: Fingerprint,
    #[serde(borrow)]
    search: &'a RawValue,
}

#[derive(Serialize)]
struct Search<'a> {
    about: &'a About,
    state: &'a State,
}

/// Puts a checkpoint in place of the one that may be there and, unless that is this search's `own`, must not be.
pub(super) fn write(file: &Path, about: &About, state: &State, own: bool) -> Result<(), Error> {
    let unwritable = |reason: io::Error| Error::Unwritable { path: file.to_path_buf(), reason };
    let search =
        serde_json::value::to_raw_value(&Search { about, state }).map_err(|e| unwritable(e.into()))?;
    let sha256 = Fingerprint::of(Sha256::digest(search.get()));
    let whole = Whole { format: FORMAT, program: PROGRAM, sha256, search: &search };
    let mut text = serde_json::to_vec(&whole).map_err(|e| unwritable(e.into()))?;
    text.push(b'\n');

    if !own {
        if file.exists() {
            return Err(Error::Taken(file.to_path_buf()));
        }
        let folder = file.parent().unwrap_or(Path::new(""));
        fs::create_dir_all(folder).map_err(unwritable)?;
    }
    let staged = staged(file);
    let put = || -> io::Result<()> {
        let mut part = File::create(&staged)?;
        part.write_all(&text)?;
        // On the disk before it has the name, so that not even a power cut leaves half a file under it.
        part.sync_all()?;
        fs::rename(&staged, file)
    };
    put().map_err(|reason| {
        // On a full disk, half a file takes the room of somebody's whole one.
        let _ = fs::remove_file(&staged);
        unwritable(reason)
    })
}

/// The search that a checkpoint's file holds, and where it stands.
///
/// # Errors
/// If there is none, if it is not whole, and if another version of the program wrote it in another format.
pub fn read(file: &Path) -> Result<(About, State), Error> {
    let text = fs::read(file).map_err(|reason| match reason.kind() {
        ErrorKind::NotFound => Error::Missing(file.to_path_buf()),
        _ => Error::Unreadable { path: file.to_path_buf(), reason },
    })?;
    parse(&text).map_err(|wrong| match wrong {
        Wrong::Broken(reason) => Error::Broken { path: file.to_path_buf(), reason },
        Wrong::Format { program, format } => Error::Format { path: file.to_path_buf(), program, format },
        Wrong::Rate(rate) => Error::Rate { path: file.to_path_buf(), rate },
    })
}

enum Wrong {
    Broken(String),
    Format { program: String, format: u64 },
    Rate(u32),
}

impl From<serde_json::Error> for Wrong {
    fn from(error: serde_json::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

fn parse(text: &[u8]) -> Result<(About, State), Wrong> {
    #[derive(Deserialize)]
    struct Head {
        format: u64,
        program: String,
    }
    #[derive(Deserialize)]
    struct Search {
        about: About,
        state: State,
    }
    let Head { format, program } = serde_json::from_slice(text)?;
    if !(OLDEST..=FORMAT).contains(&format) {
        return Err(Wrong::Format { program, format });
    }
    let Whole { sha256, search, .. } = serde_json::from_slice(text)?;
    if sha256 != Fingerprint::of(Sha256::digest(search.get())) {
        return Err(Wrong::Broken("its content does not have the hash that stands in it".into()));
    }
    let Search { about, state } = serde_json::from_str(search.get())?;
    if format == OLDEST && about.source.rate != REFERENCE {
        return Err(Wrong::Rate(about.source.rate));
    }
    Ok((about, state))
}

/// Removes a checkpoint, if there is one.
///
/// # Errors
/// If the system refuses.
pub fn remove(file: &Path) -> Result<(), Error> {
    match fs::remove_file(file) {
        Err(reason) if reason.kind() != ErrorKind::NotFound => {
            Err(Error::Unwritable { path: file.to_path_buf(), reason })
        }
        _ => Ok(()),
    }
}

/// Removes what a program that was ended while it wrote `file` left beside it.
///
/// # Errors
/// If the system refuses.
pub fn clean(file: &Path) -> Result<(), Error> {
    remove(&staged(file))
}

/// Where the file is written before it has its name: always the same, so that the next one is written over what is left of
/// one that was never finished.
pub(crate) fn staged(file: &Path) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(UNDER_WAY);
    path.into()
}

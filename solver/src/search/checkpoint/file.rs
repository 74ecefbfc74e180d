//! `checkpoint.json`: written beside and renamed, so that whoever ends the program when leaves a whole one.
//!
//! One JSON object: `format`, `program`, `sha256` and `search`, in which are [`About`] and the [`State`]. The hash is that of
//! the bytes of `search`. Numbers have as many digits as it takes to get the same bits back.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{About, Error, FORMAT, OLDEST};
use crate::PROGRAM;
use crate::clock::REFERENCE;
use crate::files::{self, Durable};
use crate::search::State;
use crate::session::Checksum;

#[derive(Serialize, Deserialize)]
struct Whole<'a> {
    format: u64,
    program: &'a str,
    sha256: Checksum,
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
    let sha256 = Checksum::of(search.get().as_bytes());
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
    files::replace(file, &text, Durable::Yes).map_err(unwritable)
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
    if sha256 != Checksum::of(search.get().as_bytes()) {
        return Err(Wrong::Broken("its content does not have the hash that stands in it".into()));
    }
    let Search { about, state } = serde_json::from_str(search.get())?;
    // Its parameters mean what they mean now at this rate alone.
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
    files::remove(file).map_err(|reason| Error::Unwritable { path: file.to_path_buf(), reason })
}

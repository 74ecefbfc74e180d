//! What is to be read, before any audio is: names checked, paths found.

use std::collections::HashSet;

use super::audio::Source;
use super::{Error, MAX_STEMS};

/// A session whose audio has not been read.
#[derive(Debug)]
pub struct Plan {
    /// The session's file or folder, for messages.
    pub place: String,
    /// The song's name.
    pub name: String,
    /// The groups' names.
    pub groups: Vec<String>,
    /// The stems in order.
    pub stems: Vec<PlannedStem>,
    /// The mix.
    pub mix: Source,
    /// Quarter notes a minute, if it is known.
    pub tempo: Option<f64>,
    /// What the user should know so far.
    pub notes: Vec<String>,
}

/// A stem whose audio has not been read.
#[derive(Debug)]
pub struct PlannedStem {
    /// Its name.
    pub name: String,
    /// Index of its group.
    pub group: Option<usize>,
    /// Its audio.
    pub source: Source,
}

impl Plan {
    /// Checks all that can be checked without reading audio.
    pub fn check(&self) -> Result<(), Error> {
        let place = || self.place.clone();
        if self.stems.is_empty() {
            return Err(Error::NoStems { place: place() });
        }
        if self.stems.len() > MAX_STEMS {
            return Err(Error::TooManyStems { place: place(), count: self.stems.len() });
        }
        let stems = self.stems.iter().map(|s| ("stem", &s.name));
        let mut seen = HashSet::new();
        for (what, name) in self.groups.iter().map(|g| ("group", g)).chain(stems) {
            if name.trim().is_empty() {
                return Err(Error::Unnamed { place: place(), what });
            }
            if !seen.insert((what, name)) {
                return Err(Error::Duplicate { place: place(), what, name: name.clone() });
            }
        }
        let stems = self.stems.iter().map(|s| (format!("stem \"{}\"", s.name), &s.source));
        for (role, source) in stems.chain([("the mix".to_owned(), &self.mix)]) {
            if let Source::File(file) = source
                && !file.exists()
            {
                return Err(Error::NoSuchFile { role, file: file.clone() });
            }
        }
        Ok(())
    }
}

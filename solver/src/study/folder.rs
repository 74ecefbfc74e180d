//! The folder of a study's results: whether it is free, and which cells are there already.

use std::fs;
use std::path::Path;

use super::cell::{self, FORMAT, Files};
use super::{Cell, Configuration, Error, Study};
use crate::files;
use crate::search::{Settings, checkpoint};
use crate::units;
use crate::{PROGRAM, result};

/// What to do about results that are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Refuse a folder that is in use.
    Fresh,
    /// Keep the cells that are done, and go on.
    Resume,
    /// Throw away this study's cells, and begin again.
    Force,
}

impl Study {
    /// Makes the folder for the results ready, and gives the cells that are done.
    ///
    /// # Errors
    /// Where it is in use and the mode is [`Mode::Fresh`], where it cannot be written to, and where cells or checkpoints in
    /// it are of other settings or cannot be read; then nothing has changed.
    pub fn prepare(&self, mode: Mode) -> Result<Vec<Cell>, Error> {
        let configurations = self.configurations()?;
        result::folder::check(&self.out, mode != Mode::Fresh).map_err(|error| match error {
            result::Error::Exists(folder) => Error::InUse(folder),
            other => other.into(),
        })?;
        let all = || self.songs.iter().flat_map(|song| configurations.iter().map(move |c| (song, c)));
        let mut cells = Vec::new();
        if mode == Mode::Resume {
            for (song, configuration) in all() {
                let own = Files::of(&self.out, song, configuration);
                match self.done(&own.cell, configuration)? {
                    Some(cell) => cells.push(cell),
                    None => self.check_checkpoint(&own.checkpoint, configuration)?,
                }
            }
        }
        let folder = self.out.join("cells");
        fs::create_dir_all(&folder).map_err(Error::io("creating", &folder))?;
        for (song, configuration) in all() {
            let own = Files::of(&self.out, song, configuration);
            let done = cells.iter().any(|c| c.song == song.name && c.configuration == configuration.name);
            if done || mode == Mode::Force {
                checkpoint::remove(&own.checkpoint)?;
            }
            if mode == Mode::Force {
                // The one that says that the others are whole goes first.
                for file in [own.cell, own.report, own.parameters] {
                    remove(&file)?;
                }
            }
        }
        sweep(&self.out)?;
        sweep(&folder)?;
        Ok(cells)
    }

    /// The cell that a file holds, if there is one.
    fn done(&self, file: &Path, configuration: &Configuration) -> Result<Option<Cell>, Error> {
        let Some(cell) = cell::read_json::<Cell>(file)? else { return Ok(None) };
        if cell.format != FORMAT {
            let reason = format!("it has format {}, but {PROGRAM} reads format {FORMAT}", cell.format);
            return Err(Error::Useless { file: file.to_owned(), reason });
        }
        let by = (cell.program.as_str(), cell.rate, &cell.settings);
        match difference(by, (PROGRAM, self.rate, &configuration.settings)) {
            Some(difference) => Err(Error::OtherSettings { file: file.to_owned(), difference }),
            None => Ok(Some(cell)),
        }
    }

    fn check_checkpoint(&self, file: &Path, configuration: &Configuration) -> Result<(), Error> {
        if !file.exists() {
            return Ok(());
        }
        let useless = |e: checkpoint::Error| Error::Useless { file: file.to_owned(), reason: e.to_string() };
        let (about, _) = checkpoint::read(file).map_err(useless)?;
        let by = (PROGRAM, about.source.rate, &about.settings);
        match difference(by, (PROGRAM, self.rate, &configuration.settings)) {
            Some(difference) => Err(Error::OtherSettings { file: file.to_owned(), difference }),
            None => Ok(()),
        }
    }
}

/// In what a result differs from what is wanted, if it does in anything that matters to it.
fn difference(found: (&str, u32, &Settings), wanted: (&str, u32, &Settings)) -> Option<String> {
    let figures = |(program, rate, s): (&str, u32, &Settings)| {
        let count = units::count;
        [
            program.to_owned(),
            format!("a rate of {rate} Hz"),
            format!("the console {}", s.console),
            count(s.steps, "step"),
            format!("{} of pruning", count(s.prune_rounds, "round")),
            format!("{} per round", count(s.steps_per_round, "step")),
            format!("seed {}", s.seed),
        ]
    };
    let pairs = figures(found).into_iter().zip(figures(wanted));
    if let Some((found, wanted)) = pairs.into_iter().find(|(found, wanted)| found != wanted) {
        return Some(format!("{found}, not {wanted}"));
    }
    // The number of threads changes no result.
    let same = Settings { threads: wanted.2.threads, ..found.2.clone() } == *wanted.2;
    (!same).then(|| "other settings".to_owned())
}

/// Removes files that a program that was ended had not finished writing.
fn sweep(folder: &Path) -> Result<(), Error> {
    files::sweep(folder).map_err(|(path, error)| Error::io("removing", &path)(error))
}

fn remove(file: &Path) -> Result<(), Error> {
    files::remove(file).map_err(Error::io("removing", file))
}

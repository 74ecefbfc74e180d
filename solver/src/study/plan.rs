//! What is to be studied, and what came of it.

use std::path::PathBuf;
use std::time::Duration;

use super::{Configuration, Error, Experiment, Failure, Song};
use crate::search::Settings;

/// How many seeds may be tried.
const MAX_RUNS: usize = 1000;

/// What is to be studied, and where the results go.
#[derive(Clone, Debug)]
pub struct Study {
    /// What is compared.
    pub experiment: Experiment,
    /// What all searches have in common. Method, tolerance and kinds are the experiment's.
    pub settings: Settings,
    /// The rate to work at, Hz.
    pub rate: u32,
    /// The songs.
    pub songs: Vec<Song>,
    /// What cannot be studied and is known already.
    pub failures: Vec<Failure>,
    /// The folder of the results.
    pub out: PathBuf,
    /// How often the search under way is kept on disk.
    pub every: Duration,
}

/// What came of a study.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// The tables and plots that were written.
    pub files: Vec<PathBuf>,
    /// What could not be studied.
    pub failures: Vec<Failure>,
    /// True where it was stopped before its end.
    pub stopped: bool,
}

impl Study {
    /// The configurations of every song.
    ///
    /// # Errors
    /// If a setting is out of range.
    pub fn configurations(&self) -> Result<Vec<Configuration>, Error> {
        self.settings.check()?;
        if let Experiment::Seeds { runs } = self.experiment
            && !(1..=MAX_RUNS).contains(&runs)
        {
            let told = format!("the number of runs is {runs}, but must lie between 1 and {MAX_RUNS}");
            return Err(Error::Setting(told));
        }
        Ok(self.experiment.configurations(&self.settings)?)
    }
}

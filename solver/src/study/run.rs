//! Going through all songs and configurations.

use std::path::{Path, PathBuf};
use std::thread;

use crossbeam_channel::Sender;
use rayon::ThreadPool;

use super::cell::{self, Files};
use super::{Begin, Cell, Configuration, Error, Event, Experiment, Failure, Song, tables};
use crate::engine::Parameters;
use crate::report::{self, Report, json};
use crate::search::{self, Outcome, Settings, Start, State, Stop, go_on};
use crate::session::{self, Session};

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

    /// Makes the folder for the results.
    ///
    /// # Errors
    /// Where it is in use and `force` is not given, or cannot be written to.
    pub fn prepare(&self, force: bool) -> Result<(), Error> {
        report::folder::check(&self.out, force).map_err(|error| match error {
            report::Error::Exists(folder) => Error::InUse(folder),
            other => other.into(),
        })?;
        let cells = self.out.join("cells");
        std::fs::create_dir_all(&cells).map_err(Error::io("creating", &cells))
    }

    /// Solves every song with every configuration, and writes each result and the tables so far as they come.
    ///
    /// Events go to `events` (a closed channel is no error). What is wrong with a song or a search is a [`Failure`], and
    /// the others go on. A stop drops the cell that is under way and ends the study.
    ///
    /// # Errors
    /// Where results cannot be written, or the threads cannot be started.
    pub fn run(&self, events: &Sender<Event>, stop: &Stop) -> Result<Summary, Error> {
        let configurations = self.configurations()?;
        let threads = self.settings.threads;
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = pool.map_err(search::Error::from)?;
        let failures = self.failures.clone();
        let mut run = Run { study: self, pool, events, stop, cells: Vec::new(), failures };
        for song in &self.songs {
            if stop.is_stopped() {
                break;
            }
            run.song(song, &configurations)?;
        }
        let files = run.write_tables()?;
        Ok(Summary { files, failures: run.failures, stopped: stop.is_stopped() })
    }
}

struct Run<'a> {
    study: &'a Study,
    pool: ThreadPool,
    events: &'a Sender<Event>,
    stop: &'a Stop,
    cells: Vec<Cell>,
    failures: Vec<Failure>,
}

/// Why a cell has no result.
enum Missing {
    /// The study was stopped.
    Stopped,
    /// The search failed.
    Failed(String),
    /// The study cannot go on.
    Fatal(Error),
}

impl From<Error> for Missing {
    fn from(error: Error) -> Self {
        Self::Fatal(error)
    }
}

impl Run<'_> {
    fn song(&mut self, song: &Song, configurations: &[Configuration]) -> Result<(), Error> {
        let options = session::Options {
            rate: self.study.rate,
            mix: song.mix.clone(),
            stop: self.stop.clone(),
            ..Default::default()
        };
        let session = match self.pool.install(|| Session::open(&song.session, &options)) {
            Ok(session) => session,
            Err(session::Error::Aborted) => return Ok(()),
            Err(error) => {
                self.fail(song, None, error.to_string());
                return Ok(());
            }
        };
        self.tell(Event::Opened { song: song.name.clone(), notes: session.notes.clone() });
        let mut console = None;
        for configuration in configurations {
            if configuration.begin == Begin::Console && console.is_none() {
                // The song's failure is told; nothing is left to begin with.
                break;
            }
            let files = Files::of(&self.study.out, song, configuration);
            match self.cell(song, &session, configuration, console.as_ref(), &files) {
                Ok((cell, parameters)) => {
                    console = console.or(parameters);
                    self.cells.push(cell.clone());
                    self.write_tables()?;
                    self.tell(Event::Done { cell: Box::new(cell) });
                }
                Err(Missing::Stopped) => return Ok(()),
                Err(Missing::Failed(reason)) => self.fail(song, Some(configuration), reason),
                Err(Missing::Fatal(error)) => return Err(error),
            }
        }
        Ok(())
    }

    /// Solves a song in one way and writes what was found. The parameters are there where it is the full console.
    fn cell(
        &self,
        song: &Song,
        session: &Session,
        configuration: &Configuration,
        console: Option<&Parameters>,
        files: &Files,
    ) -> Result<(Cell, Option<Parameters>), Missing> {
        self.tell(Event::Begun { song: song.name.clone(), configuration: Box::new(configuration.clone()) });
        let outcome = match self.search(session, configuration, console) {
            Ok(outcome) if !outcome.stopped => outcome,
            Ok(_) | Err(search::Error::Aborted) => return Err(Missing::Stopped),
            Err(error) => return Err(Missing::Failed(error.to_string())),
        };
        let failed = |error: &dyn std::fmt::Display| Missing::Failed(error.to_string());
        let report = Report::of(session, &configuration.settings, &outcome).map_err(|e| failed(&e))?;
        let text = json::to_string(&report).map_err(|e| failed(&e))?;
        cell::write(&files.report, &text)?;
        let parameters = configuration.is_full_console().then(|| outcome.parameters.clone());
        if let Some(parameters) = &parameters {
            cell::write_json(&files.parameters, parameters)?;
        }
        let cell = Cell::new(song, configuration, &report, &outcome);
        cell::write_json(&files.cell, &cell)?;
        Ok((cell, parameters))
    }

    fn search(
        &self,
        session: &Session,
        configuration: &Configuration,
        console: Option<&Parameters>,
    ) -> Result<Outcome, search::Error> {
        let mut settings = configuration.settings.clone();
        let mut start = Start::console(session, &settings)?;
        if let (Begin::Console, Some(fitted)) = (configuration.begin, console) {
            start.given = fitted.clone();
            settings.steps = 0;
        }
        let state = State::new(start, &settings);
        let (sender, told) = crossbeam_channel::unbounded();
        thread::scope(|scope| {
            scope.spawn(|| told.into_iter().for_each(|event| self.tell(Event::Search(event))));
            let sender = sender;
            go_on(&self.pool, session, &settings, state, &mut (), (&sender, self.stop))
        })
    }

    fn fail(&mut self, song: &Song, configuration: Option<&Configuration>, reason: String) {
        let configuration = configuration.map(|c| c.title.clone());
        let failure = Failure { song: song.name.clone(), configuration, reason };
        self.failures.push(failure.clone());
        self.tell(Event::Failed(failure));
    }

    fn write_tables(&self) -> Result<Vec<PathBuf>, Error> {
        tables::write(self.study, &self.cells, &self.failures)
    }

    fn tell(&self, event: Event) {
        // Nobody listening is no reason to stop.
        let _ = self.events.send(event);
    }
}

/// The folder `out/study-NAME`, or the first free number after it.
pub fn default_folder(experiment: Experiment) -> PathBuf {
    report::folder::unused(&Path::new("out").join(format!("study-{}", experiment.name())))
}

//! Going through all songs and configurations.

use std::path::{Path, PathBuf};
use std::thread;

use crossbeam_channel::Sender;
use rayon::ThreadPool;

use super::cell::{self, Files};
use super::{Begin, Cell, Configuration, Error, Event, Experiment, Failure, Song, Study, Summary, tables};
use crate::engine::ENGINES;
use crate::findings::CONSOLE;
use crate::graph::Graph;
use crate::parameters::Parameters;
use crate::result::trace::{self, Request, Searched, Traced};
use crate::result::{self, json};
use crate::search::checkpoint::{self, About, Checkpoints};
use crate::search::runs::Runs;
use crate::search::{self, Context, Keeper, Start, State, Stop};
use crate::session::{self, Fingerprint, Origin, Session, Source, fingerprint};

impl Study {
    /// Solves every song with every configuration but those that are `done`, as [`prepare`](Self::prepare) found them, and
    /// writes each result and the tables so far as they come.
    ///
    /// Events go to `events` (a closed channel is no error). What is wrong with a song or a search is a [`Failure`], and
    /// the others go on. A stop drops the cell that is under way, whose checkpoint stays, and ends the study.
    ///
    /// # Errors
    /// Where results cannot be written, or the threads cannot be started.
    pub fn run(&self, done: Vec<Cell>, events: &Sender<Event>, stop: &Stop) -> Result<Summary, Error> {
        let configurations = self.configurations()?;
        let threads = self.settings.threads;
        let pool = crate::threads::pool(threads);
        let pool = pool.map_err(search::Error::from)?;
        let mut run = Run {
            study: self,
            pool,
            events,
            stop,
            cells: done,
            failures: self.failures.clone(),
            unkept: false,
        };
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
    /// True where it was told that searches cannot be kept.
    unkept: bool,
}

/// A song that is open.
struct Open<'a> {
    song: &'a Song,
    session: Session,
    fingerprint: Fingerprint,
    /// The fitted full console, once it is there.
    console: Option<Parameters>,
}

/// Why a cell has no result.
enum Missing {
    /// The study was stopped.
    Stopped,
    /// The search failed: a sentence.
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
        let source = self.source(song);
        let session = match self.pool.install(|| source.open(self.stop)) {
            Ok(session) => session,
            Err(session::Error::Aborted) => return Ok(()),
            Err(error) => {
                self.fail(song, None, error.to_string());
                return Ok(());
            }
        };
        self.tell(Event::Opened { song: song.name.clone(), notes: session.notes.clone() });
        let fingerprint = self.pool.install(|| fingerprint(&session));
        if self.cells.iter().any(|c| c.song == song.name && !c.fingerprint.is_of(&session)) {
            self.fail(song, None, changed(&self.study.out));
            return Ok(());
        }
        let mut open = Open { song, session, fingerprint, console: None };
        for configuration in configurations {
            let files = Files::of(&self.study.out, song, configuration);
            let is_it = |c: &Cell| c.song == song.name && c.configuration == configuration.name;
            if self.cells.iter().any(is_it) {
                if configuration.is_full_console() {
                    open.console = Some(read_console(&files.parameters, &open.session, configuration)?);
                }
                continue;
            }
            if self.stop.is_stopped() {
                return Ok(());
            }
            match self.cell(&mut open, configuration, &files) {
                Ok(cell) => {
                    self.cells.push(cell.clone());
                    self.write_tables()?;
                    self.tell(Event::Done { cell: Box::new(cell) });
                }
                Err(Missing::Stopped) => return Ok(()),
                Err(Missing::Failed(reason)) if configuration.is_full_console() => {
                    // What begins with it cannot begin.
                    self.fail(song, None, reason);
                    return Ok(());
                }
                Err(Missing::Failed(reason)) => self.fail(song, Some(configuration), reason),
                Err(Missing::Fatal(error)) => return Err(error),
            }
        }
        Ok(())
    }

    fn source(&self, song: &Song) -> Source {
        let origin = Origin::Session { path: song.session.clone(), mix: song.mix.clone() };
        Source { origin, rate: self.study.rate, align: true }
    }

    /// Solves a song in one way and writes what was found.
    fn cell(
        &mut self,
        open: &mut Open,
        configuration: &Configuration,
        files: &Files,
    ) -> Result<Cell, Missing> {
        self.tell(Event::Begun {
            song: open.song.name.clone(),
            configuration: Box::new(configuration.clone()),
        });
        let searched = self.search(open, configuration, files)?;
        let failed = |error: &dyn std::fmt::Display| Missing::Failed(error.to_string());
        let (sender, _) = crossbeam_channel::unbounded();
        let traced = searched.report(self.context(&sender), &open.session, None);
        let Traced { mut report, outcome } = traced.map_err(|e| failed(&e))?;
        // Cells do not depend on where the songs lie.
        (report.session.source, report.session.fingerprint) = (None, None);
        let text = json::to_string(&report).map_err(|e| failed(&e))?;
        cell::write(&files.report, &text)?;
        let cell = Cell::new((open.song, open.fingerprint), configuration, &report, &outcome);
        if configuration.is_full_console() {
            cell::write_json(&files.parameters, &outcome.parameters)?;
            open.console = Some(outcome.parameters);
        }
        cell::write_json(&files.cell, &cell)?;
        checkpoint::remove(&files.checkpoint).map_err(Error::from)?;
        Ok(cell)
    }

    fn search(
        &mut self,
        open: &Open,
        configuration: &Configuration,
        files: &Files,
    ) -> Result<Searched, Missing> {
        let failed = |error: search::Error| Missing::Failed(error.to_string());
        let settings = &configuration.settings;
        let mut start = Start::console(&open.session, settings).map_err(failed)?;
        let is_fitted = configuration.begin == Begin::Console;
        if is_fitted {
            // The console came first, or the song was given up.
            start.given = open.console.clone().unwrap_or_default();
        }
        let source = self.source(open.song);
        let about = About {
            tempo: None,
            start: CONSOLE.into(),
            notes: Vec::new(),
            fingerprint: open.fingerprint,
            source: source.absolute().map_err(Error::io("finding", &open.song.session))?,
            settings: configuration.settings.clone(),
            runs: Runs::default(),
        };
        let state = match checkpoint::read(&files.checkpoint) {
            Ok((found, _)) if !found.fingerprint.is_of(&open.session) => {
                return Err(Missing::Failed(changed(&self.study.out)));
            }
            Ok((_, state)) => state,
            Err(checkpoint::Error::Missing(_)) => State::new(start, settings),
            Err(error) => {
                let (file, reason) = (files.checkpoint.clone(), error.to_string());
                return Err(Error::Useless { file, reason }.into());
            }
        };
        let checkpoints = Checkpoints::new(files.checkpoint.clone(), about.clone(), self.study.every);
        let request = Request { about, state, is_fitted };
        let mut unkept = self.unkept;
        let mut keeper = Leaving { checkpoints, stop: self.stop, events: self.events, unkept: &mut unkept };
        let (sender, told) = crossbeam_channel::unbounded();
        let searched = thread::scope(|scope| {
            scope.spawn(|| told.into_iter().for_each(|event| self.tell(Event::Search(event))));
            // Dropped at the end, so that the thread ends too.
            let sender = sender;
            trace::search(self.context(&sender), &open.session, request, &mut keeper)
        });
        self.unkept = unkept;
        match searched {
            Ok(searched) if !searched.outcome.stopped => Ok(searched),
            Ok(_) | Err(search::Error::Aborted) => Err(Missing::Stopped),
            Err(error) => Err(failed(error)),
        }
    }

    fn context<'b>(&'b self, events: &'b Sender<search::Event>) -> Context<'b> {
        Context { pool: &self.pool, engines: ENGINES, events, stop: self.stop }
    }

    fn fail(&mut self, song: &Song, configuration: Option<&Configuration>, reason: String) {
        if configuration.is_none() {
            // Nothing of a song that cannot be trusted as a whole stands in a table.
            self.cells.retain(|cell| cell.song != song.name);
        }
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

/// Keeps a search, and leaves it at once where it is kept because of a stop: its best graph is not wanted.
struct Leaving<'a> {
    checkpoints: Checkpoints,
    stop: &'a Stop,
    events: &'a Sender<Event>,
    /// True where it was told that searches cannot be kept.
    unkept: &'a mut bool,
}

impl Keeper for Leaving<'_> {
    fn is_due(&mut self) -> bool {
        self.checkpoints.is_due()
    }

    fn keep(&mut self, state: &State) {
        self.checkpoints.keep(state);
        if let Some(reason) = self.checkpoints.failure()
            && !std::mem::replace(self.unkept, true)
        {
            // Nobody listening is no reason to stop.
            let _ = self.events.send(Event::Unkept { reason: reason.to_string() });
        }
        if self.stop.is_stopped() {
            self.stop.abort();
        }
    }
}

fn changed(out: &Path) -> String {
    let out = out.display();
    format!(
        "its stems or its mix have changed since {out} was begun; put back what was there, choose another folder or begin \
         again"
    )
}

/// The parameters of a fitted console that another run of the program wrote.
fn read_console(file: &Path, session: &Session, configuration: &Configuration) -> Result<Parameters, Error> {
    let useless = |reason: &str| Error::Useless { file: file.to_owned(), reason: reason.to_owned() };
    let parameters: Parameters =
        cell::read_json(file)?.ok_or_else(|| useless("it is not there, but the cell beside it is"))?;
    let console = Start::console(session, &configuration.settings)?.graph;
    if fits(&parameters, &console) { Ok(parameters) } else { Err(useless("it is of another console")) }
}

/// True if the parameters are those of all processors of the graph.
fn fits(parameters: &Parameters, graph: &Graph) -> bool {
    let mut of: Vec<_> =
        parameters.rows.iter().flat_map(|rows| rows.ids.iter().map(|&id| (id, rows.kind))).collect();
    of.sort_unstable();
    let whole = parameters.rows.iter().all(|rows| {
        let count = rows.ids.len();
        rows.wet_logits.len() == count && rows.raw.len() == count * rows.kind.definition().row_len()
    });
    whole && of.into_iter().eq(graph.processors())
}

/// The folder `out/study-NAME`, or the first free number after it.
pub fn default_folder(experiment: Experiment) -> PathBuf {
    result::folder::unused(&Path::new("out").join(format!("study-{}", experiment.name())))
}

//! `solve` and `demo`: from a session to a folder of results, at once or in several goes.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use mixtrace_solver::engine::ENGINES;
use mixtrace_solver::findings::CONSOLE;
use mixtrace_solver::result;
use mixtrace_solver::result::trace::{Request, Searched, Target};
use mixtrace_solver::search::checkpoint::{self, About, Checkpoints};
use mixtrace_solver::search::runs::{Run, Runs};
use mixtrace_solver::search::{self, Keeper, Progress, Start, StartFile, State, Stop};
use mixtrace_solver::session::{Origin, Session, Source, fingerprint};
use mixtrace_solver::stop::Until;
use mixtrace_solver::threads;
use rayon::ThreadPool;

use super::advice::{self, quoted};
use super::arguments::{Demo, Search, Solve};
use super::interrupt::stop_at_ctrl_c;
use super::{progress, table};

/// Solves the built-in song.
pub fn demo(demo: Demo) -> Result<()> {
    let Demo { out, force, search } = demo;
    let source = Source { origin: Origin::Demo, rate: search.rate, align: true };
    begin(source, &search, None, Place { out, force, name: Some("demo".into()) })
}

/// Solves a session.
pub fn solve(solve: Solve) -> Result<()> {
    let graph = match (&solve.graph, &solve.go_on) {
        (Some(file), _) => Some((StartFile::read(file)?, format!("graph {}", name(file)))),
        (None, Some(folder)) => Some((result::graph(folder)?, format!("result {}", name(folder)))),
        (None, None) => None,
    };
    let origin = match (solve.session, solve.stems, solve.mix) {
        (Some(path), None, mix) => Origin::Session { path, mix },
        (None, Some(folder), Some(mix)) => Origin::Stems { folder, mix },
        (None, Some(_), None) => bail!("--stems needs the finished mix beside it; add --mix FILE"),
        _ => bail!("there is nothing to solve; give a session folder, or --stems DIR and --mix FILE"),
    };
    let source = Source { origin, rate: solve.search.rate, align: !solve.no_align };
    begin(source, &solve.search, graph, Place { out: solve.out, force: solve.force, name: None })
}

/// The last part of a path.
fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// Where the user wants the results.
struct Place {
    out: Option<PathBuf>,
    force: bool,
    /// What the folder is called if none is given; by default as the session.
    name: Option<String>,
}

/// Begins a search with the console, or with a graph and what a report calls it.
fn begin(source: Source, search: &Search, graph: Option<(StartFile, String)>, place: Place) -> Result<()> {
    // All that can be wrong is told before the audio is read.
    let settings = search.settings(graph.as_ref().map(|(file, _)| file.start()))?;
    let tempo = search.tempo()?;
    let runs = Runs::new(search.runs);
    runs.check()?;
    if let Some(out) = &place.out {
        result::folder::check(out, place.force)?;
    }
    let mut session = source.open(&Stop::default())?;
    let (start, begun_with, notes) = match graph {
        None => (Start::console(&session, &settings)?, CONSOLE.to_string(), Vec::new()),
        Some((file, begun_with)) => {
            let (start, notes) = file.bind(&session)?;
            (start, begun_with, notes)
        }
    };
    let free = unused_folder(place.name.as_deref().unwrap_or(&session.name));
    let out = place.out.clone().unwrap_or(free);
    result::folder::check(&out, place.force)?;
    let file = out.join(checkpoint::FILE_NAME);
    let state = State::new(start, &settings);
    let about = About {
        fingerprint: fingerprint(&session),
        source: source.absolute().context("there is no current folder")?,
        start: begun_with,
        notes: notes.clone(),
        tempo,
        settings,
        runs,
    };
    session.notes.extend(notes);
    if place.force {
        checkpoint::remove(&file)?;
    }
    let checkpoints = Checkpoints::new(file, about, search.every());
    let target = match place.out {
        Some(path) => Target::Folder { path, force: place.force },
        // Another search may take the name meanwhile.
        None => Target::Unused(out),
    };
    trace(&session, state, checkpoints, target)
}

/// Goes on with the search whose checkpoint is in `folder`.
pub fn resume(folder: &Path, search: &Search) -> Result<()> {
    let file = folder.join(checkpoint::FILE_NAME);
    let (mut about, state) = checkpoint::read(&file)?;
    if let Some(threads) = search.threads {
        search.settings(None)?;
        about.settings.threads = threads;
    }
    result::folder::check(folder, true)?;
    let mut session = about.source.open(&Stop::default())?;
    if !about.fingerprint.is_of(&session) {
        return Err(checkpoint::Error::AnotherSession(file).into());
    }
    session.notes.extend(about.notes.iter().cloned());
    let checkpoints = Checkpoints::new(file, about, search.every());
    trace(&session, state, checkpoints, Target::Folder { path: folder.to_path_buf(), force: true })
}

/// Searches, reports, and says where.
fn trace(session: &Session, state: State, mut checkpoints: Checkpoints, target: Target) -> Result<()> {
    for note in &session.notes {
        eprintln!("note: {note}");
    }
    result::folder::clean(target.folder())?;
    let stop = stop_at_ctrl_c()?;
    let about = checkpoints.about().clone();
    let pool = threads::pool(about.settings.threads);
    let pool = pool.map_err(search::Error::from)?;
    let request = Request { about, state, is_fitted: false };
    let searched = search(session, request, &mut checkpoints, (&pool, &stop))?;
    let stopped = searched.outcome.stopped;
    let target = match target {
        // It is this search's own now.
        target if checkpoints.is_there() => Target::Folder { path: target.folder().to_owned(), force: true },
        target => target,
    };
    let written = report(session, searched, &target, (&pool, &stop));
    if (stopped || written.is_err()) && checkpoints.is_there() {
        eprintln!("the search can go on: mixtrace solve --resume {}", quoted(target.folder()));
    }
    written?;
    if !stopped {
        checkpoints.remove()?;
    }
    Ok(())
}

/// Measures on the song what was found, writes and prints the report.
fn report(
    session: &Session,
    searched: Searched,
    target: &Target,
    (pool, stop): (&ThreadPool, &Stop),
) -> Result<()> {
    let bar = progress::bar("measuring");
    let on = |done, of| progress::advance(&bar, done, of);
    let (events, _) = crossbeam_channel::unbounded();
    let context = search::Context { pool, engines: ENGINES, events: &events, stop };
    let traced = searched.report(context, session, Some(&on));
    bar.finish_and_clear();
    let traced = traced?;
    let folder = traced.write(session, target, Until::DONE)?;
    table::print(&traced.report);
    for file in result::FILES {
        println!("{}", folder.join(file).display());
    }
    Ok(())
}

/// Runs the search on a thread of its own; this one draws the progress. The first Ctrl-C stops the search, the second
/// the program.
fn search(
    session: &Session,
    request: Request,
    checkpoints: &mut Checkpoints,
    (pool, stop): (&ThreadPool, &Stop),
) -> Result<Searched> {
    let progress = Progress::of_runs(&request.about.settings, &request.about.runs);
    let mut keeper = Outspoken { checkpoints, told: false };
    let (sender, events) = crossbeam_channel::unbounded();
    let searched = thread::scope(|scope| {
        let searching = scope.spawn(|| {
            // Dropped at the end, so that who follows it ends too.
            let sender = sender;
            let context = search::Context { pool, engines: ENGINES, events: &sender, stop };
            result::trace::search(context, session, request, &mut keeper)
        });
        progress::follow(progress, events);
        searching.join()
    });
    match searched {
        Ok(searched) => Ok(searched?),
        Err(_) => bail!("the search broke off; this is a defect of the program"),
    }
}

/// Keeps a search, and tells the user the first time that it cannot.
struct Outspoken<'a> {
    checkpoints: &'a mut Checkpoints,
    told: bool,
}

impl Keeper for Outspoken<'_> {
    fn is_due(&mut self) -> bool {
        self.checkpoints.is_due()
    }

    fn keep(&mut self, state: &State) {
        self.checkpoints.keep(state);
        if let Some(failure) = self.checkpoints.failure()
            && !self.told
        {
            let advice = advice::of_checkpoint(failure).map(|advice| format!(" ({advice})"));
            let advice = advice.unwrap_or_default();
            eprintln!("\nnote: the search goes on, but could not be kept: {failure}{advice}");
            self.told = true;
        }
    }

    fn finished(&mut self, run: &Run) {
        self.checkpoints.finished(run);
    }
}

/// `out/NAME`, or the first of `out/NAME-2`, `out/NAME-3`, … that does not exist.
fn unused_folder(name: &str) -> PathBuf {
    result::folder::unused(&Path::new("out").join(result::names::plain(name)))
}

impl Search {
    /// How often a checkpoint is written.
    fn every(&self) -> Duration {
        Duration::from_secs(self.checkpoint_every)
    }
}

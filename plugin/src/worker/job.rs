//! One solve, from the session to the report's folder.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_channel::Sender;
use parking_lot::Mutex;

use mixtrace_solver::engine::ENGINES;
use mixtrace_solver::findings::CONSOLE;
use mixtrace_solver::result;
use mixtrace_solver::result::trace::{self, Request, Target, Traced};
use mixtrace_solver::search::checkpoint::About;
use mixtrace_solver::search::runs::Runs;
use mixtrace_solver::search::{self, Context, Event, Settings, Start, State, Stop};
use mixtrace_solver::session::{self, Origin, Session, Source, fingerprint};

use super::threads::Threads;
use super::{Phase, View};

/// What is to be solved, and how.
pub struct Job {
    /// The session's folder, or its file.
    pub session: PathBuf,
    /// How, with the number of threads.
    pub settings: Settings,
    /// Ends it.
    pub stop: Stop,
    /// Where the phase is told.
    pub view: Arc<Mutex<View>>,
}

/// Why there is no report.
#[derive(Debug)]
pub enum Ended {
    /// Nobody wants it.
    GivenUp,
    /// For this reason, a sentence.
    Failed(String),
}

impl Job {
    /// Solves; the search's events go to `events`. Returns the folder of the report.
    pub fn run(self, events: Sender<Event>) -> Result<PathBuf, Ended> {
        catch_unwind(AssertUnwindSafe(|| self.solve(events))).unwrap_or_else(|panic| {
            let text = words(&*panic);
            Err(Ended::Failed(format!(
                "The solve broke off ({text}); this is a defect of Mixtrace, and the take is unharmed."
            )))
        })
    }

    fn solve(&self, events: Sender<Event>) -> Result<PathBuf, Ended> {
        let threads = Threads::start(self.settings.threads).map_err(|reason| {
            Ended::Failed(format!("The system refuses the threads to solve on ({reason})."))
        })?;
        let pool = threads.pool();
        let options = session::Options { stop: self.stop.clone(), ..Default::default() };
        // All that has work for several threads runs in the pool: rayon's own would be of ordinary priority and never end.
        let session = pool.install(|| Session::open(&self.session, &options)).map_err(|e| match e {
            session::Error::Aborted => Ended::GivenUp,
            e => Ended::Failed(format!("The take cannot be opened: {e}.")),
        })?;
        self.tell(Phase::Searching);
        let solved = |e: search::Error| match e {
            search::Error::Aborted => Ended::GivenUp,
            e => Ended::Failed(format!("The solve failed: {e}.")),
        };
        let request = pool.install(|| self.request(&session)).map_err(solved)?;
        let context = Context { pool, engines: ENGINES, events: &events, stop: &self.stop };
        let searched = trace::search(context, &session, request, &mut ()).map_err(solved)?;
        drop(events);
        self.tell(Phase::Writing);
        let (nobody, _) = crossbeam_channel::unbounded();
        let context = Context { pool, engines: ENGINES, events: &nobody, stop: &self.stop };
        let traced = searched.report(context, &session, Some(&|_, _| {})).map_err(solved)?;
        pool.install(|| self.write(&session, &traced))
    }

    /// The full console, searched once.
    fn request(&self, session: &Session) -> Result<Request, search::Error> {
        self.settings.check()?;
        let start = Start::console(session, &self.settings)?;
        let origin = Origin::Session { path: self.session.clone(), mix: None };
        let source = Source { origin, rate: session.rate, align: true };
        let about = About {
            fingerprint: fingerprint(session),
            // Without a current folder the path is as good as it can be.
            source: source.absolute().unwrap_or(source),
            start: CONSOLE.into(),
            notes: Vec::new(),
            tempo: None,
            settings: self.settings.clone(),
            runs: Runs::default(),
        };
        Ok(Request { about, state: State::new(start, &self.settings), is_fitted: false })
    }

    fn write(&self, session: &Session, traced: &Traced) -> Result<PathBuf, Ended> {
        let home = if self.session.is_file() { self.session.parent() } else { Some(&*self.session) };
        let home = home.filter(|home| home.is_dir()).ok_or_else(|| {
            let path = self.session.display();
            Ended::Failed(format!("The report cannot be written: the session {path} is no longer there."))
        })?;
        let target = Target::Unused(home.join("report"));
        traced.write(session, &target, self.stop.until_aborted()).map_err(|e| match e {
            result::Error::Aborted => Ended::GivenUp,
            e => Ended::Failed(format!("The report cannot be written: {e}.")),
        })
    }

    fn tell(&self, phase: Phase) {
        self.view.lock().phase = phase;
    }
}

/// What a panic said.
fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no reason given")
}

//! One solve, from the session to the report's folder.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_channel::Sender;
use parking_lot::Mutex;

use mixtrace_solver::engine::ENGINES;
use mixtrace_solver::findings::{Analysis, Report};
use mixtrace_solver::result;
use mixtrace_solver::search::{self, Context, Event, Settings, Stop, solve_in};
use mixtrace_solver::session::{self, Origin, Session, Source, fingerprint, resample};

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
        let context = Context { pool, engines: ENGINES, events: &events, stop: &self.stop };
        let outcome = solve_in(context, &session, &self.settings).map_err(|e| match e {
            search::Error::Aborted => Ended::GivenUp,
            e => Ended::Failed(format!("The solve failed: {e}.")),
        })?;
        drop(events);
        self.tell(Phase::Writing);
        let (nobody, _) = crossbeam_channel::unbounded();
        let context = Context { pool, engines: ENGINES, events: &nobody, stop: &self.stop };
        let measured = Analysis::of(context, &session, &self.settings, &outcome, None, |_, _| {});
        if let Err(search::Error::Aborted) = measured {
            return Err(Ended::GivenUp);
        }
        pool.install(|| self.write(&session, outcome, measured))
    }

    fn write(
        &self,
        session: &Session,
        outcome: search::Outcome,
        measured: Result<Analysis, search::Error>,
    ) -> Result<PathBuf, Ended> {
        let failed = |e: &dyn std::fmt::Display| Ended::Failed(format!("The report cannot be written: {e}."));
        let mut report = Report::of(session, &self.settings, &outcome).map_err(|e| failed(&e))?;
        report.add_or_note(&outcome.graph, measured);
        let origin = Origin::Session { path: self.session.clone(), mix: None };
        report.session.source = Source { origin, rate: session.rate, align: true }.absolute().ok();
        report.session.fingerprint = Some(fingerprint(session));
        let graph = outcome.graph_file();
        let until = self.stop.until_aborted();
        let resampled = |audio| {
            resample::resample(audio, session.rate, session.sample_rate, until).map_err(|e| match e {
                resample::Error::Interrupted(_) => Ended::GivenUp,
                e => failed(&e),
            })
        };
        let (original, found) = (resampled(session.mix.clone())?, resampled(outcome.mix)?);
        let home = if self.session.is_file() { self.session.parent() } else { Some(&*self.session) };
        let home = home.filter(|home| home.is_dir()).ok_or_else(|| {
            let path = self.session.display();
            Ended::Failed(format!("The report cannot be written: the session {path} is no longer there."))
        })?;
        let content = result::folder::Content {
            report: &report,
            graph: &graph,
            original: &original,
            mix: &found,
            mix_rate: session.sample_rate,
        };
        loop {
            let folder = result::folder::unused(&home.join("report"));
            match result::folder::write(content, &folder, false, until) {
                Ok(_) => return Ok(folder),
                Err(result::Error::Aborted) => return Err(Ended::GivenUp),
                // Another instance has solved the same session meanwhile.
                Err(_) if folder.exists() => {}
                Err(e) => return Err(failed(&e)),
            }
        }
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

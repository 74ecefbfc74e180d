//! Hands a report over to other programs, on a thread of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};
use parking_lot::Mutex;

use mixtrace_solver::export::{Error, Format, Options, export};
use mixtrace_solver::result::{self, Found};
use mixtrace_solver::search::Stop;

use crate::worker::threads::{self, Threads};

/// How long the thread's end may take: a host that removes the plugin waits for it.
const LEAVE: Duration = Duration::from_millis(50);

/// What the window sees of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum View {
    /// Nothing was exported.
    #[default]
    Nothing,
    /// An export is under way.
    Working(Format),
    /// It is there.
    Done(PathBuf),
    /// It failed, for this reason.
    Failed(String),
}

/// One export at a time. Dropping it gives up the one under way.
#[derive(Default)]
pub struct Exports {
    view: Arc<Mutex<View>>,
    running: Mutex<Option<Running>>,
}

/// An export under way, or one that has ended.
struct Running {
    stop: Stop,
    thread: JoinHandle<()>,
    /// Closed when the thread is at its end.
    alive: Receiver<()>,
}

impl Exports {
    /// Gives up the export under way; the drop then waits for less.
    pub fn abort(&self) {
        if let Some(running) = &*self.running.lock() {
            running.stop.abort();
        }
    }

    /// The present state.
    pub fn view(&self) -> View {
        self.view.lock().clone()
    }

    /// Exports the report in `folder`, beside its files; nothing while another export is under way.
    pub fn begin(&self, folder: PathBuf, format: Format) {
        {
            let view = &mut *self.view.lock();
            if matches!(view, View::Working(_)) {
                return;
            }
            *view = View::Working(format);
        }
        let (stop, view) = (Stop::default(), Arc::clone(&self.view));
        let (living, alive) = bounded::<()>(0);
        let asked = stop.clone();
        let spawned = thread::Builder::new().name("mixtrace-export".into()).spawn(move || {
            threads::lower_priority();
            let done = catch_unwind(AssertUnwindSafe(|| write(&folder, format, asked)));
            *view.lock() = match done {
                Ok(Ok(path)) => View::Done(path),
                Ok(Err(Error::Aborted)) => View::Nothing,
                Ok(Err(reason)) => View::Failed(format!("The export failed: {reason}.{}", advice(&reason))),
                Err(_) => View::Failed("The export broke off; this is a defect of Mixtrace.".into()),
            };
            drop(living);
        });
        match spawned {
            Ok(thread) => *self.running.lock() = Some(Running { stop, thread, alive }),
            Err(reason) => {
                let told = format!("The system refuses a thread to export on ({reason}).");
                *self.view.lock() = View::Failed(told);
            }
        }
    }
}

/// What the window cannot do, the program can.
fn advice(error: &Error) -> &'static str {
    match error {
        Error::NoSource | Error::NoSession(_) | Error::NoFile { .. } | Error::ChangedSession(_) => {
            " From another place than it had, a session is exported with the program: mixtrace export."
        }
        _ => "",
    }
}

/// Exports to a place where nothing is yet.
fn write(folder: &Path, format: Format, stop: Stop) -> Result<PathBuf, Error> {
    let threads = Threads::start(threads::count()).map_err(|reason| result::Error::Io {
        what: "starting threads for",
        path: folder.to_owned(),
        source: std::io::Error::other(reason),
    })?;
    // Rayon's own threads would be of ordinary priority and never end.
    threads.pool().install(|| {
        let found = Found::read(folder)?;
        let to = format.free_path(&found);
        export(&found, format, &to, &Options { stop, ..Options::default() })?;
        Ok(to)
    })
}

impl Drop for Exports {
    fn drop(&mut self) {
        let Some(Running { stop, thread, alive }) = self.running.lock().take() else { return };
        stop.abort();
        // Nothing is ever sent: either it closes, or it takes too long and is left to end by itself.
        if !matches!(alive.recv_timeout(LEAVE), Err(RecvTimeoutError::Timeout)) {
            // A panic was told to the user where it happened.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait_until(what: &str, done: impl Fn() -> bool) {
        for _ in 0..1000 {
            if done() {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("{what}: not within ten seconds");
    }

    #[test]
    fn a_folder_without_a_report_is_refused_in_a_sentence_and_another_try_is_free() {
        let exports = Exports::default();
        let home = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            exports.begin(home.path().to_owned(), Format::Csv);
            wait_until("the export has ended", || !matches!(exports.view(), View::Working(_)));
            let View::Failed(told) = exports.view() else { panic!("{:?}", exports.view()) };
            assert!(told.starts_with("The export failed: ") && told.ends_with('.'), "{told}");
        }
    }
}

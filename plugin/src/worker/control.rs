//! The thread that waits: for commands, events, loads and the end of a take.

use std::mem;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, bounded, never, select, tick, unbounded};
use parking_lot::Mutex;

use mixtrace_solver::search::{Event, Stop};

use super::follow::Follow;
use super::job::{Ended, Job};
use super::shown;
use super::switch::Edges;
use super::{Phase, View, threads};
use crate::params::SolveSwitch;
use crate::project::SharedProject;

/// How often the switch, the recorder and the project are looked at.
const LOOK: Duration = Duration::from_millis(20);

/// Looks that must find the recorder idle before a take counts as ended: the first one may come before the recorder
/// has heard of the end, or even of the beginning.
const IDLE_LOOKS: u32 = 2;

/// What a window can ask for.
pub enum Command {
    /// Solve; the view's phase is [`Phase::Waiting`] already.
    Start,
    /// Keep what was found.
    Stop,
    /// Keep nothing.
    Discard,
}

/// What the thread works with.
pub struct Control {
    project: SharedProject,
    edges: Edges,
    recording: Box<dyn Fn() -> bool + Send>,
    view: Arc<Mutex<View>>,
    commands: Receiver<Command>,
    state: State,
    /// The folder whose report is shown, or could not be.
    shown: Option<PathBuf>,
    /// How often a project had been loaded when it was last looked for.
    shown_after: u32,
}

enum State {
    Free,
    /// Until the take is closed; so often it was found closed.
    Waiting(u32),
    Solving(Box<Solving>),
}

/// A solve under way.
struct Solving {
    stop: Stop,
    follow: Follow,
    events: Receiver<Event>,
    ended: Receiver<Result<PathBuf, Ended>>,
    thread: JoinHandle<()>,
}

impl Control {
    /// All that the thread needs; `recording` tells whether a take is not yet closed.
    pub fn new(
        project: SharedProject,
        switch: Arc<SolveSwitch>,
        recording: Box<dyn Fn() -> bool + Send>,
        view: Arc<Mutex<View>>,
        commands: Receiver<Command>,
    ) -> Self {
        let edges = Edges::new(switch, project.clone());
        Self { project, edges, recording, view, commands, state: State::Free, shown: None, shown_after: 0 }
    }

    /// Waits and acts until nobody can command any more, then gives up what is under way.
    pub fn run(mut self) {
        let ticks = tick(LOOK);
        loop {
            let (events, ended) = match &self.state {
                State::Solving(solving) => (solving.events.clone(), solving.ended.clone()),
                _ => (never(), never()),
            };
            select! {
                recv(self.commands) -> command => match command {
                    Ok(command) => self.obey(command),
                    Err(_) => break,
                },
                recv(events) -> event => self.see(event.ok()),
                recv(ended) -> outcome => self.end(outcome.unwrap_or(Err(Ended::GivenUp))),
                recv(ticks) -> _ => self.look(),
            }
        }
        if let State::Solving(solving) = self.state {
            solving.stop.abort();
            // A panic in the search has become a failure there.
            let _ = solving.thread.join();
        }
    }

    fn obey(&mut self, command: Command) {
        match (command, &self.state) {
            (Command::Start, State::Free) => self.state = State::Waiting(0),
            (Command::Stop | Command::Discard, State::Waiting(_)) => self.finish(Phase::Discarded),
            (Command::Stop, State::Solving(solving)) => {
                solving.stop.stop();
                if self.view.lock().phase == Phase::Opening {
                    // There is nothing yet to keep.
                    solving.stop.abort();
                }
            }
            (Command::Discard, State::Solving(solving)) => solving.stop.abort(),
            (Command::Start, _) | (_, State::Free) => {}
        }
    }

    fn look(&mut self) {
        match self.edges.look(Instant::now()) {
            Some(true) if self.view.lock().begin() => self.obey(Command::Start),
            Some(false) => self.obey(Command::Stop),
            _ => {}
        }
        match &mut self.state {
            State::Free => self.show_the_projects_report(),
            State::Waiting(_) if (self.recording)() => self.state = State::Waiting(0),
            State::Waiting(looks) => {
                *looks += 1;
                if *looks >= IDLE_LOOKS {
                    self.launch();
                }
            }
            State::Solving(solving) => solving.follow.tell(&mut self.view.lock()),
        }
    }

    fn launch(&mut self) {
        let (session, settings) =
            self.project.with(|project| (project.session.clone(), project.solve.settings()));
        let Some(session) = session else {
            let told = "There is no take yet: switch Capture on, play the song, and solve then.";
            return self.finish(Phase::Failed(told.into()));
        };
        let mut settings = match settings {
            Ok(settings) => settings,
            Err(reason) => {
                return self.finish(Phase::Failed(format!("The solve cannot begin: {reason}.")));
            }
        };
        settings.threads = threads::count();
        let follow = Follow::new(&settings);
        let (sender, events) = unbounded();
        let (tell, ended) = bounded(1);
        let stop = Stop::default();
        {
            let view = &mut *self.view.lock();
            Follow::clear(view);
            view.session = Some(session.clone());
            view.phase = Phase::Opening;
        }
        let job = Job { session, settings, stop: stop.clone(), view: Arc::clone(&self.view) };
        let spawned = thread::Builder::new().name("mixtrace-solve".into()).spawn(move || {
            threads::lower_priority();
            // Nobody waits for it once the plugin is gone.
            let _ = tell.send(job.run(sender));
        });
        match spawned {
            Ok(thread) => {
                self.state = State::Solving(Box::new(Solving { stop, follow, events, ended, thread }))
            }
            Err(reason) => {
                let told = format!("The system refuses a thread to solve on ({reason}).");
                self.finish(Phase::Failed(told));
            }
        }
    }

    fn see(&mut self, event: Option<Event>) {
        let State::Solving(solving) = &mut self.state else { return };
        match event {
            Some(event) => solving.follow.see(event, &self.view),
            // The search is over, the job not yet.
            None => solving.events = never(),
        }
    }

    fn end(&mut self, outcome: Result<PathBuf, Ended>) {
        if let State::Solving(mut solving) = mem::replace(&mut self.state, State::Free) {
            for event in solving.events.try_iter() {
                solving.follow.see(event, &self.view);
            }
            // It has ended, or is about to.
            let _ = solving.thread.join();
        }
        let phase = match outcome.map(|folder| (shown::read(&folder), folder)) {
            Ok((Ok(report), folder)) => {
                self.project.with(|project| project.report = Some(folder.clone()));
                let view = &mut *self.view.lock();
                Follow::settle(view, &report);
                view.report = Some(Arc::new(report));
                view.folder = Some(folder.clone());
                view.report_problem = None;
                (self.shown, self.shown_after) = (Some(folder), self.project.restored());
                Phase::Done
            }
            Ok((Err(reason), _)) => Phase::Failed(reason),
            Err(Ended::GivenUp) => Phase::Discarded,
            Err(Ended::Failed(reason)) => Phase::Failed(reason),
        };
        self.finish(phase);
    }

    fn finish(&mut self, phase: Phase) {
        self.state = State::Free;
        self.view.lock().phase = phase;
    }

    /// Shows the project's report once it is another one than what is shown, or was loaded anew.
    fn show_the_projects_report(&mut self) {
        let loads = self.project.restored();
        let folder =
            self.project.with(|project| match project.report != self.shown || loads != self.shown_after {
                true => Some(project.report.clone()),
                false => None,
            });
        let Some(folder) = folder else { return };
        let there = folder == self.shown && self.view.lock().report.is_some();
        let report = folder.as_deref().filter(|_| !there).map(shown::read);
        let view = &mut *self.view.lock();
        if view.is_busy() {
            // A solve was begun meanwhile; what is to be shown shows itself at its end.
            return;
        }
        if !there {
            *view = View { folder: folder.clone(), ..View::default() };
            match report {
                Some(Ok(report)) => {
                    view.console = shown::graph(&report).map(Arc::new);
                    view.report = Some(Arc::new(report));
                }
                Some(Err(reason)) => view.report_problem = Some(reason),
                None => {}
            }
        }
        self.shown = folder;
        self.shown_after = loads;
    }
}

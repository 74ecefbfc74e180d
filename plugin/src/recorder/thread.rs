//! The recorder's thread: empties the ring, and looks after the rest once a second.

use std::mem;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime};

use crossbeam_channel::{Receiver, RecvTimeoutError};

use super::error::Error;
use super::take::{OpenTake, Outcome};
use super::wave::Disk;
use super::{Recording, Shared, home, list};
use crate::capture::{Drain, Ending, Message};
use crate::project::SharedProject;

/// How long the thread sleeps while a take is under way: little beside what the ring holds.
const NAP: Duration = Duration::from_millis(5);

/// How long it sleeps otherwise.
const IDLE: Duration = Duration::from_millis(50);

/// How often it brings files up to date and looks at the disk.
const ROUND: Duration = Duration::from_secs(1);

/// Messages between two looks at the clock: a tenth of a second of one-sample blocks.
const BATCH: usize = 10_000;

/// Seconds of a take for which the disk must have room, so that it can still be closed well.
const SPARE_S: u64 = 2;

/// Bytes that the disk must have besides.
const SPARE: u64 = 32 << 20;

/// All that the thread works with.
pub struct Desk {
    drain: Drain,
    project: SharedProject,
    disk: Disk,
    shared: Arc<Shared>,
    /// Samples of the block at hand.
    planes: Vec<f32>,
    /// The take under way; none while what is left of one that failed is let go.
    take: Option<OpenTake>,
    /// Whether the take that the audio thread last told of is not put away.
    unfinished: bool,
    /// What ended the last take.
    ending: Ending,
    /// Takes dropped for being short since the last one that was kept.
    short: u32,
    /// Where takes go.
    home: PathBuf,
    /// When the takes there were last listed, and when `home` had been changed by then.
    listed: Option<Option<SystemTime>>,
    /// The last round.
    round: Option<Instant>,
}

impl Desk {
    /// All that the thread works with.
    pub fn new(drain: Drain, project: SharedProject, disk: Disk, shared: Arc<Shared>) -> Self {
        let mut desk = Self {
            drain,
            project,
            disk,
            shared,
            planes: Vec::new(),
            take: None,
            unfinished: false,
            ending: Ending::Stopped,
            short: 0,
            home: PathBuf::new(),
            listed: None,
            round: None,
        };
        desk.find_home();
        desk
    }

    /// Works until the other end of `wishes` hangs up, and then puts away what is there.
    pub fn run(mut self, wishes: &Receiver<()>) {
        loop {
            let nap = if self.unfinished { NAP } else { IDLE };
            match wishes.recv_timeout(nap) {
                Ok(()) => self.list(),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            while self.work_off() {
                self.go_round();
            }
            self.go_round();
        }
        // The audio thread may go on; what it sends from now on is not waited for.
        let mut waiting = self.drain.waiting();
        while waiting > 0 {
            self.work_off();
            waiting = waiting.saturating_sub(BATCH);
        }
        self.end();
    }

    /// Works off a batch of messages; whether there may be more.
    fn work_off(&mut self) -> bool {
        let mut planes = mem::take(&mut self.planes);
        let mut count = 0;
        while count < BATCH
            && let Some(message) = self.drain.next(&mut planes)
        {
            count += 1;
            match message {
                Message::Begin { buses, sample_rate, position } => self.begin(buses, sample_rate, position),
                Message::Block { frames, lost_before } => {
                    self.lose(lost_before);
                    self.write(&mut planes, frames);
                }
                Message::End { lost_before, ending, tempo } => {
                    self.lose(lost_before);
                    if let Some(take) = &mut self.take {
                        take.keep_tempo(tempo);
                    }
                    self.ending = ending;
                    self.end();
                }
            }
        }
        self.planes = planes;
        if count > 0 {
            self.show();
        }
        count == BATCH
    }

    fn begin(&mut self, buses: usize, sample_rate: u32, position: Option<i64>) {
        self.unfinished = true;
        // What is wrong with a loop is told while it goes round.
        if self.ending == Ending::Stopped {
            self.tell(None);
        }
        self.find_home();
        match OpenTake::begin(&self.disk, &self.home, &self.project, buses, sample_rate, position) {
            Ok(take) => self.take = Some(take),
            Err(error) => self.give_up(&error.to_string()),
        }
    }

    fn write(&mut self, planes: &mut [f32], frames: usize) {
        let mut from = 0;
        while from < frames {
            let Some(take) = &mut self.take else { return };
            let room = self.disk.most_frames.saturating_sub(take.frames());
            let count = room.min((frames - from) as u64) as usize;
            if count == 0 {
                self.go_on();
            } else if let Err(error) = take.write(&self.disk, planes, frames, from, count) {
                self.fail(&error);
            } else {
                from += count;
            }
        }
    }

    fn lose(&mut self, mut frames: u64) {
        while frames > 0
            && let Some(take) = &mut self.take
        {
            let count = frames.min(self.disk.most_frames.saturating_sub(take.frames()));
            if count == 0 {
                self.go_on();
            } else {
                take.lose(count);
                frames -= count;
            }
        }
    }

    /// Closes the take, which is as long as files can be, and goes on with another one.
    fn go_on(&mut self) {
        let Some(take) = self.take.take() else { return };
        match take.next(&self.disk, &self.home) {
            Ok(next) => {
                self.put_away(take);
                self.take = Some(next);
            }
            Err(error) => {
                self.put_away(take);
                self.give_up(&error.to_string());
            }
        }
    }

    fn end(&mut self) {
        if let Some(take) = self.take.take() {
            self.put_away(take);
        }
        self.finished();
    }

    /// Closes a take and tells of it.
    fn put_away(&mut self, mut take: OpenTake) {
        match take.close() {
            Ok(outcome) => self.judge(&take, &outcome),
            Err(error) => self.save(take, &error),
        }
    }

    /// Ends a take that cannot go on, with what can be saved of it.
    fn fail(&mut self, error: &Error) {
        if let Some(take) = self.take.take() {
            self.save(take, error);
        }
        self.finished();
    }

    fn save(&mut self, mut take: OpenTake, error: &Error) {
        let gone = matches!(error, Error::Gone { .. }) || !take.folder().exists();
        let saved = if gone { None } else { take.salvage().ok() };
        let kept = match saved {
            Some(Outcome::Session) => {
                self.judge(&take, &Outcome::Session);
                format!(" The first {:.1} s were saved as {}.", take.seconds(), take.name())
            }
            Some(Outcome::NoMix) => format!(" Only the stems of {} were saved.", take.name()),
            _ => format!(" Nothing of {} was saved.", take.name()),
        };
        let error = if gone { &Error::Gone { folder: take.folder().to_owned() } } else { error };
        self.tell(Some(format!("{error}{kept}")));
    }

    /// Tells what became of a take.
    fn judge(&mut self, take: &OpenTake, outcome: &Outcome) {
        let name = take.name();
        let problem = match outcome {
            Outcome::Session => {
                self.project.with(|project| project.session = Some(take.folder().to_owned()));
                self.short = 0;
                None
            }
            Outcome::TooShort => {
                self.short += 1;
                Some(match self.short {
                    1 => "A take shorter than 0.25 s was not kept.".to_owned(),
                    count => format!("{count} takes shorter than 0.25 s were not kept."),
                })
            }
            Outcome::NoStems => Some(format!(
                "Nothing arrived on the side chains, so {name} was not kept: route tracks to the plugin's side-chain inputs."
            )),
            Outcome::NoMix => Some(format!(
                "The mix of {name} was silent: put the plugin on the track that carries the mix. The stems were kept in {}.",
                take.folder().join("stems").display()
            )),
        };
        self.tell(problem);
        self.list();
    }

    /// The rest of the take, if any, is let go.
    fn give_up(&mut self, problem: &str) {
        self.tell(Some(problem.to_owned()));
        self.finished();
    }

    /// The audio thread's take is put away, be it whole or not.
    fn finished(&mut self) {
        if mem::take(&mut self.unfinished) {
            self.show();
            self.drain.status().take_done();
        }
    }

    /// What is due once a second while somebody looks or a take is under way.
    fn go_round(&mut self) {
        if self.round.is_some_and(|round| round.elapsed() < ROUND) {
            return;
        }
        let watched = self.shared.watched.swap(false, Ordering::AcqRel);
        if !watched && self.take.is_none() {
            return;
        }
        self.round = Some(Instant::now());
        self.find_home();
        let changed = std::fs::metadata(&self.home).and_then(|home| home.modified()).ok();
        if watched && self.listed != Some(changed) {
            self.list();
        }
        let place = self.take.as_ref().map_or(self.home.as_path(), OpenTake::folder);
        let free = (self.disk.free)(place);
        self.shared.view.lock().free_bytes = free;
        if let Err(error) = self.look_after(free) {
            self.fail(&error);
        }
    }

    /// Brings the take's files up to date while there is room for them.
    fn look_after(&mut self, free: Option<u64>) -> Result<(), Error> {
        let Some(take) = &mut self.take else { return Ok(()) };
        let spare = SPARE + SPARE_S * take.bytes_per_second();
        // First of all: a place that is gone has no room either.
        take.sync()?;
        match free {
            Some(free) if free < spare => Err(Error::Full { folder: take.folder().to_owned() }),
            _ => Ok(()),
        }
    }

    /// Where takes go from now on.
    fn find_home(&mut self) {
        let chosen = self.project.with(|project| project.home.clone());
        let home = home::of(chosen.as_deref());
        if home != self.home {
            self.shared.view.lock().home.clone_from(&home);
            self.home = home;
            self.listed = None;
        }
    }

    fn list(&mut self) {
        self.find_home();
        self.listed = Some(std::fs::metadata(&self.home).and_then(|home| home.modified()).ok());
        let takes = list::takes(&self.home);
        self.shared.view.lock().takes = takes;
    }

    fn tell(&mut self, problem: Option<String>) {
        self.shared.view.lock().problem = problem;
    }

    fn show(&mut self) {
        let recording = self.take.as_ref().map(|take| Recording {
            name: take.name().to_owned(),
            seconds: take.seconds(),
            lost_frames: take.lost(),
            bytes_per_second: take.bytes_per_second(),
        });
        self.shared.view.lock().recording = recording;
    }
}

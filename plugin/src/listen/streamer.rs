//! The thread that reads the match ahead of the audio thread.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError};

use super::found::{Found, Stamp};
use super::pipe::{Far, PIECE, Piece, Song};
use super::{Shared, View};
use crate::project::SharedProject;

/// How often the audio thread's requests are looked for: what a seek waits for, at most.
const LOOK: Duration = Duration::from_millis(10);

/// The same while there is no match to ask for.
const LOOK_IDLE: Duration = Duration::from_millis(100);

/// How often the project's report and its file are looked at.
const LOOK_AT_REPORT: Duration = Duration::from_millis(200);

/// Pieces that are sent between two looks at the requests.
const AT_ONCE: usize = 32;

/// What the thread is told.
pub enum Message {
    /// The host starts the plugin, at so many samples per second; the end of a pipe to it.
    Host {
        /// Hz.
        sample_rate: u32,
        /// Where pieces go.
        far: Far,
        /// Counts these messages.
        set_up: u32,
    },
    /// The instance is gone.
    End,
}

/// What the thread works with.
pub struct Streamer {
    project: SharedProject,
    shared: Arc<Shared>,
    messages: Receiver<Message>,
    host: Option<Host>,
    /// The report that was looked at last, and what its match was then.
    looked_at: Option<(PathBuf, Result<Stamp, String>)>,
    looked: Option<Instant>,
    found: Option<Found>,
    /// Counts the matches.
    id: u32,
}

struct Host {
    sample_rate: u32,
    set_up: u32,
    far: Far,
    /// What the audio thread was told last.
    told: Song,
    /// The last request's generation, and where it has come to; none before the first one for this match.
    at: Option<(u32, i64)>,
}

impl Streamer {
    /// All that the thread needs.
    pub fn new(project: SharedProject, shared: Arc<Shared>, messages: Receiver<Message>) -> Self {
        Self { project, shared, messages, host: None, looked_at: None, looked: None, found: None, id: 0 }
    }

    /// Reads until the instance is gone.
    pub fn run(mut self) {
        loop {
            let look = if self.found.is_some() { LOOK } else { LOOK_IDLE };
            match self.messages.recv_timeout(look) {
                Ok(Message::Host { sample_rate, far, set_up }) => {
                    self.host = Some(Host { sample_rate, set_up, far, told: Song::default(), at: None });
                    // Whether the match suits depends on the rate.
                    self.looked_at = None;
                    self.looked = None;
                }
                Ok(Message::End) | Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if self.looked.is_none_or(|looked| looked.elapsed() >= LOOK_AT_REPORT) {
                self.look_at_report();
                self.looked = Some(Instant::now());
            }
            if let Err(reason) = self.serve() {
                self.withdraw();
                self.show(View::Problem(reason));
            }
            if let Some(host) = &self.host {
                self.shared.looked.store(host.set_up, Ordering::Release);
            }
        }
    }

    /// Takes up the project's match if it is another one than before.
    fn look_at_report(&mut self) {
        let (report, session) =
            self.project.with(|project| (project.report.clone(), project.session.clone()));
        let Some(report) = report else {
            if self.looked_at.take().is_some() {
                self.withdraw();
            }
            return self.show(View::Nothing);
        };
        let stamp = Stamp::of(&report);
        if self.looked_at.as_ref().is_some_and(|before| *before == (report.clone(), stamp.clone())) {
            return;
        }
        self.withdraw();
        let shared = Arc::clone(&self.shared);
        let go_on = move || !shared.ended.load(Ordering::Relaxed);
        let found = stamp.clone().and_then(|stamp| Found::open(&stamp, session.as_deref(), go_on));
        self.looked_at = Some((report, stamp));
        match found.and_then(|found| self.suits_host(found)) {
            Ok(found) => {
                let seconds = |samples: i64| samples as f64 / f64::from(found.rate);
                self.show(View::Ready {
                    gain_db: found.gain_db,
                    span_s: [seconds(found.start), seconds(found.start + found.len)],
                    heard: false,
                });
                self.id = self.id.wrapping_add(1);
                self.found = Some(found);
            }
            Err(reason) => self.show(View::Problem(reason)),
        }
    }

    fn suits_host(&self, found: Found) -> Result<Found, String> {
        match &self.host {
            Some(host) if host.sample_rate != found.rate => {
                let khz = |rate: u32| f64::from(rate) / 1000.0;
                Err(format!(
                    "The match is at {0} kHz but the host runs at {1} kHz: set the host to {0} kHz, or capture and \
                     solve the song again.",
                    khz(found.rate),
                    khz(host.sample_rate)
                ))
            }
            _ => Ok(found),
        }
    }

    /// Tells the audio thread what it can ask for, and sends what it asks for.
    fn serve(&mut self) -> Result<(), String> {
        let Some(host) = &mut self.host else { return Ok(()) };
        let song = match &self.found {
            Some(found) => Song { id: self.id, start: found.start, len: found.len },
            None => Song::default(),
        };
        if host.told != song && host.far.songs.push(song).is_ok() {
            host.told = song;
            host.at = None;
        }
        let Some(found) = &mut self.found else { return Ok(()) };
        loop {
            while let Ok(request) = host.far.requests.pop() {
                if request.song == host.told.id {
                    found.seek(request.position)?;
                    host.at = Some((request.generation, request.position));
                }
            }
            if !host.send(found)? || self.shared.ended.load(Ordering::Relaxed) {
                return Ok(());
            }
        }
    }

    /// There is no match any more.
    fn withdraw(&mut self) {
        self.found = None;
        // The audio thread hears of it before a long file is read.
        let _ = self.serve();
    }

    fn show(&self, view: View) {
        *self.shared.view.lock() = view;
    }
}

impl Host {
    /// Sends some pieces; false where there is no room for more, or no more to send.
    fn send(&mut self, found: &mut Found) -> Result<bool, String> {
        let Some((generation, position)) = &mut self.at else { return Ok(false) };
        for _ in 0..AT_ONCE {
            if self.far.pieces.is_full() || *position >= found.len {
                return Ok(false);
            }
            let mut frames = [[0.0; 2]; PIECE];
            let len = found.read(&mut frames)?;
            if len == 0 {
                return Ok(false);
            }
            let piece = Piece { generation: *generation, position: *position, len, frames };
            // There is room: nobody else sends.
            let _ = self.far.pieces.push(piece);
            *position += len as i64;
        }
        Ok(true)
    }
}

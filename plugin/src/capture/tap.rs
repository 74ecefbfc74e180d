//! The audio thread's end.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::ring::{Feed, PIECE};
use super::{Ending, Inputs, Message, Status, Transport};
use crate::buses::MAX_BUSES;

/// A block that is this many samples from where it should be is still the next one: hosts that count in seconds or
/// beats round.
const ROUNDING: u64 = 2;

/// How long a host that renders offline waits for a recorder that does not move at all: longer than disks stall, and
/// short of what looks like a crash.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often a waiting host looks.
const GLANCE: Duration = Duration::from_millis(1);

/// The audio thread's end. Dropping it ends a take.
pub struct Tap {
    feed: Feed,
    status: Arc<Status>,
    buses: usize,
    sample_rate: u32,
    offline: bool,
    /// Whether waiting for the recorder has helped so far.
    patient: bool,
    take: Option<Running>,
}

/// A take under way.
struct Running {
    /// Where in the song it began.
    start: Option<i64>,
    /// Where the next block should lie.
    next: Option<i64>,
    /// Whether the recorder knows of it. It is told together with the first block that there is room for.
    announced: bool,
    /// Frames lost since the recorder was last told.
    lost: u64,
    /// The host's tempo, as long as it stays the same.
    tempo: Option<u32>,
}

impl Running {
    fn new(transport: Transport) -> Self {
        let Transport { position: start, tempo, .. } = transport;
        Self { start, next: start, announced: false, lost: 0, tempo }
    }

    fn is_left_by(&self, transport: Transport) -> bool {
        let positions = self.next.zip(transport.position);
        positions.is_some_and(|(next, position)| next.abs_diff(position) > ROUNDING)
    }
}

impl Tap {
    pub(super) fn new(feed: Feed, status: Arc<Status>) -> Self {
        Self { feed, status, buses: 0, sample_rate: 0, offline: false, patient: true, take: None }
    }

    /// Makes ready for blocks of `buses` buses at `sample_rate` Hz; ends a take that was under way. With `offline` the
    /// host waits for us, and so a block may wait for the disk: as long as the recorder makes progress, and at most a
    /// second if it makes none.
    pub fn set_up(&mut self, buses: usize, sample_rate: u32, offline: bool) {
        self.end();
        self.buses = buses.min(MAX_BUSES);
        self.sample_rate = sample_rate;
        self.offline = offline;
        self.patient = true;
        self.status.set_layout(self.buses, sample_rate);
    }

    /// Takes note of a block of `frames` frames, and of its samples where a take is under way. Real-time.
    ///
    /// A take is under way while `armed` and the transport plays; or while `armed`, where the host has no transport.
    pub fn process(&mut self, armed: bool, transport: Transport, inputs: &impl Inputs, frames: usize) {
        self.status.set_host(armed, transport);
        if !armed || (transport.present && !transport.playing) {
            self.end();
        } else if frames > 0 && self.buses > 0 {
            if self.take.as_ref().is_some_and(|take| take.is_left_by(transport)) {
                self.finish(Ending::Jumped);
            }
            let mut take = self.take.take().unwrap_or_else(|| Running::new(transport));
            take.tempo = take.tempo.filter(|_| take.tempo == transport.tempo);
            for from in (0..frames).step_by(PIECE) {
                self.hand_over(&mut take, inputs, from, PIECE.min(frames - from));
            }
            take.next = transport.position.or(take.next).map(|at| at.saturating_add(frames as i64));
            self.take = Some(take);
            self.status.set_capturing(true);
        }
        self.meter(inputs, frames);
    }

    /// Ends a take that is under way. Real-time.
    pub fn end(&mut self) {
        self.finish(Ending::Stopped);
        self.status.set_capturing(false);
    }

    fn finish(&mut self, ending: Ending) {
        if let Some(take) = self.take.take()
            && take.announced
        {
            self.feed.tell(Message::End { lost_before: take.lost, ending, tempo: take.tempo });
        }
    }

    fn hand_over(&mut self, take: &mut Running, inputs: &impl Inputs, from: usize, frames: usize) {
        if !self.has_room(2 * self.buses * frames) {
            take.lost += frames as u64;
            self.status.lost(frames);
            return;
        }
        if !take.announced {
            take.announced = true;
            self.status.take_begun();
            let (buses, sample_rate) = (self.buses, self.sample_rate);
            self.feed.tell(Message::Begin { buses, sample_rate, position: take.start });
        }
        self.feed.send(inputs, self.buses, from, frames);
        self.feed.tell(Message::Block { frames, lost_before: std::mem::take(&mut take.lost) });
    }

    fn has_room(&mut self, samples: usize) -> bool {
        if self.feed.has_room(samples) {
            self.patient = true;
        } else if self.offline && self.patient {
            let since = Instant::now();
            while !self.feed.has_room(samples) {
                self.patient = self.feed.is_read() && since.elapsed() < PATIENCE;
                if !self.patient {
                    return false;
                }
                thread::sleep(GLANCE);
            }
        } else {
            return false;
        }
        true
    }

    fn meter(&self, inputs: &impl Inputs, frames: usize) {
        for bus in 0..self.buses.min(inputs.buses()) {
            for channel in 0..2 {
                let samples = inputs.channel(bus, channel);
                self.status.heard(bus, channel, samples.get(..frames).unwrap_or(samples));
            }
        }
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.end();
    }
}

//! The audio thread's end: asks for the match, and fades between it and what comes in.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;

use super::Shared;
use super::pipe::{Near, PIECE, Piece, Request, Song, pipe};
use super::streamer::Message;
use crate::capture::Transport;

/// Length of a fade, as a share of a second: 10 ms, too slow to click and too fast to be heard as a fade.
const FADE: u32 = 100;

/// What must be there before the match is faded in, as a share of a second: the reading thread wakes up several times
/// within it.
const AHEAD: u32 = 10;

/// Samples by which a host's position may wander from block to block, where it counts in seconds, without being a jump.
const WANDER: i64 = 2;

/// Pieces that a block throws away at most, so that its time is bounded.
const THROWN_AWAY: usize = 64;

/// How long a host that renders offline waits for the reading thread: longer than disks stall and a long match takes to be
/// looked at, and short of what looks like a crash.
const PATIENCE: Duration = Duration::from_secs(3);

/// How often a waiting host looks.
const GLANCE: Duration = Duration::from_millis(1);

/// Replaces what comes in by the match.
pub struct Player {
    shared: Arc<Shared>,
    messages: Sender<Message>,
    /// None before the host has started the plugin.
    stream: Option<Stream>,
    /// Frames of a fade.
    fade: i64,
    /// Frames that must be there before a fade-in.
    ahead: i64,
    /// How much of the match is heard: of [`Player::fade`].
    level: i64,
    /// Position in the match where the host has none.
    free: i64,
    /// Whether the host waits for us.
    offline: bool,
    /// Whether waiting for the reading thread has helped so far.
    patient: bool,
    /// How often the host has set us up.
    set_ups: u32,
}

/// The match as it comes out of the ring.
struct Stream {
    near: Near,
    /// What is played.
    song: Song,
    /// What is to be played next, once the other one has faded out.
    next: Song,
    /// Of the last request; no piece of an earlier one is played.
    generation: u32,
    /// Position in the match of the next frame that comes out of the ring; none before the song's first request.
    cursor: Option<i64>,
}

impl Player {
    pub(super) fn new(shared: Arc<Shared>, messages: Sender<Message>) -> Self {
        Self {
            shared,
            messages,
            stream: None,
            fade: 1,
            ahead: 1,
            level: 0,
            free: 0,
            offline: false,
            patient: false,
            set_ups: 0,
        }
    }

    /// Makes ready for blocks at `sample_rate` Hz. Not real-time. With `offline` the host waits for us, and a block may wait
    /// for the match.
    pub fn set_up(&mut self, sample_rate: u32, offline: bool) {
        let (near, far) = pipe(sample_rate);
        self.stream =
            Some(Stream { near, song: Song::default(), next: Song::default(), generation: 0, cursor: None });
        self.fade = i64::from(sample_rate / FADE).max(1);
        self.ahead = i64::from(sample_rate / AHEAD).max(1);
        self.level = 0;
        self.free = 0;
        self.offline = offline;
        self.patient = true;
        self.set_ups = self.set_ups.wrapping_add(1);
        // Nobody listens once the instance is on its way out.
        let _ = self.messages.send(Message::Host { sample_rate, far, set_up: self.set_ups });
    }

    /// Replaces a block by the match where `on`, fading between the two; leaves it bit for bit where not. Real-time.
    pub fn process(&mut self, on: bool, transport: Transport, block: [&mut [f32]; 2]) {
        let Some(stream) = &mut self.stream else { return };
        let waits = self.offline && on && self.patient;
        if waits {
            // The host may render the moment that it has set us up: a match may be there that nobody has looked at yet.
            self.patient = wait(|| self.shared.looked.load(Ordering::Acquire) == self.set_ups);
        }
        stream.hear_of_songs();
        let running = transport.playing || !transport.present;
        let wanted = on && running;
        if !wanted {
            self.free = 0;
        }
        if self.level == 0 {
            stream.song = stream.next_song();
        }
        let has_position = transport.present.then_some(transport.position).flatten();
        let position = has_position.map_or(self.free, |position| position.saturating_sub(stream.song.start));
        let frames = block[0].len() as i64;
        if self.level == 0 && on {
            stream.seek(position);
        }
        if waits && wanted && position < stream.song.len && position + frames > 0 {
            let enough = self.ahead.max(2 * frames).min(stream.room() / 2);
            self.patient &= wait(|| stream.is_ready(enough));
        }
        let lead = match stream.cursor {
            Some(cursor) if self.level == 0 => cursor - position,
            _ => 0,
        };
        let starts =
            self.level == 0 && (0..frames).contains(&lead) && stream.is_ready(self.ahead.max(2 * frames));
        let goes_on = self.level > 0
            && stream.song == stream.next
            && stream.cursor.is_some_and(|cursor| (cursor - position).abs() <= WANDER);
        let up = wanted && (starts || goes_on);
        if up || self.level > 0 {
            self.level = stream.play(block, lead as usize, up, self.level, self.fade);
            if has_position.is_none() && wanted {
                self.free = stream.cursor.unwrap_or(0);
            }
        }
        self.shared.heard.store(self.level > 0, Ordering::Relaxed);
    }

    /// Whether so many frames of the match lie ready where the last block stood.
    #[cfg(test)]
    pub(super) fn is_cued(&mut self, frames: i64) -> bool {
        self.stream.as_mut().is_some_and(|stream| stream.is_ready(frames))
    }
}

/// Waits until something is so; false if it takes too long.
fn wait(mut is_so: impl FnMut() -> bool) -> bool {
    let since = Instant::now();
    while !is_so() {
        if since.elapsed() >= PATIENCE {
            return false;
        }
        thread::sleep(GLANCE);
    }
    true
}

impl Stream {
    /// Frames that the ring holds.
    fn room(&self) -> i64 {
        (self.near.pieces.buffer().capacity() * PIECE) as i64
    }

    fn hear_of_songs(&mut self) {
        while let Ok(song) = self.near.songs.pop() {
            self.next = song;
        }
    }

    /// What is to be played; whatever is in the ring is of another song if that is another one.
    fn next_song(&mut self) -> Song {
        if self.next != self.song {
            self.cursor = None;
        }
        self.next
    }

    /// Sees to it that the ring goes on at `position`, or at the match's beginning if that is still to come. Only where
    /// nothing is heard.
    fn seek(&mut self, position: i64) {
        if position >= self.song.len {
            return;
        }
        let wanted = position.max(0);
        self.throw_away(wanted);
        if self.cursor.is_some_and(|cursor| (cursor..=cursor + self.room()).contains(&wanted)) {
            return; // there, or soon
        }
        let generation = self.generation.wrapping_add(1);
        let request = Request { song: self.song.id, generation, position: wanted };
        if self.near.requests.push(request).is_ok() {
            self.generation = generation;
            self.cursor = Some(wanted);
        }
    }

    /// Throws away pieces of earlier requests, and what lies before `wanted`.
    fn throw_away(&mut self, wanted: i64) {
        let Some(cursor) = self.cursor else { return };
        for _ in 0..THROWN_AWAY {
            let Ok(piece) = self.near.pieces.peek() else { break };
            let end = piece.position + piece.len as i64;
            let stale = piece.generation != self.generation;
            if !stale && end > wanted {
                self.cursor = Some(piece.position.max(wanted).max(cursor));
                break;
            }
            if !stale {
                self.cursor = Some(end);
            }
            // Not popped: that would copy it.
            if let Ok(chunk) = self.near.pieces.read_chunk(1) {
                chunk.commit_all();
            }
        }
    }

    /// Whether at least so many frames are there, or all that are left.
    fn is_ready(&mut self, frames: i64) -> bool {
        let left = self.cursor.map_or(0, |cursor| self.song.len - cursor);
        left > 0 && self.frames_there() >= frames.min(left)
    }

    /// Frames in the ring from the cursor on.
    fn frames_there(&mut self) -> i64 {
        let Some(cursor) = self.cursor else { return 0 };
        let slots = self.near.pieces.slots();
        let Ok(chunk) = self.near.pieces.read_chunk(slots) else { return 0 };
        let (first, second) = chunk.as_slices();
        let current = |piece: &&Piece| piece.generation == self.generation;
        let ends = (first.first().or(second.first()), second.last().or(first.last()));
        match ends {
            // The pieces between are of the same request, one after the other.
            (Some(first), Some(last)) if current(&first) && current(&last) => {
                (last.position + last.len as i64 - cursor).max(0)
            }
            _ => 0,
        }
    }

    /// Plays into the block from its frame `lead` on, towards the match if `up`, else towards what comes in. Takes and
    /// returns the level, of `fade`.
    ///
    /// The level never exceeds the number of frames that are still there. So whatever happens, the fade-out that it
    /// will then take can be played to its end; and a match that ends, or comes too slowly, fades out by itself.
    fn play(&mut self, block: [&mut [f32]; 2], lead: usize, up: bool, mut level: i64, fade: i64) -> i64 {
        let mut left = self.frames_there();
        let Some(mut cursor) = self.cursor else { return 0 };
        let slots = self.near.pieces.slots();
        let Ok(chunk) = self.near.pieces.read_chunk(slots) else { return 0 };
        let (first, second) = chunk.as_slices();
        let mut pieces = first.iter().chain(second);
        let mut piece = pieces.next();
        let mut used_up = 0;
        let [left_channel, right_channel] = block;
        for (l, r) in left_channel.iter_mut().zip(right_channel).skip(lead) {
            level = if up { (level + 1).min(fade) } else { level - 1 }.min(left);
            let frame = piece.and_then(|piece| piece.frames.get((cursor - piece.position) as usize));
            let Some(&frame) = frame.filter(|_| level > 0) else {
                level = 0;
                break;
            };
            if level == fade {
                [*l, *r] = frame;
            } else {
                let share = level as f32 / fade as f32;
                *l += share * (frame[0] - *l);
                *r += share * (frame[1] - *r);
            }
            cursor += 1;
            left -= 1;
            if piece.is_some_and(|piece| cursor >= piece.position + piece.len as i64) {
                used_up += 1;
                piece = pieces.next();
            }
        }
        chunk.commit(used_up);
        self.cursor = Some(cursor);
        level
    }
}

//! What passes between the audio thread and the thread that reads.

use rtrb::{Consumer, Producer, RingBuffer};

/// Frames in a piece: few enough to be found quickly, enough to make passing them cheap.
pub const PIECE: usize = 256;

/// Seconds of the match that the ring holds.
const SECONDS: f64 = 1.5;

/// The least that the ring holds, in frames: several of the largest blocks that hosts use.
const LEAST: usize = 1 << 16;

/// Songs and requests under way at most; more of them wait with their sender.
const MESSAGES: usize = 16;

/// Some frames of the match, at its final level.
#[derive(Clone, Copy)]
pub struct Piece {
    /// The [`Request::generation`] that it answers.
    pub generation: u32,
    /// Where in the match its first frame lies.
    pub position: i64,
    /// How many frames it has; fewer than [`PIECE`] at the match's end.
    pub len: usize,
    /// Left and right.
    pub frames: [[f32; 2]; PIECE],
}

/// A match that can be asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Song {
    /// Another one for each match that was loaded.
    pub id: u32,
    /// Where in the song its first frame lies, in samples.
    pub start: i64,
    /// Its frames; 0: there is none.
    pub len: i64,
}

/// Asks for a match from a position on.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// The [`Song::id`].
    pub song: u32,
    /// Rises with each request.
    pub generation: u32,
    /// The first frame wanted.
    pub position: i64,
}

/// The audio thread's end.
pub struct Near {
    /// What it asked for.
    pub pieces: Consumer<Piece>,
    /// What it asks for.
    pub requests: Producer<Request>,
    /// What it can ask for; the last one counts.
    pub songs: Consumer<Song>,
}

/// The other end.
pub struct Far {
    /// What was asked for.
    pub pieces: Producer<Piece>,
    /// What is asked for; the last one counts.
    pub requests: Consumer<Request>,
    /// What can be asked for.
    pub songs: Producer<Song>,
}

/// A pipe for a host at `rate` Hz.
pub fn pipe(rate: u32) -> (Near, Far) {
    let frames = ((f64::from(rate) * SECONDS) as usize).max(LEAST);
    let (send_pieces, pieces) = RingBuffer::new(frames.div_ceil(PIECE));
    let (requests, take_requests) = RingBuffer::new(MESSAGES);
    let (send_songs, songs) = RingBuffer::new(MESSAGES);
    let far = Far { pieces: send_pieces, requests: take_requests, songs: send_songs };
    (Near { pieces, requests, songs }, far)
}

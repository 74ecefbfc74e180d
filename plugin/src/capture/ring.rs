//! The two rings between the audio thread and the recorder.
//!
//! Samples go first and the message about them after, so whoever has the message has the samples. Of the messages'
//! ring one place is always kept for the end of a take that has begun: however full the rings are, no boundary is lost.

use std::sync::Arc;

use rtrb::{Consumer, Producer, RingBuffer};

use super::{Inputs, Status};

/// Places for samples, 64 MiB of them: 2.7 s of 32 stereo buses at 96 kHz, which outlasts a disk that sleeps.
pub const SAMPLES: usize = 1 << 24;

/// Places for messages: as many seconds of one-sample blocks at 96 kHz as there are of samples.
pub const MESSAGES: usize = 1 << 18;

/// The most frames in a message. It bounds what the recorder works on at a time; longer blocks go as several.
pub const PIECE: usize = 4096;

/// What a channel that the host does not give sounds like.
static SILENCE: [f32; PIECE] = [0.0; PIECE];

/// What the audio thread tells the recorder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// A take begins.
    Begin {
        /// Stereo buses, the mix first.
        buses: usize,
        /// In Hz.
        sample_rate: u32,
        /// Where in the song it begins, in samples.
        position: Option<i64>,
    },
    /// The take goes on with these frames.
    Block {
        /// At most [`PIECE`].
        frames: usize,
        /// Frames lost since the last message.
        lost_before: u64,
    },
    /// The take ends.
    End {
        /// Frames lost since the last message.
        lost_before: u64,
        /// What ended it.
        ending: Ending,
        /// The tempo in thousandths of a quarter note a minute, if it was the same all the time.
        tempo: Option<u32>,
    },
}

/// What ended a take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The transport or the user stopped, or the host began anew.
    Stopped,
    /// The transport jumped, and another take follows at once.
    Jumped,
}

/// Both ends of new rings.
pub fn pair(samples: usize, messages: usize, status: &Arc<Status>) -> (Feed, Drain) {
    let (samples_in, samples_out) = RingBuffer::new(samples);
    let (messages_in, messages_out) = RingBuffer::new(messages);
    let drain =
        Drain { samples: samples_out, messages: messages_out, status: Arc::clone(status), channels: 0 };
    (Feed { samples: samples_in, messages: messages_in }, drain)
}

/// The audio thread's ends of both rings. Real-time.
pub struct Feed {
    samples: Producer<f32>,
    messages: Producer<Message>,
}

impl Feed {
    /// Whether there is room for a block of so many samples, the beginning and the end of its take.
    pub fn has_room(&self, samples: usize) -> bool {
        self.samples.slots() >= samples && self.messages.slots() >= 3
    }

    /// Whether anybody is left to make room.
    pub fn is_read(&self) -> bool {
        !self.messages.is_abandoned()
    }

    /// Sends a message, for which there must be room.
    pub fn tell(&mut self, message: Message) {
        let sent = self.messages.push(message);
        debug_assert!(sent.is_ok(), "no room was kept for a message");
    }

    /// Sends `frames` frames from `from` on of all `buses`, at most [`PIECE`] and with room for them.
    pub fn send(&mut self, inputs: &impl Inputs, buses: usize, from: usize, frames: usize) {
        for bus in 0..buses {
            for channel in 0..2 {
                let given = if bus < inputs.buses() { inputs.channel(bus, channel) } else { &[] };
                let given = given.get(from..).unwrap_or_default();
                let given = given.get(..frames).unwrap_or(given);
                let missing = SILENCE.get(given.len()..frames).unwrap_or_default();
                for part in [given, missing] {
                    let sent = self.samples.push_entire_slice(part);
                    debug_assert!(sent.is_ok(), "no room was kept for samples");
                }
            }
        }
    }
}

/// The recorder's end.
pub struct Drain {
    samples: Consumer<f32>,
    messages: Consumer<Message>,
    status: Arc<Status>,
    /// Of the take under way.
    channels: usize,
}

impl Drain {
    /// The next message, if there is one. After a block `planes` holds its samples: all of the mix's left channel, all
    /// of its right, all of the first stem's left, and so on.
    pub fn next(&mut self, planes: &mut Vec<f32>) -> Option<Message> {
        let message = self.messages.pop().ok()?;
        match message {
            Message::Begin { buses, .. } => self.channels = 2 * buses,
            Message::Block { frames, .. } => {
                planes.resize(frames * self.channels, 0.0);
                let whole = self.samples.pop_entire_slice(planes);
                debug_assert!(whole.is_ok(), "a block was announced before its samples");
            }
            Message::End { .. } => {}
        }
        Some(message)
    }

    /// How many messages wait.
    pub fn waiting(&self) -> usize {
        self.messages.slots()
    }

    /// What the audio thread tells the window; here takes are counted.
    pub fn status(&self) -> &Arc<Status> {
        &self.status
    }
}

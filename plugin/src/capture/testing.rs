//! A host's audio thread for tests, in which every sample of every bus is another one.

use super::{Inputs, Tap, Transport};

/// Sample `at` of a bus's left (0) or right (1) channel: neither zero nor the same anywhere else.
pub fn sample(bus: usize, channel: usize, at: usize) -> f32 {
    let mixed = (at as u32 + 1).wrapping_mul(2_654_435_761) ^ ((2 * bus + channel) as u32 * 0x01f3_5a79);
    (mixed >> 8 | 1) as f32 / (1 << 25) as f32 - 0.25
}

/// A block of all buses, planar.
pub struct Block(pub Vec<[Vec<f32>; 2]>);

impl Block {
    /// Of so many buses, where `tone` tells each sample by bus, channel and place.
    pub fn of(buses: usize, from: usize, frames: usize, tone: impl Fn(usize, usize, usize) -> f32) -> Self {
        let channel = |bus, channel| (from..from + frames).map(|at| tone(bus, channel, at)).collect();
        Self((0..buses).map(|bus| [channel(bus, 0), channel(bus, 1)]).collect())
    }
}

impl Inputs for Block {
    fn buses(&self) -> usize {
        self.0.len()
    }

    fn channel(&self, bus: usize, channel: usize) -> &[f32] {
        &self.0[bus][channel]
    }
}

/// A host that plays [`sample`]s, its transport running.
pub struct Host {
    /// Under test.
    pub tap: Tap,
    /// The layout's buses.
    pub buses: usize,
    /// Whether `Capture` is on.
    pub armed: bool,
    /// What is told of the transport, and from where the next block is played.
    pub transport: Transport,
    /// The samples.
    pub tone: Box<dyn Fn(usize, usize, usize) -> f32>,
}

impl Host {
    /// Armed, at the song's beginning.
    pub fn new(mut tap: Tap, buses: usize, sample_rate: u32, offline: bool) -> Self {
        tap.set_up(buses, sample_rate, offline);
        let transport = Transport { present: true, playing: true, position: Some(0), tempo: None };
        Self { tap, buses, armed: true, transport, tone: Box::new(sample) }
    }

    /// Plays blocks of these lengths, going forward in the song.
    pub fn play(&mut self, blocks: impl IntoIterator<Item = usize>) {
        for frames in blocks {
            let at = self.transport.position.unwrap_or(0);
            let block = Block::of(self.buses, at as usize, frames, &self.tone);
            self.tap.process(self.armed, self.transport, &block, frames);
            self.transport.position = self.transport.position.map(|at| at + frames as i64);
        }
    }

    /// A block with the transport at rest.
    pub fn stop(&mut self) {
        self.transport.playing = false;
        self.play([64]);
        self.transport.playing = true;
    }

    /// Goes to another place in the song.
    pub fn go_to(&mut self, position: i64) {
        self.transport.position = Some(position);
    }
}

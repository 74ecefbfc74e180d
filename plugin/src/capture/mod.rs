//! Capture, on the audio thread: decides where takes begin and end and hands their samples over.

use std::sync::Arc;

/// The buses of a block, as the audio thread sees them.
pub trait Inputs {
    /// How many there are: the mix and the stems.
    fn buses(&self) -> usize;
    /// Samples of a bus's left (0) or right (1) channel; bus 0 is the mix.
    fn channel(&self, bus: usize, channel: usize) -> &[f32];
}

/// What the host says about its transport.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Transport {
    /// False where the host says nothing of a transport at all.
    pub present: bool,
    /// Whether it runs.
    pub playing: bool,
    /// Where the block's first sample lies in the song, in samples.
    pub position: Option<i64>,
}

/// What the audio thread tells the window: atomics only.
pub struct Status {}

/// What the window sees of [`Status`] at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// Buses of the host's layout, the mix among them; 0 before the host has started the plugin.
    pub buses: usize,
    /// The host's sample rate in Hz.
    pub sample_rate: u32,
    /// The last block's transport.
    pub transport: Transport,
    /// Whether `Capture` is on and was not just restored from a saved project.
    pub armed: bool,
    /// Whether a take is under way.
    pub capturing: bool,
    /// Frames lost to a full ring since the plugin was started.
    pub lost_frames: u64,
}

impl Status {
    /// The present state.
    pub fn view(&self) -> View {
        View::default()
    }

    /// The highest magnitude on a bus's left and right channel since the last call, linear.
    pub fn take_peak(&self, _bus: usize) -> [f32; 2] {
        [0.0; 2]
    }
}

/// The audio thread's end.
pub struct Tap {}

/// The recorder's end.
pub struct Drain {}

/// Both ends of the way from the audio thread to the recorder.
pub fn channel() -> (Tap, Drain, Arc<Status>) {
    (Tap {}, Drain {}, Arc::new(Status {}))
}

impl Tap {
    /// Makes ready for blocks of `buses` buses at `sample_rate` Hz; ends a take that was under way. With `offline` the
    /// host waits for us, and so a block may wait for the disk.
    pub fn set_up(&mut self, _buses: usize, _sample_rate: u32, _offline: bool) {}

    /// Takes note of a block of `frames` frames, and of its samples where a take is under way. Real-time.
    pub fn process(&mut self, _armed: bool, _transport: Transport, _inputs: &impl Inputs, _frames: usize) {}

    /// Ends a take that is under way. Real-time.
    pub fn end(&mut self) {}
}

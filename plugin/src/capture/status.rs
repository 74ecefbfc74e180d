//! What the audio thread tells the window: atomics only.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicI64, AtomicU32, AtomicU64, AtomicUsize};

use super::Transport;
use crate::buses::MAX_BUSES;

/// Stands for no position.
const NOWHERE: i64 = i64::MIN;

/// What the audio thread tells the window: atomics only.
pub struct Status {
    buses: AtomicUsize,
    sample_rate: AtomicU32,
    present: AtomicBool,
    playing: AtomicBool,
    position: AtomicI64,
    armed: AtomicBool,
    capturing: AtomicBool,
    lost_frames: AtomicU64,
    /// Takes that the recorder was told of.
    begun: AtomicU64,
    /// Takes of which the recorder has put everything away.
    done: AtomicU64,
    /// Bits of each channel's highest magnitude. Magnitudes of floats are ordered as their bits are.
    peaks: [[AtomicI32; 2]; MAX_BUSES],
}

impl Default for Status {
    fn default() -> Self {
        Self {
            buses: AtomicUsize::new(0),
            sample_rate: AtomicU32::new(0),
            present: AtomicBool::new(false),
            playing: AtomicBool::new(false),
            position: AtomicI64::new(NOWHERE),
            armed: AtomicBool::new(false),
            capturing: AtomicBool::new(false),
            lost_frames: AtomicU64::new(0),
            begun: AtomicU64::new(0),
            done: AtomicU64::new(0),
            peaks: Default::default(),
        }
    }
}

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
        let position = self.position.load(Relaxed);
        View {
            buses: self.buses.load(Relaxed),
            sample_rate: self.sample_rate.load(Relaxed),
            transport: Transport {
                present: self.present.load(Relaxed),
                playing: self.playing.load(Relaxed),
                position: (position != NOWHERE).then_some(position),
                // Nobody shows it.
                tempo: None,
            },
            armed: self.armed.load(Relaxed),
            capturing: self.capturing.load(Relaxed),
            lost_frames: self.lost_frames.load(Relaxed),
        }
    }

    /// The highest magnitude on a bus's left and right channel since the last call, linear. What is not a finite number
    /// does not count.
    pub fn take_peak(&self, bus: usize) -> [f32; 2] {
        let take = |peak: &AtomicI32| f32::from_bits(peak.swap(0, Relaxed) as u32);
        self.peaks.get(bus).map_or([0.0; 2], |[left, right]| [take(left), take(right)])
    }

    /// Whether a take that the recorder was told of is not put away yet, be it only because it still waits in the ring.
    pub fn has_open_takes(&self) -> bool {
        self.done.load(Acquire) != self.begun.load(Acquire)
    }

    /// The recorder has put a take away.
    pub fn take_done(&self) {
        self.done.fetch_add(1, Release);
    }

    pub(super) fn take_begun(&self) {
        self.begun.fetch_add(1, Release);
    }

    pub(super) fn set_layout(&self, buses: usize, sample_rate: u32) {
        self.buses.store(buses, Relaxed);
        self.sample_rate.store(sample_rate, Relaxed);
    }

    pub(super) fn set_host(&self, armed: bool, transport: Transport) {
        self.armed.store(armed, Relaxed);
        self.present.store(transport.present, Relaxed);
        self.playing.store(transport.playing, Relaxed);
        self.position.store(transport.position.unwrap_or(NOWHERE), Relaxed);
    }

    pub(super) fn set_capturing(&self, capturing: bool) {
        self.capturing.store(capturing, Relaxed);
    }

    pub(super) fn lost(&self, frames: usize) {
        self.lost_frames.fetch_add(frames as u64, Relaxed);
    }

    pub(super) fn heard(&self, bus: usize, channel: usize, samples: &[f32]) {
        let peak = peak_bits(samples);
        if let Some(meter) = self.peaks.get(bus).and_then(|bus| bus.get(channel))
            // A read costs far less than an update, and most blocks are not the loudest.
            && peak > meter.load(Relaxed)
        {
            meter.fetch_max(peak, Relaxed);
        }
    }
}

/// The bits of the highest finite magnitude.
fn peak_bits(samples: &[f32]) -> i32 {
    const INFINITE: i32 = f32::INFINITY.to_bits() as i32;
    samples.iter().fold(0, |peak, sample| {
        let bits = sample.abs().to_bits() as i32;
        peak.max(if bits < INFINITE { bits } else { 0 })
    })
}

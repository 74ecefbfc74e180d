//! What a DAW has to play a processor's part with.

use super::Settings;

/// The device of a DAW that can play a kind's part, and how its settings are read for it.
#[derive(Clone, Copy, Debug)]
pub enum Device {
    /// A parametric equaliser, set by the processor's bands.
    Equaliser,
    /// A compressor.
    Compressor(fn(&Settings) -> Dynamics),
    /// A noise gate.
    Gate(fn(&Settings) -> Dynamics),
    /// The channel's own fader and pan pot.
    Fader(fn(&Settings) -> Fader),
    /// A convolution with the impulse response of the wet path, whose channels do not feed each other.
    ImpulseResponse,
    /// None: its place in the chain is taken by a name that says what to load there.
    Note,
}

/// What a compressor or a gate is set to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dynamics {
    /// dB RMS.
    pub threshold_db: f64,
    /// To one, 1 or more.
    pub ratio: f64,
    /// Time of the attack, ms.
    pub attack_ms: f64,
    /// Time of the release, ms.
    pub release_ms: f64,
}

/// A fader and a pan pot: equal gains are 0 dB at the centre, and turning keeps the power.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fader {
    /// The fader, dB.
    pub gain_db: f64,
    /// −1 (left) … 1 (right).
    pub pan: f64,
}

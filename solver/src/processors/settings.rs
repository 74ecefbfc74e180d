//! A processor's settings in the units of the desk (MATH.md §10), as reports hold them.

use serde::{Deserialize, Serialize};

/// Centres of the third-octave bands of a [`Response`], Hz.
pub const THIRD_OCTAVES: [f64; 31] = [
    20.0, 25.0, 31.5, 40.0, 50.0, 63.0, 80.0, 100.0, 125.0, 160.0, 200.0, 250.0, 315.0, 400.0, 500.0, 630.0,
    800.0, 1000.0, 1250.0, 1600.0, 2000.0, 2500.0, 3150.0, 4000.0, 5000.0, 6300.0, 8000.0, 10000.0, 12500.0,
    16000.0, 20000.0,
];

/// What one processor is set to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Settings {
    /// The response includes the dry part.
    Equalizer {
        /// Level over frequency.
        response: Response,
    },
    /// As applied to amplitude in dB.
    Compressor {
        /// dB RMS of the mean of both channels.
        threshold_db: f64,
        /// Input dB per output dB above the threshold.
        ratio: f64,
        /// Width of the soft knee, dB.
        knee_db: f64,
        /// Time constant of the level's smoothing, ms.
        time_ms: f64,
    },
    /// As applied to amplitude in dB.
    NoiseGate {
        /// dB RMS of the mean of both channels.
        threshold_db: f64,
        /// Output dB per input dB below the threshold.
        ratio: f64,
        /// Width of the soft knee, dB.
        knee_db: f64,
        /// Time constant of the level's smoothing, ms.
        time_ms: f64,
    },
    /// Gain of the side signal, the dry part included.
    StereoImager {
        /// Linear: 0 is mono, 1 leaves the signal as it is.
        width: f64,
    },
    /// A fader and a pan pot, the dry part included.
    GainPan {
        /// The fader, dB.
        gain_db: f64,
        /// −1 (left) … 1 (right).
        pan: f64,
        /// Gain of the left channel, dB.
        left_db: f64,
        /// Gain of the right channel, dB.
        right_db: f64,
    },
    /// Echoes within 40 dB of the loudest.
    MultitapDelay {
        /// In order of channel and time.
        taps: Vec<Tap>,
    },
    /// Decaying noise.
    Reverb {
        /// Time to −60 dB, overall, s.
        rt60_s: f64,
        /// The same, octave by octave.
        rt60_by_octave: Decay,
        /// From the sound to the loudest of its reverberation, ms.
        #[serde(default)]
        pre_delay_ms: f64,
        /// Level of the reverberation against the dry signal, dB.
        pre_wet_db: f64,
    },
}

/// A frequency response.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// Frequencies, Hz.
    pub hz: Vec<f64>,
    /// Levels, dB.
    pub db: Vec<f64>,
}

/// A decay time over frequency.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decay {
    /// Octave centres, Hz.
    pub hz: Vec<f64>,
    /// Time to −60 dB, s.
    pub s: Vec<f64>,
}

/// One echo.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tap {
    /// `left` or `right`.
    pub channel: String,
    /// Delay, ms.
    pub time_ms: f64,
    /// Level, dB, the wet weight included.
    pub gain_db: f64,
    /// The delay as a note, such as `1/8 dotted`, where the tempo is known and a note is near.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub note: Option<String>,
}

/// A linear gain in dB, held above −120 dB so that reports stay finite.
pub(super) fn decibels(gain: f64) -> f64 {
    20.0 * gain.abs().max(1e-6).log10()
}

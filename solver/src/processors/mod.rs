//! The kinds of processors, one file (or folder) each.
//!
//! A file holds all there is to say about its kind. What it sounds like ([`Definition`], [`Processor`]): the raw parameters
//! with their start and their [`Map`] to physical ones, forward and backward on rows of samples. How it is told
//! ([`Telling`]): its settings in units, in words, as a picture, as a device. `kinds!` is the one list of kinds; nothing else
//! names one.

mod compressor;
mod dynamics;
mod equalizer;
mod gain_pan;
mod gain_staging;
mod kit;
mod map;
pub(crate) mod multitap_delay;
mod nature;
mod noise_gate;
mod response;
mod reverb;
mod stereo_imager;
mod telling;

#[cfg(test)]
mod golden_tests;
#[cfg(test)]
mod rate_tests;
#[cfg(test)]
pub(crate) mod testing;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::dsp::Stereo;
pub use kit::Kit;
pub use map::Map;
pub use nature::Nature;
pub use response::{Response, THIRD_OCTAVES};
pub use telling::{
    Cell, Cells, Column, Curve, Device, Dynamics, Echo, Fader, Figure, Holds, Look, Picture, Reduction, Row,
    Settings, Side, StaticCurve, Telling, Told, Tone, Value,
};

use response::decibels;

/// Declares [`Kind`] by the list of kinds: `module::Kind`, a line each, in the order in a strip.
macro_rules! kinds {
    ($($module:ident::$kind:ident,)+) => {
        /// What a processor does to the sound. The order is the order in a strip.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Kind {
            $(
                #[doc = concat!("`", stringify!($module), "`")]
                $kind,
            )+
        }

        impl Kind {
            /// All kinds in strip order.
            pub const ALL: [Kind; [$(stringify!($kind)),+].len()] = [$(Kind::$kind),+];

            /// Where a kind is defined.
            pub fn definition(self) -> &'static dyn Definition {
                match self {
                    $(Kind::$kind => &$module::$kind,)+
                }
            }
        }
    };
}

kinds! {
    equalizer::Equalizer,
    compressor::Compressor,
    noise_gate::NoiseGate,
    stereo_imager::StereoImager,
    gain_pan::GainPan,
    multitap_delay::MultitapDelay,
    reverb::Reverb,
}

impl Kind {
    /// The kind of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The names of all kinds: `equalizer, compressor, …`.
    pub fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }

    /// The name in reports and files, such as `multitap_delay`.
    pub fn name(self) -> &'static str {
        self.definition().name()
    }

    /// The letter of `--processors`: e c n s g d r.
    pub fn letter(self) -> char {
        self.definition().letter()
    }

    /// What it is called and how it is coloured.
    pub fn look(self) -> Look {
        self.definition().look()
    }

    /// True if gains of the channels before it are not the same as behind it.
    pub fn minds_gains(self) -> bool {
        let definition = self.definition();
        definition.nature() != Nature::Linear || definition.mixes_channels()
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A raw parameter: a run of numbers that gradient descent moves.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// The name in golden vectors and checkpoints.
    pub name: &'static str,
    /// How many numbers one processor has of it.
    pub len: usize,
    /// The mean that a fit starts from.
    pub start: f32,
    /// What turns it into physical numbers.
    pub map: Map,
}

impl Parameter {
    /// A parameter that starts near 0.
    pub const fn new(name: &'static str, len: usize, map: Map) -> Self {
        Self { name, len, start: 0.0, map }
    }

    /// The same with another start.
    pub const fn starting_at(self, start: f32) -> Self {
        Self { start, ..self }
    }
}

/// The spread of the normal distribution that raw parameters start from, around each one's own mean.
pub const START_SPREAD: f32 = 0.01;

/// What a kind of processor sounds like.
pub trait Definition: Telling {
    /// The name in reports and files.
    fn name(&self) -> &'static str;

    /// The letter of `--processors`.
    fn letter(&self) -> char;

    /// How it treats what enters it.
    fn nature(&self) -> Nature;

    /// The raw parameters, in the order in which they stand in a row.
    fn parameters(&self) -> &'static [Parameter];

    /// Length of a row of raw parameters, and of one of physical ones.
    fn row_len(&self) -> usize {
        self.parameters().iter().map(|p| p.len).sum()
    }

    /// The logit that the wet weight starts from. Mostly dry, so that the untrained console is nearly the plain sum:
    /// that is worth four times the steps of a start at 0.
    fn wet_start(&self) -> f32 {
        -2.0
    }

    /// The learning rate of the raw parameters.
    fn learning_rate(&self) -> f64 {
        2e-2
    }

    /// Weight of [`Processor::regulariser`] in the objective (MATH.md §0).
    fn regulariser_weight(&self) -> f32 {
        0.0
    }

    /// Samples at `rate` Hz before and after a moment that one output sample depends on: `(history, look-ahead)`.
    fn reach(&self, _rate: u32) -> (usize, usize) {
        (0, 0)
    }

    /// Makes one processor for windows of `samples` samples at `rate` Hz. Tables that all processors of a kind share live in
    /// `kit`.
    ///
    /// Physical parameters mean the same at every rate: they are on the grid of [`REFERENCE`](crate::clock::REFERENCE). What
    /// a processor makes of a signal that has nothing above 13 kHz is the same at every rate that has more than that.
    fn make(&self, samples: usize, rate: u32, kit: &Arc<Kit>) -> Box<dyn Processor>;

    /// The settings in units, from a row of physical parameters and the wet weight 0…1 (MATH.md §10).
    fn settings(&self, physical: &[f32], wet: f32) -> Settings;
}

/// One processor at work on windows of a fixed length: its filters and what backward needs from forward.
///
/// The dry/wet mix `y = wet·f(x) + (1 − wet)·x` (MATH.md §0) is part of every processor, so that kinds can fold it
/// into what they compute anyway.
pub trait Processor: Send + Sync {
    /// Takes physical parameters and the wet weight and draws the filters that depend on them.
    fn set(&mut self, physical: &[f32], wet: f32);

    /// `input` → `output`, both of the window's length, which lies in its song where `clock` says. Several windows may be
    /// rendered at the same time.
    fn render(&self, input: &Stereo, output: &mut Stereo, clock: Clock);

    /// The same as a gain, where the kind's nature is [`Nature::Gain`]; none elsewhere.
    fn as_gain(&self) -> Option<&dyn Gain> {
        None
    }

    /// The same as [`render`](Self::render), slower: keeps what backward needs and takes the regulariser.
    fn forward(&mut self, input: &Stereo, output: &mut Stereo, clock: Clock) {
        self.render(input, output, clock);
    }

    /// Turns `∂ℓ/∂output` into `∂ℓ/∂input` in place, adds `∂ℓ/∂physical` to `gradient` and returns `∂ℓ/∂wet`.
    ///
    /// `input` is the one of the last `forward`; ℓ includes `regulariser_weight` times the regulariser.
    fn backward(
        &mut self,
        input: &Stereo,
        grad: &mut Stereo,
        regulariser_weight: f32,
        gradient: &mut [f32],
    ) -> f32;

    /// Gives back the memory of what `backward` needs; the next `forward` takes it again.
    fn release(&mut self) {}

    /// This processor's regulariser (MATH.md §1, §6, §7) at the last `forward`.
    fn regulariser(&self) -> f64 {
        0.0
    }
}

/// A processor all of which is one gain for both channels.
pub trait Gain {
    /// The gain for each sample of `input`, linear, the dry part included: `input` times it is what
    /// [`render`](Processor::render) makes of `input`.
    fn gain(&self, input: &Stereo, gain: &mut [f32], clock: Clock);
}

/// The reference's maps, for golden vectors: both dynamics kinds have slopes twice as steep (MATH.md §10).
#[cfg(test)]
pub(crate) fn reference_map(kind: Kind, parameter: &Parameter) -> Map {
    match (kind, parameter.name) {
        (Kind::Compressor, "log_ratio") => Map::Times(&Map::Sigmoid, 2.0),
        (Kind::NoiseGate, "log_ratio") => Map::Times(&Map::Exp, 2.0),
        _ => parameter.map,
    }
}

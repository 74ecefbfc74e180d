//! How a kind is told: what reports, exports and the window loop over, so that none of them names a kind.
//!
//! A kind states its figures ([`Figure`]), from which [`Settings`] are made, written and read; it says in words what they
//! are ([`Telling::phrase`], [`Telling::clause`]), draws them as one of a few pictures ([`Picture`]), and names the device
//! of a DAW that can play its part ([`Device`]). All but the look has a default that a new kind can begin with.

mod device;
mod figure;
mod json;
mod picture;
mod settings;

pub use device::{Device, Dynamics, Fader};
pub use figure::{Cells, Column, Figure, Holds};
pub use picture::{Echo, Picture, Side, StaticCurve};
pub use settings::{Cell, Curve, Row, Settings, Value};

use crate::bands::Bands;
use crate::units::{self, percent};

use super::Response;

/// A processor that is less wet works in parallel.
const PARALLEL: f64 = 0.9;

/// How a kind is told.
pub trait Telling: Sync {
    /// What the kind is called and how it is coloured.
    fn look(&self) -> Look;

    /// What its settings consist of, in the order of `report.json`.
    fn figures(&self) -> &'static [Figure] {
        &[]
    }

    /// True if the settings state what is heard, the dry part included; false if they state what is set, so that the wet
    /// share has to be told beside them.
    fn states_what_is_heard(&self) -> bool {
        false
    }

    /// What a processor is set to, in words that can be dialled in, without its name: `3.1:1 above −24.3 dB`.
    fn phrase(&self, told: &Told) -> String {
        let numbers = told.settings.numbers_in_words();
        let wet = (!self.states_what_is_heard()).then(|| told.wet_share());
        let said = numbers.map(|(figure, text)| format!("{} {text}", figure.label));
        said.chain(wet).collect::<Vec<_>>().join(", ")
    }

    /// What an engineer would say of it; none where it does next to nothing.
    fn clause(&self, told: &Told) -> Option<String> {
        Some(format!("{} {}", self.look().short, self.phrase(told)))
    }

    /// A picture of its settings; none where there is nothing to draw.
    fn picture(&self, _settings: &Settings) -> Option<Picture> {
        None
    }

    /// The device of a DAW that can play its part.
    fn device(&self) -> Device {
        Device::Note
    }

    /// What it does to a steady level over frequency, where that can be told in the bands of an equaliser.
    fn tone(&self) -> Option<Tone> {
        None
    }

    /// True for a linear kind that lets one channel into the other, so that a pan pot before it is not one behind it.
    fn mixes_channels(&self) -> bool {
        false
    }
}

/// What a kind is called and how it is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// The name in headings: `Noise gate`.
    pub title: &'static str,
    /// The name before a phrase, one word: `gate`. In capitals the name in a box, in small letters that of a CSS class.
    pub short: &'static str,
    /// What it is called where it is spoken of: `gate`, `echoes`.
    pub noun: &'static str,
    /// `#rrggbb`, of one lightness for all kinds, so that none stands out by itself.
    pub colour: &'static str,
}

impl Look {
    /// The name in a box.
    pub fn label(&self) -> String {
        self.short.to_uppercase()
    }

    /// The name as a CSS class.
    pub fn class(&self) -> String {
        self.short.to_lowercase()
    }
}

/// What there is to tell of a processor.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// What it is set to.
    pub settings: &'a Settings,
    /// Dry/wet weight, 0…1.
    pub wet: f64,
    /// Its tone as bands, where they were fitted.
    pub bands: Option<&'a Bands>,
    /// The gain reduction that it reached, where that was measured.
    pub reduction: Option<Reduction>,
}

impl Told<'_> {
    /// `60 % wet`.
    pub fn wet_share(&self) -> String {
        format!("{} wet", percent(self.wet))
    }

    /// ` (60 % in parallel)` where the dry part is heard beside the wet one; else nothing.
    pub fn in_parallel(&self) -> String {
        if self.wet < PARALLEL { format!(" ({} in parallel)", percent(self.wet)) } else { String::new() }
    }

    /// The gain reduction where it was measured, median and maximum: `, GR 2.3 dB (max 7.5 dB)`.
    pub fn reached(&self) -> String {
        let Some(Reduction { median_db, max_db }) = self.reduction else { return String::new() };
        format!(", GR {} (max {})", units::db(median_db), units::db(max_db))
    }
}

/// Gain reduction as it was heard, the dry part included, while there was a signal.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Reduction {
    /// dB; 0 or more.
    pub median_db: f64,
    /// dB; 0 or more.
    pub max_db: f64,
}

/// What a kind does to a steady level over frequency, from a row of physical parameters and the wet weight 0…1.
#[derive(Clone, Copy, Debug)]
pub enum Tone {
    /// The response of the dry/wet mix, dB.
    Filter(fn(&[f32], f32) -> Response),
    /// The energy of the wet path, which adds to the dry signal's, dB against its mean.
    Colour(fn(&[f32], f32) -> Response),
}

#[cfg(test)]
pub(super) mod testing;
#[cfg(test)]
mod tests;

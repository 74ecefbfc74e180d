//! How the seven kinds look in pictures and pages.

use crate::findings::Report;
use crate::processors::Kind;

/// The kinds that the search began with, in the order of its console; those of another graph come last.
pub fn console_kinds(report: &Report) -> Vec<Kind> {
    let letters = &report.settings.processors;
    let console = report.settings.console.kinds();
    let others = Kind::ALL.into_iter().filter(|kind| !console.contains(kind));
    let all = console.iter().copied().chain(others);
    all.filter(|kind| letters.contains(kind.letter())).collect()
}

/// What a kind is called and how it is coloured.
pub struct Look {
    /// The name in headings.
    pub title: &'static str,
    /// The name in a box.
    pub label: &'static str,
    /// The name as a CSS class.
    pub class: &'static str,
    /// `#rrggbb`, of one lightness for all kinds, so that none stands out by itself.
    pub colour: &'static str,
}

/// The look of a kind.
pub fn of(kind: Kind) -> Look {
    let (title, label, class, colour) = match kind {
        Kind::Equalizer => ("Equaliser", "EQ", "eq", "#3f7fd0"),
        Kind::Compressor => ("Compressor", "COMP", "comp", "#d0693c"),
        Kind::NoiseGate => ("Noise gate", "GATE", "gate", "#a8862a"),
        Kind::StereoImager => ("Stereo imager", "WIDTH", "width", "#2d9488"),
        Kind::GainPan => ("Gain and pan", "GAIN", "gain", "#6f8a2f"),
        Kind::MultitapDelay => ("Multitap delay", "DELAY", "delay", "#b45a9c"),
        Kind::Reverb => ("Reverb", "REVERB", "reverb", "#7d68c9"),
    };
    Look { title, label, class, colour }
}

//! Settings in words, for the tests of kinds.

use super::{Settings, Told};

fn told(settings: &Settings, wet: f64) -> Told<'_> {
    Told { settings, wet, bands: None, reduction: None }
}

/// The phrase of a processor of which nothing was measured.
pub fn phrase(settings: &Settings, wet: f64) -> String {
    settings.kind().definition().phrase(&told(settings, wet))
}

/// The clause of a processor of which nothing was measured.
pub fn clause(settings: &Settings, wet: f64) -> Option<String> {
    settings.kind().definition().clause(&told(settings, wet))
}

//! Which of two shelves that sound the same to name.

use super::band::{Band, Bands, Shape};

/// The middle of what is heard, Hz.
const MIDDLE: f64 = 600.0;
/// How odd it is that a shelf reaches an octave beyond the middle, in dB of level.
const ODD_PER_OCTAVE: f64 = 1.5;

/// A low shelf is a high shelf of the opposite gain at another level. Takes of each two the one that an engineer would
/// dial in: shelves that reach from an end to the middle at most, and little level besides.
pub fn turn(bands: &mut Bands) {
    let shelves: Vec<usize> = (0..bands.bands.len()).filter(|&i| turned(&bands.bands[i]).is_some()).collect();
    let choices = (0..1usize << shelves.len()).map(|choice| {
        let mut choice_of = bands.clone();
        let chosen = shelves.iter().enumerate().filter(|(bit, _)| choice >> bit & 1 == 1);
        for (_, &i) in chosen {
            if let Some(other) = turned(&bands.bands[i]) {
                choice_of.bands_level_db += bands.bands[i].db;
                choice_of.bands[i] = other;
            }
        }
        choice_of
    });
    if let Some(best) = choices.min_by(|a, b| oddness(a).total_cmp(&oddness(b))) {
        *bands = best;
    }
}

/// The other shelf; none if a band is no shelf.
fn turned(band: &Band) -> Option<Band> {
    let shape = match band.shape {
        Shape::LowShelf => Shape::HighShelf,
        Shape::HighShelf => Shape::LowShelf,
        Shape::HighPass | Shape::Bell | Shape::LowPass => return None,
    };
    Some(Band { shape, db: -band.db, ..*band })
}

/// How odd a set would look on a desk, dB.
fn oddness(bands: &Bands) -> f64 {
    let beyond = |band: &Band| match band.shape {
        Shape::LowShelf => (band.hz / MIDDLE).log2().max(0.0),
        Shape::HighShelf => (MIDDLE / band.hz).log2().max(0.0),
        Shape::HighPass | Shape::Bell | Shape::LowPass => 0.0,
    };
    bands.bands_level_db.abs() + ODD_PER_OCTAVE * bands.bands.iter().map(beyond).sum::<f64>()
}

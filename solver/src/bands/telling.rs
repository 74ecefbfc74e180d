//! Bands in words.

use super::{Band, Bands, Shape};
use crate::units::spoken::{self, NEGLIGIBLE_DB};
use crate::units::{fixed, hertz, signed_db};

impl Shape {
    /// What a band is called on a desk.
    pub fn title(self) -> &'static str {
        match self {
            Shape::HighPass => "high-pass",
            Shape::LowShelf => "low shelf",
            Shape::Bell => "bell",
            Shape::HighShelf => "high shelf",
            Shape::LowPass => "low-pass",
        }
    }
}

/// What is to be dialled in: `high-pass 41 Hz, −3.2 dB @ 312 Hz Q 1.1, level −1.5 dB`.
pub fn phrase(bands: &Bands) -> String {
    let mut parts: Vec<String> = bands.bands.iter().map(dialled).collect();
    if parts.is_empty() {
        parts.push("flat".into());
    }
    if bands.bands_level_db.abs() >= NEGLIGIBLE_DB {
        parts.push(format!("level {}", signed_db(bands.bands_level_db)));
    }
    parts.join(", ")
}

/// `low shelf +2.0 dB @ 120 Hz`.
fn dialled(&Band { shape, hz, db, q }: &Band) -> String {
    let (name, at) = (shape.title(), hertz(hz));
    match shape {
        Shape::HighPass | Shape::LowPass => format!("{name} {at}"),
        Shape::LowShelf | Shape::HighShelf => format!("{name} {} @ {at}", signed_db(db)),
        Shape::Bell => format!("{} @ {at} Q {}", signed_db(db), fixed(q, 1)),
    }
}

/// What an engineer would say of them: `high-pass 110 Hz, −3 dB at 310 Hz`; none if they do next to nothing.
pub fn clause(Bands { bands, bands_level_db, .. }: &Bands) -> Option<String> {
    let mut said: Vec<String> = bands.iter().filter_map(said).collect();
    if bands_level_db.abs() >= NEGLIGIBLE_DB {
        said.push(format!("{} overall", spoken::gain(*bands_level_db)));
    }
    (!said.is_empty()).then(|| said.join(", "))
}

fn said(&Band { shape, hz, db, .. }: &Band) -> Option<String> {
    let at = spoken::frequency(hz);
    let moves = db.abs() >= NEGLIGIBLE_DB;
    match shape {
        Shape::HighPass => Some(format!("high-pass {at}")),
        Shape::LowPass => Some(format!("low-pass {at}")),
        Shape::LowShelf => moves.then(|| format!("{} below {at}", spoken::gain(db))),
        Shape::HighShelf => moves.then(|| format!("{} above {at}", spoken::gain(db))),
        Shape::Bell => moves.then(|| format!("{} at {at}", spoken::gain(db))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bands(level: f64) -> Bands {
        let band = |shape, hz, db| Band { shape, hz, db, q: 1.13 };
        let bands = vec![
            band(Shape::HighPass, 41.0, 0.0),
            band(Shape::Bell, 312.4, -3.02),
            band(Shape::HighShelf, 6300.0, 0.2),
        ];
        Bands { bands, bands_level_db: level, bands_residual_db: 0.3 }
    }

    #[test]
    fn bands_are_told_as_they_are_dialled_in() {
        let told = "high-pass 41 Hz, −3.0 dB @ 312 Hz Q 1.1, high shelf +0.2 dB @ 6.3 kHz";
        assert_eq!(phrase(&bands(0.1)), told);
        assert_eq!(phrase(&bands(-1.5)), format!("{told}, level −1.5 dB"));
        assert_eq!(phrase(&Bands::default()), "flat");
    }

    #[test]
    fn what_moves_next_to_nothing_is_not_said() {
        assert_eq!(clause(&bands(0.1)).unwrap(), "high-pass 41 Hz, −3 dB at 310 Hz");
        assert_eq!(clause(&bands(-1.5)).unwrap(), "high-pass 41 Hz, −3 dB at 310 Hz, −1.5 dB overall");
        assert_eq!(clause(&Bands::default()), None);
    }
}

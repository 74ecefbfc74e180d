//! The pictures that settings are drawn as, by page and window alike.

use super::{Curve, Fader};

/// What is to be drawn of a processor's settings.
#[derive(Clone, Debug, PartialEq)]
pub enum Picture {
    /// Level in dB over frequency in Hz.
    Response(Curve),
    /// Level out over level in.
    Static(StaticCurve),
    /// Echoes over time.
    Echoes(Vec<Echo>),
    /// How long a sound lasts.
    Decay {
        /// Time to −60 dB, overall, s.
        overall_s: f64,
        /// The same in s over frequency in Hz.
        by_frequency: Curve,
    },
    /// Gain of the side signal, linear: 0 is mono, 1 leaves the signal as it is.
    Width(f64),
    /// A fader and a pan pot.
    Fader(Fader),
}

/// What a gain that follows its input does to a steady level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StaticCurve {
    /// Where it begins, dB.
    pub threshold_db: f64,
    /// Whole width of the soft knee, dB.
    pub knee_db: f64,
    /// dB that are taken off for each dB beyond the threshold; 0 or more.
    pub slope: f64,
    /// On which side of the threshold it works.
    pub side: Side,
}

/// A side of a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Louder than it.
    Above,
    /// Quieter than it.
    Below,
}

/// One echo.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Echo {
    /// True if it comes from the right, false if from the left.
    pub is_right: bool,
    /// When, ms.
    pub time_ms: f64,
    /// Level, dB.
    pub gain_db: f64,
}

impl StaticCurve {
    /// The gain that a steady level meets, both in dB.
    pub fn gain_db(&self, level_db: f64) -> f64 {
        let over = match self.side {
            Side::Above => level_db - self.threshold_db,
            Side::Below => self.threshold_db - level_db,
        };
        -self.slope * knee(over, self.knee_db)
    }
}

/// How far beyond the threshold a level counts, dB, by the quadratic knee of MATH.md §2.
fn knee(over: f64, width: f64) -> f64 {
    let half = width / 2.0;
    if over >= half {
        over
    } else if over <= -half {
        0.0
    } else {
        (over + half).powi(2) / (4.0 * half)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_knee_joins_both_sides_without_a_step() {
        for width in [0.0, 6.0] {
            assert_eq!(knee(-3.1, width), 0.0);
            assert!((knee(3.0, width) - 3.0).abs() < 1e-12);
        }
        assert!((knee(0.0, 6.0) - 0.75).abs() < 1e-12);
    }
}

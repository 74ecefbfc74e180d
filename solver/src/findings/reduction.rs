//! How far a compressor or a gate turned the song down.

use crate::engine::Dynamics;
use crate::processors::Reduction;

/// There is a signal where more than this enters, as mean square: −60 dBFS RMS.
const SIGNAL: f32 = 1e-6;

/// The widest reduction, 120 dB, as energy: a gate may close altogether.
const WIDEST: f64 = 1e12;

/// The gain reduction that a compressor or a gate reached, as a meter of 10 ms shows it: from the
/// energy that entered it to the energy that left it, while a signal above −60 dBFS entered. Both numbers are 0 if none did.
pub fn reduction(dynamics: &Dynamics) -> Reduction {
    let levels = dynamics.entering.iter().zip(&dynamics.leaving);
    let mut reductions: Vec<f64> = levels
        .filter(|(entering, _)| **entering > SIGNAL)
        .map(|(&entering, &leaving)| 10.0 * (entering as f64 / leaving as f64).clamp(1.0, WIDEST).log10())
        .collect();
    reductions.sort_by(f64::total_cmp);
    let at = |index: usize| reductions.get(index).copied().unwrap_or_default();
    Reduction { median_db: at(reductions.len() / 2), max_db: at(reductions.len().saturating_sub(1)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By frame: the level that enters, dBFS, and the gain, dB.
    fn reduced(frames: &[(f32, f32)]) -> Reduction {
        let energy = |db: f32| 10f32.powf(db / 10.0);
        reduction(&Dynamics {
            entering: frames.iter().map(|(level, _)| energy(*level)).collect(),
            leaving: frames.iter().map(|(level, gain)| energy(level + gain)).collect(),
            ..Dynamics::default()
        })
    }

    #[track_caller]
    fn assert_reduced(frames: &[(f32, f32)], median_db: f64, max_db: f64) {
        let found = reduced(frames);
        let off = (found.median_db - median_db).abs().max((found.max_db - max_db).abs());
        assert!(off < 1e-3, "{found:?}");
    }

    #[test]
    fn the_median_and_the_most_are_of_the_time_in_which_there_is_a_signal() {
        assert_reduced(
            &[(-10.0, -6.0), (-20.0, -3.0), (-15.0, -4.0), (-90.0, -50.0), (-70.0, 0.0)],
            4.0,
            6.0,
        );
    }

    #[test]
    fn a_gate_that_closes_altogether_reduces_by_120_decibels() {
        assert_reduced(&[(-20.0, f32::NEG_INFINITY), (-20.0, 0.0)], 120.0, 120.0);
    }

    #[test]
    fn nothing_is_reduced_where_there_is_no_signal() {
        assert_reduced(&[], 0.0, 0.0);
        assert_reduced(&[(-61.0, -20.0)], 0.0, 0.0);
    }
}

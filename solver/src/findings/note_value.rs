//! Delays as note values.

/// Note values that a delay is set to, in quarter notes, the commonest first.
const NOTES: [(f64, &str); 13] = [
    (1.0, "1/4"),
    (0.5, "1/8"),
    (0.25, "1/16"),
    (0.75, "1/8 dotted"),
    (1.5, "1/4 dotted"),
    (2.0, "1/2"),
    (4.0, "1/1"),
    (3.0, "1/2 dotted"),
    (1.0 / 3.0, "1/8 triplet"),
    (2.0 / 3.0, "1/4 triplet"),
    (1.0 / 6.0, "1/16 triplet"),
    (0.375, "1/16 dotted"),
    (0.125, "1/32"),
];

/// How far a delay may be from a note, as a share of it.
const NEAR: f64 = 0.02;

/// The note that lasts `time_ms` at `bpm` quarter notes a minute, such as `1/8 dotted`; none if no note is within 2 %.
pub fn of(time_ms: f64, bpm: f64) -> Option<&'static str> {
    let quarters = time_ms * bpm / 60_000.0;
    let off = |note: f64| (quarters / note - 1.0).abs();
    let near = NOTES.iter().filter(|(note, _)| off(*note) <= NEAR);
    near.min_by(|a, b| off(a.0).total_cmp(&off(b.0))).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_the_note_that_it_lasts() {
        assert_eq!(of(500.0, 120.0), Some("1/4"));
        assert_eq!(of(375.3, 120.0), Some("1/8 dotted"));
        assert_eq!(of(166.7, 120.0), Some("1/8 triplet"));
        assert_eq!(of(1000.0, 60.0), Some("1/4"));
    }

    #[test]
    fn a_delay_between_notes_is_none() {
        assert_eq!(of(440.0, 120.0), None);
        assert_eq!(of(3.2, 120.0), None);
        assert_eq!(of(0.0, 120.0), None);
    }
}

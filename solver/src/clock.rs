//! Time in a song: how many samples a duration has, and where in its song a window lies.

/// The rate, Hz, on whose grid physical parameters are: bins, taps and coefficients per sample are those at this rate,
/// whatever rate a song is worked on at.
pub const REFERENCE: u32 = 30_000;

/// Samples in `seconds` at `rate` Hz, to the nearest.
pub fn samples(seconds: f64, rate: u32) -> usize {
    (seconds * f64::from(rate)).round() as usize
}

/// The power of two that is, as a frame of samples at `rate` Hz, nearest in duration to one of `reference` samples at
/// [`REFERENCE`].
pub fn frame(reference: usize, rate: u32) -> usize {
    let wanted = reference as f64 * f64::from(rate) / f64::from(REFERENCE);
    1 << wanted.log2().round().max(1.0) as u32
}

/// Where in its song a window lies that is being rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Sample rate of the song, Hz.
    pub rate: u32,
    /// The song's sample that the window begins with.
    pub start: usize,
}

impl Clock {
    /// The time in the song of the window's sample `sample`, s.
    pub fn seconds(self, sample: usize) -> f64 {
        (self.start + sample) as f64 / f64::from(self.rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_the_nearest_number_of_samples() {
        assert_eq!([8_000, 30_000, 44_100, 192_000].map(|rate| samples(0.01, rate)), [80, 300, 441, 1920]);
        assert_eq!(samples(3.8, 30_000), 114_000);
        assert_eq!(samples(0.01, 22_050), 221);
    }

    #[test]
    fn frames_last_as_long_as_powers_of_two_can() {
        for (rate, wanted) in [(8_000, 256), (22_050, 1024), (30_000, 1024), (44_100, 2048), (192_000, 8192)]
        {
            assert_eq!(frame(1024, rate), wanted, "{rate} Hz");
        }
    }

    #[test]
    fn a_window_tells_the_time_of_its_song() {
        let clock = Clock { rate: 44_100, start: 44_100 };
        assert_eq!((clock.seconds(0), clock.seconds(22_050)), (1.0, 1.5));
    }
}

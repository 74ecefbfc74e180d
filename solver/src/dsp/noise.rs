//! Uniform noise that is the same on every machine and in every run.

use rand_mt::Mt;

/// `samples` values −1 ..< 1 of each of two channels, one after the other: numpy's
/// `RandomState(0).uniform(size=(2, samples))·2 − 1`.
pub fn uniform_noise(samples: usize) -> [Vec<f32>; 2] {
    let mut generator = Mt::new(0);
    let mut next = move || {
        // A double from 27 and 26 random bits.
        let high = (generator.next_u32() >> 5) as f64;
        let low = (generator.next_u32() >> 6) as f64;
        let unit = (high * 67_108_864.0 + low) / 9_007_199_254_740_992.0;
        (unit * 2.0 - 1.0) as f32
    };
    let mut channel = || (0..samples).map(|_| next()).collect();
    [channel(), channel()]
}

#[cfg(test)]
mod tests {
    use super::uniform_noise;
    use crate::golden::Golden;

    #[test]
    fn noise_is_the_golden_reverbs_to_the_bit() {
        assert_eq!(uniform_noise(60_000).concat(), Golden::open("reverb").f32("noise"));
    }
}

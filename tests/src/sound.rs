//! What the tests of the plugin play: noise that is different on every bus, channel and sample, so that whatever is
//! swapped, late, scaled or missing shows.

/// The sample at `frame` of a bus (0 is the mix) and channel, within ±0.5.
pub fn noise(bus: usize, channel: usize, frame: i64) -> f32 {
    // SplitMix64's mixing of bits.
    let mut bits = (frame as u64) ^ ((2 * bus + channel + 1) as u64) << 48;
    bits = bits.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    // All of a float's 24 bits.
    ((bits >> 40) as f32) / (1 << 24) as f32 - 0.5
}

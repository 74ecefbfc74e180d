//! What a block sounds like.

/// Larger samples (+120 dBFS) are no audio, and the solver refuses files that have them.
const LOUDEST: f32 = 1e6;

/// What one pass over a block tells of it, in integers: as floats, magnitudes are ordered as their bits are, infinities
/// and what is not a number above all others.
pub struct Heard {
    /// All bits that are set anywhere.
    bits: u32,
    /// Bits of the highest magnitude.
    peak: u32,
}

impl Heard {
    /// Of a block of a bus.
    pub fn of(left: &[f32], right: &[f32]) -> Self {
        let mut heard = (0u32, 0i32);
        for samples in [left, right] {
            heard = samples.iter().fold(heard, |(bits, peak), sample| {
                (bits | sample.to_bits(), peak.max(sample.abs().to_bits() as i32))
            });
        }
        Self { bits: heard.0, peak: heard.1 as u32 }
    }

    /// Whether a hole in a file would read the same.
    pub fn is_blank(&self) -> bool {
        self.bits == 0
    }

    /// Whether all of it can be a sound.
    pub fn is_audio(&self) -> bool {
        self.peak <= LOUDEST.to_bits()
    }

    /// The highest magnitude, if all of it [`is audio`](Self::is_audio).
    pub fn peak(&self) -> f32 {
        f32::from_bits(self.peak)
    }
}

/// Replaces what is no audio by silence and counts it.
pub fn refuse(samples: &mut [f32]) -> u64 {
    let mut refused = 0;
    for sample in samples.iter_mut().filter(|sample| sample.abs().to_bits() > LOUDEST.to_bits()) {
        *sample = 0.0;
        refused += 1;
    }
    refused
}

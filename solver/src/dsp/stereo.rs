//! Two channels of samples.

/// A stereo signal: left and right, of one length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stereo {
    /// Samples of the left (0) and the right (1) channel.
    pub channels: [Vec<f32>; 2],
}

impl Stereo {
    /// Two channels of zeros.
    pub fn silence(samples: usize) -> Self {
        Self { channels: [vec![0.0; samples], vec![0.0; samples]] }
    }

    /// Samples per channel.
    pub fn len(&self) -> usize {
        self.channels[0].len()
    }

    /// True where there is no sample.
    pub fn is_empty(&self) -> bool {
        self.channels[0].is_empty()
    }

    /// Becomes `other`; both have the same length.
    pub fn copy_from(&mut self, other: &Self) {
        for (to, from) in self.channels.iter_mut().zip(&other.channels) {
            to.copy_from_slice(from);
        }
    }

    /// Adds `other` sample by sample; both have the same length.
    pub fn add(&mut self, other: &Self) {
        for (to, from) in self.channels.iter_mut().zip(&other.channels) {
            to.iter_mut().zip(from).for_each(|(t, f)| *t += f);
        }
    }

    /// The first `samples` samples; all of them if there are fewer.
    pub fn head(&self, samples: usize) -> Self {
        Self { channels: self.channels.each_ref().map(|c| c[..samples.min(c.len())].to_vec()) }
    }

    /// Samples `start .. start + into.len()` of this signal, zero outside it.
    pub fn copy_window(&self, start: usize, into: &mut Self) {
        for (to, from) in into.channels.iter_mut().zip(&self.channels) {
            let from = from.get(start..).unwrap_or_default();
            let n = from.len().min(to.len());
            to[..n].copy_from_slice(&from[..n]);
            to[n..].fill(0.0);
        }
    }
}

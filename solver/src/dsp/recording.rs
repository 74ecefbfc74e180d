//! Stereo audio that is read, not worked on.

use super::Stereo;

/// A stereo signal whose channels are held once where they are the same, as those of a mono file are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recording {
    left: Vec<f32>,
    /// None where it is the left one again.
    right: Option<Vec<f32>>,
}

impl From<Stereo> for Recording {
    fn from(Stereo { channels: [left, right] }: Stereo) -> Self {
        let same = left == right;
        Self { left, right: (!same).then_some(right) }
    }
}

impl Recording {
    /// Left and right.
    pub fn channels(&self) -> [&[f32]; 2] {
        [&self.left, self.right.as_ref().unwrap_or(&self.left)]
    }

    /// Samples per channel.
    pub fn len(&self) -> usize {
        self.left.len()
    }

    /// True where there is no sample.
    pub fn is_empty(&self) -> bool {
        self.left.is_empty()
    }

    /// Samples `start .. start + into.len()`, zero outside of the signal.
    pub fn copy_window(&self, start: usize, into: &mut Stereo) {
        for (to, from) in into.channels.iter_mut().zip(self.channels()) {
            let from = from.get(start..).unwrap_or_default();
            let n = from.len().min(to.len());
            to[..n].copy_from_slice(&from[..n]);
            to[n..].fill(0.0);
        }
    }

    /// A copy with both channels.
    pub fn stereo(&self) -> Stereo {
        Stereo { channels: self.channels().map(<[f32]>::to_vec) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::testing::noise;

    #[test]
    fn what_is_recorded_comes_back_and_channels_that_are_the_same_are_held_once() {
        for seeds in [[1, 2], [1, 1]] {
            let audio = Stereo { channels: seeds.map(|seed| noise(1000, seed)) };
            let recording = Recording::from(audio.clone());
            assert_eq!(recording.stereo(), audio);
            assert_eq!(recording.right.is_none(), seeds[0] == seeds[1]);
            for start in [0, 300, 990, 2000] {
                let [mut found, mut wanted] =
                    [(); 2].map(|()| Stereo { channels: [(); 2].map(|()| vec![9.0; 100]) });
                recording.copy_window(start, &mut found);
                audio.copy_window(start, &mut wanted);
                assert_eq!(found, wanted);
            }
        }
    }
}

//! What can be said of a processor's output from parts of its input.

/// How a kind treats what enters it, and so whether several stems that pass it together can be told apart behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Nature {
    /// A sum of signals gives the sum of what each gives alone.
    Linear,
    /// Both channels are multiplied by one gain that follows the input ([`Gain`](super::Gain)): at any moment what passes is
    /// scaled, whatever it is the sum of.
    Gain,
    /// Neither: what a part of the input becomes depends on all the rest of it.
    Opaque,
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clock::REFERENCE;
    use crate::dsp::Stereo;
    use crate::dsp::testing::{noise, wave};
    use crate::processors::testing::{BEGIN, physical, render};
    use crate::processors::{Kind, Kit, Processor};

    const SAMPLES: usize = 5000;

    /// A processor that does something, half wet.
    fn processor(kind: Kind) -> Box<dyn Processor> {
        let raw = match kind {
            Kind::Compressor => vec![0.0, 1.0, 0.0, 3.0],
            Kind::NoiseGate => vec![6.0, -0.5, 1.0, 3.0],
            _ => noise(kind.definition().row_len(), 3),
        };
        let mut processor = kind.definition().make(SAMPLES, REFERENCE, &Arc::new(Kit::default()));
        processor.set(&physical(kind, &raw), 0.5);
        processor
    }

    /// The largest difference from `f(a) + f(b)` to `f(a + b)`.
    fn apart(kind: Kind) -> f32 {
        let mut processor = processor(kind);
        let (a, b) = (wave(SAMPLES, 0.3), wave(SAMPLES, 0.011));
        let mut both = a.clone();
        both.add(&b);
        let [mut sum, b, both] = [&a, &b, &both].map(|input| render(&mut *processor, input, false));
        sum.add(&b);
        let pairs = sum.channels.iter().flatten().zip(both.channels.iter().flatten());
        pairs.fold(0.0, |most, (sum, both)| most.max((sum - both).abs()))
    }

    #[test]
    fn what_is_linear_adds_up_and_nothing_else_does() {
        for kind in Kind::ALL {
            let is_linear = kind.definition().nature() == Nature::Linear;
            let apart = apart(kind);
            assert!(if is_linear { apart < 1e-4 } else { apart > 1e-2 }, "{kind}: {apart}");
        }
    }

    #[test]
    fn a_gain_is_one_factor_for_both_channels() {
        for kind in Kind::ALL {
            let (mut processor, input) = (processor(kind), wave(SAMPLES, 0.3));
            let is_gain = kind.definition().nature() == Nature::Gain;
            assert_eq!(processor.as_gain().is_some(), is_gain, "{kind}");
            let Some(kernel) = processor.as_gain() else { continue };
            let mut gain = vec![f32::NAN; SAMPLES];
            kernel.gain(&input, &mut gain, BEGIN);
            let output: Stereo = render(&mut *processor, &input, false);
            for (y, x) in output.channels.iter().zip(&input.channels) {
                assert!(y.iter().zip(x).zip(&gain).all(|((y, x), g)| *y == x * g), "{kind}");
            }
        }
    }
}

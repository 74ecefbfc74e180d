//! Delays and reverbs as impulse responses, for convolution effects.

use std::path::Path;
use std::sync::Arc;

use super::mixer::Mixer;
use super::{Error, Found};
use crate::dsp::Stereo;
use crate::processors::{Kind, Kit};
use crate::report::wav;
use crate::session::resample::resample;
use crate::stop::Until;

/// The longest response of all kinds, samples at the engine's rate.
const LONGEST: usize = 60_000;

/// What is farther below the peak at the end is cut off, dB.
const TAIL_DB: f32 = 90.0;

/// What a processor answers to an impulse in both channels, all wet, at the engine's rate; without the silence at its end.
pub fn impulse(kind: Kind, physical: &[f32]) -> Stereo {
    let mut processor = kind.definition().make(LONGEST, &Arc::new(Kit::default()));
    processor.set(physical, 1.0);
    let (mut input, mut response) = (Stereo::silence(LONGEST), Stereo::silence(LONGEST));
    input.channels.iter_mut().for_each(|channel| channel[0] = 1.0);
    processor.render(&input, &mut response);
    let peak = response.channels.iter().flatten().fold(0.0f32, |peak, v| peak.max(v.abs()));
    let floor = peak * 10f32.powf(-TAIL_DB / 20.0);
    let ends = response.channels.iter().filter_map(|c| c.iter().rposition(|v| v.abs() > floor));
    response.head(ends.max().unwrap_or(0) + 1)
}

/// Writes every impulse response of a result into `folder`, at the session's rate and as loud there as in the engine.
/// Makes the folder only if there are some.
///
/// # Errors
/// If the system refuses, or once `until` is over.
pub fn write(found: &Found, mixer: &Mixer, folder: &Path, until: Until<'_>) -> Result<(), Error> {
    let (from, to) = (found.report.settings.rate, found.report.session.sample_rate);
    for (i, channel) in mixer.channels.iter().enumerate() {
        for (&place, file) in &channel.impulses {
            until.check()?;
            super::place::folder(folder)?;
            let response = impulse(channel.strip.chain[place].kind(), found.physical(i, place));
            wav::write(&folder.join(file), &at_rate(response, from, to, until)?, to, until)?;
        }
    }
    Ok(())
}

/// A response at another rate: with more samples in a second, each counts for less.
fn at_rate(response: Stereo, from: u32, to: u32, until: Until<'_>) -> Result<Stereo, Error> {
    let mut response = resample(response, from, to, until)?;
    let scale = (f64::from(from) / f64::from(to)) as f32;
    response.channels.iter_mut().flatten().for_each(|v| *v *= scale);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gains_answer_with_themselves_and_nothing_more() {
        let answer = impulse(Kind::GainPan, &[0.5, 2.0]);
        assert_eq!(answer.channels, [vec![0.5], vec![2.0]]);
        assert_eq!(impulse(Kind::GainPan, &[0.0, 0.0]).len(), 1);
    }

    #[test]
    fn a_response_is_as_loud_at_every_rate() {
        let mut response = Stereo::silence(3_000);
        response.channels[0][1_000..1_200].fill(0.01);
        let sum = |audio: &Stereo| audio.channels[0].iter().map(|&v| f64::from(v)).sum::<f64>();
        for to in [44_100, 48_000, 96_000] {
            let found = at_rate(response.clone(), 30_000, to, Until::DONE).unwrap();
            assert!((sum(&found) - 2.0).abs() < 1e-3, "{to} Hz: {}", sum(&found));
        }
    }
}

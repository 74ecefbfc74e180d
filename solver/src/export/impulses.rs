//! Delays and reverbs as impulse responses, for convolution effects.

use std::path::Path;

use super::Error;
use super::mixer::Mixer;
use crate::dsp::Stereo;
use crate::engine::impulse_response;
use crate::result::wav;
use crate::result::{Found, put};
use crate::session::resample::resample;
use crate::stop::Until;

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
            put::folder(folder)?;
            let kind = channel.strip.chain[place].kind();
            let response = impulse_response(kind, found.physical(i, place), from);
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

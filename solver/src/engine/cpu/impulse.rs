//! What a delay or a reverb answers to a click.

use std::sync::Arc;

use crate::clock::Clock;
use crate::dsp::Stereo;
use crate::processors::{Kind, Kit, Nature};

/// What stays this far below an impulse response's peak at its end is cut off: −90 dB, linear.
const SILENT: f32 = 3.162_277_6e-5;

/// The impulse response at `rate` Hz of a delay's or a reverb's wet path from a row of physical parameters: the left channel's and
/// the right one's, which do not feed each other. As long as the kind remembers (2 s), less what is 90 dB
/// below the peak at its end.
///
/// A processor of the wet weight `w` adds `w` times this to `1 − w` times what enters it.
///
/// # Panics
/// If the kind is not linear: no response says what it does.
pub fn impulse_response(kind: Kind, physical: &[f32], rate: u32) -> Stereo {
    let definition = kind.definition();
    assert_eq!(definition.nature(), Nature::Linear, "{kind} has no impulse response");
    let samples = definition.reach(rate).0 + 1;
    let mut processor = definition.make(samples, rate, &Arc::new(Kit::default()));
    processor.set(physical, 1.0);
    let mut click = Stereo::silence(samples);
    click.channels.iter_mut().for_each(|c| c[0] = 1.0);
    let mut response = Stereo::silence(samples);
    processor.render(&click, &mut response, Clock { rate, start: 0 });
    let peak = response.channels.iter().flatten().fold(0.0f32, |peak, v| peak.max(v.abs()));
    let sounds = |v: &f32| v.abs() > SILENT * peak;
    let ends = response.channels.each_ref().map(|c| c.iter().rposition(sounds).map_or(0, |last| last + 1));
    response.head(ends[0].max(ends[1]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::testing::noise;
    use crate::golden::assert_close;
    use crate::processors::testing::physical;

    const RATE: u32 = 30_000;

    /// Any parameters.
    fn row(kind: Kind) -> Vec<f32> {
        physical(kind, &noise(kind.definition().row_len(), 5))
    }

    #[test]
    fn the_response_to_any_clicks_is_the_sum_of_the_responses_to_each() {
        const SAMPLES: usize = 70_000;
        for kind in [Kind::MultitapDelay, Kind::Reverb] {
            let (row, wet) = (row(kind), 0.3);
            let response = impulse_response(kind, &row, RATE);
            let mut processor = kind.definition().make(SAMPLES, RATE, &Arc::new(Kit::default()));
            processor.set(&row, wet);
            let clicks = [(0, 1.0), (777, -0.5), (30_000, 2.0)];
            let (mut input, mut wanted) = (Stereo::silence(SAMPLES), Stereo::silence(SAMPLES));
            for c in 0..2 {
                for (at, level) in clicks {
                    input.channels[c][at] = level;
                    wanted.channels[c][at] += (1.0 - wet) * level;
                    let echo = wanted.channels[c][at..].iter_mut().zip(&response.channels[c]);
                    echo.for_each(|(w, r)| *w += wet * level * r);
                }
            }
            let mut found = Stereo::silence(SAMPLES);
            processor.render(&input, &mut found, Clock { rate: RATE, start: 0 });
            assert_close(kind.name(), &found.channels.concat(), &wanted.channels.concat(), 1e-4);
        }
    }

    #[test]
    fn a_click_on_the_left_is_answered_on_the_left_alone() {
        for kind in [Kind::MultitapDelay, Kind::Reverb] {
            let row = row(kind);
            let response = impulse_response(kind, &row, RATE);
            let samples = response.len();
            let mut processor = kind.definition().make(samples, RATE, &Arc::new(Kit::default()));
            processor.set(&row, 1.0);
            let (mut click, mut found) = (Stereo::silence(samples), Stereo::silence(samples));
            click.channels[0][0] = 1.0;
            processor.render(&click, &mut found, Clock { rate: RATE, start: 0 });
            let [left, right] = &found.channels;
            assert_close(kind.name(), left, &response.channels[0], 1e-4);
            assert!(right.iter().all(|v| *v == 0.0), "{kind}");
        }
    }

    #[test]
    fn a_response_ends_with_its_sound() {
        // The reverberation falls by softplus(3)/8 nepers a frame of 192 samples: 90 dB in 27 frames.
        let kind = Kind::Reverb;
        let len = kind.definition().row_len();
        let raw: Vec<f32> = (0..len).map(|i| if i < len / 2 { 0.0 } else { 3.0 }).collect();
        let response = impulse_response(kind, &physical(kind, &raw), RATE);
        let peak = response.channels.iter().flatten().fold(0.0f32, |peak, v| peak.max(v.abs()));
        let last = response.channels.each_ref().map(|c| c[c.len() - 1].abs());
        assert!(last[0].max(last[1]) > SILENT * peak);
        assert!((20 * 192..32 * 192).contains(&response.len()), "{} samples", response.len());
    }

    #[test]
    fn a_response_is_two_seconds_long_at_most() {
        let kind = Kind::MultitapDelay;
        let response = impulse_response(kind, &row(kind), RATE);
        assert!((57_000..=60_000).contains(&response.len()), "{} samples", response.len());
    }
}

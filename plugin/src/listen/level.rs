//! How loud the match is beside the mix.

use std::fs::File;
use std::path::Path;

use symphonia::core::codecs::audio::AudioDecoderOptions;
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;

/// The gain stays within ± this, dB: more of a difference is no matter of level.
const MOST_DB: f64 = 24.0;

/// Mean squares below this (−120 dB) are silence, whose level nothing can match.
const SILENCE: f64 = 1e-12;

/// What brings the match at `found` to the loudness of `mix`, by their mean squares, in dB. 0 where either is silent or
/// cannot be read, and where `go_on` says no.
pub fn gain_db(mix: &Path, found: &Path, go_on: impl Fn() -> bool) -> f32 {
    let [mix, found] = [mix, found].map(|path| mean_square(path, &go_on));
    match (mix, found) {
        (Ok(Some(mix)), Ok(Some(found))) if mix > SILENCE && found > SILENCE => {
            (10.0 * (mix / found).log10()).clamp(-MOST_DB, MOST_DB) as f32
        }
        _ => 0.0,
    }
}

/// The mean square of all samples of a WAV or FLAC file, which is read piece by piece; none if it was given up or holds
/// none.
fn mean_square(path: &Path, go_on: &impl Fn() -> bool) -> Result<Option<f64>, Error> {
    let stream = MediaSourceStream::new(Box::new(File::open(path)?), Default::default());
    let mut format = symphonia::default::get_probe().probe(
        &Hint::new(),
        stream,
        FormatOptions::default(),
        MetadataOptions::default(),
    )?;
    let track = format.default_track(TrackType::Audio);
    let Some((id, parameters)) =
        track.and_then(|track| Some((track.id, track.codec_params.as_ref()?.audio()?.clone())))
    else {
        return Ok(None);
    };
    let mut decoder =
        symphonia::default::get_codecs().make_audio_decoder(&parameters, &AudioDecoderOptions::default())?;
    let (mut sum, mut count) = (0.0, 0_usize);
    let mut block: Vec<f32> = Vec::new();
    while let Some(packet) = format.next_packet()? {
        if !go_on() {
            return Ok(None);
        }
        if packet.track_id != id {
            continue;
        }
        decoder.decode(&packet)?.copy_to_vec_interleaved(&mut block);
        sum += block.iter().map(|v| f64::from(*v) * f64::from(*v)).sum::<f64>();
        count += block.len();
    }
    Ok((count > 0).then(|| sum / count as f64))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn wav(folder: &Path, name: &str, channels: u16, level: f32) -> PathBuf {
        let path = folder.join(name);
        let spec = hound::WavSpec {
            channels,
            sample_rate: 48_000,
            bits_per_sample: 32,
            sample_format: hound::SampleFormat::Float,
        };
        let mut writer = hound::WavWriter::create(&path, spec).unwrap();
        for n in 0..20_000 * u32::from(channels) {
            let wave = if n % 7 < 3 { 1.0_f32 } else { -1.0 };
            writer.write_sample(level * wave).unwrap();
        }
        writer.finalize().unwrap();
        path
    }

    #[test]
    fn the_gain_is_the_ratio_of_the_rms_levels_and_has_its_limits() {
        let folder = tempfile::tempdir().unwrap();
        let mix = wav(folder.path(), "mix.wav", 2, 0.5);
        let mono = wav(folder.path(), "mono.wav", 1, 0.5);
        for (level, wanted) in [(0.25, 6.0206), (0.5, 0.0), (1.0, -6.0206), (0.001, 24.0), (0.0, 0.0)] {
            let found = wav(folder.path(), "match.wav", 2, level);
            for mix in [&mix, &mono] {
                let gain = gain_db(mix, &found, || true);
                assert!((gain - wanted).abs() < 1e-3, "{level}: {gain}");
            }
            assert_eq!(gain_db(&mix, &found, || false), 0.0);
            assert_eq!(gain_db(&folder.path().join("gone.wav"), &found, || true), 0.0);
        }
    }
}

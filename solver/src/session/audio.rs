//! WAV and FLAC files as stereo samples.

use std::fs::File;
use std::io::{Cursor, ErrorKind};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use symphonia::core::codecs::audio::well_known::CODEC_ID_FLAC;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoderOptions};
use symphonia::core::errors::Error as Decoding;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream};
use symphonia::core::meta::MetadataOptions;

use super::checksum::Checksum;
use super::{Error, LOUDEST};
use crate::dsp::Stereo;
use crate::stop::Until;

/// Sample rates of files, lowest and highest, in Hz.
const SAMPLE_RATES: (u32, u32) = (4_000, 768_000);

/// Where a file's bytes are.
#[derive(Clone, Debug)]
pub enum Source {
    /// On disk.
    File(PathBuf),
    /// In the program, under a name.
    Memory(&'static str, &'static [u8]),
}

impl Source {
    /// How messages call it.
    pub fn name(&self) -> String {
        match self {
            Source::File(path) => path.display().to_string(),
            Source::Memory(name, _) => (*name).to_owned(),
        }
    }

    /// Reads the file's header.
    ///
    /// # Errors
    /// For anything but mono or stereo WAV or FLAC.
    pub fn shape(&self) -> Result<Shape, Error> {
        let shape = catch_unwind(AssertUnwindSafe(|| Ok(track(&*probe(self)?, self)?.2)));
        shape.unwrap_or_else(|_| Err(not_audio(self, "malformed header")))
    }

    /// Opens the file to read its bytes.
    ///
    /// # Errors
    /// [`Error::Unreadable`] if the system refuses.
    pub fn open(&self) -> Result<Box<dyn MediaSource>, Error> {
        match self {
            Source::Memory(_, bytes) => Ok(Box::new(Cursor::new(*bytes))),
            Source::File(path) => match File::open(path) {
                Ok(file) => Ok(Box::new(file)),
                Err(reason) => Err(Error::Unreadable { path: path.clone(), reason }),
            },
        }
    }
}

/// What a file's header says of its audio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Sample rate in Hz.
    pub rate: u32,
    /// One or two.
    pub channels: usize,
    /// Samples per channel, where the header tells.
    pub samples: Option<u64>,
    /// How it is kept.
    pub format: Format,
}

/// A format of audio files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// RIFF WAVE.
    Wav,
    /// The Free Lossless Audio Codec.
    Flac,
}

impl Format {
    /// What the names of such files end with, behind the dot.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Wav => "wav",
            Self::Flac => "flac",
        }
    }
}

/// Reads a whole file: its samples (mono in both channels), their hash and its sample rate in Hz.
///
/// # Errors
/// For anything but sound, whole, mono or stereo WAV or FLAC of finite samples, and once `until` is over.
pub fn read(source: &Source, until: Until<'_>) -> Result<(Stereo, Checksum, u32), Error> {
    // A decoder that meets a header made to break it may panic; to the user that is one more unreadable file.
    let (channels, content, rate) = catch_unwind(AssertUnwindSafe(|| decode(source, until)))
        .unwrap_or_else(|_| Err(not_audio(source, "malformed header")))?;
    let [left, right] = &channels;
    if left.is_empty() {
        return Err(Error::Empty { file: source.name() });
    }
    for (i, (&l, &r)) in left.iter().zip(right).enumerate() {
        // Written so that NaN fails too.
        if !(l.abs() <= LOUDEST && r.abs() <= LOUDEST) {
            let value = if l.abs() <= LOUDEST { r } else { l };
            return Err(Error::BadSample { file: source.name(), second: i as f64 / rate as f64, value });
        }
    }
    Ok((Stereo { channels }, content, rate))
}

/// A file with its header read.
fn probe(source: &Source) -> Result<Box<dyn FormatReader>, Error> {
    let stream = MediaSourceStream::new(source.open()?, Default::default());
    symphonia::default::get_probe()
        .probe(&Hint::new(), stream, FormatOptions::default(), MetadataOptions::default())
        .map_err(|e| not_audio(source, e))
}

/// The one track of a file: its id, how it is coded, and what its header says.
fn track<'a>(
    format: &'a dyn FormatReader,
    source: &Source,
) -> Result<(u32, &'a AudioCodecParameters, Shape), Error> {
    let track = format.default_track(TrackType::Audio).ok_or_else(|| not_audio(source, "no audio in it"))?;
    let parameters = track.codec_params.as_ref().and_then(|p| p.audio());
    let parameters = parameters.ok_or_else(|| not_audio(source, "no audio in it"))?;
    let rate = parameters.sample_rate.unwrap_or(0);
    if !(SAMPLE_RATES.0..=SAMPLE_RATES.1).contains(&rate) {
        return Err(Error::SampleRate { file: source.name(), rate, allowed: SAMPLE_RATES });
    }
    let channels = parameters.channels.as_ref().map_or(0, |c| c.count());
    if !(1..=2).contains(&channels) {
        return Err(Error::Channels { file: source.name(), channels });
    }
    let format = if parameters.codec == CODEC_ID_FLAC { Format::Flac } else { Format::Wav };
    Ok((track.id, parameters, Shape { rate, channels, samples: track.num_frames, format }))
}

/// Left and right channel of a file, the hash of those that it has, and its sample rate.
fn decode(source: &Source, until: Until<'_>) -> Result<([Vec<f32>; 2], Checksum, u32), Error> {
    let refuse = |e: Decoding| not_audio(source, e);
    let mut format = probe(source)?;
    let (track_id, parameters, Shape { rate, channels: count, samples: declared, .. }) =
        track(&*format, source)?;
    let options = AudioDecoderOptions::default().verify(true);
    let mut decoder =
        symphonia::default::get_codecs().make_audio_decoder(parameters, &options).map_err(refuse)?;

    let mut channels = [Vec::new(), Vec::new()];
    let mut block: Vec<Vec<f32>> = Vec::new();
    loop {
        until.check()?;
        let packet = match format.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => break,
            // A file that ends early: how early is said below.
            Err(Decoding::IoError(e)) if e.kind() == ErrorKind::UnexpectedEof => break,
            Err(e) => return Err(refuse(e)),
        };
        if packet.track_id != track_id {
            continue;
        }
        match decoder.decode(&packet) {
            Ok(buffer) => buffer.copy_to_vecs_planar(&mut block),
            // A frame that cannot be read is missing; how many are is said below.
            Err(Decoding::DecodeError(_) | Decoding::IoError(_)) => continue,
            Err(e) => return Err(refuse(e)),
        }
        for (channel, block) in channels.iter_mut().zip(&block) {
            channel.extend_from_slice(block);
        }
    }
    let content = Checksum::of_audio(&channels.each_ref().map(Vec::as_slice)[..count]);
    if count == 1 {
        channels[1] = channels[0].clone();
    }
    let found = channels[0].len() as u64;
    match declared {
        Some(declared) if found < declared => Err(Error::Truncated { file: source.name(), declared, found }),
        _ if decoder.finalize().verify_ok == Some(false) => Err(Error::Damaged { file: source.name() }),
        _ => Ok((channels, content, rate)),
    }
}

fn not_audio(source: &Source, reason: impl ToString) -> Error {
    Error::NotAudio { file: source.name(), reason: reason.to_string() }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Format, tiny, wav};
    use super::*;

    fn read_bytes(bytes: Vec<u8>) -> Result<(Stereo, u32), Error> {
        let (audio, _, rate) = read(&Source::Memory("some.wav", bytes.leak()), Until::DONE)?;
        Ok((audio, rate))
    }

    fn refusal(bytes: Vec<u8>) -> String {
        read_bytes(bytes).unwrap_err().to_string()
    }

    #[test]
    fn every_wav_format_gives_its_samples_to_its_own_precision() {
        let samples: Vec<f64> = (0..6_000).map(|i| (i as f64 * 0.1).sin() * 0.9).collect();
        let formats = [
            (Format::Int(8), 5e-3),
            (Format::Int(16), 2e-5),
            (Format::Int(24), 1e-7),
            (Format::Int(32), 1e-7),
            (Format::Float(32), 1e-7),
            (Format::Float(64), 1e-7),
        ];
        for (format, precision) in formats {
            let (stereo, rate) = read_bytes(wav(format, 2, 48_000, &samples)).unwrap();
            assert_eq!((stereo.len(), rate), (3_000, 48_000), "{format:?}");
            let (mono, _) = read_bytes(wav(format, 1, 48_000, &samples)).unwrap();
            assert_eq!(mono.channels[0], mono.channels[1], "{format:?}");
            for (i, wanted) in samples.iter().enumerate() {
                for found in [stereo.channels[i % 2][i / 2], mono.channels[0][i]] {
                    assert!((found as f64 - wanted).abs() <= precision, "{format:?}: {found}, not {wanted}");
                }
            }
        }
    }

    #[test]
    fn float_samples_beyond_full_scale_are_not_clipped() {
        for bits in [32, 64] {
            let (found, _) = read_bytes(wav(Format::Float(bits), 1, 44_100, &[3.5, -2.0])).unwrap();
            assert_eq!(found.channels[0], [3.5, -2.0]);
        }
    }

    #[test]
    fn flac_gives_its_samples() {
        let (found, _, rate) = read(&Source::File(tiny().join("mix_dense.flac")), Until::DONE).unwrap();
        assert_eq!((found.len(), rate), (352_800, 44_100));
        assert!(found.channels[0].iter().any(|v| v.abs() > 0.1) && found.channels[0] != found.channels[1]);
    }

    #[test]
    fn a_file_that_ends_before_its_header_says_is_refused() {
        let mut bytes = wav(Format::Int(16), 2, 44_100, &[0.5; 20_000]);
        bytes.truncate(bytes.len() - 4_000);
        let message = refusal(bytes);
        assert!(message.contains("declares 10000 samples but only 9000 can be read"), "{message}");

        let whole = std::fs::read(tiny().join("stems/01_kick.flac")).unwrap();
        for part in [whole.len() / 2, whole.len() - 1] {
            let message = refusal(whole[..part].to_vec());
            assert!(message.contains("cut off or damaged"), "{message}");
        }
    }

    #[test]
    fn a_flac_file_with_a_wrong_byte_is_refused() {
        let mut bytes = std::fs::read(tiny().join("stems/01_kick.flac")).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x10;
        let message = refusal(bytes);
        assert!(message.contains("damaged"), "{message}");
    }

    #[test]
    fn what_is_not_a_song_in_mono_or_stereo_is_refused_with_what_would_be_right() {
        let cases = [
            (
                wav(Format::Int(16), 6, 44_100, &[0.5; 60]),
                "some.wav has 6 channels; export it in mono or stereo",
            ),
            (wav(Format::Int(16), 2, 44_100, &[]), "some.wav holds no samples"),
            (wav(Format::Int(16), 2, 1, &[0.5; 60]), "some.wav has a sample rate of 1 Hz"),
            (b"The lyrics, not the song.".to_vec(), "some.wav is not audio"),
            (Vec::new(), "some.wav is not audio"),
        ];
        for (bytes, wanted) in cases {
            let message = refusal(bytes);
            assert!(message.contains(wanted), "{message}");
        }
    }

    #[test]
    fn a_sample_that_is_no_number_is_refused_with_its_place() {
        for (bad, shown) in [(f64::NAN, "NaN"), (f64::INFINITY, "inf"), (-1e9, "-1000000000")] {
            let mut samples = vec![0.1; 96_000];
            samples[72_001] = bad;
            let message = refusal(wav(Format::Float(32), 2, 48_000, &samples));
            assert!(message.contains(&format!("some.wav holds the value {shown} at 0.750 s")), "{message}");
        }
    }

    #[test]
    fn no_broken_header_brings_the_program_down() {
        let short = wav(Format::Int(24), 2, 44_100, &[0.25; 3_000]);
        let flac = std::fs::read(tiny().join("stems/01_kick.flac")).unwrap();
        for whole in [short, flac[..20_000].to_vec()] {
            for at in 0..64 {
                for value in [0x00, 0x01, 0x7f, 0xfe, 0xff] {
                    let mut bytes = whole.clone();
                    bytes[at] = value;
                    if let Err(e) = read_bytes(bytes) {
                        assert!(e.to_string().contains("some.wav"), "{e}");
                    }
                }
            }
        }
    }
}

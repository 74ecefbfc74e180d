//! Spectrograms of the mix, of the match and of their difference, as PNG.

use rustfft::FftPlanner;
use rustfft::num_complex::Complex;

use crate::dsp::{self, Stereo};
use crate::stop::{Interrupted, Until};

/// Columns of a picture, unless the song has fewer samples.
const WIDTH: usize = 900;
/// Rows of a picture.
const HEIGHT: usize = 220;
/// The frequencies at a picture's foot and at its top, Hz; rows are evenly spaced on a logarithmic scale between them.
pub const SPAN_HZ: [f64; 2] = [30.0, 15_000.0];
/// Levels that a picture tells apart, dB below the mix's loudest.
pub const RANGE_DB: f64 = 70.0;
/// Differences beyond this look alike, dB.
pub const DIFFERENCE_DB: f64 = 12.0;

/// Samples of a window.
const LENGTH: usize = 4096;
/// Windows a column at most, so that songs of any length take the same time.
const WINDOWS: f64 = 4.0;
/// Columns that are drawn without a look at whether to go on; they take some 10 ms.
const PART: usize = 100;

/// The colours of levels, from the quietest to the loudest: those of matplotlib's magma, which rise evenly in lightness.
pub const LEVELS: [[u8; 3]; 9] = [
    [0, 0, 4],
    [28, 16, 68],
    [79, 18, 123],
    [129, 37, 129],
    [181, 54, 122],
    [229, 80, 100],
    [251, 135, 97],
    [254, 194, 135],
    [252, 253, 191],
];
/// The colours of what the match lacks and of what it has too much of. Where there is no difference, the page shows.
pub const DIFFERENCES: [[u8; 3]; 2] = [[46, 118, 214], [216, 92, 36]];

/// Pictures of a mix and of what was found for it.
pub struct Pictures {
    /// A PNG of the mix.
    pub mix: Vec<u8>,
    /// A PNG of the match, its levels relative to the mix's loudest as well.
    pub found: Vec<u8>,
    /// A PNG of the match's levels against the mix's.
    pub difference: Vec<u8>,
    /// How long the mix is, s.
    pub seconds: f64,
    /// How much louder the match is than the mix, dB RMS; 0 where either is silent.
    pub louder_db: f64,
}

impl Pictures {
    /// Of a mix and its match, both at `rate` Hz.
    ///
    /// # Errors
    /// [`Interrupted`] once `until` is over.
    pub fn of(mix: &Stereo, found: &Stereo, rate: u32, until: Until<'_>) -> Result<Self, Interrupted> {
        let [original, matched] = [Cells::of(mix, rate, until)?, Cells::of(found, rate, until)?];
        let loudest = original.power.iter().copied().fold(0.0, f32::max);
        let [original_db, matched_db] = [&original, &matched].map(|cells| cells.decibels(loudest));
        until.check()?;
        let level = |db: &f32| (255.0 * (1.0 + f64::from(*db) / RANGE_DB)).round() as u8;
        let difference = |(&from, &to): (&f32, &f32)| {
            let share = (f64::from(to - from) / DIFFERENCE_DB).clamp(-1.0, 1.0);
            (127.0 + 127.0 * share).round() as u8
        };
        let differences: Vec<u8> = original_db.iter().zip(&matched_db).map(difference).collect();
        let [from, to] = [mix, found].map(energy);
        Ok(Self {
            mix: png(&original_db.iter().map(level).collect::<Vec<_>>(), &levels()),
            found: png(&matched_db.iter().map(level).collect::<Vec<_>>(), &levels()),
            difference: png(&differences, &diverging()),
            seconds: mix.len() as f64 / f64::from(rate),
            louder_db: if from > 0.0 && to > 0.0 { 10.0 * (to / from).log10() } else { 0.0 },
        })
    }
}

fn energy(audio: &Stereo) -> f64 {
    audio.channels.iter().flatten().map(|v| f64::from(*v).powi(2)).sum()
}

/// The energy of both channels by frequency and time: rows from the top, each from the beginning of the song.
struct Cells {
    power: Vec<f32>,
}

impl Cells {
    fn of(audio: &Stereo, rate: u32, until: Until<'_>) -> Result<Self, Interrupted> {
        let columns = WIDTH.min(audio.len().max(1));
        let apart = audio.len() as f64 / columns as f64;
        let windows = (apart / LENGTH as f64 * 2.0).ceil().clamp(1.0, WINDOWS);
        let rows: Vec<Row> = (0..HEIGHT).map(|row| Row::new(row, rate)).collect();
        let mut spectrum = Spectrum::new();
        let mut power = vec![0.0; columns * HEIGHT];
        for column in 0..columns {
            if column.is_multiple_of(PART) {
                until.check()?;
            }
            spectrum.power.fill(0.0);
            for window in 0..windows as usize {
                let middle = (column as f64 + (window as f64 + 0.5) / windows) * apart;
                spectrum.add(audio, middle as isize - LENGTH as isize / 2);
            }
            for (row, place) in rows.iter().zip((column..).step_by(columns)) {
                power[place] = row.of(&spectrum.power) / windows as f32;
            }
        }
        Ok(Self { power })
    }

    /// Levels below the loudest, which [`RANGE_DB`] ends.
    fn decibels(&self, loudest: f32) -> Vec<f32> {
        let range = RANGE_DB as f32;
        let level = |power: f32| if power > 0.0 { 10.0 * (power / loudest).log10() } else { -range };
        self.power
            .iter()
            .map(|&power| if loudest > 0.0 { level(power).clamp(-range, 0.0) } else { -range })
            .collect()
    }
}

/// A row of a picture: a band of frequencies, all of them equally wide on a logarithmic scale.
struct Row {
    /// Where the band is looked at, in bins, if the audio has it.
    bins: Vec<f32>,
    /// The width of the band that each of them stands for, in bins.
    width: f32,
}

impl Row {
    fn new(row: usize, rate: u32) -> Self {
        let [lowest, highest] = SPAN_HZ.map(|hz| hz * LENGTH as f64 / f64::from(rate));
        let at = |row: f64| highest * (lowest / highest).powf(row / HEIGHT as f64);
        let (to, from) = (at(row as f64), at(row as f64 + 1.0));
        let count = (to - from).ceil();
        let bins = (0..count as usize).map(|i| from + (to - from) * (i as f64 + 0.5) / count);
        let heard = bins.filter(|bin| *bin < (LENGTH / 2) as f64).map(|bin| bin as f32);
        Self { bins: heard.collect(), width: ((to - from) / count) as f32 }
    }

    /// The band's energy, between bins by straight lines.
    fn of(&self, power: &[f32]) -> f32 {
        let at = |&bin: &f32| {
            let (whole, rest) = (bin as usize, bin.fract());
            power[whole] * (1.0 - rest) + power[whole + 1] * rest
        };
        self.width * self.bins.iter().map(at).sum::<f32>()
    }
}

/// The energy of windows by bin.
struct Spectrum {
    fft: std::sync::Arc<dyn rustfft::Fft<f32>>,
    window: Vec<f32>,
    buffer: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    power: Vec<f32>,
}

impl Spectrum {
    fn new() -> Self {
        let fft = FftPlanner::new().plan_fft_forward(LENGTH);
        Self {
            window: dsp::hann(LENGTH),
            buffer: vec![Complex::default(); LENGTH],
            scratch: vec![Complex::default(); fft.get_inplace_scratch_len()],
            power: vec![0.0; LENGTH / 2 + 1],
            fft,
        }
    }

    /// Adds the window that begins at sample `start`, which may lie before the song.
    fn add(&mut self, audio: &Stereo, start: isize) {
        let [left, right] = &audio.channels;
        for (i, (into, window)) in self.buffer.iter_mut().zip(&self.window).enumerate() {
            let sample = start.checked_add_unsigned(i).and_then(|at| usize::try_from(at).ok());
            let frame = sample.and_then(|at| Some(Complex::new(*left.get(at)?, *right.get(at)?)));
            *into = frame.unwrap_or_default() * window;
        }
        // With left as the real and right as the imaginary part, a bin and its mirror hold twice the energy of both.
        self.fft.process_with_scratch(&mut self.buffer, &mut self.scratch);
        for (bin, power) in self.power.iter_mut().enumerate() {
            let mirror = (LENGTH - bin) % LENGTH;
            *power += (self.buffer[bin].norm_sqr() + self.buffer[mirror].norm_sqr()) / 2.0;
        }
    }
}

/// Red, green, blue and opacity of all 256 values.
type Palette = [[u8; 4]; 256];

fn levels() -> Palette {
    std::array::from_fn(|i| {
        let place = i as f64 / 255.0 * (LEVELS.len() - 1) as f64;
        let below = (place as usize).min(LEVELS.len() - 2);
        let share = place - below as f64;
        let blend = |c: usize| {
            let [from, to] = [LEVELS[below][c], LEVELS[below + 1][c]].map(f64::from);
            (from + (to - from) * share).round() as u8
        };
        [blend(0), blend(1), blend(2), 255]
    })
}

fn diverging() -> Palette {
    std::array::from_fn(|i| {
        let [red, green, blue] = DIFFERENCES[usize::from(i > 127)];
        let opacity = (2 * i.abs_diff(127)).min(255) as u8;
        [red, green, blue, opacity]
    })
}

fn png(pixels: &[u8], palette: &Palette) -> Vec<u8> {
    let mut file = vec![];
    let mut encoder = png::Encoder::new(&mut file, (pixels.len() / HEIGHT) as u32, HEIGHT as u32);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette.iter().flat_map(|c| [c[0], c[1], c[2]]).collect::<Vec<_>>());
    encoder.set_trns(palette.map(|c| c[3]).to_vec());
    // Neighbours among palette colours are no neighbours in the sense of a filter.
    encoder.set_filter(png::Filter::NoFilter);
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(pixels));
    written.expect("a picture of this size can be written to memory");
    file
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Options, Session};
    use crate::stop::Stop;

    const RATE: u32 = 48_000;

    fn tone(hz: f64, level: f32, samples: usize) -> Stereo {
        let at = |i: usize| level * (std::f64::consts::TAU * hz * i as f64 / f64::from(RATE)).sin() as f32;
        Stereo { channels: [(0..samples).map(at).collect(), vec![0.0; samples]] }
    }

    /// Width, height and pixels of a picture.
    fn decoded(file: &[u8]) -> (usize, usize, Vec<u8>) {
        let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        (info.width as usize, info.height as usize, pixels)
    }

    #[test]
    fn a_tone_stands_at_its_frequency_and_its_half_is_six_decibels_below() {
        let (loud, quiet) = (tone(1000.0, 0.5, 96_000), tone(1000.0, 0.25, 96_000));
        let pictures = Pictures::of(&loud, &quiet, RATE, Until::DONE).unwrap();
        let row = HEIGHT as f64 * (15_000f64 / 1000.0).ln() / (15_000f64 / 30.0).ln();
        let place = row as usize * WIDTH + WIDTH / 2;
        let [mix, found, difference] =
            [&pictures.mix, &pictures.found, &pictures.difference].map(|p| decoded(p));
        assert_eq!((mix.0, mix.1), (WIDTH, HEIGHT));
        let below = (255.0 * 6.02 / RANGE_DB) as i32;
        assert!(
            mix.2[place] > 250 && (i32::from(mix.2[place]) - i32::from(found.2[place]) - below).abs() <= 1
        );
        assert_eq!(mix.2[30 * WIDTH + WIDTH / 2], 0);
        assert!((i32::from(difference.2[place]) - (127.0f64 - 127.0 * 6.02 / 12.0) as i32).abs() <= 1);
        assert!((pictures.louder_db + 6.0206).abs() < 1e-3 && pictures.seconds == 2.0);
    }

    #[test]
    fn a_match_that_is_the_mix_shows_no_difference_whatever_the_length() {
        let song = Session::demo(&Options::default()).unwrap();
        for length in [0, 1, 700, song.len()] {
            let mix = song.mix.head(length);
            let pictures = Pictures::of(&mix, &mix, song.rate, Until::DONE).unwrap();
            assert_eq!(pictures.mix, pictures.found);
            assert!(decoded(&pictures.difference).2.iter().all(|&v| v == 127));
            assert_eq!(pictures.louder_db, 0.0);
        }
    }

    #[test]
    fn silence_is_a_picture_too() {
        let pictures =
            Pictures::of(&Stereo::silence(5000), &tone(100.0, 1.0, 5000), 22_050, Until::DONE).unwrap();
        assert!(decoded(&pictures.mix).2.iter().all(|&v| v == 0));
        assert_eq!(pictures.louder_db, 0.0);
    }

    #[test]
    fn pictures_can_be_given_up() {
        let audio = tone(100.0, 1.0, 5000);
        let stop = Stop::aborting_at(3);
        assert!(Pictures::of(&audio, &audio, RATE, stop.until_aborted()).is_err());
        assert_eq!(stop.looks(), 3);
    }
}

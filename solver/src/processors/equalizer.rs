//! The equaliser: a zero-phase FIR filter of 68 ms (2047 taps at 30 kHz) drawn from 1024 magnitudes, one response for both
//! channels (MATH.md §1).

mod telling;

use std::sync::{Arc, OnceLock};

use realfft::num_complex::Complex;

use super::gain_staging::GainStaging;
use super::telling::Settings;
use super::{Definition, Kind, Kit, Map, Nature, Parameter, Processor, Response, THIRD_OCTAVES, decibels};
use crate::clock::{Clock, REFERENCE};
use crate::dsp::{OverlapSave, Pool, Stereo, ZeroPhase, dot};

/// Magnitudes from 0 Hz to just below 15 kHz, 30 000/2047 Hz apart.
const BINS: usize = 1024;
const BINS_PER_HZ: f64 = (2 * BINS - 1) as f64 / REFERENCE as f64;

/// Raw: log magnitudes. Physical: magnitudes.
pub struct Equalizer;

impl Definition for Equalizer {
    fn name(&self) -> &'static str {
        "equalizer"
    }

    fn letter(&self) -> char {
        'e'
    }

    fn nature(&self) -> Nature {
        Nature::Linear
    }

    fn parameters(&self) -> &'static [Parameter] {
        const { &[Parameter::new("log_magnitude", BINS, Map::Exp)] }
    }

    fn regulariser_weight(&self) -> f32 {
        1e-3
    }

    fn reach(&self, rate: u32) -> (usize, usize) {
        let half = ZeroPhase::taps_at(BINS, rate) / 2;
        (half, half)
    }

    fn make(&self, samples: usize, rate: u32, kit: &Arc<Kit>) -> Box<dyn Processor> {
        let tables = kit.table([samples, rate as usize], || Tables::new(samples, rate));
        Box::new(Working {
            wet: 0.0,
            taps: vec![0.0; tables.design.taps()],
            wet_filter: vec![Complex::default(); tables.convolution.filter_bins()],
            wet_is_drawn: false,
            mixed_filter: OnceLock::new(),
            kept: None,
            tables,
        })
    }

    fn settings(&self, physical: &[f32], wet: f32) -> Settings {
        let at = |hz: f64| decibels(band_gain(physical, wet as f64, hz));
        let response = Response { hz: THIRD_OCTAVES.to_vec(), db: THIRD_OCTAVES.map(at).to_vec() };
        Settings::new(Kind::Equalizer, [("response", response.into())])
    }
}

/// The dry/wet-mixed response bin by bin, from 0 Hz to just below 15 kHz, from a row of physical parameters and the wet
/// weight 0…1.
fn response(physical: &[f32], wet: f32) -> Response {
    let hz = |bin: usize| bin as f64 / BINS_PER_HZ;
    let db = |bin: usize| decibels(mixed(physical, wet as f64, bin));
    Response { hz: (0..BINS).map(hz).collect(), db: (0..BINS).map(db).collect() }
}

/// Gain of the dry/wet mix at a bin.
///
/// The Hann window on the taps smooths the drawn magnitudes over neighbouring bins: that is what sounds.
fn mixed(magnitudes: &[f32], wet: f64, bin: usize) -> f64 {
    let h = |k: usize| magnitudes[k.min(BINS - 1)] as f64;
    let smoothed = 0.5 * h(bin) + 0.25 * (h(bin.abs_diff(1)) + h(bin + 1));
    1.0 - wet + wet * smoothed
}

/// Root mean square of the dry/wet-mixed response over the third octave around `hz`.
fn band_gain(magnitudes: &[f32], wet: f64, hz: f64) -> f64 {
    let mixed = |bin: usize| mixed(magnitudes, wet, bin);
    let last = (BINS - 1) as f64;
    let sixth = 2f64.powf(1.0 / 6.0);
    let from = (hz / sixth * BINS_PER_HZ).min(last).ceil() as usize;
    let to = (hz * sixth * BINS_PER_HZ).min(last).floor() as usize;
    if from < to {
        let squares = (from..=to).map(|k| mixed(k).powi(2));
        return (squares.sum::<f64>() / (to - from + 1) as f64).sqrt();
    }
    let bin = (hz * BINS_PER_HZ).min(last);
    let share = bin.fract();
    mixed(bin as usize) * (1.0 - share) + mixed((bin as usize + 1).min(BINS - 1)) * share
}

/// What all equalisers on windows of one length share.
struct Tables {
    design: ZeroPhase,
    convolution: OverlapSave,
    scratch: Pool<Vec<f32>>,
}

impl Tables {
    fn new(samples: usize, rate: u32) -> Self {
        let design = ZeroPhase::new(BINS, rate);
        let taps = design.taps();
        Self {
            design,
            convolution: OverlapSave::new(samples, taps, taps / 2),
            scratch: Pool::new(move || vec![0.0; samples]),
        }
    }
}

struct Working {
    tables: Arc<Tables>,
    wet: f32,
    taps: Vec<f32>,
    /// Spectrum of the filter alone, which only learning needs.
    wet_filter: Vec<Complex<f32>>,
    /// Whether that is the spectrum of these taps: from the first `forward` after a `set` on.
    wet_is_drawn: bool,
    /// Spectrum of the filter with the dry part folded in: from the first `render` after a `set` on.
    mixed_filter: OnceLock<Vec<Complex<f32>>>,
    kept: Option<Kept>,
}

/// What backward needs from forward.
struct Kept {
    windows: [Vec<Complex<f32>>; 2],
    wet_output: Stereo,
    staging: GainStaging,
}

impl Working {
    fn mixed_filter(&self) -> &[Complex<f32>] {
        self.mixed_filter.get_or_init(|| {
            let convolution = &self.tables.convolution;
            let mut mixed: Vec<f32> = self.taps.iter().map(|h| self.wet * h).collect();
            let centre = mixed.len() / 2;
            mixed[centre] += 1.0 - self.wet;
            let mut spectrum = vec![Complex::default(); convolution.filter_bins()];
            convolution.filter_spectrum(&mixed, &mut spectrum);
            spectrum
        })
    }
}

impl Processor for Working {
    fn set(&mut self, physical: &[f32], wet: f32) {
        self.wet = wet;
        self.tables.design.design(physical, 0.0, &mut self.taps);
        self.wet_is_drawn = false;
        self.mixed_filter = OnceLock::new();
    }

    fn render(&self, input: &Stereo, output: &mut Stereo, _: Clock) {
        let Tables { convolution, .. } = &*self.tables;
        let [left, right] = &mut output.channels;
        let filter = self.mixed_filter();
        rayon::join(
            || convolution.render(filter, &input.channels[0], left),
            || convolution.render(filter, &input.channels[1], right),
        );
    }

    fn forward(&mut self, input: &Stereo, output: &mut Stereo, _: Clock) {
        let Tables { convolution, .. } = &*self.tables;
        let [left, right] = &mut output.channels;
        let kept = self.kept.get_or_insert_with(|| Kept {
            windows: [0, 1].map(|_| vec![Complex::default(); convolution.window_bins()]),
            wet_output: Stereo::silence(input.len()),
            staging: GainStaging::default(),
        });
        if !self.wet_is_drawn {
            convolution.filter_spectrum(&self.taps, &mut self.wet_filter);
            self.wet_is_drawn = true;
        }
        let (filter, wet) = (&self.wet_filter, self.wet);
        let channel = |x: &[f32], y: &mut [f32], window: &mut [Complex<f32>], out: &mut [f32]| {
            convolution.forward(filter, x, y, window);
            for ((out, y), x) in out.iter_mut().zip(y).zip(x) {
                *out = x + wet * (*y - x);
            }
        };
        let [y_left, y_right] = &mut kept.wet_output.channels;
        let [window_left, window_right] = &mut kept.windows;
        rayon::join(
            || channel(&input.channels[0], y_left, window_left, left),
            || channel(&input.channels[1], y_right, window_right, right),
        );
        kept.staging = GainStaging::of(input, &kept.wet_output);
    }

    fn release(&mut self) {
        self.kept = None;
    }

    fn backward(
        &mut self,
        input: &Stereo,
        grad: &mut Stereo,
        regulariser_weight: f32,
        gradient: &mut [f32],
    ) -> f32 {
        let Tables { design, convolution, scratch } = &*self.tables;
        let kept = self.kept.as_ref().expect("forward with learn comes before backward");
        let (filter, wet) = (&self.wet_filter, self.wet);
        let x_slope = (regulariser_weight as f64 * kept.staging.input_slope) as f32;
        let y_slope = (regulariser_weight as f64 * kept.staging.output_slope) as f32;
        let channel = |c: usize, grad: &mut [f32]| {
            let (x, y) = (&input.channels[c], &kept.wet_output.channels[c]);
            let wet_grad = dot(grad, y) - dot(grad, x);
            let mut taps_grad = vec![0.0; design.taps()];
            scratch.with(|y_grad| {
                for ((yg, g), y) in y_grad.iter_mut().zip(&*grad).zip(y) {
                    *yg = wet * g + y_slope * y;
                }
                for (g, x) in grad.iter_mut().zip(x) {
                    *g = (1.0 - wet) * *g + x_slope * x;
                }
                convolution.backward(filter, &kept.windows[c], y_grad, grad, &mut taps_grad);
            });
            (wet_grad, taps_grad)
        };
        let [left, right] = &mut grad.channels;
        let ((wet_left, mut taps), (wet_right, taps_right)) =
            rayon::join(|| channel(0, left), || channel(1, right));
        taps.iter_mut().zip(&taps_right).for_each(|(a, b)| *a += b);
        design.design_backward(&taps, 0.0, gradient);
        (wet_left + wet_right) as f32
    }

    fn regulariser(&self) -> f64 {
        self.kept.as_ref().map_or(0.0, |kept| kept.staging.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::processors::testing::render;

    /// Cut below 300 Hz, boosted around 3 kHz.
    fn magnitudes() -> Vec<f32> {
        let hz = |bin: usize| bin as f64 / BINS_PER_HZ;
        let magnitude = |hz: f64| {
            let cut = hz / (hz + 300.0);
            (cut * (1.0 + 2.0 * (-(hz / 3000.0 - 1.0).powi(2) * 8.0).exp())) as f32
        };
        (0..BINS).map(|bin| magnitude(hz(bin))).collect()
    }

    #[test]
    fn the_response_is_what_sines_meet() {
        let magnitudes = magnitudes();
        let found = response(&magnitudes, 0.7);
        let mut equalizer = Kind::Equalizer.definition().make(8192, REFERENCE, &Arc::new(Kit::default()));
        equalizer.set(&magnitudes, 0.7);
        for bin in [3, 20, 190, 205, 700, 1000] {
            let cycles = found.hz[bin] / 30_000.0 * std::f64::consts::TAU;
            let sine = (0..8192).map(|n| (cycles * n as f64).sin() as f32).collect::<Vec<_>>();
            let input = Stereo { channels: [sine.clone(), sine] };
            let output = render(&mut *equalizer, &input, false);
            // Away from the ends, over whole periods of every bin.
            let energy = |x: &[f32]| x[2047..3 * 2047].iter().map(|x| (*x as f64).powi(2)).sum::<f64>();
            let db = 10.0 * (energy(&output.channels[0]) / energy(&input.channels[0])).log10();
            assert!((found.db[bin] - db).abs() < 0.01, "bin {bin}: {} dB, {db} dB heard", found.db[bin]);
        }
    }

    #[test]
    fn third_octaves_are_means_of_the_response() {
        let magnitudes = magnitudes();
        let fine = response(&magnitudes, 0.4);
        let coarse = Equalizer.settings(&magnitudes, 0.4);
        let heard = coarse.curve("response").points().filter(|(hz, _)| (50.0..13_000.0).contains(hz));
        for (hz, db) in heard {
            let nearest = fine.hz.partition_point(|&f| f < hz);
            assert!((fine.db[nearest] - db).abs() < 0.5, "{hz} Hz: {} dB, {db} dB", fine.db[nearest]);
        }
    }

    #[test]
    fn a_dry_equaliser_leaves_all_as_it_is() {
        let found = response(&magnitudes(), 0.0);
        assert_eq!((found.hz.len(), found.hz[0]), (BINS, 0.0));
        assert!((found.hz[BINS - 1] - 1023.0 / 2047.0 * 30_000.0).abs() < 1e-9);
        assert!(found.db.iter().all(|db| *db == 0.0));
    }
}

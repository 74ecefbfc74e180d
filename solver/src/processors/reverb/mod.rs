//! Reverb: filtered, decaying noise in mid and side as impulse response (MATH.md §7).
//!
//! The noise is drawn and scaled at 30 kHz. For another rate, the impulse response is brought there by its spectrum: a reverb
//! is the same below 15 kHz at every rate, and adds nothing above.

mod colour;
mod decay;
mod rt60;
mod telling;

use std::sync::Arc;

use super::gain_staging::GainStaging;
use super::telling::Settings;
use super::{Definition, Kind, Kit, Map, Nature, Parameter, Processor};
use crate::clock::{Clock, REFERENCE};
use crate::dsp::{self, LongConvolution, LongFilter, Mix, Pool, Regrid, Stereo, unit_energy_scale};
use colour::colour;
use decay::{DecayingNoise, TAPS};

/// Samples at [`REFERENCE`] between frames of the noise.
const HOP: usize = 192;
/// Frequencies per frame, from 0 Hz to 15 kHz.
const BINS: usize = HOP + 1;
/// Bins of mid and side.
const CHANNEL_LEN: usize = 2 * BINS;
/// Nepers per unit of the parameters.
const SHADE: f64 = 1.0 / 8.0;
/// Widest level in a report, dB.
const WIDEST_DB: f64 = 120.0;

/// The kind.
///
/// Physical parameters: `init_log_magnitude[2][193]`, then `softplus(delta_log_magnitude)[2][193]` (mid, side): the
/// magnitude starts at `exp(init/8)` and falls by `softplus(delta)/8` nepers every 192 samples.
pub struct Reverb;

impl Definition for Reverb {
    fn name(&self) -> &'static str {
        "reverb"
    }

    fn letter(&self) -> char {
        'r'
    }

    fn nature(&self) -> Nature {
        Nature::Linear
    }

    fn parameters(&self) -> &'static [Parameter] {
        const PARAMETERS: [Parameter; 2] = [
            Parameter::new("init_log_magnitude", CHANNEL_LEN, Map::Identity),
            Parameter::new("delta_log_magnitude", CHANNEL_LEN, Map::Softplus),
        ];
        &PARAMETERS
    }

    fn regulariser_weight(&self) -> f32 {
        1e-3
    }

    fn reach(&self, rate: u32) -> (usize, usize) {
        (taps(rate) - 1, 0)
    }

    fn make(&self, samples: usize, rate: u32, kit: &Arc<Kit>) -> Box<dyn Processor> {
        Box::new(Hall::new(samples, rate, kit))
    }

    /// The level of the reverberation is the wet weight against the dry: the impulse response has unit energy, so that
    /// a broadband signal leaves it as loud as it enters.
    fn settings(&self, physical: &[f32], wet: f32) -> Settings {
        let level = 20.0 * (wet as f64 / (1.0 - wet as f64)).log10();
        let values = [
            ("rt60_s", rt60::overall(physical).into()),
            ("rt60_by_octave", rt60::by_octave(physical).into()),
            ("pre_delay_ms", (rt60::pre_delay(physical) * 1000.0).into()),
            ("pre_wet_db", level.clamp(-WIDEST_DB, WIDEST_DB).into()),
        ];
        Settings::new(Kind::Reverb, values)
    }
}

/// Length of the impulse response at `rate` Hz, samples: as long as at [`REFERENCE`].
fn taps(rate: u32) -> usize {
    TAPS / REFERENCE as usize * rate as usize
}

/// What `backward` works in.
struct Scratch {
    response: [Vec<f32>; 2],
    /// The gradient of the input that does not pass the filter.
    straight: Stereo,
}

/// A reverb at work.
struct Hall {
    samples: usize,
    noise: Arc<DecayingNoise>,
    scratch: Arc<Pool<Scratch>>,
    filter: LongFilter,
    /// None at [`REFERENCE`].
    elsewhere: Option<Elsewhere>,
    physical: Vec<f32>,
    mix: Mix,
    /// The filtered signal of the last `forward`; empty until there is one.
    filtered: Stereo,
    staging: GainStaging,
}

/// What another rate than [`REFERENCE`] takes.
struct Elsewhere {
    regrid: Arc<Regrid>,
    /// The impulse response at [`REFERENCE`], of unit energy.
    response: [Vec<f32>; 2],
    /// What it was scaled by.
    scale: f64,
    /// Its gradient.
    gradient: Arc<Pool<[Vec<f32>; 2]>>,
}

impl Elsewhere {
    fn new(rate: u32, kit: &Kit) -> Self {
        let responses = || [vec![0.0; TAPS], vec![0.0; TAPS]];
        Self {
            regrid: kit.table([TAPS, taps(rate)], || Regrid::new(TAPS, taps(rate))),
            response: responses(),
            scale: 1.0,
            gradient: kit.table([TAPS, 0], || Pool::new(responses)),
        }
    }

    fn draw(&mut self, noise: &DecayingNoise, physical: &[f32], filter: &mut LongFilter) {
        noise.draw(physical, self.response.each_mut().map(|c| c.as_mut_slice()));
        self.scale = unit_energy_scale(self.response.each_ref().map(|c| c.as_slice()));
        let scale = self.scale as f32;
        self.response.iter_mut().flatten().for_each(|v| *v *= scale);
        let (regrid, [left, right]) = (&self.regrid, &self.response);
        filter.draw_scaled(1.0, |[l, r]| {
            rayon::join(|| regrid.apply(left, l), || regrid.apply(right, r));
        });
    }

    /// The adjoint of [`draw`](Self::draw), from the gradient of the filter's taps.
    fn draw_backward(
        &self,
        noise: &DecayingNoise,
        physical: &[f32],
        by_taps: &[Vec<f32>; 2],
        gradient: &mut [f32],
    ) {
        self.gradient.with(|by_response| {
            let [left, right] = &mut *by_response;
            let regrid = &self.regrid;
            rayon::join(
                || regrid.apply_backward(&by_taps[0], left),
                || regrid.apply_backward(&by_taps[1], right),
            );
            let along: f64 = by_response.iter().zip(&self.response).map(|(g, t)| dsp::dot(g, t)).sum();
            let (scale, inward) = (self.scale as f32, (0.5 * along) as f32);
            for (g, t) in by_response.iter_mut().flatten().zip(self.response.iter().flatten()) {
                *g = scale * (*g - inward * t);
            }
            noise.draw_backward(physical, by_response, gradient);
        });
    }
}

impl Hall {
    fn new(samples: usize, rate: u32, kit: &Kit) -> Self {
        let taps = taps(rate);
        let convolution = kit.table([samples, taps], || LongConvolution::new(samples, taps));
        let noise = kit.table([0; 2], DecayingNoise::new);
        let scratch = move || Scratch {
            response: [vec![0.0; taps], vec![0.0; taps]],
            straight: Stereo::silence(samples),
        };
        let scratch = kit.table([samples, taps], || Pool::new(scratch));
        Self {
            samples,
            noise,
            scratch,
            filter: LongFilter::new(convolution),
            elsewhere: (rate != REFERENCE).then(|| Elsewhere::new(rate, kit)),
            physical: vec![0.0; 2 * CHANNEL_LEN],
            mix: Mix::WET,
            filtered: Stereo::default(),
            staging: GainStaging::default(),
        }
    }
}

impl Processor for Hall {
    fn set(&mut self, physical: &[f32], wet: f32) {
        self.physical.copy_from_slice(physical);
        self.mix = Mix::of(wet);
        let noise = &self.noise;
        match &mut self.elsewhere {
            None => self.filter.draw(|response| noise.draw(physical, response)),
            Some(elsewhere) => elsewhere.draw(noise, physical, &mut self.filter),
        }
    }

    fn render(&self, input: &Stereo, output: &mut Stereo, _: Clock) {
        self.filter.render(input, output, self.mix);
    }

    fn forward(&mut self, input: &Stereo, output: &mut Stereo, _: Clock) {
        if self.filtered.len() != self.samples {
            self.filtered = Stereo::silence(self.samples);
        }
        self.filter.forward(input, &mut self.filtered, Mix::WET);
        let Mix { wet, dry } = self.mix;
        for ((out, f), x) in output.channels.iter_mut().zip(&self.filtered.channels).zip(&input.channels) {
            for ((out, f), x) in out.iter_mut().zip(f).zip(x) {
                *out = wet * f + dry * x;
            }
        }
        self.staging = GainStaging::of(input, &self.filtered);
    }

    fn release(&mut self) {
        self.filtered = Stereo::default();
        self.filter.release();
    }

    fn backward(
        &mut self,
        input: &Stereo,
        grad: &mut Stereo,
        regulariser_weight: f32,
        gradient: &mut [f32],
    ) -> f32 {
        let weight = regulariser_weight as f64;
        let by_filtered = (weight * self.staging.output_slope) as f32;
        let by_input = (weight * self.staging.input_slope) as f32;
        let Mix { wet, dry } = self.mix;

        let mut by_wet = 0.0;
        self.scratch.with(|Scratch { response, straight }| {
            for c in 0..2 {
                let (g, f, x) = (&mut grad.channels[c], &self.filtered.channels[c], &input.channels[c]);
                by_wet += dsp::dot(g, f) - dsp::dot(g, x);
                for (((g, f), x), s) in g.iter_mut().zip(f).zip(x).zip(&mut straight.channels[c]) {
                    *s = dry * *g + by_input * x;
                    *g = wet * *g + by_filtered * f;
                }
            }
            self.filter.backward(grad, Mix::WET, response);
            grad.add(straight);
            match &self.elsewhere {
                None => self.noise.draw_backward(&self.physical, response, gradient),
                Some(elsewhere) => {
                    elsewhere.draw_backward(&self.noise, &self.physical, response, gradient);
                }
            }
        });
        by_wet as f32
    }

    fn regulariser(&self) -> f64 {
        self.staging.value
    }
}

#[cfg(test)]
mod tests;

//! Multitap delay: twenty echoes a channel, one in every 100 ms, each with a colour of its own (MATH.md §6).
//!
//! Echoes lie on the samples of 30 kHz. At another rate, one that lies between two samples is drawn there by its spectrum. The
//! level is that of the impulse response at 30 kHz at every rate.

#[cfg(test)]
pub(crate) mod golden_onsets;
mod impulse;
mod telling;

use std::ops::Range;
use std::sync::Arc;

use multiversion::multiversion;

use super::telling::{Echo, Settings};
use super::{Definition, Kit, Map, Nature, Parameter, Processor};
use crate::clock::{Clock, REFERENCE};
use crate::dsp::{self, LongConvolution, LongFilter, Mix, Pool, Stereo, ZeroPhase, unit_energy_scale};
use impulse::{ImpulseGradient, Position, SEGMENT};

/// Echoes per channel.
const SEGMENTS: usize = 20;
const ECHOES: usize = 2 * SEGMENTS;
/// Length of the impulse response at [`REFERENCE`], samples.
const TAPS: usize = SEGMENTS * SEGMENT;
/// Magnitudes of an echo's colour.
const COLOR_BINS: usize = 20;
const POSITIONS_LEN: usize = 2 * ECHOES;
const COLORS_LEN: usize = ECHOES * COLOR_BINS;

/// Echoes this much below the loudest are left out of a report, dB.
const AUDIBLE_DB: f64 = 40.0;
/// Widest level in a report, dB.
const WIDEST_DB: f64 = 120.0;

/// The kind.
///
/// Physical parameters: `delay_z[40][re, im]`, then `exp(log_fir_magnitude)[40][20]`; echoes 0..20 are the left
/// channel's.
pub struct MultitapDelay;

impl Definition for MultitapDelay {
    fn name(&self) -> &'static str {
        "multitap_delay"
    }

    fn letter(&self) -> char {
        'd'
    }

    fn nature(&self) -> Nature {
        Nature::Linear
    }

    fn parameters(&self) -> &'static [Parameter] {
        const PARAMETERS: [Parameter; 2] = [
            Parameter::new("delay_z", POSITIONS_LEN, Map::Identity),
            Parameter::new("log_fir_magnitude", COLORS_LEN, Map::Exp),
        ];
        &PARAMETERS
    }

    /// All but dry: forty echoes at once are noise until each has found its place, and too much of it keeps all other
    /// processors from learning (a third of the match on dense mixes).
    fn wet_start(&self) -> f32 {
        -5.0
    }

    /// Slower than other kinds: gradients of positions have unit length however little a tap matters, so that fast
    /// steps keep taps jumping.
    fn learning_rate(&self) -> f64 {
        5e-3
    }

    fn regulariser_weight(&self) -> f32 {
        0.5
    }

    fn reach(&self, rate: u32) -> (usize, usize) {
        (Grid { rate }.taps() - 1, 0)
    }

    fn make(&self, samples: usize, rate: u32, kit: &Arc<Kit>) -> Box<dyn Processor> {
        Box::new(Echoes::new(samples, rate, kit))
    }

    /// An echo's level is that of its colour's energy in the impulse response of unit energy, times the wet weight.
    fn settings(&self, physical: &[f32], wet: f32) -> Settings {
        let mut response = [vec![0.0; TAPS], vec![0.0; TAPS]];
        let onsets = onsets(physical);
        let drawing = Drawing::new(REFERENCE);
        drawing.draw(physical, &onsets, response.each_mut().map(|c| c.as_mut_slice()));
        let energies: Vec<f64> =
            response.iter().flat_map(|c| c.chunks_exact(SEGMENT)).map(dsp::sum_of_squares).collect();
        let unit = energies.iter().sum::<f64>() / 2.0;
        let level = |energy: f64| 10.0 * (energy / unit).log10() + 20.0 * (wet as f64).log10();
        let loudest = energies.iter().copied().fold(0.0, f64::max);
        let audible = loudest * 10f64.powf(-AUDIBLE_DB / 10.0);
        let taps = onsets.iter().zip(energies).enumerate();
        let taps = taps.filter(|(_, (_, e))| e.is_finite() && *e > 0.0 && *e >= audible);
        let echoes = taps.map(|(echo, (onset, energy))| Echo {
            is_right: echo >= SEGMENTS,
            time_ms: ((echo % SEGMENTS) * SEGMENT + onset) as f64 / f64::from(REFERENCE) * 1000.0,
            gain_db: level(energy).clamp(-WIDEST_DB, WIDEST_DB),
        });
        telling::settings(echoes)
    }
}

fn position(physical: &[f32], echo: usize) -> Position {
    Position::new(physical[2 * echo] as f64, physical[2 * echo + 1] as f64)
}

/// The sample at [`REFERENCE`] in its segment on which each echo lies.
fn onsets(physical: &[f32]) -> [usize; ECHOES] {
    std::array::from_fn(|echo| impulse::onset(position(physical, echo)))
}

/// The magnitudes of an echo's colour.
fn colors(physical: &[f32], echo: usize) -> &[f32] {
    &physical[POSITIONS_LEN + echo * COLOR_BINS..][..COLOR_BINS]
}

/// Where echoes lie in an impulse response at a rate.
#[derive(Clone, Copy)]
struct Grid {
    rate: u32,
}

impl Grid {
    /// Samples of the impulse response.
    fn taps(self) -> usize {
        TAPS / REFERENCE as usize * self.rate as usize
    }

    /// The samples that an echo and its colour may lie on.
    fn segment(self, echo: usize) -> Range<usize> {
        let from = |segment: usize| segment * self.taps() / SEGMENTS;
        from(echo % SEGMENTS)..from(echo % SEGMENTS + 1)
    }

    /// The longest segment.
    fn longest(self) -> usize {
        self.taps().div_ceil(SEGMENTS)
    }

    /// The sample nearest to an echo, and how far behind that it lies; `onset` is at [`REFERENCE`].
    fn place(self, echo: usize, onset: usize) -> (usize, f64) {
        let at = (echo % SEGMENTS * SEGMENT + onset) as f64 * f64::from(self.rate) / f64::from(REFERENCE);
        (at.round() as usize, at - at.round())
    }
}

/// Draws echoes at a rate.
struct Drawing {
    grid: Grid,
    color: ZeroPhase,
}

impl Drawing {
    fn new(rate: u32) -> Self {
        Self { grid: Grid { rate }, color: ZeroPhase::new(COLOR_BINS, rate) }
    }

    /// Where in the impulse response an echo's colour lies, and which of its taps that are: it is cut at the segment's
    /// ends.
    fn inside(&self, echo: usize, at: usize) -> (usize, Range<usize>) {
        let (segment, taps) = (self.grid.segment(echo), self.color.taps());
        let centre = taps / 2;
        let start = at.saturating_sub(centre).max(segment.start);
        let first = start + centre - at;
        (start, first..taps.min(first + segment.end - start))
    }

    /// Draws the impulse responses of `[left, right]`, not yet scaled.
    fn draw(&self, physical: &[f32], onsets: &[usize; ECHOES], response: [&mut [f32]; 2]) {
        let mut color = vec![0.0; self.color.taps()];
        let channels = response.into_iter().enumerate();
        for (first, channel) in channels.map(|(c, channel)| (c * SEGMENTS, channel)) {
            channel.fill(0.0);
            for (echo, &onset) in onsets.iter().enumerate().skip(first).take(SEGMENTS) {
                let (at, shift) = self.grid.place(echo, onset);
                self.color.design(colors(physical, echo), shift, &mut color);
                let (start, taps) = self.inside(echo, at);
                channel[start..][..taps.len()].copy_from_slice(&color[taps]);
            }
        }
    }

    /// The adjoint of an echo's drawing but for its position: from the gradient of its channel's impulse response, adds that
    /// of its colour's magnitudes to `by_color`.
    fn color_backward(
        &self,
        echo: usize,
        onset: usize,
        response: &[f32],
        by_taps: &mut [f32],
        by_color: &mut [f32],
    ) {
        let (at, shift) = self.grid.place(echo, onset);
        let (start, taps) = self.inside(echo, at);
        by_taps.fill(0.0);
        by_taps[taps.clone()].copy_from_slice(&response[start..][..taps.len()]);
        self.color.design_backward(by_taps, shift, by_color);
    }
}

/// What all delays on windows of one rate share.
struct Tables {
    drawing: Drawing,
    /// What levels are taken from; none at [`REFERENCE`].
    reference: Option<Reference>,
    impulses: ImpulseGradient,
    responses: Pool<[Vec<f32>; 2]>,
    correlations: Pool<Correlation>,
}

/// Impulse responses at [`REFERENCE`].
struct Reference {
    drawing: Drawing,
    responses: Pool<[Vec<f32>; 2]>,
}

impl Tables {
    fn new(rate: u32) -> Self {
        let responses = |taps: usize| Pool::new(move || [vec![0.0; taps], vec![0.0; taps]]);
        let (drawing, grid) = (Drawing::new(rate), Grid { rate });
        let color_taps = drawing.color.taps();
        let reference = || Reference { drawing: Drawing::new(REFERENCE), responses: responses(TAPS) };
        Self {
            drawing,
            reference: (rate != REFERENCE).then(reference),
            impulses: ImpulseGradient::new(grid.longest()),
            responses: responses(grid.taps()),
            correlations: Pool::new(move || Correlation::new(grid.longest(), color_taps)),
        }
    }
}

/// What the gradient at an impulse is computed in.
struct Correlation {
    /// Samples of an impulse.
    samples: usize,
    padded: Vec<f32>,
    impulse: Vec<f32>,
    color: Vec<f32>,
}

impl Correlation {
    /// Samples that are summed at a time.
    const BLOCK: usize = 64;

    fn new(samples: usize, color_taps: usize) -> Self {
        let len = samples.next_multiple_of(Self::BLOCK);
        let color = vec![0.0; color_taps];
        Self { samples, padded: vec![0.0; len + color_taps], impulse: vec![0.0; len], color }
    }

    /// `∂ℓ/∂impulse` from the gradient of its segment, the impulse seen through the colour.
    fn run(&mut self, segment: &[f32]) -> &mut [f32] {
        let inside = &mut self.padded[self.color.len() / 2..][..self.samples];
        inside[..segment.len()].copy_from_slice(segment);
        inside[segment.len()..].fill(0.0);
        correlate(&self.padded, &self.color, &mut self.impulse);
        &mut self.impulse[..self.samples]
    }
}

/// `out[n] = Σ color[i]·padded[n + i]`.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2+fma"))]
fn correlate(padded: &[f32], color: &[f32], out: &mut [f32]) {
    for (block, out) in out.as_chunks_mut::<{ Correlation::BLOCK }>().0.iter_mut().enumerate() {
        let from = &padded[block * Correlation::BLOCK..][..Correlation::BLOCK + color.len()];
        let mut sums = [0.0f32; Correlation::BLOCK];
        for (i, c) in color.iter().enumerate() {
            for (sum, v) in sums.iter_mut().zip(&from[i..][..Correlation::BLOCK]) {
                *sum += c * v;
            }
        }
        *out = sums;
    }
}

/// A multitap delay at work.
struct Echoes {
    tables: Arc<Tables>,
    filter: LongFilter,
    physical: Vec<f32>,
    onsets: [usize; ECHOES],
    mix: Mix,
}

impl Echoes {
    fn new(samples: usize, rate: u32, kit: &Kit) -> Self {
        let taps = Grid { rate }.taps();
        let convolution = kit.table([samples, taps], || LongConvolution::new(samples, taps));
        Self {
            tables: kit.table([0, rate as usize], || Tables::new(rate)),
            filter: LongFilter::new(convolution),
            physical: vec![0.0; POSITIONS_LEN + COLORS_LEN],
            onsets: [0; ECHOES],
            mix: Mix::WET,
        }
    }

    /// Draws the filter with the echoes on given samples of their segments.
    fn set_at(&mut self, physical: &[f32], wet: f32, onsets: [usize; ECHOES]) {
        self.physical.copy_from_slice(physical);
        self.onsets = onsets;
        self.mix = Mix::of(wet);
        let Tables { drawing, reference, .. } = &*self.tables;
        let Some(reference) = reference else {
            return self.filter.draw(|response| drawing.draw(physical, &onsets, response));
        };
        let scale = reference.responses.with(|response| {
            reference.drawing.draw(physical, &onsets, response.each_mut().map(|c| c.as_mut_slice()));
            unit_energy_scale(response.each_ref().map(|c| c.as_slice()))
        });
        self.filter.draw_scaled(scale, |response| drawing.draw(physical, &onsets, response));
    }

    /// [`Processor::backward`] without the regulariser, and with the positions' gradients as they are: returned, not
    /// added to `gradient`.
    fn loss_backward(
        &self,
        input: &Stereo,
        grad: &mut Stereo,
        gradient: &mut [f32],
    ) -> (f32, [Position; ECHOES]) {
        let dry: f64 = (0..2).map(|c| dsp::dot(&grad.channels[c], &input.channels[c])).sum();
        let mut positions = [Position::ZERO; ECHOES];
        let wet = self.tables.responses.with(|response| {
            let wet = self.filter.backward(grad, self.mix, response);
            let [left, right] = response;
            let (l_positions, r_positions) = positions.split_at_mut(SEGMENTS);
            let (l_colors, r_colors) = gradient[POSITIONS_LEN..].split_at_mut(SEGMENTS * COLOR_BINS);
            rayon::join(
                || self.draw_backward(0, left, l_positions, l_colors),
                || self.draw_backward(SEGMENTS, right, r_positions, r_colors),
            );
            wet
        });
        self.scale_backward(wet, &mut gradient[POSITIONS_LEN..]);
        ((wet - dry) as f32, positions)
    }

    /// The adjoint of [`draw`] for the echoes of one channel, from `first` on.
    fn draw_backward(
        &self,
        first: usize,
        response: &[f32],
        positions: &mut [Position],
        by_color: &mut [f32],
    ) {
        let Tables { drawing, impulses, correlations, .. } = &*self.tables;
        let mut by_taps = vec![0.0; drawing.color.taps()];
        for (i, (by_color, by_position)) in by_color.chunks_exact_mut(COLOR_BINS).zip(positions).enumerate() {
            let echo = first + i;
            *by_position = correlations.with(|c| {
                drawing.color.design(colors(&self.physical, echo), 0.0, &mut c.color);
                let segment = &response[drawing.grid.segment(echo)];
                impulses.position(position(&self.physical, echo), c.run(segment))
            });
            drawing.color_backward(echo, self.onsets[echo], response, &mut by_taps, by_color);
        }
    }

    /// What colours change of the scale that is taken from the impulse response at [`REFERENCE`]; `along` is `∂ℓ/∂scale` times
    /// the scale, at wet 1.
    fn scale_backward(&self, along: f64, by_color: &mut [f32]) {
        let Some(Reference { drawing, responses }) = &self.tables.reference else { return };
        responses.with(|response| {
            drawing.draw(&self.physical, &self.onsets, response.each_mut().map(|c| c.as_mut_slice()));
            let scale = unit_energy_scale(response.each_ref().map(|c| c.as_slice()));
            // ∂scale/∂tap = −½·scale³·tap
            let slope = (-0.5 * self.mix.wet as f64 * along * scale * scale) as f32;
            response.iter_mut().flatten().for_each(|tap| *tap *= slope);
            let mut by_taps = vec![0.0; drawing.color.taps()];
            for (echo, by_color) in by_color.chunks_exact_mut(COLOR_BINS).enumerate() {
                let channel = &response[echo / SEGMENTS];
                drawing.color_backward(echo, self.onsets[echo], channel, &mut by_taps, by_color);
            }
        });
    }
}

impl Processor for Echoes {
    fn set(&mut self, physical: &[f32], wet: f32) {
        self.set_at(physical, wet, onsets(physical));
    }

    fn render(&self, input: &Stereo, output: &mut Stereo, _: Clock) {
        self.filter.render(input, output, self.mix);
    }

    fn forward(&mut self, input: &Stereo, output: &mut Stereo, _: Clock) {
        self.filter.forward(input, output, self.mix);
    }

    /// As [`Processor::backward`], but the loss only tells each echo's position which way to go: its gradient there has
    /// unit length, before the regulariser's is added.
    fn release(&mut self) {
        self.filter.release();
    }

    fn backward(
        &mut self,
        input: &Stereo,
        grad: &mut Stereo,
        regulariser_weight: f32,
        gradient: &mut [f32],
    ) -> f32 {
        let (by_wet, positions) = self.loss_backward(input, grad, gradient);
        for (echo, by_position) in positions.into_iter().enumerate() {
            let (_, by_radius) = impulse::radius_penalty(position(&self.physical, echo));
            let sum = impulse::direction(by_position) + by_radius * regulariser_weight as f64;
            gradient[2 * echo] += sum.re as f32;
            gradient[2 * echo + 1] += sum.im as f32;
        }
        by_wet
    }

    fn regulariser(&self) -> f64 {
        (0..ECHOES).map(|echo| impulse::radius_penalty(position(&self.physical, echo)).0).sum()
    }
}

#[cfg(test)]
mod tests;

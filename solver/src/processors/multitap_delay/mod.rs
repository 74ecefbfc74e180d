//! Multitap delay: twenty echoes a channel, one in every 3000 samples, each with a colour of its own (MATH.md §6).

#[cfg(test)]
pub(crate) mod given;
mod impulse;

use std::sync::Arc;

use candle_core::Tensor;
use multiversion::multiversion;

use super::{Definition, Kit, Parameter, Processor, Settings, Tap};
use crate::dsp::{self, LongConvolution, LongFilter, Mix, Pool, Stereo, ZeroPhase};
use impulse::{ImpulseGradient, Position, SEGMENT};

/// Echoes per channel.
const SEGMENTS: usize = 20;
const ECHOES: usize = 2 * SEGMENTS;
/// Length of the impulse response in samples.
const TAPS: usize = SEGMENTS * SEGMENT;
/// Magnitudes of an echo's colour.
const COLOR_BINS: usize = 20;
/// Taps of the colour's FIR, centred on the echo.
const COLOR_TAPS: usize = 2 * COLOR_BINS - 1;
const CENTRE: usize = COLOR_BINS - 1;
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

    fn parameters(&self) -> &'static [Parameter] {
        const PARAMETERS: [Parameter; 2] =
            [Parameter::new("delay_z", POSITIONS_LEN), Parameter::new("log_fir_magnitude", COLORS_LEN)];
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

    fn physical(&self, raw: &Tensor) -> candle_core::Result<Tensor> {
        let positions = raw.narrow(1, 0, POSITIONS_LEN)?;
        let colors = raw.narrow(1, POSITIONS_LEN, COLORS_LEN)?.exp()?;
        Tensor::cat(&[positions, colors], 1)
    }

    fn regulariser_weight(&self) -> f32 {
        0.5
    }

    fn reach(&self) -> (usize, usize) {
        (TAPS - 1, 0)
    }

    fn make(&self, samples: usize, kit: &Arc<Kit>) -> Box<dyn Processor> {
        Box::new(Echoes::new(samples, kit))
    }

    /// An echo's level is that of its colour's energy in the impulse response of unit energy, times the wet weight.
    fn settings(&self, physical: &[f32], wet: f32, rate: f64) -> Settings {
        let mut response = [vec![0.0; TAPS], vec![0.0; TAPS]];
        let onsets = onsets(physical);
        draw(&ZeroPhase::new(COLOR_BINS), physical, &onsets, response.each_mut().map(|c| c.as_mut_slice()));
        let energies: Vec<f64> =
            response.iter().flat_map(|c| c.chunks_exact(SEGMENT)).map(dsp::sum_of_squares).collect();
        let unit = energies.iter().sum::<f64>() / 2.0;
        let level = |energy: f64| 10.0 * (energy / unit).log10() + 20.0 * (wet as f64).log10();
        let loudest = energies.iter().copied().fold(0.0, f64::max);
        let audible = loudest * 10f64.powf(-AUDIBLE_DB / 10.0);
        let taps = onsets.iter().zip(energies).enumerate();
        let taps = taps.filter(|(_, (_, e))| e.is_finite() && *e > 0.0 && *e >= audible);
        let taps = taps.map(|(echo, (onset, energy))| Tap {
            channel: if echo < SEGMENTS { "left" } else { "right" }.to_string(),
            time_ms: ((echo % SEGMENTS) * SEGMENT + onset) as f64 / rate * 1000.0,
            gain_db: level(energy).clamp(-WIDEST_DB, WIDEST_DB),
            note: None,
        });
        Settings::MultitapDelay { taps: taps.collect() }
    }
}

fn position(physical: &[f32], echo: usize) -> Position {
    Position::new(physical[2 * echo] as f64, physical[2 * echo + 1] as f64)
}

/// The sample in its segment on which each echo lies.
fn onsets(physical: &[f32]) -> [usize; ECHOES] {
    std::array::from_fn(|echo| impulse::onset(position(physical, echo)))
}

fn colors(physical: &[f32]) -> impl Iterator<Item = &[f32]> {
    physical[POSITIONS_LEN..].chunks_exact(COLOR_BINS)
}

/// Where an echo's colour lies in its segment, and which of its taps that are: it is cut at the segment's ends.
fn inside(onset: usize) -> (usize, std::ops::Range<usize>) {
    let start = onset.saturating_sub(CENTRE);
    let first = start + CENTRE - onset;
    (start, first..COLOR_TAPS.min(first + SEGMENT - start))
}

/// Draws the impulse responses of `[left, right]`, not yet scaled.
fn draw(design: &ZeroPhase, physical: &[f32], onsets: &[usize; ECHOES], response: [&mut [f32]; 2]) {
    let mut color = [0.0; COLOR_TAPS];
    let segments = response.into_iter().flat_map(|channel| channel.chunks_exact_mut(SEGMENT));
    for ((segment, magnitudes), &onset) in segments.zip(colors(physical)).zip(onsets) {
        design.design(magnitudes, &mut color);
        let (start, taps) = inside(onset);
        segment.fill(0.0);
        segment[start..][..taps.len()].copy_from_slice(&color[taps]);
    }
}

/// What all delays share.
struct Tables {
    design: ZeroPhase,
    impulses: ImpulseGradient,
    responses: Pool<[Vec<f32>; 2]>,
    correlations: Pool<Correlation>,
}

impl Tables {
    fn new() -> Self {
        Self {
            design: ZeroPhase::new(COLOR_BINS),
            impulses: ImpulseGradient::new(),
            responses: Pool::new(|| [vec![0.0; TAPS], vec![0.0; TAPS]]),
            correlations: Pool::new(Correlation::new),
        }
    }
}

/// What the gradient at an impulse is computed in.
struct Correlation {
    padded: Vec<f32>,
    impulse: Vec<f32>,
}

impl Correlation {
    /// Samples that are summed at a time.
    const BLOCK: usize = 64;
    const BLOCKS: usize = SEGMENT.div_ceil(Self::BLOCK);

    fn new() -> Self {
        let len = Self::BLOCKS * Self::BLOCK;
        Self { padded: vec![0.0; len + COLOR_TAPS], impulse: vec![0.0; len] }
    }

    /// `∂ℓ/∂impulse` from the gradient of its segment, the impulse seen through the colour.
    fn run(&mut self, segment: &[f32], color: &[f32; COLOR_TAPS]) -> &mut [f32] {
        self.padded[CENTRE..][..SEGMENT].copy_from_slice(segment);
        correlate(&self.padded, color, &mut self.impulse);
        &mut self.impulse[..SEGMENT]
    }
}

/// `out[n] = Σ color[i]·padded[n + i]`.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2+fma"))]
fn correlate(padded: &[f32], color: &[f32; COLOR_TAPS], out: &mut [f32]) {
    for (block, out) in out.as_chunks_mut::<{ Correlation::BLOCK }>().0.iter_mut().enumerate() {
        let from = &padded[block * Correlation::BLOCK..][..Correlation::BLOCK + COLOR_TAPS];
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
    fn new(samples: usize, kit: &Kit) -> Self {
        let convolution = kit.table(samples, || LongConvolution::new(samples, TAPS));
        Self {
            tables: kit.table(0, Tables::new),
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
        let design = &self.tables.design;
        self.filter.draw(|response| draw(design, physical, &onsets, response));
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
        let Tables { design, impulses, correlations, .. } = &*self.tables;
        let mut color = [0.0; COLOR_TAPS];
        let segments =
            response.chunks_exact(SEGMENT).zip(by_color.chunks_exact_mut(COLOR_BINS)).zip(positions);
        for (i, ((segment, by_color), by_position)) in segments.enumerate() {
            let echo = first + i;
            let magnitudes = &self.physical[POSITIONS_LEN + echo * COLOR_BINS..][..COLOR_BINS];
            design.design(magnitudes, &mut color);
            let z = position(&self.physical, echo);
            *by_position = correlations.with(|c| impulses.position(z, c.run(segment, &color)));
            let (start, taps) = inside(self.onsets[echo]);
            let mut by_taps = [0.0; COLOR_TAPS];
            by_taps[taps.clone()].copy_from_slice(&segment[start..][..taps.len()]);
            design.design_backward(&by_taps, by_color);
        }
    }
}

impl Processor for Echoes {
    fn set(&mut self, physical: &[f32], wet: f32) {
        self.set_at(physical, wet, onsets(physical));
    }

    fn render(&self, input: &Stereo, output: &mut Stereo) {
        self.filter.render(input, output, self.mix);
    }

    fn forward(&mut self, input: &Stereo, output: &mut Stereo) {
        self.filter.forward(input, output, self.mix);
    }

    /// As [`Processor::backward`], but the loss only tells each echo's position which way to go: its gradient there has
    /// unit length, before the regulariser's is added.
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

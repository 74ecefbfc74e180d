//! The match: how far a rendered mix is from the target mix (MATH.md §8), forward and backward.
//!
//! Both are A-weighted ([`a_weighting`]); mel spectrograms of left, right, mid and side are drawn at three resolutions
//! ([`spectrogram`], on [`fft`] and [`mel`]); spectral convergence and log magnitude compare them ([`distance`]). The
//! norms in spectral convergence are over all frames, so the gradient takes a second pass over the spectra that the
//! first one kept. Frames last as long at every rate, to the nearest power of two; mel bands reach to the Nyquist frequency
//! and the weighting is designed for the rate: above 15 kHz a higher rate hears more, so that matches at different rates
//! compare only roughly. Work is cut into batches of sixteen frames and summed in their order, whatever thread did which.

pub(crate) mod a_weighting;
mod distance;
mod fft;
mod mel;
mod spectrogram;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock;
use crate::dsp::{self, Pool, Stereo};
use a_weighting::AWeighting;
use distance::{Distance, Slope, Sums};
use fft::Cell;
use mel::BANDS;
use spectrogram::{Band, CHANNELS, Scratch, Spectrogram};

/// Frame lengths at 30 kHz in samples, the costliest batches first so that threads finish together.
const RESOLUTIONS: [usize; 3] = [4096, 1024, 512];
/// One value a resolution and channel.
type PerResolution<T> = [[T; CHANNELS]; RESOLUTIONS.len()];
const NO_BAND: Band = [[0.0; fft::LANES]; CHANNELS];

/// A match by channel: 0 where prediction and target sound alike, more the less they do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Match {
    /// ½·lr + ¼·mid + ¼·side
    pub full: f64,
    /// Mean of left and right.
    pub lr: f64,
    /// Left + right.
    pub mid: f64,
    /// Left − right.
    pub side: f64,
}

impl Match {
    fn of(distances: &PerResolution<Distance>) -> Self {
        let [left, right, mid, side] = std::array::from_fn(|c| {
            let sum: f64 = distances.iter().map(|d| d[c].spectral_convergence + d[c].log_magnitude).sum();
            sum / RESOLUTIONS.len() as f64
        });
        Self { full: (left + right + mid + side) / 4.0, lr: (left + right) / 2.0, mid, side }
    }
}

/// Compares windows of one length with their target.
pub struct Matcher {
    samples: usize,
    rate: u32,
    warm_up: usize,
    weighting: AWeighting,
    spectrograms: [Spectrogram; RESOLUTIONS.len()],
    /// (resolution, batch within it), in the order of every sum.
    batches: Vec<(usize, usize)>,
    signals: Pool<Stereo>,
    work: [Pool<Work>; RESOLUTIONS.len()],
    tapes: Pool<Vec<Tape>>,
}

/// The mel spectrograms of a target window, to be compared with many predictions.
#[derive(Clone, Debug)]
pub struct Target {
    batches: Vec<TargetBatch>,
}

/// The logarithms are taken again with every comparison: they would be as large as the mels, and sooner computed than
/// fetched.
#[derive(Clone, Debug)]
struct TargetBatch {
    mel: Vec<Band>,
}

/// Scratch memory for one batch.
struct Work {
    rows: Scratch,
    spectrum: Vec<Cell>,
    mel: Vec<Band>,
    /// Logarithms of the prediction's mels, then slopes.
    bands: Vec<Band>,
    /// Logarithms of the target's mels.
    target: Vec<Band>,
}

/// What the second pass needs of a batch, and its gradient.
struct Tape {
    spectrum: Vec<Cell>,
    mel: Vec<Band>,
    spans: [Vec<f32>; 2],
}

impl Matcher {
    /// A matcher for windows of `samples` samples at `rate` Hz, the first `warm_up` of which do not count.
    pub fn new(samples: usize, warm_up: usize, rate: u32) -> Self {
        let counted = samples.saturating_sub(warm_up);
        let frames = RESOLUTIONS.map(|n| clock::frame(n, rate));
        let spectrograms = frames.map(|n| Spectrogram::new(n, counted, rate));
        let batches: Vec<_> = spectrograms
            .iter()
            .enumerate()
            .flat_map(|(r, s)| (0..s.batches()).map(move |b| (r, b)))
            .collect();
        let work = frames.map(|n| {
            Pool::new(move || Work {
                rows: Scratch::new(n),
                spectrum: vec![Cell::ZERO; n],
                mel: vec![NO_BAND; BANDS],
                bands: vec![NO_BAND; BANDS],
                target: vec![NO_BAND; BANDS],
            })
        });
        let lengths: Vec<_> =
            batches.iter().map(|&(r, _)| (spectrograms[r].cells(), spectrograms[r].span())).collect();
        let tape = |&(cells, span): &(usize, usize)| Tape {
            spectrum: vec![Cell::ZERO; cells],
            mel: vec![NO_BAND; BANDS],
            spans: [(); 2].map(|()| vec![0.0; span]),
        };
        Self {
            samples,
            rate,
            warm_up: warm_up.min(samples),
            weighting: AWeighting::new(rate),
            spectrograms,
            batches,
            signals: Pool::new(move || Stereo::silence(counted)),
            work,
            tapes: Pool::new(move || lengths.iter().map(tape).collect()),
        }
    }

    /// Samples of a window.
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// Their rate, Hz.
    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// Draws a target window. A window that is shorter than the matcher's counts as padded with silence.
    pub fn target(&self, target: &Stereo) -> Target {
        let batch = TargetBatch { mel: vec![NO_BAND; BANDS] };
        let mut drawn = Target { batches: vec![batch; self.batches.len()] };
        self.fill_target(target, &mut drawn);
        drawn
    }

    /// Draws a target window over another one that this matcher drew.
    pub fn fill_target(&self, target: &Stereo, drawn: &mut Target) {
        self.signals.with(|weighted| {
            self.weighting.apply(target, self.warm_up, weighted);
            let batches = drawn.batches.par_iter_mut().zip(&self.batches).with_max_len(1);
            batches.for_each(|(drawn, &(resolution, batch))| {
                self.work[resolution].with(|work| {
                    let spectrogram = &self.spectrograms[resolution];
                    spectrogram.draw(weighted, batch, &mut work.rows, &mut work.spectrum, &mut drawn.mel);
                });
            });
        });
    }

    /// How far `prediction` is from the target. Not a number where the prediction is not.
    pub fn evaluate(&self, target: &Target, prediction: &Stereo) -> Match {
        Match::of(&self.distances(&self.compare(target, prediction)))
    }

    /// As [`evaluate`](Self::evaluate), and writes `∂full/∂prediction`, zero in the warm-up, to the `gradient` of the
    /// matcher's length.
    pub fn evaluate_with_gradient(
        &self,
        target: &Target,
        prediction: &Stereo,
        gradient: &mut Stereo,
    ) -> Match {
        self.tapes.with(|tapes| {
            let sums = self.compare_on_tape(target, prediction, tapes);
            self.backward(target, &sums, tapes, gradient);
            Match::of(&self.distances(&sums))
        })
    }

    fn compare(&self, target: &Target, prediction: &Stereo) -> PerResolution<Sums> {
        self.signals.with(|weighted| {
            self.weighting.apply(prediction, self.warm_up, weighted);
            let batches = self.batches.par_iter().zip(&target.batches).with_max_len(1);
            let sums = batches.map(|(&(resolution, batch), target)| {
                self.work[resolution].with(|work| {
                    let Work { rows, spectrum, mel, bands, target: logs } = work;
                    self.spectrograms[resolution].draw(weighted, batch, rows, spectrum, mel);
                    target.compare(mel, logs, bands)
                })
            });
            self.total(&sums.collect::<Vec<_>>())
        })
    }

    fn compare_on_tape(
        &self,
        target: &Target,
        prediction: &Stereo,
        tapes: &mut [Tape],
    ) -> PerResolution<Sums> {
        self.signals.with(|weighted| {
            self.weighting.apply(prediction, self.warm_up, weighted);
            let batches = self.batches.par_iter().zip(&target.batches).zip(tapes).with_max_len(1);
            let sums = batches.map(|((&(resolution, batch), target), tape)| {
                self.work[resolution].with(|Work { rows, bands, target: logs, .. }| {
                    let Tape { spectrum, mel, .. } = tape;
                    self.spectrograms[resolution].draw(weighted, batch, rows, spectrum, mel);
                    target.compare(mel, logs, bands)
                })
            });
            self.total(&sums.collect::<Vec<_>>())
        })
    }

    /// Each resolution's sums over its batches, in their order.
    fn total(&self, sums: &[[Sums; CHANNELS]]) -> PerResolution<Sums> {
        let mut totals = [[Sums::default(); CHANNELS]; RESOLUTIONS.len()];
        for (&(resolution, _), sums) in self.batches.iter().zip(sums) {
            for (total, sum) in totals[resolution].iter_mut().zip(sums) {
                *total += *sum;
            }
        }
        totals
    }

    fn distances(&self, sums: &PerResolution<Sums>) -> PerResolution<Distance> {
        std::array::from_fn(|r| sums[r].map(|s| s.distance(self.spectrograms[r].frames())))
    }

    fn backward(
        &self,
        target: &Target,
        sums: &PerResolution<Sums>,
        tapes: &mut [Tape],
        gradient: &mut Stereo,
    ) {
        // `full` is the mean over channels and resolutions.
        let weight = 1.0 / (CHANNELS * RESOLUTIONS.len()) as f64;
        let slopes: PerResolution<Slope> =
            std::array::from_fn(|r| sums[r].map(|s| s.slope(self.spectrograms[r].frames(), weight)));
        let batches = self.batches.par_iter().zip(&target.batches).zip(&mut *tapes).with_max_len(1);
        batches.for_each(|((&(resolution, _), target), tape)| {
            self.work[resolution].with(|Work { rows, bands, .. }| {
                let Tape { spectrum, mel, spans } = tape;
                distance::slopes(&slopes[resolution], &target.mel, mel, bands);
                self.spectrograms[resolution].draw_backward(bands, rows, spectrum, spans);
            });
        });
        self.signals.with(|folded| {
            let channels = folded.channels.par_iter_mut().zip(&mut gradient.channels).enumerate();
            channels.for_each(|(channel, (folded, gradient))| {
                folded.fill(0.0);
                for (&(resolution, batch), tape) in self.batches.iter().zip(&*tapes) {
                    self.spectrograms[resolution].fold(batch, &tape.spans[channel], folded);
                }
                let ends = self.warm_up.min(gradient.len());
                let (warm_up, counted) = gradient.split_at_mut(ends);
                warm_up.fill(0.0);
                self.weighting.apply_channel(folded, counted);
            });
        });
    }
}

impl TargetBatch {
    /// The sums over this batch and the prediction's; the logarithms of both are written to `own_log` and `log`.
    fn compare(&self, mel: &[Band], own_log: &mut [Band], log: &mut [Band]) -> [Sums; CHANNELS] {
        for (mel, log) in [(&self.mel[..], &mut *own_log), (mel, &mut *log)] {
            log.copy_from_slice(mel);
            dsp::ln(log.as_flattened_mut().as_flattened_mut());
        }
        distance::compare(&self.mel, own_log, mel, log)
    }
}

#[cfg(test)]
mod tests;

//! Mel spectrograms of left, right, mid and side, and the adjoint of their drawing (MATH.md §8.2–3).
//!
//! Frames are taken sixteen at a time, a batch, one in each lane of an [`Fft`], with left as the real and right as the
//! imaginary part; mid = left + right and side = left − right follow in the spectrum. As a frame is four hops long,
//! sample `r` of hop `q` of sixteen successive frames is sample `r` of sixteen successive hops: with the signal's hops
//! as the columns of a matrix, loading a frame's sample is reading sixteen neighbours.

use multiversion::multiversion;

use super::fft::{Cell, Fft, LANES, Lanes};
use super::mel::{BANDS, BinWeights, MelBank};
use crate::dsp::{self, Stereo};

/// Left, right, mid, side.
pub const CHANNELS: usize = 4;
/// Hops in a frame.
const OVERLAP: usize = 4;
/// Hops that the frames of a batch touch.
const COLUMNS: usize = LANES + OVERLAP - 1;
/// Powers below this count as this, and have no gradient.
const FLOOR: f32 = 1e-4;

/// One mel band (or bin) of a batch: each channel's value in every frame.
pub type Band = [Lanes; CHANNELS];
/// Sample `r` of each hop of a batch.
type Row = [f32; COLUMNS];

/// The spectrogram of one resolution over a signal of a given length.
pub struct Spectrogram {
    n: usize,
    hop: usize,
    samples: usize,
    frames: usize,
    fft: Fft,
    bank: MelBank,
    /// The periodic Hann window, halved: bin `k` of left is then the sum of bins `k` and `−k` (conjugate), not its half.
    window: Vec<f32>,
}

/// What one batch is computed in.
pub struct Scratch {
    rows: [Vec<Row>; 2],
}

impl Scratch {
    /// Memory for batches of frames of `n` samples.
    pub fn new(n: usize) -> Self {
        Self { rows: [(); 2].map(|()| vec![[0.0; COLUMNS]; n / OVERLAP]) }
    }
}

impl Spectrogram {
    /// Frames of `n` samples (a power of two), `n / 4` apart, the first and the last centred on the ends of the signal.
    pub fn new(n: usize, samples: usize, rate: u32) -> Self {
        let hop = n / OVERLAP;
        Self {
            n,
            hop,
            samples,
            frames: if samples == 0 { 0 } else { 1 + samples / hop },
            fft: Fft::new(n),
            bank: MelBank::new(n, rate),
            window: dsp::hann(n).into_iter().map(|w| 0.5 * w).collect(),
        }
    }

    /// Frames over the signal.
    pub fn frames(&self) -> usize {
        self.frames
    }

    /// Batches that hold all frames.
    pub fn batches(&self) -> usize {
        self.frames.div_ceil(LANES)
    }

    /// Cells of a batch's spectrum.
    pub fn cells(&self) -> usize {
        self.n
    }

    /// Samples that the frames of a batch cover.
    pub fn span(&self) -> usize {
        COLUMNS * self.hop
    }

    /// Draws one batch: its `spectrum[cells]` and its `mel[BANDS]`. Lanes past the last frame are zero in `mel`.
    pub fn draw(
        &self,
        signal: &Stereo,
        batch: usize,
        scratch: &mut Scratch,
        spectrum: &mut [Cell],
        mel: &mut [Band],
    ) {
        for (rows, signal) in scratch.rows.iter_mut().zip(&signal.channels) {
            for column in 0..COLUMNS {
                self.read_hop(signal, batch * LANES + column, column, rows);
            }
        }
        load(&self.window, &scratch.rows, spectrum);
        self.fft.forward(spectrum);
        draw_mel(&self.fft, &self.bank, spectrum, mel);
        let used = self.frames - batch * LANES;
        if used < LANES {
            mel.iter_mut().flatten().for_each(|lanes| lanes[used..].fill(0.0));
        }
    }

    /// The adjoint of [`draw`](Self::draw) where it drew `spectrum`, which is overwritten: from `∂ℓ/∂mel` to `∂ℓ/∂sample`
    /// over the batch's `span`, which [`fold`](Self::fold) puts into its place.
    pub fn draw_backward(
        &self,
        slopes: &[Band],
        scratch: &mut Scratch,
        spectrum: &mut [Cell],
        spans: &mut [Vec<f32>; 2],
    ) {
        draw_mel_backward(&self.fft, &self.bank, slopes, spectrum);
        self.fft.inverse(spectrum);
        overlap_add(&self.window, spectrum, &mut scratch.rows);
        for (rows, span) in scratch.rows.iter().zip(spans) {
            for (column, span) in span.chunks_exact_mut(self.hop).enumerate() {
                span.iter_mut().zip(rows).for_each(|(sample, row)| *sample = row[column]);
            }
        }
    }

    /// Adds a batch's `span` to the gradient of the whole signal, what lies outside it where the reflection came from.
    pub fn fold(&self, batch: usize, span: &[f32], gradient: &mut [f32]) {
        let first = self.first_sample(batch * LANES);
        let before = (-first).clamp(0, span.len() as isize) as usize;
        let inside = (self.samples as isize - first).clamp(before as isize, span.len() as isize) as usize;
        let start = (first + before as isize) as usize;
        let gradient_inside = &mut gradient[start.min(self.samples)..];
        gradient_inside.iter_mut().zip(&span[before..inside]).for_each(|(g, s)| *g += s);
        for i in (0..before).chain(inside..span.len()) {
            gradient[self.reflect(first + i as isize)] += span[i];
        }
    }

    /// Where frame `frame` starts, in samples of the signal; the first ones start before it.
    fn first_sample(&self, frame: usize) -> isize {
        (frame * self.hop) as isize - (self.n / 2) as isize
    }

    /// Writes the hop that begins with frame `frame` into a column.
    fn read_hop(&self, signal: &[f32], frame: usize, column: usize, rows: &mut [Row]) {
        let first = self.first_sample(frame);
        let inside = usize::try_from(first).ok().and_then(|start| signal.get(start..start + self.hop));
        match inside {
            Some(hop) => rows.iter_mut().zip(hop).for_each(|(row, sample)| row[column] = *sample),
            None => {
                for (i, row) in rows.iter_mut().enumerate() {
                    row[column] = signal[self.reflect(first + i as isize)];
                }
            }
        }
    }

    /// The sample that stands for sample `i` where the signal is mirrored at its first and last sample.
    fn reflect(&self, i: isize) -> usize {
        let last = self.samples as isize - 1;
        if last == 0 {
            return 0;
        }
        let i = i.rem_euclid(2 * last);
        i.min(2 * last - i) as usize
    }
}

#[cfg(test)]
impl Spectrogram {
    /// The window, halved.
    pub fn window(&self) -> &[f32] {
        &self.window
    }
}

#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2+fma"))]
fn load(window: &[f32], rows: &[Vec<Row>; 2], cells: &mut [Cell]) {
    let hop = rows[0].len();
    for (q, (window, cells)) in window.chunks_exact(hop).zip(cells.chunks_exact_mut(hop)).enumerate() {
        for (((w, left), right), cell) in window.iter().zip(&rows[0]).zip(&rows[1]).zip(cells) {
            for i in 0..LANES {
                cell.re[i] = w * left[q + i];
            }
            for i in 0..LANES {
                cell.im[i] = w * right[q + i];
            }
        }
    }
}

#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2+fma"))]
fn overlap_add(window: &[f32], cells: &[Cell], rows: &mut [Vec<Row>; 2]) {
    let hop = rows[0].len();
    rows.iter_mut().for_each(|rows| rows.fill([0.0; COLUMNS]));
    let [left, right] = rows;
    for (q, (window, cells)) in window.chunks_exact(hop).zip(cells.chunks_exact(hop)).enumerate() {
        for (((w, left), right), cell) in window.iter().zip(&mut *left).zip(&mut *right).zip(cells) {
            for i in 0..LANES {
                left[q + i] += w * cell.re[i];
            }
            for i in 0..LANES {
                right[q + i] += w * cell.im[i];
            }
        }
    }
}

/// One complex bin of left and right, and of mid and side.
struct Bins {
    re: [f32; CHANNELS],
    im: [f32; CHANNELS],
}

impl Bins {
    /// Takes left and right apart: `a` is bin `k`, `b` is bin `−k` of left + i·right.
    #[inline(always)]
    fn of(a: &Cell, b: &Cell, lane: usize) -> Self {
        let left = (a.re[lane] + b.re[lane], a.im[lane] - b.im[lane]);
        let right = (a.im[lane] + b.im[lane], b.re[lane] - a.re[lane]);
        Self {
            re: [left.0, right.0, left.0 + right.0, left.0 - right.0],
            im: [left.1, right.1, left.1 + right.1, left.1 - right.1],
        }
    }

    #[inline(always)]
    fn power(&self, channel: usize) -> f32 {
        self.re[channel] * self.re[channel] + self.im[channel] * self.im[channel]
    }
}

#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2+fma"))]
fn draw_mel(fft: &Fft, bank: &MelBank, cells: &[Cell], mel: &mut [Band]) {
    let n = cells.len();
    let mut falling = [[0.0; LANES]; CHANNELS];
    for segment in 0..=BANDS {
        let mut rising = [[0.0; LANES]; CHANNELS];
        for k in bank.segment(segment) {
            let (a, b) = (&cells[fft.position(k)], &cells[fft.position((n - k) % n)]);
            add_bin(a, b, bank.weights(k), &mut falling, &mut rising);
        }
        if segment > 0 {
            mel[segment - 1] = falling;
        }
        falling = rising;
    }
}

#[inline(always)]
fn add_bin(a: &Cell, b: &Cell, weights: BinWeights, falling: &mut Band, rising: &mut Band) {
    for i in 0..LANES {
        let bins = Bins::of(a, b, i);
        for c in 0..CHANNELS {
            let power = bins.power(c);
            // Written so that what is not a number stays so.
            let magnitude = if power < FLOOR { FLOOR } else { power }.sqrt();
            falling[c][i] += weights.falling * magnitude;
            rising[c][i] += weights.rising * magnitude;
        }
    }
}

/// Replaces the spectrum by the one whose inverse transform is the gradient of left + i·(that of right).
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2+fma"))]
fn draw_mel_backward(fft: &Fft, bank: &MelBank, slopes: &[Band], cells: &mut [Cell]) {
    let n = cells.len();
    let none = [[0.0; LANES]; CHANNELS];
    for segment in 0..=BANDS {
        let falling = if segment > 0 { &slopes[segment - 1] } else { &none };
        let rising = slopes.get(segment).unwrap_or(&none);
        for k in bank.segment(segment) {
            let (at, mirrored) = (fft.position(k), fft.position((n - k) % n));
            let (mut a, mut b) = (cells[at], cells[mirrored]);
            // 0 Hz and Nyquist are their own mirror: they stand once in the sum where other bins stand twice.
            let factor = if at == mirrored { 2.0 } else { 1.0 };
            let weights = bank.weights(k);
            let weights = BinWeights { falling: factor * weights.falling, rising: factor * weights.rising };
            bin_backward(&mut a, &mut b, weights, falling, rising);
            cells[mirrored] = b;
            cells[at] = a;
        }
    }
}

#[inline(always)]
fn bin_backward(a: &mut Cell, b: &mut Cell, weights: BinWeights, falling: &Band, rising: &Band) {
    for i in 0..LANES {
        let bins = Bins::of(a, b, i);
        let mut scale = [0.0; CHANNELS];
        for c in 0..CHANNELS {
            let power = bins.power(c);
            let slope = weights.falling * falling[c][i] + weights.rising * rising[c][i];
            scale[c] = if power < FLOOR { 0.0 } else { slope / power.sqrt() };
        }
        let (mid, side) =
            ((scale[2] * bins.re[2], scale[2] * bins.im[2]), (scale[3] * bins.re[3], scale[3] * bins.im[3]));
        let left = (scale[0] * bins.re[0] + mid.0 + side.0, scale[0] * bins.im[0] + mid.1 + side.1);
        let right = (scale[1] * bins.re[1] + mid.0 - side.0, scale[1] * bins.im[1] + mid.1 - side.1);
        (a.re[i], a.im[i]) = (left.0 - right.1, left.1 + right.0);
        (b.re[i], b.im[i]) = (left.0 + right.1, right.0 - left.1);
    }
}

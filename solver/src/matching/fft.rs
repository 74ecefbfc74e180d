//! Sixteen complex FFTs at once, one a SIMD lane.
//!
//! Every step is the same for all lanes, so nothing is ever shuffled, and the bins may stay in the order in which
//! decimation leaves them: whoever reads one asks [`Fft::position`]. That makes this several times faster here than one
//! library call a frame.

use std::f64::consts::TAU;

use multiversion::multiversion;

/// Signals transformed at once.
pub const LANES: usize = 16;
/// Cells that fit into the fastest cache: blocks up to this size go through all their stages before the next is touched.
const NEAR: usize = 256;

/// One value of each signal.
pub type Lanes = [f32; LANES];

/// One complex value of each signal.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub struct Cell {
    /// Real parts.
    pub re: Lanes,
    /// Imaginary parts.
    pub im: Lanes,
}

impl Cell {
    /// Zero in every lane.
    pub const ZERO: Self = Self { re: [0.0; LANES], im: [0.0; LANES] };
}

/// `e^{−2πij/m}`, its square and its cube, each as (re, im).
type Twiddle = [(f32, f32); 3];

/// The plan for one power-of-two length.
pub struct Fft {
    n: usize,
    /// Radix-4 stages, from the one over the whole length to the one over the smallest blocks.
    stages: Vec<Vec<Twiddle>>,
    /// Whether blocks of two are left after the last radix-4 stage.
    odd: bool,
    positions: Vec<u32>,
}

impl Fft {
    /// A plan for `n` values, `n` a power of two.
    pub fn new(n: usize) -> Self {
        assert!(n.is_power_of_two(), "the length {n} is no power of two");
        let blocks = std::iter::successors(Some(n), |m| Some(m / 4)).take_while(|&m| m >= 4);
        let root = |j: usize, m: usize| {
            let (sin, cos) = (-TAU * j as f64 / m as f64).sin_cos();
            (cos as f32, sin as f32)
        };
        let stage = |m: usize| (0..m / 4).map(|j| [1, 2, 3].map(|p| root(p * j, m))).collect();
        Self {
            n,
            stages: blocks.map(stage).collect(),
            odd: n.trailing_zeros() % 2 == 1,
            positions: (0..n).map(|k| position(k, n)).collect(),
        }
    }

    /// Where in a transformed block bin `k` lies.
    #[inline(always)]
    pub fn position(&self, k: usize) -> usize {
        self.positions[k] as usize
    }

    /// `Σ_i cells[i]·e^{−2πijk/n}` in place; bin `k` comes to lie at [`position`](Self::position)`(k)`.
    pub fn forward(&self, cells: &mut [Cell]) {
        assert_eq!(cells.len(), self.n);
        forward(&self.stages, self.odd, cells);
    }

    /// `Σ_k bin_k·e^{2πijk/n}` in place (not divided by n): bins as [`forward`](Self::forward) leaves them, values in
    /// their natural order.
    pub fn inverse(&self, cells: &mut [Cell]) {
        assert_eq!(cells.len(), self.n);
        inverse(&self.stages, self.odd, cells);
    }
}

fn position(k: usize, n: usize) -> u32 {
    if n < 4 { k as u32 } else { (k % 4 * (n / 4)) as u32 + position(k / 4, n / 4) }
}

#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2+fma"))]
fn forward(stages: &[Vec<Twiddle>], odd: bool, cells: &mut [Cell]) {
    let (far, near) = stages.split_at(stages.partition_point(|s| 4 * s.len() > NEAR));
    for twiddles in far {
        forward_stage(twiddles, cells);
    }
    for cells in cells.chunks_mut(NEAR) {
        for twiddles in near {
            forward_stage(twiddles, cells);
        }
        if odd {
            pair_stage(cells);
        }
    }
}

#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2+fma"))]
fn inverse(stages: &[Vec<Twiddle>], odd: bool, cells: &mut [Cell]) {
    let (far, near) = stages.split_at(stages.partition_point(|s| 4 * s.len() > NEAR));
    for cells in cells.chunks_mut(NEAR) {
        if odd {
            pair_stage(cells);
        }
        for twiddles in near.iter().rev() {
            inverse_stage(twiddles, cells);
        }
    }
    for twiddles in far.iter().rev() {
        inverse_stage(twiddles, cells);
    }
}

#[inline(always)]
fn forward_stage(twiddles: &[Twiddle], cells: &mut [Cell]) {
    for block in cells.chunks_exact_mut(4 * twiddles.len()) {
        let [a, b, c, d] = quarters(block);
        for ((((w, a), b), c), d) in twiddles.iter().zip(a).zip(b).zip(c).zip(d) {
            forward_butterfly(w, a, b, c, d);
        }
    }
}

#[inline(always)]
fn inverse_stage(twiddles: &[Twiddle], cells: &mut [Cell]) {
    for block in cells.chunks_exact_mut(4 * twiddles.len()) {
        let [a, b, c, d] = quarters(block);
        for ((((w, a), b), c), d) in twiddles.iter().zip(a).zip(b).zip(c).zip(d) {
            inverse_butterfly(w, a, b, c, d);
        }
    }
}

/// The radix-2 stage over blocks of two, its own inverse but for the factor.
#[inline(always)]
fn pair_stage(cells: &mut [Cell]) {
    for [a, b] in cells.as_chunks_mut::<2>().0 {
        for i in 0..LANES {
            (a.re[i], b.re[i]) = (a.re[i] + b.re[i], a.re[i] - b.re[i]);
            (a.im[i], b.im[i]) = (a.im[i] + b.im[i], a.im[i] - b.im[i]);
        }
    }
}

#[inline(always)]
fn quarters(block: &mut [Cell]) -> [&mut [Cell]; 4] {
    let quarter = block.len() / 4;
    let (low, high) = block.split_at_mut(2 * quarter);
    let (a, b) = low.split_at_mut(quarter);
    let (c, d) = high.split_at_mut(quarter);
    [a, b, c, d]
}

#[inline(always)]
fn forward_butterfly(w: &Twiddle, a: &mut Cell, b: &mut Cell, c: &mut Cell, d: &mut Cell) {
    let [w1, w2, w3] = *w;
    for i in 0..LANES {
        let (sum_ac, gap_ac) =
            ((a.re[i] + c.re[i], a.im[i] + c.im[i]), (a.re[i] - c.re[i], a.im[i] - c.im[i]));
        let (sum_bd, gap_bd) =
            ((b.re[i] + d.re[i], b.im[i] + d.im[i]), (b.re[i] - d.re[i], b.im[i] - d.im[i]));
        let one = (gap_ac.0 + gap_bd.1, gap_ac.1 - gap_bd.0);
        let two = (sum_ac.0 - sum_bd.0, sum_ac.1 - sum_bd.1);
        let three = (gap_ac.0 - gap_bd.1, gap_ac.1 + gap_bd.0);
        (a.re[i], a.im[i]) = (sum_ac.0 + sum_bd.0, sum_ac.1 + sum_bd.1);
        (b.re[i], b.im[i]) = (one.0 * w1.0 - one.1 * w1.1, one.0 * w1.1 + one.1 * w1.0);
        (c.re[i], c.im[i]) = (two.0 * w2.0 - two.1 * w2.1, two.0 * w2.1 + two.1 * w2.0);
        (d.re[i], d.im[i]) = (three.0 * w3.0 - three.1 * w3.1, three.0 * w3.1 + three.1 * w3.0);
    }
}

/// Undoes [`forward_butterfly`] but for the factor 4: conjugate twiddles first, then the conjugate 4-point transform.
#[inline(always)]
fn inverse_butterfly(w: &Twiddle, a: &mut Cell, b: &mut Cell, c: &mut Cell, d: &mut Cell) {
    let [w1, w2, w3] = *w;
    for i in 0..LANES {
        let one = (b.re[i] * w1.0 + b.im[i] * w1.1, b.im[i] * w1.0 - b.re[i] * w1.1);
        let two = (c.re[i] * w2.0 + c.im[i] * w2.1, c.im[i] * w2.0 - c.re[i] * w2.1);
        let three = (d.re[i] * w3.0 + d.im[i] * w3.1, d.im[i] * w3.0 - d.re[i] * w3.1);
        let (sum_02, gap_02) = ((a.re[i] + two.0, a.im[i] + two.1), (a.re[i] - two.0, a.im[i] - two.1));
        let (sum_13, gap_13) = ((one.0 + three.0, one.1 + three.1), (one.0 - three.0, one.1 - three.1));
        (a.re[i], a.im[i]) = (sum_02.0 + sum_13.0, sum_02.1 + sum_13.1);
        (b.re[i], b.im[i]) = (gap_02.0 - gap_13.1, gap_02.1 + gap_13.0);
        (c.re[i], c.im[i]) = (sum_02.0 - sum_13.0, sum_02.1 - sum_13.1);
        (d.re[i], d.im[i]) = (gap_02.0 + gap_13.1, gap_02.1 - gap_13.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(n: usize) -> Vec<Cell> {
        let value = |i: usize| ((i * i % 7919) as f32 * 0.618).sin();
        let cell = |i: usize| Cell {
            re: std::array::from_fn(|lane| value(32 * i + lane)),
            im: std::array::from_fn(|lane| value(32 * i + 16 + lane)),
        };
        (0..n).map(cell).collect()
    }

    #[test]
    fn each_lane_is_transformed_as_the_definition_says() {
        for n in [1, 2, 4, 8, 64, 512, 1024] {
            let fft = Fft::new(n);
            let cells = noise(n);
            let mut bins = cells.clone();
            fft.forward(&mut bins);
            for (k, lane) in
                [(0, 3), (1, 0), (n / 2, 15), (n / 3, 7), (n - 1, 9)].map(|(k, lane)| (k % n, lane))
            {
                let (mut re, mut im) = (0.0, 0.0);
                for (i, cell) in cells.iter().enumerate() {
                    let (sin, cos) = (-TAU * (i * k % n) as f64 / n as f64).sin_cos();
                    re += cell.re[lane] as f64 * cos - cell.im[lane] as f64 * sin;
                    im += cell.re[lane] as f64 * sin + cell.im[lane] as f64 * cos;
                }
                let found = bins[fft.position(k)];
                let error = (found.re[lane] as f64 - re).hypot(found.im[lane] as f64 - im);
                assert!(error < 1e-6 * n as f64, "n {n}, bin {k}, lane {lane}: off by {error:.1e}");
            }
        }
    }

    #[test]
    fn inverse_returns_the_signal_times_its_length() {
        for n in [1, 2, 8, 512, 4096] {
            let fft = Fft::new(n);
            let cells = noise(n);
            let mut back = cells.clone();
            fft.forward(&mut back);
            fft.inverse(&mut back);
            for (a, b) in cells.iter().zip(&back) {
                for lane in 0..LANES {
                    assert!((a.re[lane] - b.re[lane] / n as f32).abs() < 1e-5);
                    assert!((a.im[lane] - b.im[lane] / n as f32).abs() < 1e-5);
                }
            }
        }
    }
}

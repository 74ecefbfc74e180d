//! Exponential, logarithm and sums over slices, written so that the compiler vectorises them.
//!
//! The standard library's `exp` and `ln` are calls per sample; these polynomials (after Cephes' `expf` and `logf`)
//! stay within a relative error of 2e-7 and run at memory speed. Each function is compiled for several
//! instruction sets and the best one is picked at run time.

use multiversion::multiversion;

/// Samples whose sum is taken in f32 before it joins the f64 total.
const BLOCK: usize = 1024;
const LANES: usize = 16;

/// `2^x` for whole `x` in −126 ..= 127, given as the float `x + 1.5·2²³`.
#[inline(always)]
fn exp2_of_whole(shifted: f32) -> f32 {
    f32::from_bits((shifted.to_bits() << 23).wrapping_add(127 << 23))
}

#[inline(always)]
fn exp_one(x: f32) -> f32 {
    const SHIFT: f32 = 12_582_912.0; // 1.5·2²³: adding it rounds to a whole number
    let x = x.clamp(-87.0, 88.0);
    let shifted = x * std::f32::consts::LOG2_E + SHIFT;
    let whole = shifted - SHIFT;
    let r = x - whole * 0.693_359_4 + whole * 2.121_944_4e-4;
    let mut p = 1.987_569_1e-4;
    for c in [1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5] {
        p = p * r + c;
    }
    (p * r * r + r + 1.0) * exp2_of_whole(shifted)
}

#[inline(always)]
fn ln_one(x: f32) -> f32 {
    let x = x.max(f32::MIN_POSITIVE);
    // Split so that the mantissa lies in √½ ..< √2.
    let bits = x.to_bits().wrapping_sub(0x3f35_04f3);
    let exponent = ((bits as i32) >> 23) as f32;
    let m = f32::from_bits((bits & 0x007f_ffff) + 0x3f35_04f3) - 1.0;
    let z = m * m;
    let mut p = 7.037_683_6e-2;
    for c in [
        -1.151_461e-1,
        1.167_699_9e-1,
        -1.242_014_1e-1,
        1.424_932_3e-1,
        -1.666_805_8e-1,
        2.000_071_5e-1,
        -2.499_999_4e-1,
        3.333_333e-1,
    ] {
        p = p * m + c;
    }
    m + (p * m * z - exponent * 2.121_944_4e-4 - 0.5 * z) + exponent * 0.693_359_4
}

/// Replaces every value by its exponential; inputs are clamped to −87 ..= 88.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2+fma"))]
pub fn exp(values: &mut [f32]) {
    for v in values {
        *v = exp_one(*v);
    }
}

/// Replaces every value by its natural logarithm; values below the smallest normal float count as that float.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2+fma"))]
pub fn ln(values: &mut [f32]) {
    for v in values {
        *v = ln_one(*v);
    }
}

/// `Σ a·b`, in f32 within short blocks and in f64 across them.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2+fma"))]
pub fn dot(a: &[f32], b: &[f32]) -> f64 {
    let n = a.len().min(b.len());
    let mut total = 0.0;
    for (a, b) in a[..n].chunks(BLOCK).zip(b[..n].chunks(BLOCK)) {
        let mut lanes = [0.0f32; LANES];
        let (a, a_rest) = a.as_chunks::<LANES>();
        let (b, b_rest) = b.as_chunks::<LANES>();
        for (a, b) in a.iter().zip(b) {
            for i in 0..LANES {
                lanes[i] += a[i] * b[i];
            }
        }
        total += lanes.iter().map(|&v| v as f64).sum::<f64>();
        total += a_rest.iter().zip(b_rest).map(|(&a, &b)| (a * b) as f64).sum::<f64>();
    }
    total
}

/// `Σ a²`, summed as [`dot`] sums.
pub fn sum_of_squares(a: &[f32]) -> f64 {
    dot(a, a)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_and_ln_are_within_two_in_ten_million() {
        let xs: Vec<f32> = (-86_000..88_000).map(|i| i as f32 * 1e-3).collect();
        let mut found = xs.clone();
        exp(&mut found);
        for (x, y) in xs.iter().zip(&found) {
            let wanted = (*x as f64).exp();
            assert!((*y as f64 / wanted - 1.0).abs() < 2e-7, "exp {x}: {y} {wanted}");
        }
        let mut back = found.clone();
        ln(&mut back);
        for (x, y) in found.iter().zip(&back) {
            let wanted = (*x as f64).ln();
            assert!((*y as f64 - wanted).abs() < 2e-7 * wanted.abs().max(1.0), "ln {x}: {y} {wanted}");
        }
    }

    #[test]
    fn sums_hold_many_small_values_beside_a_large_one() {
        let mut a = vec![1e-3f32; 1_000_000];
        a[0] = 1e3;
        assert!((sum_of_squares(&a) - (1e6 + 999_999.0 * 1e-6)).abs() < 1e-2);
    }
}

//! Products of spectra, written so that the compiler vectorises them.

use multiversion::multiversion;
use realfft::num_complex::Complex;

/// `out = a·b`.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2+fma"))]
pub fn multiply(a: &[Complex<f32>], b: &[Complex<f32>], out: &mut [Complex<f32>]) {
    for ((o, a), b) in out.iter_mut().zip(a).zip(b) {
        *o = Complex::new(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re);
    }
}

/// `out = a·b̄`.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2+fma"))]
pub fn multiply_conjugate(a: &[Complex<f32>], b: &[Complex<f32>], out: &mut [Complex<f32>]) {
    for ((o, a), b) in out.iter_mut().zip(a).zip(b) {
        *o = Complex::new(a.re * b.re + a.im * b.im, a.im * b.re - a.re * b.im);
    }
}

/// `out += a·b̄`.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx512bw", "x86_64+avx2+fma"))]
pub fn multiply_conjugate_add(a: &[Complex<f32>], b: &[Complex<f32>], out: &mut [Complex<f32>]) {
    for ((o, a), b) in out.iter_mut().zip(a).zip(b) {
        o.re += a.re * b.re + a.im * b.im;
        o.im += a.im * b.re - a.re * b.im;
    }
}

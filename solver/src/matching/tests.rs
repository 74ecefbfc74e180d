//! The whole match against the golden one, against finite differences, and at its edges.

use super::*;
use crate::dsp::testing;
use crate::golden::{Golden, assert_close};

const WARM_UP: usize = 30_000;

fn golden_pair(golden: &Golden) -> [Stereo; 2] {
    ["target", "pred"].map(|name| testing::stereo(&golden.f32(name)))
}

fn noise(samples: usize, seed: u32) -> Stereo {
    testing::stereo(&testing::noise(2 * samples, seed))
}

#[test]
fn match_and_gradient_are_the_golden_ones() {
    let golden = Golden::open("loss");
    let [target, prediction] = golden_pair(&golden);
    let matcher = Matcher::new(60_000, WARM_UP, 30_000);
    let drawn = matcher.target(&target);
    let distances = matcher.distances(&matcher.compare(&drawn, &prediction));
    for (n, found) in RESOLUTIONS.iter().zip(&distances) {
        let sc = found.map(|d| d.spectral_convergence as f32);
        let log = found.map(|d| d.log_magnitude as f32);
        assert_close(&format!("sc_{n}"), &sc, &golden.f32(&format!("sc_{n}")), 1e-5);
        assert_close(&format!("logmag_{n}"), &log, &golden.f32(&format!("logmag_{n}")), 1e-5);
    }
    let mut gradient = Stereo::silence(60_000);
    let found = matcher.evaluate_with_gradient(&drawn, &prediction, &mut gradient);
    assert_eq!(found, matcher.evaluate(&drawn, &prediction));
    for (name, found) in [("full", found.full), ("lr", found.lr), ("sum", found.mid), ("diff", found.side)] {
        assert_close(name, &[found as f32], &golden.f32(name), 1e-5);
    }
    assert_close("grad_pred.full", &gradient.channels.concat(), &golden.f32("grad_pred.full"), 1e-4);
}

#[test]
fn windows_are_the_golden_ones() {
    for n in RESOLUTIONS {
        let doubled: Vec<f32> = Spectrogram::new(n, 1, 30_000).window().iter().map(|w| 2.0 * w).collect();
        assert_close("window", &doubled, &Golden::open("loss").f32(&format!("window_{n}")), 1e-6);
    }
}

#[test]
fn gradient_is_what_a_small_step_finds() {
    // 44.1 kHz, a length that fills no batch, and ends that every resolution reflects.
    let (samples, warm_up) = (9_000, 1_234);
    let matcher = Matcher::new(samples, warm_up, 44_100);
    let (target, prediction) = (matcher.target(&noise(samples, 1)), noise(samples, 2));
    let mut gradient = Stereo::silence(samples);
    matcher.evaluate_with_gradient(&target, &prediction, &mut gradient);
    let stretches = [warm_up..warm_up + 60, 5_000..5_060, samples - 60..samples, warm_up..samples];
    for (seed, stretch) in stretches.into_iter().enumerate() {
        let mut direction = noise(samples, 10 + seed as u32);
        for (d, g) in direction.channels.iter_mut().zip(&gradient.channels) {
            for (i, (d, g)) in d.iter_mut().zip(g).enumerate() {
                // Half along the gradient, so that the step is seen above rounding.
                *d = if stretch.contains(&i) { 1e-5 * *d + g.signum() * 1e-5 } else { 0.0 };
            }
        }
        let at = |step: f32| {
            let mut moved = prediction.clone();
            for (m, d) in moved.channels.iter_mut().zip(&direction.channels) {
                m.iter_mut().zip(d).for_each(|(m, d)| *m += step * d);
            }
            matcher.evaluate(&target, &moved).full
        };
        let step = if stretch.len() > 60 { 4.0 } else { 128.0 };
        let found = (at(step) - at(-step)) / (2.0 * step as f64);
        let wanted: f64 = (0..2).map(|c| dsp::dot(&gradient.channels[c], &direction.channels[c])).sum();
        assert!((found / wanted - 1.0).abs() < 0.01, "stretch {seed}: {found:e} {wanted:e}");
    }
    assert!(gradient.channels.iter().all(|c| c[..warm_up].iter().all(|&g| g == 0.0)));
}

#[test]
fn a_signal_matches_itself_entirely() {
    let signal = noise(40_000, 3);
    let matcher = Matcher::new(40_000, 1_000, 30_000);
    let mut gradient = noise(40_000, 4);
    let found = matcher.evaluate_with_gradient(&matcher.target(&signal), &signal, &mut gradient);
    assert_eq!(found, Match::default());
    assert_eq!(gradient, Stereo::silence(40_000));
}

#[test]
fn silence_is_a_signal_like_any_other() {
    let (silence, sound) = (Stereo::silence(20_000), noise(20_000, 5));
    let matcher = Matcher::new(20_000, 0, 48_000);
    let mut gradient = noise(20_000, 6);
    let found = matcher.evaluate_with_gradient(&matcher.target(&silence), &silence, &mut gradient);
    assert_eq!((found, &gradient), (Match::default(), &silence));
    for (target, prediction) in [(&silence, &sound), (&sound, &silence)] {
        let found = matcher.evaluate_with_gradient(&matcher.target(target), prediction, &mut gradient);
        assert!(found.full.is_finite() && found.full > 0.5, "{found:?}");
        assert!(gradient.channels.iter().flatten().all(|g| g.is_finite()));
    }
    assert_eq!(gradient, silence, "silence lies below the floor, where nothing slopes");
}

#[test]
fn mono_differs_from_mono_in_everything_but_the_side() {
    let mono = |seed| {
        let [left, _] = noise(20_000, seed).channels;
        Stereo { channels: [left.clone(), left] }
    };
    let matcher = Matcher::new(20_000, 0, 30_000);
    let found = matcher.evaluate(&matcher.target(&mono(7)), &mono(8));
    assert_eq!(found.side, 0.0);
    assert!(found.lr > 0.1 && found.mid > 0.1);
}

#[test]
fn every_bit_is_the_same_on_any_number_of_threads() {
    let matcher = Matcher::new(30_000, 0, 30_000);
    let on = |threads: usize| {
        let pool = crate::threads::pool(threads).unwrap();
        pool.install(|| {
            let mut gradient = Stereo::silence(30_000);
            let target = matcher.target(&noise(30_000, 9));
            (matcher.evaluate_with_gradient(&target, &noise(30_000, 10), &mut gradient), gradient)
        })
    };
    assert!(on(1) == on(3));
}

#[test]
fn windows_of_any_length_are_measured() {
    for samples in [0, 1, 2, 3, 100, 2_047, 2_048] {
        let matcher = Matcher::new(samples + 10, 10, 30_000);
        let mut gradient = Stereo::silence(samples + 10);
        let target = matcher.target(&noise(samples + 10, 11));
        let found = matcher.evaluate_with_gradient(&target, &noise(samples + 10, 12), &mut gradient);
        assert_eq!(samples == 0, found == Match::default(), "{samples}: {found:?}");
        assert!(gradient.channels.iter().flatten().all(|g| g.is_finite()), "{samples}");
    }
}

#[test]
fn a_prediction_that_is_not_a_number_does_not_pass_for_one() {
    let matcher = Matcher::new(20_000, 0, 30_000);
    let mut broken = noise(20_000, 13);
    broken.channels[1][12_345] = f32::NAN;
    let found = matcher.evaluate(&matcher.target(&noise(20_000, 14)), &broken);
    assert!(found.full.is_nan() && found.lr.is_nan() && found.mid.is_nan());
}

#[test]
fn a_target_is_redrawn_in_place() {
    let matcher = Matcher::new(20_000, 5_000, 30_000);
    let (one, other, prediction) = (noise(20_000, 15), noise(20_000, 16), noise(20_000, 17));
    let mut target = matcher.target(&one);
    matcher.fill_target(&other, &mut target);
    let fresh = matcher.target(&other);
    assert_eq!(matcher.evaluate(&target, &prediction), matcher.evaluate(&fresh, &prediction));
}

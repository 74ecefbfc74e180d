//! Bands against curves whose bands are known.

use proptest::prelude::*;

use super::band::Shape;
use super::*;
use crate::dsp;
use crate::processors::{Kind, THIRD_OCTAVES, Tone};

const RATE: f64 = 44_100.0;

fn band(shape: Shape, hz: f64, db: f64, q: f64) -> Band {
    Band { shape, hz, db, q }
}

fn bell(hz: f64, db: f64, q: f64) -> Band {
    band(Shape::Bell, hz, db, q)
}

fn set(level: f64, bands: &[Band]) -> Bands {
    Bands { bands: bands.to_vec(), bands_level_db: level, bands_residual_db: 0.0 }
}

/// The equaliser's bins at 30 kHz.
fn bins() -> Vec<f64> {
    (0..1024).map(|bin| bin as f64 * 30_000.0 / 2047.0).collect()
}

/// What is found of a set that is heard at some frequencies.
fn found_at(hz: &[f64], wanted: &Bands) -> Bands {
    let db: Vec<f64> = hz.iter().map(|&hz| total_db(wanted, hz, RATE)).collect();
    fit(hz, &db, &vec![1.0; hz.len()], RATE)
}

/// Whether a set is the wanted one, by its bands' shapes, frequencies, gains and qualities.
fn is(found: &Bands, wanted: &Bands) -> bool {
    let alike = |(f, w): (&Band, &Band)| {
        let near = |a: f64, b: f64, share: f64| (a / b - 1.0).abs() < share;
        f.shape == w.shape && near(f.hz, w.hz, 0.02) && near(f.q, w.q, 0.1) && (f.db - w.db).abs() < 0.2
    };
    found.bands.len() == wanted.bands.len()
        && found.bands.iter().zip(&wanted.bands).all(alike)
        && (found.bands_level_db - wanted.bands_level_db).abs() < 0.2
}

#[track_caller]
fn assert_found(level: f64, bands: &[Band]) {
    let wanted = set(level, bands);
    for hz in [bins(), THIRD_OCTAVES.to_vec()] {
        let found = found_at(&hz, &wanted);
        assert!(is(&found, &wanted), "{found:?} of {wanted:?} at {} frequencies", hz.len());
    }
}

#[test]
fn a_bell_is_found_again() {
    assert_found(0.0, &[bell(1000.0, 6.0, 1.0)]);
    assert_found(-1.5, &[bell(180.0, -9.0, 2.0)]);
    assert_found(2.0, &[bell(5200.0, 4.5, 0.6)]);
}

#[test]
fn two_bells_are_found_again() {
    assert_found(1.0, &[bell(120.0, 6.0, 1.2), bell(3000.0, -8.0, 1.5)]);
    assert_found(-2.0, &[bell(400.0, -6.0, 1.0), bell(1800.0, 7.0, 1.4)]);
}

#[test]
fn shelves_are_found_again() {
    assert_found(0.5, &[band(Shape::LowShelf, 150.0, 6.0, 0.7)]);
    assert_found(-0.5, &[band(Shape::HighShelf, 5000.0, -7.0, 0.8)]);
    assert_found(1.0, &[band(Shape::LowShelf, 110.0, -5.0, 0.7), band(Shape::HighShelf, 6000.0, 5.0, 0.7)]);
}

#[test]
fn high_and_low_passes_are_found_again() {
    assert_found(1.0, &[band(Shape::HighPass, 90.0, 0.0, 0.7)]);
    assert_found(-1.0, &[band(Shape::LowPass, 6000.0, 0.0, 0.7)]);
    assert_found(0.0, &[band(Shape::HighPass, 120.0, 0.0, 0.9), band(Shape::LowPass, 4000.0, 0.0, 0.6)]);
}

#[test]
fn whole_settings_are_found_again() {
    assert_found(-1.0, &[bell(350.0, -6.0, 1.4), band(Shape::HighShelf, 6000.0, 5.0, 0.7)]);
    let high_pass = band(Shape::HighPass, 45.0, 0.0, 0.7);
    assert_found(0.8, &[high_pass, band(Shape::LowShelf, 330.0, 6.0, 0.7), bell(2500.0, -7.0, 1.4)]);
    assert_found(-1.0, &[high_pass, bell(250.0, -6.0, 1.0), bell(1200.0, 5.0, 1.6), bell(5000.0, -8.0, 1.2)]);
}

#[test]
fn bands_come_by_frequency_at_any_rate() {
    let wanted = set(0.0, &[bell(100.0, -6.0, 1.0), bell(1000.0, 8.0, 1.0), bell(9000.0, -6.0, 1.0)]);
    for rate in [44_100.0, 48_000.0, 96_000.0] {
        let db: Vec<f64> = bins().iter().map(|&hz| total_db(&wanted, hz, rate)).collect();
        let found = fit(&bins(), &db, &[1.0; 1024], rate);
        assert!(is(&found, &wanted), "{rate} Hz: {found:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn any_bell_or_shelf_and_any_pair_well_apart_is_found_again(
        (low_hz, low_db, low_q) in (80.0..400.0, 4.0..12.0, 0.6..2.0),
        (high_hz, high_db, high_q) in (2500.0..7000.0, -12.0..-4.0, 0.6..2.0),
        (level, which) in (-1.5..1.5, 0..5),
    ) {
        let low = bell(low_hz, low_db, low_q);
        let high = bell(high_hz, high_db, high_q);
        let bands = match which {
            0 => vec![low],
            1 => vec![band(Shape::LowShelf, low_hz, -low_db, 0.7)],
            2 => vec![band(Shape::HighShelf, high_hz, high_db, 0.7)],
            3 => vec![low, high],
            _ => vec![low, band(Shape::HighShelf, high_hz, -high_db, 0.7)],
        };
        let wanted = set(level, &bands);
        let found = found_at(&bins(), &wanted);
        prop_assert!(is(&found, &wanted), "{:?} of {:?}", found, wanted);
    }

    #[test]
    fn whatever_is_finite_gives_finite_bands(
        points in prop::collection::vec(
            (0.0..30_000f64, prop_oneof![-40.0..20f64, -1e300..1e300, Just(-120.0)], prop_oneof![Just(0.0), 0.0..1e300]),
            0..40,
        ),
    ) {
        let mut points = points;
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let column = |f: fn(&(f64, f64, f64)) -> f64| points.iter().map(f).collect::<Vec<_>>();
        let found = fit(&column(|p| p.0), &column(|p| p.1), &column(|p| p.2), RATE);
        let numbers = found.bands.iter().flat_map(|b| [b.hz, b.db, b.q]);
        let mut all = numbers.chain([found.bands_level_db, found.bands_residual_db]);
        prop_assert!(all.all(f64::is_finite) && found.bands.len() <= 6, "{:?}", found);
    }
}

#[test]
fn a_flat_curve_needs_no_bands() {
    assert_eq!(found_at(&bins(), &set(-3.0, &[])).bands, []);
    let found = fit(&bins(), &[-3.0; 1024], &[1.0; 1024], RATE);
    assert!((found.bands_level_db + 3.0).abs() < 1e-9 && found.bands_residual_db < 1e-9, "{found:?}");
}

#[test]
fn next_to_no_points_give_a_level_at_most() {
    assert_eq!(fit(&[], &[], &[], RATE), Bands::default());
    assert_eq!(fit(&[5.0], &[4.0], &[1.0], RATE), Bands::default());
    for count in [1, 3] {
        let found = fit(&[1000.0; 3][..count], &[4.0; 3][..count], &[0.0; 3][..count], RATE);
        assert!(found.bands.is_empty() && (found.bands_level_db - 4.0).abs() < 1e-9, "{found:?}");
        assert_eq!(found.bands_residual_db, 0.0);
    }
}

#[test]
fn what_is_not_in_the_stem_costs_no_band() {
    let heard = set(0.0, &[bell(2000.0, 6.0, 1.0)]);
    let curve = set(0.0, &[bell(70.0, -12.0, 2.0), heard.bands[0]]);
    let db: Vec<f64> = bins().iter().map(|&hz| total_db(&curve, hz, RATE)).collect();
    let weight: Vec<f64> = bins().iter().map(|&hz| if hz > 300.0 { 7e-3 } else { 0.0 }).collect();
    let found = fit(&bins(), &db, &weight, RATE);
    assert!(is(&found, &heard), "{found:?}");
    assert_eq!(fit(&bins(), &db, &[0.0; 1024], RATE), fit(&bins(), &db, &[3.0; 1024], RATE));
}

/// Nine octaves of points that are too far apart to be averaged.
fn twelfths() -> Vec<f64> {
    (0..=108).map(|k| 25.0 * 2f64.powf(k as f64 / 12.0)).collect()
}

#[test]
fn there_are_six_bands_at_most_and_their_residual_is_true() {
    let hz = twelfths();
    let bumps: Vec<Band> =
        (0..9).map(|k| bell(40.0 * 2f64.powi(k), if k % 2 == 0 { 9.0 } else { -7.0 }, 3.0)).collect();
    for bumps in [&bumps[..], &bumps[..4], &bumps[..1], &[]] {
        let curve = set(1.0, bumps);
        let db: Vec<f64> = hz.iter().map(|&hz| total_db(&curve, hz, RATE)).collect();
        let weight: Vec<f64> = hz.iter().map(|hz| hz.sqrt()).collect();
        let found = fit(&hz, &db, &weight, RATE);
        assert!(found.bands.len() <= 6);
        let (mut sum, mut total) = (0.0, 0.0);
        for (k, ((&hz, db), weight)) in hz.iter().zip(&db).zip(&weight).enumerate() {
            let weight = if k == 0 || k == 108 { weight / 2.0 } else { *weight };
            sum += weight * (db - total_db(&found, hz, RATE)).powi(2);
            total += weight;
        }
        let residual = f64::sqrt(sum / total);
        assert!((residual - found.bands_residual_db).abs() < 1e-6, "{residual} in {found:?}");
    }
}

#[test]
fn ripple_from_bin_to_bin_costs_no_bands() {
    let wanted = set(0.0, &[bell(700.0, -8.0, 1.2), band(Shape::HighShelf, 6000.0, 6.0, 0.7)]);
    let ripple = &dsp::uniform_noise(1024)[0];
    let db: Vec<f64> =
        bins().iter().zip(ripple).map(|(&hz, &r)| total_db(&wanted, hz, RATE) + r as f64).collect();
    let found = fit(&bins(), &db, &[1.0; 1024], RATE);
    assert_eq!(found.bands.len(), 2, "{found:?}");
    for hz in [50.0, 100.0, 300.0, 700.0, 1000.0, 2500.0, 5000.0, 8000.0, 12_000.0] {
        let (f, w) = (total_db(&found, hz, RATE), total_db(&wanted, hz, RATE));
        assert!((f - w).abs() < 1.0, "{hz} Hz: {f} dB of {w} dB");
    }
}

#[test]
fn a_dip_in_a_single_bin_costs_no_band() {
    let mut db = vec![0.0; 1024];
    db[400] = -120.0;
    let found = fit(&bins(), &db, &[1.0; 1024], RATE);
    assert_eq!(found.bands, []);
}

#[test]
fn a_mixed_and_smoothed_equaliser_is_said_in_few_bands() {
    let drawn = set(0.0, &[band(Shape::HighPass, 100.0, 0.0, 0.7), bell(1500.0, 9.0, 1.0)]);
    let magnitudes: Vec<f32> =
        bins().iter().map(|&hz| 10f64.powf(total_db(&drawn, hz, RATE) / 20.0) as f32).collect();
    assert_eq!(magnitudes.len(), Kind::Equalizer.definition().row_len());
    let Some(Tone::Filter(response)) = Kind::Equalizer.definition().tone() else { panic!("no filter") };
    let heard = response(&magnitudes, 0.8);
    let found = fit(&heard.hz, &heard.db, &vec![1.0; heard.hz.len()], RATE);
    assert!(found.bands.len() <= 3 && found.bands_residual_db <= 0.5, "{found:?}");
    for (&hz, &db) in heard.hz.iter().zip(&heard.db).filter(|(hz, _)| **hz > 40.0) {
        let said = total_db(&found, hz, RATE);
        assert!((said - db).abs() < 1.5, "{hz} Hz: {said} dB of {db} dB");
    }
}

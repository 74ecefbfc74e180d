//! As few bands as come close to a curve.

use super::band::Bands;
use super::curve::Curve;
use super::search::Search;
use super::shelves;

/// Most bands.
const MOST: usize = 6;
/// A residual that is close enough, dB RMS.
const CLOSE_DB: f64 = 0.5;
/// A residual that is not worth another band however much it takes, dB RMS.
const EXACT_DB: f64 = 0.1;
/// The share of a residual that one band more must leave at most, while the residual is not close and once it is.
const WORTH: (f64, f64) = (0.93, 0.4);
/// Sets of bands that are carried on from each count to the next.
const CARRIED: usize = 3;

/// Fits a level and at most six bands to a curve: levels `db` at rising frequencies `hz`, each weighted by `weight` ≥ 0
/// times the part of the logarithmic frequency axis that it stands for. Weights that are all 0 count as equal.
/// `rate` in Hz is the sample rate of the biquads. What lies below 20 Hz or above 20 kHz is not heard and left out.
///
/// There are as few bands as leave 0.5 dB RMS, and one more where it takes most of what is left of a smooth curve. A
/// curve too rough for that gets no bands that take next to nothing.
pub fn fit(hz: &[f64], db: &[f64], weight: &[f64], rate: f64) -> Bands {
    Curve::new(hz, db, weight, rate).map_or_else(Bands::default, |curve| fit_curve(&curve))
}

fn fit_curve(curve: &Curve) -> Bands {
    let search = Search::new(curve);
    let flat = search.flat();
    let mut best = flat.clone();
    let (mut shorter, mut carried) = (vec![], vec![flat]);
    for _ in 0..MOST {
        let close = best.bands_residual_db <= CLOSE_DB;
        if best.bands_residual_db <= EXACT_DB || close && !search.is_smooth(&best) {
            break;
        }
        let longer = search.extend(&carried, &shorter, CARRIED);
        (shorter, carried) = (carried, longer);
        let Some(next) = search.finished(&carried) else { break };
        if is_worth(&next, &best) {
            best = next;
        } else if close {
            break;
        }
    }
    drop_idle(&search, &mut best);
    shelves::turn(&mut best);
    best.bands.sort_by(|a, b| a.hz.total_cmp(&b.hz));
    best
}

/// Whether a longer set comes so much closer than a shorter one that its bands are not wasted.
fn is_worth(longer: &Bands, shorter: &Bands) -> bool {
    let share = if shorter.bands_residual_db <= CLOSE_DB { WORTH.1 } else { WORTH.0 };
    let more = longer.bands.len() - shorter.bands.len();
    longer.bands_residual_db <= share.powi(more as i32) * shorter.bands_residual_db
}

/// Takes out what is not needed.
fn drop_idle(search: &Search, best: &mut Bands) {
    let mut k = 0;
    while k < best.bands.len() {
        let without = search.without(best, k);
        if without.bands_residual_db <= EXACT_DB || !is_worth(best, &without) {
            (*best, k) = (without, 0);
        } else {
            k += 1;
        }
    }
}

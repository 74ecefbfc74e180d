//! The figures of a report: every one finite and rounded.

use super::Error;
use crate::bands::Bands;
use crate::findings::{MatchView, Report};
use crate::units::ENDLESS;

/// The report with every figure at four decimals, or at four significant digits below 1, and nothing beyond
/// ±[`ENDLESS`]. Settling twice changes nothing.
///
/// # Errors
/// [`Error::NotANumber`] names the first figure that is not a number.
pub fn settle(report: &Report) -> Result<Report, Error> {
    let mut settled = report.clone();
    visit(&mut settled, &mut |figure| *figure = round(*figure));
    // Only a NaN can still become a null: absent options are skipped.
    let value = serde_json::to_value(&settled).map_err(Error::NotAReport)?;
    match path_of_null(&value) {
        Some(path) => Err(Error::NotANumber(path)),
        None => Ok(settled),
    }
}

fn round(figure: f64) -> f64 {
    let figure = figure.clamp(-ENDLESS, ENDLESS);
    let text = if figure.abs() < 1.0 { format!("{figure:.3e}") } else { format!("{figure:.4}") };
    // Adding 0 turns −0 into 0.
    text.parse().unwrap_or(figure) + 0.0
}

fn visit(report: &mut Report, on: &mut impl FnMut(&mut f64)) {
    on(&mut report.session.duration_s);
    on(&mut report.settings.tolerance);
    report.session.tempo.iter_mut().for_each(|tempo| on(&mut tempo.bpm));
    let stages =
        [&mut report.matches.plain_sum, &mut report.matches.console, &mut report.matches.pruned].into_iter();
    for matches in stages.chain(&mut report.matches.static_mix) {
        let MatchView { full, lr, mid, side } = matches;
        [full, lr, mid, side].into_iter().for_each(&mut *on);
    }
    on(&mut report.pruning.ratio);
    report.pruning.by_kind.values_mut().for_each(&mut *on);
    if let Some(error) = &mut report.error {
        let (frequency, time) = (&mut error.by_frequency, &mut error.over_time);
        let figures = frequency.hz.iter_mut().chain(&mut frequency.db).chain(&mut time.s).chain(&mut time.db);
        figures.for_each(&mut *on);
    }
    report.history.iter_mut().for_each(|round| on(&mut round.matched));
    for strip in &mut report.strips {
        strip.heard.iter_mut().for_each(&mut *on);
        strip.tone.iter_mut().for_each(|tone| visit_bands(tone, on));
    }
    for processor in report.strips.iter_mut().flat_map(|s| &mut s.chain) {
        on(&mut processor.wet);
        processor.kept_in_runs.iter_mut().for_each(&mut *on);
        processor.matters.iter_mut().for_each(&mut *on);
        processor.settings.visit(on);
        processor.bands.iter_mut().for_each(|bands| visit_bands(bands, on));
        if let Some(reduction) = &mut processor.reduction {
            on(&mut reduction.median_db);
            on(&mut reduction.max_db);
        }
    }
    let also = report.strips.iter_mut().flat_map(|s| &mut s.also);
    also.for_each(|also| on(&mut also.kept_in_runs));
    report.runs.iter_mut().for_each(|run| on(&mut run.matched));
    on(&mut report.timing.fit_s);
    on(&mut report.timing.prune_s);
    on(&mut report.timing.step_ms_median);
}

fn visit_bands(bands: &mut Bands, on: &mut impl FnMut(&mut f64)) {
    for band in &mut bands.bands {
        [&mut band.hz, &mut band.db, &mut band.q].into_iter().for_each(&mut *on);
    }
    on(&mut bands.bands_level_db);
    on(&mut bands.bands_residual_db);
}

/// Where the first null stands, such as `strips[2].chain[0].ratio`.
fn path_of_null(value: &serde_json::Value) -> Option<String> {
    use serde_json::Value;
    match value {
        Value::Null => Some(String::new()),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(i, v)| path_of_null(v).map(|rest| join(&format!("[{i}]"), &rest))),
        Value::Object(fields) => fields.iter().find_map(|(k, v)| path_of_null(v).map(|rest| join(k, &rest))),
        _ => None,
    }
}

fn join(head: &str, rest: &str) -> String {
    let dot = if rest.is_empty() || rest.starts_with('[') { "" } else { "." };
    format!("{head}{dot}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture;

    #[test]
    fn a_figure_keeps_four_decimals_or_four_digits_and_settles_at_once() {
        let wanted = [
            (-18.123_456, -18.1235),
            (0.123_456, 0.1235),
            (1.234_56e-5, 1.235e-5),
            (-0.0, 0.0),
            (0.999_96, 1.0),
            (48_000.0, 48_000.0),
            (f64::INFINITY, ENDLESS),
            (f64::NEG_INFINITY, -ENDLESS),
        ];
        for (given, expected) in wanted {
            let found = round(given);
            assert_eq!(found, expected);
            assert_eq!(round(found), found);
            assert!(found.is_sign_positive() || found < 0.0);
        }
    }

    #[test]
    fn a_figure_that_is_not_a_number_is_named() {
        let mut report = fixture::song();
        let settings = &mut report.strips[0].chain[1].settings;
        *settings = settings.clone().with("ratio", f64::NAN);
        let text = settle(&report).unwrap_err().to_string();
        assert!(text.contains("strips[0].chain[1].ratio"), "{text}");
    }

    #[test]
    fn no_figure_of_a_report_is_missed() {
        let mut report = fixture::song();
        visit(&mut report, &mut |figure| *figure = f64::NAN);
        // Numbers that are left are the whole ones: sizes, ids, rates, seeds.
        fn whole(value: &serde_json::Value) -> bool {
            match value {
                serde_json::Value::Number(n) => n.is_u64(),
                serde_json::Value::Array(items) => items.iter().all(whole),
                serde_json::Value::Object(fields) => fields.values().all(whole),
                _ => true,
            }
        }
        assert!(whole(&serde_json::to_value(&report).unwrap()));
    }
}

//! Plots of what concerns the whole song: errors, and the search's way.

use super::chart::{Chart, across, step};
use crate::findings::{ErrorOverTime, RoundView};
use crate::processors::Response;
use crate::units::{clock, fixed, short};
use crate::words::facts::third_octave;

/// The frame, in CSS pixels.
const SIZE: (f64, f64) = (360.0, 116.0);

/// An error in dB over frequency, without a line where nothing is heard; nothing where there are no figures.
pub fn error_by_frequency(error: &Response) -> Option<String> {
    if error.db.is_empty() {
        return None;
    }
    let mut plot = Chart::new("difference in dB over frequency", SIZE);
    plot.frequencies();
    let y = decibels(&mut plot, &error.db);
    let width = plot.width;
    let thirds: Vec<(f64, f64)> = error.hz.iter().copied().zip(error.db.iter().copied()).collect();
    for heard in thirds.chunk_by(|a, b| third_octave(b.0) == third_octave(a.0) + 1) {
        // A lone point is a line to itself: its round ends are a dot.
        let ends = heard.first().filter(|_| heard.len() == 1);
        plot.curve("curve", heard.iter().chain(ends).map(|&(hz, db)| (across(width, hz), y(db))));
    }
    Some(plot.close())
}

/// An error in dB over time, without a line where nothing is heard; nothing where there are no figures.
pub fn error_over_time(error: &ErrorOverTime) -> Option<String> {
    let last = *error.s.last()?;
    // The last second has a length, too.
    let end = last + 1.0;
    let mut plot = Chart::new("difference in dB over the song's time", SIZE);
    let width = plot.width;
    let x = |s: f64| width * s / end;
    time(&mut plot, end);
    let y = decibels(&mut plot, &error.db);
    let seconds: Vec<(f64, f64)> = error.s.iter().copied().zip(error.db.iter().copied()).collect();
    for heard in seconds.chunk_by(|a, b| b.0 - a.0 < 1.5) {
        // Longer songs have more seconds than the plot has dots: each second is a step of the line.
        let steps = heard.iter().flat_map(|&(s, db)| [(x(s), y(db)), (x(s + 1.0), y(db))]);
        plot.curve("curve fine", steps);
    }
    Some(plot.close())
}

/// Seconds from 0 to `end` below a plot.
fn time(plot: &mut Chart, end: f64) {
    for s in times(end, 7) {
        plot.upright(plot.width * s / end, &clock(s));
    }
}

/// At most `count` round times from 0 to `end`, s.
pub fn times(end: f64, count: usize) -> Vec<f64> {
    let steps = [1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0];
    let apart = steps.into_iter().find(|apart| end / apart < count as f64).unwrap_or(36_000.0);
    (0..count).map(|i| i as f64 * apart).take_while(|s| *s <= end).collect()
}

/// Levels from 0 dB to beyond the greatest; returns where a level lies.
fn decibels(plot: &mut Chart, db: &[f64]) -> impl Fn(f64) -> f64 + use<> {
    let greatest = db.iter().copied().fold(0.1, f64::max);
    let apart = step(greatest, 4.0);
    let scale = apart * (greatest / apart).ceil();
    let height = plot.height;
    let y = move |db: f64| height * (1.0 - db / scale);
    for i in 0..=(scale / apart).round() as i32 {
        let db = f64::from(i) * apart;
        plot.level(y(db), &short(db, 2));
    }
    y
}

/// The match over the processors that are left, from the first fit to the last round of pruning; nothing for less than
/// two fits.
pub fn history(rounds: &[RoundView]) -> Option<String> {
    if rounds.len() < 2 {
        return None;
    }
    let counts = || rounds.iter().map(|round| round.processors as f64);
    let (most, fewest) = (counts().fold(0.0, f64::max), counts().fold(f64::INFINITY, f64::min));
    let apart = step((most - fewest).max(1.0), 6.0).max(1.0);
    let (from, to) = (apart * (most / apart).ceil(), apart * (fewest / apart).floor());
    let matches = || rounds.iter().map(|round| round.matched);
    let (worst, best) = (matches().fold(0.0, f64::max), matches().fold(f64::INFINITY, f64::min));
    let fine = step((worst - best).max(1e-4), 4.0);
    let (top, foot) = (fine * (worst / fine).ceil(), fine * (best / fine).floor());
    let (top, foot) = if top > foot { (top, foot) } else { (foot + fine, foot) };

    let mut plot = Chart::new("match over the processors that are left, round by round", SIZE);
    let (width, height) = (plot.width, plot.height);
    let x = |count: f64| if from > to { width * (from - count) / (from - to) } else { width / 2.0 };
    let y = |matched: f64| height * (top - matched) / (top - foot);
    for i in 0..=((from - to) / apart).round() as i32 {
        let count = to + f64::from(i) * apart;
        plot.upright(x(count), &fixed(count, 0));
    }
    for i in 0..=((top - foot) / fine).round() as i32 {
        let matched = foot + f64::from(i) * fine;
        plot.level(y(matched), &short(matched, 4));
    }
    let places = rounds.iter().map(|round| (x(round.processors as f64), y(round.matched)));
    plot.curve("curve", places.clone());
    for ((x, y), round) in places.zip(rounds) {
        let title = match round.round {
            0 => "before pruning".to_string(),
            n => format!("round {n}"),
        };
        plot.put(&format!(
            r#"<circle class="dot" cx="{x:.1}" cy="{y:.1}" r="3"><title>{title}</title></circle>"#
        ));
    }
    Some(plot.close())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture;

    #[test]
    fn what_concerns_the_whole_song_is_well_formed_and_stays_within_its_frame() {
        let report = fixture::song();
        let error = report.error.unwrap();
        let mut flat = report.history.clone();
        flat.iter_mut().for_each(|round| (round.processors, round.matched) = (5, 0.25));
        let drawn = [
            error_by_frequency(&error.by_frequency),
            error_over_time(&error.over_time),
            history(&report.history),
            history(&flat),
        ];
        for svg in drawn {
            let svg = svg.unwrap();
            let document = roxmltree::Document::parse(&svg).unwrap();
            let lines = document.descendants().filter_map(|n| n.attribute("points"));
            for pair in lines.flat_map(|p| p.split(' ')) {
                let (x, y) = pair.split_once(',').unwrap();
                assert!((0.0..=SIZE.0).contains(&x.parse().unwrap()), "{pair}");
                assert!((0.0..=SIZE.1).contains(&y.parse().unwrap()), "{pair}");
            }
        }
    }

    #[test]
    fn there_is_no_line_where_nothing_is_heard() {
        let lines = |svg: Option<String>| svg.unwrap().matches("<polyline").count();
        let error = fixture::song().error.unwrap();
        assert_eq!(lines(error_by_frequency(&error.by_frequency)), 2);
        assert_eq!(lines(error_over_time(&error.over_time)), 2);
        let whole = ErrorOverTime { s: vec![0.0, 1.0, 2.0], db: vec![1.0; 3] };
        assert_eq!(lines(error_over_time(&whole)), 1);
        // A third octave between two silent ones is a dot.
        let lone = error_by_frequency(&Response { hz: vec![40.0, 63.0, 80.0], db: vec![1.0; 3] }).unwrap();
        let document = roxmltree::Document::parse(&lone).unwrap();
        let points = document.descendants().filter_map(|n| n.attribute("points"));
        assert!(points.map(|line| line.split(' ').count()).eq([2, 2]));
    }

    #[test]
    fn where_there_are_no_figures_there_is_no_plot() {
        assert_eq!(error_by_frequency(&Response { hz: vec![], db: vec![] }), None);
        assert_eq!(error_over_time(&ErrorOverTime { s: vec![], db: vec![] }), None);
        assert_eq!(history(&fixture::song().history[..1]), None);
    }

    #[test]
    fn times_are_round_and_few() {
        assert_eq!(times(217.3, 7), [0.0, 60.0, 120.0, 180.0]);
        assert_eq!(times(8.0, 7), [0.0, 2.0, 4.0, 6.0, 8.0]);
        assert!((2..=7).contains(&times(3600.0 * 5.0, 7).len()));
    }
}

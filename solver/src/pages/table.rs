//! The strips as rows, for a table in the terminal.

use crate::findings::{Report, StripView};
use crate::graph::Role;
use crate::words::order::strips;
use crate::words::processor_phrase::describe;
use crate::words::runs;
use crate::words::wiring::Wiring;

/// A strip in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The strip's name.
    pub name: String,
    /// What the strip is for.
    pub role: Role,
    /// Where its signal goes.
    pub to: String,
    /// A phrase a processor, in order, with what feeds it if that is not plain; empty where the strip needs none.
    pub chain: Vec<String>,
    /// What only other runs kept; none where there was one run, or none kept more.
    pub also: Option<String>,
}

/// A row a strip: every group's tracks and then the group, the tracks without a group, the sends, the master.
pub fn rows(report: &Report) -> Vec<Row> {
    let wiring = Wiring::of(report);
    strips(report).into_iter().map(|strip| row(strip, &wiring)).collect()
}

fn row(strip: &StripView, wiring: &Wiring) -> Row {
    let phrase = |(place, processor)| {
        let number = wiring.number(place).map(|number| number + " ");
        let source = wiring.source(strip, place).map(|source| format!(", {source}"));
        let share = runs::share(processor).map(|share| format!(" · {share}"));
        let (number, source) = (number.unwrap_or_default(), source.unwrap_or_default());
        format!("{number}{}{source}{}", describe(processor), share.unwrap_or_default())
    };
    Row {
        name: strip.name.clone(),
        role: strip.role,
        to: wiring.destination(strip),
        chain: strip.chain.iter().enumerate().map(phrase).collect(),
        also: runs::others(strip),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture;

    #[test]
    fn there_is_a_row_a_strip_and_a_phrase_a_processor() {
        let report = fixture::song();
        let rows = rows(&report);
        assert_eq!(rows.len(), report.strips.len());
        for strip in &report.strips {
            let row = rows.iter().find(|r| r.name == strip.name && r.role == strip.role).unwrap();
            assert_eq!(row.chain.len(), strip.chain.len());
        }
        assert_eq!(rows.last().unwrap().role, Role::Master);
    }

    #[test]
    fn several_runs_are_told_with_each_processor_and_strip() {
        let rows = rows(&fixture::song_of_runs());
        let of = |name: &str| rows.iter().find(|row| row.name.starts_with(name)).unwrap();
        assert!(of("Kick").chain[1].ends_with(" · 40 % of runs"), "{:?}", of("Kick"));
        assert_eq!(of("Kick").also, None);
        assert_eq!(of("Overheads").also.as_deref(), Some("in other runs also: reverb (20 %)"));
    }
}

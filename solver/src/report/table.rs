//! The strips as rows, for a table in the terminal.

use super::order::{blocks, masters};
use super::phrases::describe;
use super::schema::{Report, StripView};
use crate::graph::Role;

/// A strip in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The strip's name.
    pub name: String,
    /// What the strip is for.
    pub role: Role,
    /// The group that a track is routed to.
    pub group: Option<String>,
    /// A phrase a processor, in order; empty where the strip needs none.
    pub chain: Vec<String>,
}

/// A row a strip: every group's tracks and then the group, the tracks without a group, the master.
pub fn rows(report: &Report) -> Vec<Row> {
    let blocks = blocks(report);
    let strips = blocks.iter().flat_map(|b| b.tracks.iter().copied().chain(b.group));
    strips.chain(masters(report)).map(row).collect()
}

fn row(strip: &StripView) -> Row {
    Row {
        name: strip.name.clone(),
        role: strip.role,
        group: strip.group.clone(),
        chain: strip.chain.iter().map(describe).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

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
}

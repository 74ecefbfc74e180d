//! The order in which strips are drawn: tracks under the group they are routed to.

use crate::findings::{Report, StripView};

use crate::graph::Role;

/// A group's strip and the tracks that are routed to it.
pub struct Block<'a> {
    /// None for the tracks that go straight to the sum.
    pub group: Option<&'a StripView>,
    /// In session order.
    pub tracks: Vec<&'a StripView>,
}

/// Every group with its tracks in session order, then the tracks without a group, then groups without tracks. Every track
/// and every group is in exactly one block.
pub fn blocks(report: &Report) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block> =
        with_role(report, Role::Group).map(|g| Block { group: Some(g), tracks: vec![] }).collect();
    let mut free = Block { group: None, tracks: vec![] };
    for track in with_role(report, Role::Track) {
        let routed =
            blocks.iter_mut().find(|b| b.group.map(|g| &g.name) == track.group.as_ref() && b.group.is_some());
        routed.unwrap_or(&mut free).tracks.push(track);
    }
    if !free.tracks.is_empty() {
        blocks.push(free);
    }
    // What only sends feed comes last.
    blocks.sort_by_key(|block| block.tracks.is_empty());
    blocks
}

/// All strips: block by block, a group behind its tracks, then sends, then the master.
pub fn strips(report: &Report) -> Vec<&StripView> {
    let blocks = blocks(report).into_iter().flat_map(|block| block.tracks.into_iter().chain(block.group));
    blocks.chain(sends(report)).chain(masters(report)).collect()
}

/// The strips that others feed beside their way to the output.
pub fn sends(report: &Report) -> Vec<&StripView> {
    with_role(report, Role::Send).collect()
}

/// The strips on the sum of all; there is at most one in a console.
pub fn masters(report: &Report) -> Vec<&StripView> {
    with_role(report, Role::Master).collect()
}

fn with_role(report: &Report, role: Role) -> impl Iterator<Item = &StripView> {
    report.strips.iter().filter(move |s| s.role == role)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture;

    #[test]
    fn a_bus_that_no_track_is_routed_to_comes_last() {
        let report = fixture::parallel();
        let blocks = blocks(&report);
        assert_eq!(blocks.iter().map(|b| b.tracks.len()).collect::<Vec<_>>(), [2, 0]);
        assert_eq!(blocks[1].group.map(|g| g.name.as_str()), Some("space"));
    }

    #[test]
    fn sends_come_between_the_groups_and_the_master() {
        let report = fixture::hall();
        let names: Vec<_> = strips(&report).iter().map(|strip| strip.name.as_str()).collect();
        assert_eq!(names, ["Kick", "Drums", "Lead vocal", "hall", "master"]);
    }

    #[test]
    fn every_strip_is_drawn_once_and_tracks_stand_by_their_group() {
        let mut report = fixture::song();
        report.strips[1].group = Some("a group that is not there".into());
        let blocks = blocks(&report);
        let drawn = blocks.iter().map(|b| b.tracks.len() + usize::from(b.group.is_some())).sum::<usize>();
        assert_eq!(drawn + masters(&report).len(), report.strips.len());
        for block in &blocks {
            let Some(group) = block.group else { continue };
            assert!(block.tracks.iter().all(|t| t.group.as_ref() == Some(&group.name)));
        }
        assert!(blocks.last().unwrap().tracks.iter().any(|t| t.name == report.strips[1].name));
    }
}

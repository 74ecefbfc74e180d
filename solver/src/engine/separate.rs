//! Whether a song can be taken apart into its stems.

use std::collections::HashMap;

use crate::graph::{Graph, NodeId, NodeKind};
use crate::processors::{Kind, Nature};

/// A processor behind which its stems cannot be told apart.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the {kind} {} works on {stems} stems at once, and what it makes of each of them cannot be told apart; bypass it, or \
     put one on each track instead",
    place(strip.as_deref())
)]
pub struct Inseparable {
    /// Its kind.
    pub kind: Kind,
    /// The name of the strip that it is part of.
    pub strip: Option<String>,
    /// How many stems enter it.
    pub stems: usize,
}

fn place(strip: Option<&str>) -> String {
    strip.map_or("in no strip".into(), |strip| format!("of \"{strip}\""))
}

/// Whether what each stem adds to the mix can be told, where `nature` says what kinds are like: nowhere may several stems
/// enter a processor that is opaque. One that a single stem enters, on however many ways, is no obstacle.
///
/// # Errors
/// The first processor that is one, in the order in which sound passes.
pub fn separable(graph: &Graph, nature: impl Fn(Kind) -> Nature) -> Result<(), Inseparable> {
    // Of each node: the one stem that reaches it, or how many do.
    let mut reached: HashMap<NodeId, Vec<usize>> = HashMap::new();
    for id in graph.order() {
        let Some(node) = graph.node(id) else { continue };
        let mut stems: Vec<usize> = graph.predecessors(id).flat_map(|from| reached[&from].clone()).collect();
        stems.extend(node.kind.stem());
        stems.sort_unstable();
        stems.dedup();
        if let NodeKind::Processor(kind) = node.kind
            && nature(kind) == Nature::Opaque
            && stems.len() > 1
        {
            let strip = node.strip.map(|strip| graph.strips[strip].name.clone());
            return Err(Inseparable { kind, strip, stems: stems.len() });
        }
        reached.insert(id, stems);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Selection;
    use crate::graph::strategies::diamond;

    /// Two stems in a group, one beside it, and a master.
    fn console(kinds: &[Kind]) -> Graph {
        let stems =
            [("a", Some(0)), ("b", Some(0)), ("c", None)].map(|(name, group)| (name.to_owned(), group));
        Graph::console(&stems, &["drums".to_owned()], Selection { master: true, ..Selection::of(kinds) })
            .unwrap()
    }

    fn opaque(kind: Kind) -> impl Fn(Kind) -> Nature {
        move |other| if other == kind { Nature::Opaque } else { other.definition().nature() }
    }

    #[test]
    fn all_kinds_that_there_are_can_be_taken_apart() {
        assert_eq!(separable(&console(&Kind::ALL), |kind| kind.definition().nature()), Ok(()));
    }

    #[test]
    fn what_is_opaque_stands_in_the_way_from_the_second_stem_on() {
        let mut graph = console(&[Kind::Equalizer, Kind::StereoImager]);
        let refused = separable(&graph, opaque(Kind::StereoImager)).unwrap_err();
        assert_eq!((refused.strip.as_deref(), refused.stems), (Some("drums"), 2));
        let text = refused.to_string();
        assert!(text.starts_with("the stereo_imager of \"drums\" works on 2 stems at once"), "{text}");
        let remove = |graph: &mut Graph, strip| {
            let id = graph.chain(strip)[1];
            graph.remove(id).unwrap();
        };
        remove(&mut graph, 3);
        let refused = separable(&graph, opaque(Kind::StereoImager)).unwrap_err();
        assert_eq!((refused.strip.as_deref(), refused.stems), (Some("master"), 3));
        // Those of the tracks are left.
        remove(&mut graph, 4);
        assert_eq!(separable(&graph, opaque(Kind::StereoImager)), Ok(()));
    }

    #[test]
    fn branches_of_one_stem_are_one_stem() {
        assert_eq!(separable(&diamond(), |_| Nature::Opaque), Ok(()));
    }
}

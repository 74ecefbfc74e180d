//! What is written is read again, and what is no graph is refused by name.

use proptest::prelude::*;

use super::{FileError, GraphFile};
use crate::graph::strategies::{any_consoles, graphs_in_strips};
use crate::graph::{Graph, NodeKind, Role, Send};
use crate::processors::Kind;

/// The vocal's input, equalizer and reverb, then the bus and the output.
const VOX: &str = r#"{
 "strips": [{"name": "bus", "role": "group"}, {"name": "vox", "role": "track", "group": "bus", "chain": [7]}],
 "program": "any", "match": {"plain_sum": null},
 "graph": {
  "nodes": [{"id": 8, "kind": "output"}, {"id": 0, "kind": "input", "strip": 1}, {"id": 3, "kind": "equalizer", "strip": 1},
            {"id": 2, "kind": "reverb", "strip": 1}, {"id": 5, "kind": "sum", "strip": 0}],
  "edges": [[0, 3], [3, 2], [2, 5], [5, 8]]}}"#;

fn read(text: &str) -> Result<Graph, FileError> {
    GraphFile::parse(text.as_bytes())?.graph()
}

/// What is said of the vocal's graph with one text replaced.
#[track_caller]
fn refusal(from: &str, to: &str) -> String {
    assert!(VOX.contains(from), "{from}");
    read(&VOX.replacen(from, to, 1)).unwrap_err().to_string()
}

#[test]
fn strips_are_sorted_and_nodes_stay_in_theirs() {
    let graph = read(VOX).unwrap();
    let strips: Vec<_> = graph.strips.iter().map(|s| (s.name.as_str(), s.role, s.group)).collect();
    assert_eq!(strips, [("vox", Role::Track, Some(1)), ("bus", Role::Group, None)]);
    let of = |id| graph.node(id).unwrap().strip;
    assert_eq!([0, 3, 2, 5, 8].map(of), [Some(0), Some(0), Some(0), Some(1), None]);
    assert_eq!(graph.node(0).unwrap().kind, NodeKind::Input { stem: 0 });
    assert_eq!(graph.chain(0), [3, 2]);
}

#[test]
fn nodes_and_edges_may_stand_beside_the_strips() {
    let bare = VOX.replace(r#""graph": {"#, "").replace("]}}", "]}");
    assert_eq!(read(&bare), read(VOX));
    assert_eq!(read(&format!("\u{feff}{VOX}")), read(VOX));
}

#[test]
fn text_of_another_layout_is_refused_with_its_place() {
    assert!(refusal("\"nodes\": [", "\"nodes\": [,").starts_with("line 5, column 13: "));
    assert!(refusal("[0, 3]", "[0, 3, 1]").starts_with("line 7, column"));
    assert!(refusal("\"id\": 0", "\"id\": -1").contains("-1"));
    assert!(
        refusal("\"role\": \"group\"", "\"role\": \"bus\"")
            .contains("unknown variant `bus`, expected one of `track`, `group`, `send`, `master`")
    );
    assert!(refusal("\"strip\": 0", "\"stripe\": 0").contains("unknown field `stripe`"));
    assert!(read("").unwrap_err().to_string().starts_with("line 1, column 0: "));
    for (key, text) in [
        ("nodes", "{}"),
        ("edges", r#"{"nodes": []}"#),
        ("strips", r#"{"nodes": [], "edges": []}"#),
        ("strips", r#"{"graph": {"nodes": [], "edges": []}}"#),
    ] {
        let said = read(text).unwrap_err().to_string();
        assert!(said.starts_with(&format!("there are no \"{key}\"; ")), "{said}");
    }
}

#[test]
fn what_is_no_graph_is_refused_by_the_name_of_the_node() {
    let kinds = Kind::ALL.map(Kind::name).join(", ");
    let unknown = format!(
        "node 2 is of the kind 'flanger', which does not exist; the kinds are input, sum, output, {kinds}"
    );
    for (from, to, said) in [
        ("reverb", "flanger", unknown.as_str()),
        ("[5, 8]", "[5, 9]", "the edge 5 → 9 names node 9, which is not in the graph"),
        (
            "[5, 8]",
            "[5, 8], [2, 3]",
            "node 3 (equalizer of strip 'vox') is fed 2 times; it needs exactly one input",
        ),
        (
            "[5, 8]",
            "[5, 8], [5, 5]",
            "node 5 (sum of strip 'bus') is part of a cycle; sound must flow from the inputs to the output",
        ),
        (
            "\"kind\": \"sum\", \"strip\": 0",
            "\"kind\": \"output\"",
            "the graph has 2 outputs; it needs exactly one",
        ),
        ("\"id\": 5", "\"id\": 2", "node 2 is given twice; every node needs an id of its own"),
        (
            "\"reverb\", \"strip\": 1",
            "\"reverb\"",
            "node 2 (reverb) is in no strip; only sums and the output may be",
        ),
        (
            "\"input\", \"strip\": 1",
            "\"input\"",
            "node 0 (input) is in no strip; only sums and the output may be",
        ),
        (
            "\"input\", \"strip\": 1",
            "\"input\", \"strip\": 0",
            "node 0 (input of strip 'bus') is an input, but that strip is no track; give the strip the role track and the stem's name",
        ),
        (
            "\"strip\": 0",
            "\"strip\": 2",
            "node 5 (sum) names strip 2, counted from 0, but there are 2 strips",
        ),
    ] {
        assert_eq!(refusal(from, to), said);
    }
}

#[test]
fn strips_that_contradict_each_other_are_refused() {
    for (from, to, said) in [
        (
            "\"group\": \"bus\"",
            "\"group\": \"buss\"",
            "strip 'vox' is routed to 'buss', but no strip with the role group is called so",
        ),
        (
            "\"group\": \"bus\"",
            "\"group\": \"vox\"",
            "strip 'vox' is routed to 'vox', but no strip with the role group is called so",
        ),
        (
            "\"strips\": [",
            "\"strips\": [{\"name\": \"bus\", \"role\": \"group\"}, ",
            "two strips with the role group are called 'bus'; every name may stand once",
        ),
        (
            "\"strips\": [",
            "\"strips\": [{\"name\": \"a\", \"role\": \"master\"}, {\"name\": \"b\", \"role\": \"master\"}, ",
            "2 strips have the role master; there may be one",
        ),
        (
            "\"role\": \"group\"",
            "\"role\": \"send\"",
            "strip 'vox' is routed to the send 'bus', but sends are fed by gains; lead one from the end of 'vox' into the sum of 'bus'",
        ),
        (
            "[{\"name\": \"bus\"",
            "[{\"name\": \"dry\", \"role\": \"track\"}, {\"name\": \"bus\"",
            "node 0 (input of strip 'bus') is an input, but that strip is no track; give the strip the role track and the stem's name",
        ),
        (
            "\"chain\": [7]}]",
            "\"chain\": [7]}, {\"name\": \"dry\", \"role\": \"track\"}]",
            "strip 'dry' is a track without an input; add one or take the strip out",
        ),
    ] {
        assert_eq!(refusal(from, to), said);
    }
}

#[test]
fn a_track_and_a_group_may_have_one_name() {
    let same = VOX.replace("\"bus\"", "\"vox\"");
    let groups = |graph: Graph| graph.strips.iter().map(|s| s.group).collect::<Vec<_>>();
    assert_eq!(groups(read(&same).unwrap()), [Some(1), None]);
}

/// The vocal, a gain that sends it to the hall, the hall's reverb, and the output.
const HALL: &str = r#"{
 "strips": [{"name": "hall", "role": "send"}, {"name": "vox", "role": "track"}],
 "nodes": [{"id": 0, "kind": "input", "strip": 1}, {"id": 1, "kind": "gain_pan", "strip": 0}, {"id": 2, "kind": "sum", "strip": 0},
           {"id": 3, "kind": "reverb", "strip": 0}, {"id": 4, "kind": "output"}],
 "edges": [[0, 4], [0, 1], [1, 2], [2, 3], [3, 4]]}"#;

#[test]
fn a_send_is_read_with_what_feeds_it() {
    let graph = read(HALL).unwrap();
    assert_eq!(graph.strips.iter().map(|s| s.role).collect::<Vec<_>>(), [Role::Track, Role::Send]);
    assert_eq!(graph.sends(), [Send { gain: 1, from: Some(0), to: 1 }]);
}

#[test]
fn sends_that_cannot_be_are_refused() {
    let refused = |text: &str| read(text).unwrap_err().to_string();
    let refusal = |from: &str, to: &str| {
        assert!(HALL.contains(from), "{from}");
        refused(&HALL.replacen(from, to, 1))
    };
    let without_gain = HALL.replace(r#"{"id": 1, "kind": "gain_pan", "strip": 0}, "#, "");
    let unfed =
        "nothing feeds the send 'hall'; lead a gain from another strip into its sum, or take the strip out";
    assert_eq!(refused(&without_gain.replace("[0, 1], [1, 2], ", "")), unfed);
    assert_eq!(
        refusal("[3, 4]", "[3, 4], [3, 2]"),
        "the send 'hall' feeds itself; sends must not run in circles"
    );
    assert_eq!(
        refusal("[0, 4], ", ""),
        "node 0 (input of strip 'vox') feeds nothing but sends; it must reach the output without them, too"
    );
}

proptest! {
    #[test]
    fn a_console_with_sends_is_read_as_it_was_written(graph in any_consoles()) {
        let text = serde_json::to_string(&GraphFile::of(&graph)).unwrap();
        prop_assert_eq!(read(&text), Ok(graph));
    }

    #[test]
    fn any_graph_is_read_as_it_was_written(graph in graphs_in_strips()) {
        let text = serde_json::to_string(&GraphFile::of(&graph)).unwrap();
        prop_assert_eq!(read(&text), Ok(graph));
    }

    #[test]
    fn the_order_of_strips_in_a_file_changes_nothing_but_the_order_within_a_role(
        (graph, order) in graphs_in_strips().prop_flat_map(|graph| {
            let order: Vec<usize> = (0..graph.strips.len()).collect();
            (Just(graph), Just(order).prop_shuffle())
        })
    ) {
        let file = GraphFile::of(&graph);
        let mut shuffled = file.clone();
        shuffled.strips = order.iter().map(|&strip| file.strips[strip].clone()).collect();
        for node in &mut shuffled.nodes {
            node.strip = node.strip.map(|strip| order.iter().position(|&s| s == strip).unwrap());
        }
        let found = shuffled.graph().unwrap();
        prop_assert!(found.strips.is_sorted_by_key(|strip| strip.role as u8));
        prop_assert_eq!(found.edges(), graph.edges());
        let named = |graph: &Graph, strip: Option<usize>| {
            strip.map(|strip| (graph.strips[strip].name.clone(), graph.strips[strip].role))
        };
        for (found_node, node) in found.nodes().iter().zip(graph.nodes()) {
            prop_assert_eq!(named(&found, found_node.strip), named(&graph, node.strip));
            prop_assert_eq!(found_node.kind.stem(), found_node.kind.stem().and(found_node.strip));
        }
        for strip in &found.strips {
            let same = graph.strips.iter().find(|s| (&s.name, s.role) == (&strip.name, strip.role)).unwrap();
            prop_assert_eq!(named(&found, strip.group), named(&graph, same.group));
        }
    }
}

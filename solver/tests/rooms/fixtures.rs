//! Small crates with and without circles, which prove the check itself.

use super::source::Source;
use super::{House, lines, options};

const ROOT: (&str, &str) = ("lib.rs", "pub mod fit; pub mod graph; pub mod pages;");

/// The circles of a crate of the rooms `fit`, `graph` and `pages`, whose other files are `graph/mod.rs` with its `node` and
/// `edge`.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let plain = [
        ROOT,
        ("fit.rs", ""),
        ("pages.rs", ""),
        ("graph/mod.rs", "mod edge; mod node;"),
        ("graph/edge.rs", ""),
        ("graph/node.rs", ""),
    ];
    let other = plain.into_iter().filter(|(name, _)| files.iter().all(|(own, _)| own != name));
    lines(&House::of(other.chain(files.iter().copied())))
}

#[test]
fn two_rooms_that_use_each_other_are_found_whichever_way_they_say_it() {
    let circle = ["between rooms: fit → pages → fit"];
    let fits = [
        "use crate::pages::Page;",
        "pub fn fit() { crate::pages::draw(); }",
        "fn fit(page: &super::pages::Page<'_>) {}",
        "use crate::{graph::Node, pages::{self, Page}};",
        "use super::pages as drawn;",
        "pub use crate::pages::Page;",
        "pub(crate) use crate::pages::Page;",
        "fn fit() -> [crate::pages::Page; 2] { let quote = '\"'; let also = '\\''; }",
        "#[cfg(test)] mod tests { mod inner {} }\n#[cfg(test)]\nuse crate::graph::X;\nuse crate::pages::Page;",
    ];
    for fit in fits {
        assert_eq!(found(&[("fit.rs", fit), ("pages.rs", "use crate::fit::Fit;")]), circle, "{fit}");
        assert_eq!(found(&[("fit.rs", fit)]), [""; 0], "{fit}");
    }
}

#[test]
fn a_way_round_through_a_third_room_is_told_whole() {
    let files = [
        ("fit.rs", "use crate::graph::Node;"),
        ("graph/node.rs", "use crate::pages::Page;"),
        ("pages.rs", "use crate::fit;"),
    ];
    let told = found(&files);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("between rooms: ") && told[0].matches('→').count() == 3, "{told:?}");
}

#[test]
fn files_side_by_side_are_found_also_where_the_folder_hands_names_on() {
    let circle = ["in graph: edge → node → edge"];
    let roofs = [
        "mod edge; mod node; pub use edge::Edge; pub use node::Node;",
        "mod edge; mod node; use edge::*; use node::Node;",
    ];
    for (edge, roof) in [("use super::Node;", roofs[0]), ("use super::node::Node;", roofs[1])] {
        let files = [
            ("graph/mod.rs", roof),
            ("graph/edge.rs", edge),
            ("graph/node.rs", "fn all() -> Vec<super::edge::Edge> {}"),
        ];
        assert_eq!(found(&files), circle);
    }
    let through_the_root = [
        ("graph/mod.rs", "mod edge; mod node; pub use edge::Edge as Link; pub use node::Node;"),
        ("graph/edge.rs", "use crate::graph::Node;"),
        ("graph/node.rs", "use super::Link;"),
    ];
    assert_eq!(found(&through_the_root), circle);
}

#[test]
fn a_folder_below_a_room_counts_as_one_among_its_neighbours() {
    let files = [
        ("graph/mod.rs", "mod edge; mod file;"),
        ("graph/file/mod.rs", "mod text;"),
        ("graph/file/text.rs", "use crate::graph::edge::Edge;"),
        ("graph/edge.rs", "use super::file::Text;"),
    ];
    assert_eq!(found(&files), ["in graph: edge → file → edge"]);
}

#[test]
fn what_is_no_import_makes_no_circle() {
    let harmless = [
        "// use crate::pages::Page;",
        "/* use crate::pages::Page; /* and */ crate::pages::draw() */",
        "/// Of [`crate::pages::draw`].\npub struct Fit;",
        "const TEXT: &str = \"use crate::pages::Page; \\\" crate::pages::draw()\";",
        "const TEXT: &str = r#\"\" crate::pages::draw()\"#;",
        "#[cfg(test)]\nmod tests { use crate::pages::Page; }",
        "#[cfg(test)] use crate::pages::Page;\nfn fit() {}",
        "fn fit() { std::pages::draw(); other::crate_pages::draw(); }",
    ];
    for fit in harmless {
        assert_eq!(found(&[("fit.rs", fit), ("pages.rs", "use crate::fit::Fit;")]), [""; 0], "{fit}");
    }
}

#[test]
fn a_file_that_only_tests_declare_is_not_looked_at() {
    let files = [
        ("fit.rs", "#[cfg(test)]\nmod tests;\n#[cfg(test)]\npub(crate) mod fixture;"),
        ("fit/tests.rs", "use crate::pages::Page;"),
        ("fit/fixture.rs", "use crate::pages::Page;"),
        ("pages.rs", "use crate::fit::Fit;"),
    ];
    assert_eq!(found(&files), [""; 0]);
}

#[test]
fn a_folder_and_what_it_holds_are_one() {
    let files = [
        ("graph/mod.rs", "mod edge; mod node; use edge::Edge; pub struct Graph; fn all() -> edge::Edge {}"),
        ("graph/edge.rs", "use super::Graph;"),
        ("graph/node.rs", "use super::Graph; use super::edge::Edge;"),
    ];
    assert_eq!(found(&files), [""; 0]);
}

#[test]
fn options_are_found_in_texts_alone() {
    let found = |code: &str| {
        let texts = Source::read(code).texts;
        texts.iter().flat_map(|text| options(text)).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(found("#[error(\"{0} exists; pass --force, or --out-dir DIR\")]"), ["--force", "--out-dir"]);
    assert_eq!(found("const X: &str = r#\"a \"--resume\" b\"#; // \"--out\""), ["--resume"]);
    assert_eq!(found("fn f() { x(\"--kind: red; <!-- a -- b --> 1--2\"); y --z }"), [""; 0]);
    assert_eq!(found("#[cfg(test)]\nmod tests { const X: &str = \"--out\"; }"), [""; 0]);
}

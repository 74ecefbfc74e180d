//! Nobody else knows candle.

use std::fs;
use std::path::Path;

/// Calls `on` with every source file below `folder`.
fn walk(folder: &Path, on: &mut impl FnMut(&Path)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => walk(&path, on),
            false => on(&path),
        }
    }
}

#[test]
fn candle_is_named_in_this_room_alone() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = 0;
    walk(&source, &mut |path| {
        let inside = path.starts_with(source.join("parameters"));
        let names_it = fs::read_to_string(path).unwrap().contains("candle");
        assert!(inside || !names_it, "{}", path.display());
        files += usize::from(inside && names_it);
    });
    assert!(files > 1, "the walk did not find what it looks for");
}

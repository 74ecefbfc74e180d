//! A kind of processor is one file in `processors/` and one line in the list of kinds: nothing else names one.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use mixtrace_solver::processors::Kind;

/// Names that other formats happen to share with a kind: the file, and the text.
const OF_OTHERS: [(&str, &str); 2] =
    [("export/dawproject/devices.rs", "Equalizer"), ("export/dawproject/devices.rs", "Compressor")];

#[test]
fn no_file_outside_processors_names_a_kind() {
    let solver = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = vec![];
    for room in [solver.join("src"), solver.join("../plugin/src")] {
        let files = rust_files(&room);
        assert!(files.len() > 40, "{} holds no sources", room.display());
        let tests = test_files(&files);
        for file in files.iter().filter(|file| !file.starts_with(solver.join("src/processors"))) {
            if !tests.iter().any(|test| file.starts_with(test)) {
                found.extend(names_of_kinds(file));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_search_finds_what_it_looks_for_and_passes_tests_over() {
    let folder = std::env::temp_dir().join(format!("mixtrace-kinds-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("mod.rs");
    let text = r##"
        // Kind::Reverb in a comment, and "compressor".
        const A: Kind = Kind::Reverb;
        const B: &str = r#"a Noise gate, quoted"#;
        const C: char = '"';
        const D: &str = "NodeKindReverb gates, it reverberates";
        #[cfg(test)]
        mod tests { const E: Kind = Kind::Reverb; const F: &str = "}reverb"; }
        fn g() -> &'static str { "gain_pan" }
    "##;
    fs::write(&file, text).unwrap();
    let found = names_of_kinds(&file);
    fs::remove_dir_all(&folder).unwrap();
    let found: Vec<_> =
        found.iter().filter_map(|line| line.rsplit_once(": ")).map(|(_, name)| name).collect();
    assert_eq!(found, ["Kind::Reverb", "a Noise gate, quoted", "gain_pan"]);
}

/// All source files below a folder.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = vec![];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The files, and the folders, of modules that are compiled for tests alone.
fn test_files(files: &[PathBuf]) -> BTreeSet<PathBuf> {
    let mut tests = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(file).unwrap();
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let folder = match file.file_stem().and_then(|stem| stem.to_str()) {
            Some("mod" | "lib" | "main") | None => file.parent().unwrap().to_owned(),
            Some(_) => file.with_extension(""),
        };
        for pair in lines.windows(2).filter(|pair| pair[0] == "#[cfg(test)]") {
            let name = pair[1].rsplit_once("mod ").and_then(|(_, name)| name.strip_suffix(';'));
            if let Some(name) = name {
                tests.extend([folder.join(name), folder.join(name).with_extension("rs")]);
            }
        }
    }
    tests
}

/// Where a file names a kind, tests and comments aside.
fn names_of_kinds(file: &Path) -> Vec<String> {
    let (code, texts) = split(&fs::read_to_string(file).unwrap());
    let told = |what: &str| format!("{}: {what}", file.display());
    let mut found = vec![];
    for kind in Kind::ALL {
        let variant = format!("Kind::{kind:?}");
        found.extend(has_word(&code, &variant).then(|| told(&variant)));
    }
    for text in texts {
        let names = Kind::ALL.into_iter().flat_map(|kind| [kind.name(), kind.look().title]);
        let named = names.into_iter().any(|name| has_word(&text.to_lowercase(), &name.to_lowercase()));
        let is_of_others = OF_OTHERS.iter().any(|(of, name)| file.ends_with(of) && text == *name);
        if named && !is_of_others {
            found.push(told(&text));
        }
    }
    found
}

/// True if a word stands in a text and is no part of a longer one.
fn has_word(text: &str, word: &str) -> bool {
    let ends = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != '_');
    text.match_indices(word)
        .any(|(at, _)| ends(text[..at].chars().next_back()) && ends(text[at + word.len()..].chars().next()))
}

/// A source file as its code without comments, texts and what is compiled for tests alone, and its texts.
fn split(source: &str) -> (String, Vec<String>) {
    let (mut code, mut texts) = (String::new(), vec![]);
    // How deep in braces a part for tests began, and how deep we are.
    let (mut test, mut depth) = (None, 0);
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let mut taken = c.len_utf8();
        if rest.starts_with("//") {
            taken = rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("#[cfg(test)]") && test.is_none() {
            test = Some(depth);
        } else if let Some(text) = text_at(rest, code.chars().next_back()) {
            taken = text.0;
            if test.is_none() {
                texts.push(text.1.to_owned());
            }
        } else if c == '\'' {
            // A character, or the beginning of a lifetime.
            let escaped = rest[1..].starts_with('\\');
            let end = rest[1..].char_indices().skip(if escaped { 2 } else { 1 }).find(|(_, c)| *c == '\'');
            taken = end.map_or(1, |(at, _)| if escaped || at <= 4 { at + 2 } else { 1 });
        } else {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            // An item ends with its brace or with a semicolon.
            let ends = matches!(c, '}' | ';') && test == Some(depth);
            if test.is_none() {
                code.push(c);
            }
            if ends {
                test = None;
            }
        }
        rest = &rest[taken..];
    }
    (code, texts)
}

/// The text that `rest` begins with: how long it is with its quotes, and what is in it. `before` is the letter before.
fn text_at(rest: &str, before: Option<char>) -> Option<(usize, &str)> {
    let (open, hashes) = match rest.strip_prefix('r') {
        Some(raw) if before.is_none_or(|c| !c.is_alphanumeric() && c != '_') => {
            let hashes = raw.len() - raw.trim_start_matches('#').len();
            (1 + hashes + 1, Some(hashes))
        }
        _ => (1, None),
    };
    let body = rest.get(open..)?;
    if !rest[..open].ends_with('"') {
        return None;
    }
    let end = match hashes {
        Some(hashes) => body.find(&format!("\"{}", "#".repeat(hashes)))?,
        None => {
            let mut escaped = false;
            body.char_indices()
                .find(|(_, c)| {
                    let ends = *c == '"' && !escaped;
                    escaped = *c == '\\' && !escaped;
                    ends
                })?
                .0
        }
    };
    Some((open + end + 1 + hashes.unwrap_or(0), &body[..end]))
}

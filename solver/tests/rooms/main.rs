//! Data flows one way: no import runs in a circle, between rooms or within one.
//!
//! A file is a module; a top-level module is a *room*, with all files below it. A file *imports* another one if its code names
//! something of it: by `use`, groups unfolded, or by a path that stands in the code and begins with `crate`, `self`, `super` or
//! a module that is declared in the file. What is named is of the file that defines it: where a name on the way comes from
//! another `use`, that one is followed. What is no import: `mod`, whatever is compiled for tests alone, a comment, a text.
//!
//! Modules that stand side by side in one folder, each with all that is below it, must not import each other in a circle: the
//! rooms, the files of a room, the files of a folder within it. A folder's own `mod.rs` and what it holds are one: either may
//! name what the other defines.
//!
//! The program's own files (`main.rs`, `cli/`) are a door and no room. The library serves other doors too: no text in it names
//! an option of the command line.

#![allow(clippy::unwrap_used)]

mod fixtures;
mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use source::Source;

/// Who imports whom.
type Imports = BTreeMap<String, BTreeSet<String>>;

/// All files of a crate, by module path: `a::b`; the root is empty.
#[derive(Default)]
struct House {
    files: BTreeMap<String, Source>,
}

impl House {
    /// The files as `("a/b.rs", text)`, from the folder of the root on.
    fn of<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let module = |file: &str| {
            let path = file.strip_suffix(".rs").unwrap_or(file);
            let path = path.strip_suffix("/mod").unwrap_or(path);
            if path == "lib" { String::new() } else { path.replace('/', "::") }
        };
        let files: BTreeMap<_, _> =
            files.into_iter().map(|(file, text)| (module(file), Source::read(text))).collect();
        // What no file declares is declared for tests, or is a program.
        let mut house = Self::default();
        let mut open = vec![String::new()];
        let mut files = files;
        while let Some(module) = open.pop() {
            if let Some(source) = files.remove(&module) {
                open.extend(source.children.iter().map(|child| join(&module, child)));
                house.files.insert(module, source);
            }
        }
        house
    }

    /// The files of this crate.
    fn own() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut files = vec![];
        let mut open = vec![root.clone()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                } else if path.extension().is_some_and(|ending| ending == "rs") {
                    let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                    files.push((name, fs::read_to_string(path).unwrap()));
                }
            }
        }
        Self::of(files.iter().map(|(name, text)| (name.as_str(), text.as_str())))
    }

    /// Which file imports which.
    fn imports(&self) -> Imports {
        let of = |(module, source): (&String, &Source)| {
            let found = source.paths.iter().filter_map(|path| self.file(module, path));
            (module.clone(), found.filter(|file| file != module).collect())
        };
        self.files.iter().map(of).collect()
    }

    /// The file that defines what a path in a module names; none for what is not of this crate.
    fn file(&self, module: &str, path: &[String]) -> Option<String> {
        let first = path.first()?;
        let begin = match first.as_str() {
            "crate" => String::new(),
            "self" => module.to_owned(),
            "super" => parent(module)?,
            child => {
                let child = join(module, child);
                self.files.contains_key(&child).then_some(child)?
            }
        };
        let mut at = begin;
        for (i, name) in path.iter().enumerate().skip(1) {
            if name == "super" {
                at = parent(&at)?;
            } else if self.files.contains_key(&join(&at, name)) {
                at = join(&at, name);
            } else {
                // Not further than a name that stands for itself.
                let from = self.files.get(&at).and_then(|source| source.names.get(name));
                let from = from.filter(|from| at != module || **from != path[..=i]);
                return from.and_then(|from| self.file(&at, from)).or(Some(at));
            }
        }
        Some(at)
    }
}

fn join(module: &str, child: &str) -> String {
    if module.is_empty() { child.to_owned() } else { format!("{module}::{child}") }
}

fn parent(module: &str) -> Option<String> {
    (!module.is_empty()).then(|| module.rsplit_once("::").map_or("", |(parent, _)| parent).to_owned())
}

/// Which module imports which, among those that a folder holds side by side, each with all that is below it. By the folder's
/// own module; that of the rooms is the root.
fn side_by_side(imports: &Imports) -> BTreeMap<String, Imports> {
    let mut folders: BTreeMap<String, Imports> = BTreeMap::new();
    for (from, to) in imports.iter().flat_map(|(from, all)| all.iter().map(move |to| (from, to))) {
        let (from, to): (Vec<_>, Vec<_>) = (from.split("::").collect(), to.split("::").collect());
        let same = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
        // Who is above the other holds it.
        if let (Some(&from_here), Some(&to_here)) = (from.get(same), to.get(same))
            && !from_here.is_empty()
            && !to_here.is_empty()
        {
            let folder = folders.entry(from[..same].join("::")).or_default();
            folder.entry(from_here.to_owned()).or_default().insert(to_here.to_owned());
        }
    }
    folders
}

/// Circles, each as the names on its way: a shortest one through each name that is on any, none of them twice.
fn circles(imports: &Imports) -> Vec<Vec<String>> {
    let mut found: BTreeMap<BTreeSet<&str>, Vec<String>> = BTreeMap::new();
    for start in imports.keys() {
        let mut before: BTreeMap<&str, &str> = BTreeMap::new();
        let mut open = std::collections::VecDeque::from([start.as_str()]);
        while let Some(at) = open.pop_front() {
            for to in imports.get(at).into_iter().flatten() {
                if !before.contains_key(to.as_str()) {
                    before.insert(to, at);
                    open.push_back(to);
                }
            }
        }
        let mut way: Vec<&str> = before.get(start.as_str()).into_iter().copied().collect();
        while let Some(&last) = way.last().filter(|&&last| last != start) {
            way.push(before[last]);
        }
        if !way.is_empty() {
            let names = way.iter().copied().collect();
            found.entry(names).or_insert_with(|| way.iter().rev().map(|s| s.to_string()).collect());
        }
    }
    found.into_values().collect()
}

/// All circles of a crate, a line each.
fn lines(house: &House) -> Vec<String> {
    let folders = side_by_side(&house.imports());
    let line = |folder: &str, way: &[String]| {
        let place = if folder.is_empty() { "between rooms".into() } else { format!("in {folder}") };
        format!("{place}: {} → {}", way.join(" → "), way[0])
    };
    folders
        .iter()
        .flat_map(|(folder, all)| circles(all).into_iter().map(move |way| line(folder, &way)))
        .collect()
}

#[test]
fn no_import_runs_in_a_circle() {
    let house = House::own();
    assert!(house.files.len() > 100, "only {} files were found", house.files.len());
    let found = lines(&house);
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

/// Options of the command line in a text, such as `--out`; `--kind: red` is a variable of CSS.
fn options(text: &str) -> Vec<&str> {
    let from = text.match_indices("--").map(|(at, _)| &text[at..]);
    let word = |from: &'_ str| {
        from[2..].find(|c: char| !c.is_ascii_lowercase() && c != '-').map_or(from.len(), |n| n + 2)
    };
    from.map(|from| (from, word(from)))
        .filter(|(from, end)| *end > 3 && !from[*end..].starts_with(':'))
        .map(|(from, end)| &from[..end])
        .collect()
}

#[test]
fn no_text_of_the_library_names_an_option_of_the_command_line() {
    let house = House::own();
    let texts = house.files.iter().flat_map(|(module, source)| source.texts.iter().map(move |t| (module, t)));
    let found: Vec<_> =
        texts.map(|(module, text)| (module, options(text))).filter(|(_, o)| !o.is_empty()).collect();
    assert!(found.is_empty(), "{found:?}");
}

//! What stems, groups and files are called.

use std::collections::HashSet;
use std::path::PathBuf;

use mixtrace_solver::session::{GroupFile, StemFile};

use crate::project::{Label, Project};

/// Letters of a stem's name that go into its file's: with four bytes a letter it stays below the 255 bytes that file
/// systems allow, and paths below the 260 letters of Windows.
const LETTERS: usize = 60;

/// The stem's name as the user typed it, or its default.
pub fn stem(project: &Project, stem: usize) -> String {
    let typed = project.stems.get(stem).map_or("", |label| label.name.trim());
    if typed.is_empty() { format!("Stem {}", stem + 1) } else { typed.to_owned() }
}

/// The stem's group, if it has one.
fn group(project: &Project, stem: usize) -> Option<String> {
    let typed = project.stems.get(stem).map(|Label { group, .. }| group.trim());
    typed.filter(|group| !group.is_empty()).map(str::to_owned)
}

/// The name of a stem's file: its number, and of its name what every system takes. The number comes first, so no two
/// stems share a file, and none is called like a device.
pub fn file(stem: usize, name: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() || "-_+.,()#&".contains(c) { c } else { ' ' };
    let name: String = name.chars().map(plain).collect();
    let name: String = name.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LETTERS).collect();
    let number = stem + 1;
    match name.trim_matches([' ', '.']) {
        "" => format!("{number:02}.wav"),
        name => format!("{number:02} {name}.wav"),
    }
}

/// The same names, those that were there before with a number behind them.
fn unique(names: Vec<String>) -> Vec<String> {
    let mut taken: HashSet<String> = names.iter().cloned().collect();
    let mut seen = HashSet::new();
    let other = |name: String| {
        if seen.insert(name.clone()) {
            return name;
        }
        let free = (2..).map(|n| format!("{name} {n}")).find(|other| !taken.contains(other));
        // There are more numbers than names.
        let free = free.unwrap_or(name);
        taken.insert(free.clone());
        free
    };
    names.into_iter().map(other).collect()
}

/// Stems and groups of a session of these stems' files.
pub fn session<'a>(
    project: &Project,
    files: impl Iterator<Item = (usize, &'a PathBuf)>,
) -> (Vec<StemFile>, Vec<GroupFile>) {
    let (numbers, files): (Vec<usize>, Vec<&PathBuf>) = files.unzip();
    let names = unique(numbers.iter().map(|&number| stem(project, number)).collect());
    let mut groups: Vec<GroupFile> = Vec::new();
    let mut stems = Vec::new();
    for ((number, file), name) in numbers.into_iter().zip(files).zip(names) {
        let group = group(project, number);
        if let Some(name) = &group
            && !groups.iter().any(|known| known.name == *name)
        {
            groups.push(GroupFile { name: name.clone() });
        }
        stems.push(StemFile { name, file: file.clone(), group });
    }
    (stems, groups)
}

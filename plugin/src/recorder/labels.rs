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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_by_what_every_system_takes() {
        let cases = [
            ("Kick", "01 Kick.wav"),
            ("Gtr / Vox \\ \"Lead\"?*", "01 Gtr Vox Lead.wav"),
            ("🥁 Größe №1: <a|b>", "01 Größe 1 a b.wav"),
            ("../../etc", "01 etc.wav"),
            ("CON", "01 CON.wav"),
            ("tab\tnul\0line\n", "01 tab nul line.wav"),
            ("dots...", "01 dots.wav"),
            ("🥁", "01.wav"),
            ("", "01.wav"),
        ];
        for (name, expected) in cases {
            assert_eq!(file(0, name), expected);
        }
        for letter in ["x", "語", "𝒳"] {
            let long = file(30, &letter.repeat(200));
            assert!(long.starts_with("31 ") && long.len() < 255, "{long}");
            assert_eq!(long.chars().count(), 60 + 7);
        }
    }

    #[test]
    fn equal_names_get_a_number_that_nobody_has() {
        let names = ["a", "a", "a 2", "b", "a", "b"].map(str::to_owned).to_vec();
        assert_eq!(unique(names), ["a", "a 3", "a 2", "b", "a 4", "b 2"]);
    }

    #[test]
    fn a_project_with_fewer_labels_than_buses_has_names_for_all() {
        let project = Project { stems: Vec::new(), ..Project::default() };
        assert_eq!((stem(&project, 4), group(&project, 4)), ("Stem 5".to_owned(), None));
    }
}

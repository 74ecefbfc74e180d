//! A folder of stems as a session: its sub-folders are groups.

use std::fs;
use std::path::{Path, PathBuf};

use super::Error;
use super::audio::Source;
use super::plan::{Plan, PlannedStem};

/// Files that hold stems.
const STEMS: [&str; 3] = ["wav", "wave", "flac"];

/// Files that the user surely means as stems, but which are not read: leaving them out silently would spoil the match.
const OTHER_AUDIO: [&str; 14] =
    ["aac", "aif", "aifc", "aiff", "ape", "caf", "m4a", "mp3", "ogg", "opus", "rf64", "w64", "wma", "wv"];

/// Plans a session from the audio in `folder` (ungrouped) and its sub-folders (a group each), all in order of names.
///
/// Files that are not audio are ignored, and so is the mix, should it lie there too.
pub(super) fn plan(folder: &Path, mix: &Path) -> Result<Plan, Error> {
    if !folder.is_dir() {
        return Err(Error::NoStemsFolder { path: folder.to_owned() });
    }
    let mut plan = Plan {
        place: folder.display().to_string(),
        name: mix.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        groups: Vec::new(),
        stems: Vec::new(),
        mix: Source::File(mix.to_owned()),
        tempo: None,
        notes: Vec::new(),
    };
    let top = entries(folder)?;
    add_stems(&mut plan, &top.files, None, mix)?;
    for sub in &top.folders {
        let inside = entries(sub)?;
        let (group, before) = (plan.groups.len(), plan.stems.len());
        add_stems(&mut plan, &inside.files, Some(group), mix)?;
        if plan.stems.len() > before {
            plan.groups.push(sub.file_name().unwrap_or_default().to_string_lossy().into_owned());
        }
        for deep in &inside.folders {
            plan.notes.push(format!(
                "The folder {} was left out, because groups cannot hold groups.",
                deep.display()
            ));
        }
    }
    Ok(plan)
}

fn add_stems(plan: &mut Plan, files: &[PathBuf], group: Option<usize>, mix: &Path) -> Result<(), Error> {
    for file in files {
        let extension = file.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        if OTHER_AUDIO.contains(&extension.as_str()) {
            let reason = format!("it is a .{extension} file");
            return Err(Error::NotAudio { file: file.display().to_string(), reason });
        }
        if !STEMS.contains(&extension.as_str()) || same_file(file, mix) {
            continue;
        }
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        plan.stems.push(PlannedStem { name, group, source: Source::File(file.clone()) });
    }
    Ok(())
}

fn same_file(a: &Path, b: &Path) -> bool {
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}

/// What lies in a folder, sorted by name; hidden entries do not count.
struct Entries {
    files: Vec<PathBuf>,
    folders: Vec<PathBuf>,
}

fn entries(folder: &Path) -> Result<Entries, Error> {
    let unreadable = |reason| Error::Unreadable { path: folder.to_owned(), reason };
    let mut found = Entries { files: Vec::new(), folders: Vec::new() };
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let hidden = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'));
        if !hidden {
            if path.is_dir() { &mut found.folders } else { &mut found.files }.push(path);
        }
    }
    found.files.sort();
    found.folders.sort();
    Ok(found)
}

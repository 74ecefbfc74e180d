//! Which options do what an error of the library asks for.

use std::path::Path;

use mixtrace_solver::search::checkpoint;
use mixtrace_solver::{export, result, study};

/// An error as the program tells it: the library's sentence, and the options that help.
pub fn told(error: &anyhow::Error) -> String {
    match of(error) {
        Some(advice) => format!("{error} ({advice})"),
        None => error.to_string(),
    }
}

fn of(error: &anyhow::Error) -> Option<String> {
    let placed = error.downcast_ref().and_then(of_place);
    let exported = error.downcast_ref().and_then(of_export);
    let studied = error.downcast_ref().and_then(of_study);
    let kept = error.downcast_ref().and_then(of_checkpoint);
    placed.or(exported).or(studied).or(kept)
}

fn of_place(error: &result::Error) -> Option<String> {
    use result::Error;
    match error {
        Error::Exists(_) => Some("--out or --force".into()),
        Error::Unfinished(folder) => {
            let folder = quoted(folder);
            Some(format!("`mixtrace solve --resume {folder}`, --force or --out"))
        }
        Error::Session(_)
        | Error::NotAFolder(_)
        | Error::NotAFile(_)
        | Error::Special(_)
        | Error::Io { .. } => Some("--out".into()),
        _ => None,
    }
}

fn of_export(error: &export::Error) -> Option<String> {
    use export::Error;
    match error {
        Error::NoSource
        | Error::NoSession(_)
        | Error::NoFile { .. }
        | Error::ChangedSession(_)
        | Error::OtherSession(_) => Some("--session".into()),
        Error::SessionsOwn(_) | Error::ResultsOwn(_) => Some("--out".into()),
        Error::Place(error) => of_place(error),
        _ => None,
    }
}

fn of_study(error: &study::Error) -> Option<String> {
    use study::Error;
    match error {
        Error::InUse(_) => Some("--out, --resume or --force".into()),
        Error::OtherSettings { .. } => Some("--out or --force".into()),
        Error::Useless { .. } => Some("--resume".into()),
        Error::Checkpoint(error) => of_checkpoint(error),
        Error::Folder(error) => of_place(error),
        _ => None,
    }
}

/// The same of what ends no search.
pub fn of_checkpoint(error: &checkpoint::Error) -> Option<String> {
    matches!(error, checkpoint::Error::Taken(_)).then(|| "--out".into())
}

/// A path as it can be typed into a shell.
pub fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    if text.contains(char::is_whitespace) { format!("\"{text}\"") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_the_library_names_the_options_that_help() {
        let told = |error: result::Error| told(&error.into());
        assert_eq!(
            told(result::Error::Exists("song".into())),
            "song exists already; choose another place or let it be written over (--out or --force)"
        );
        let unfinished = told(result::Error::Unfinished("my song".into()));
        assert!(unfinished.contains("`mixtrace solve --resume \"my song\"`"), "{unfinished}");
        let exported = told(result::Error::Aborted);
        assert_eq!(exported, "writing was given up");
    }

    #[test]
    fn an_error_within_another_room_s_has_the_same_advice() {
        let error: anyhow::Error = export::Error::from(result::Error::Exists("song.csv".into())).into();
        assert!(told(&error).ends_with("(--out or --force)"), "{}", told(&error));
        let error: anyhow::Error = study::Error::from(result::Error::NotAFolder("song".into())).into();
        assert!(told(&error).ends_with("(--out)"), "{}", told(&error));
    }
}

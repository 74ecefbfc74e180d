//! The folder that takes go to.

use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::{env, fs};

/// What a take's folder is called, before its number.
const TAKE: &str = "Take ";

/// Where takes go: the place that the user `chose`, or `$MIXTRACE_HOME`, or `Mixtrace` in the user's documents.
pub fn of(chosen: Option<&Path>) -> PathBuf {
    pick(chosen, env::var_os("MIXTRACE_HOME"), || {
        dirs::document_dir().or_else(dirs::home_dir).unwrap_or_else(env::temp_dir)
    })
}

fn pick(chosen: Option<&Path>, variable: Option<OsString>, documents: impl FnOnce() -> PathBuf) -> PathBuf {
    let variable = variable.map(PathBuf::from);
    let given = chosen.map(Path::to_owned).into_iter().chain(variable);
    let mut given = given.filter(|path| !path.as_os_str().is_empty());
    given.next().unwrap_or_else(|| documents().join("Mixtrace"))
}

/// Bytes free on the disk that `place` is or would be on, if the system tells.
pub fn free_bytes(place: &Path) -> Option<u64> {
    let there = place.ancestors().find(|path| path.exists())?;
    let disk = fs4::statvfs(there).ok()?;
    // Some network drives tell nothing but zeros.
    (disk.total_space() > 0).then(|| disk.available_space())
}

/// Makes the folder of a new take, and `home` if need be; the take's number follows the highest one there. Two recorders
/// never get the same folder.
pub fn new_take(home: &Path) -> io::Result<PathBuf> {
    fs::create_dir_all(home)?;
    let mut number = 1;
    for entry in fs::read_dir(home)? {
        number = number.max(number_of(&entry?.file_name().to_string_lossy()).saturating_add(1));
    }
    loop {
        let folder = home.join(format!("{TAKE}{number:03}"));
        match fs::create_dir(&folder) {
            Err(e) if e.kind() == ErrorKind::AlreadyExists && number < u32::MAX => number += 1,
            made => return made.map(|()| folder),
        }
    }
}

/// The number of a take's folder, 0 of any other.
fn number_of(name: &str) -> u32 {
    let digits = name.strip_prefix(TAKE).unwrap_or_default();
    digits.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_users_choice_goes_before_the_variable_and_that_before_the_documents() {
        let home = |chosen: &str, variable: &str| {
            pick(Some(Path::new(chosen)), Some(variable.into()), || PathBuf::from("documents"))
        };
        assert_eq!(home("chosen", "variable"), Path::new("chosen"));
        assert_eq!(home("", "variable"), Path::new("variable"));
        assert_eq!(home("", ""), Path::new("documents").join("Mixtrace"));
        assert_eq!(pick(None, None, || "documents".into()), Path::new("documents").join("Mixtrace"));
    }

    #[test]
    fn a_takes_number_follows_the_highest_one_there() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path().join("not/there/yet");
        assert_eq!(new_take(&home).unwrap(), home.join("Take 001"));
        assert_eq!(new_take(&home).unwrap(), home.join("Take 002"));
        fs::create_dir(home.join("Take 041 the good one")).unwrap();
        fs::write(home.join("Taken 99"), "").unwrap();
        fs::remove_dir(home.join("Take 001")).unwrap();
        assert_eq!(new_take(&home).unwrap(), home.join("Take 042"));
    }
}

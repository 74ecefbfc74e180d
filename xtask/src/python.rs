//! A Python with what the hosts' scripts need, below the target folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::run;

/// The scripts and the list of their packages.
const SCRIPTS: &str = "tests/hosts";

/// A command that runs one of the scripts.
pub fn script(name: &str) -> Result<Command> {
    let mut command = Command::new(interpreter()?);
    // No compiled scripts beside the sources.
    command.arg("-B").arg(run::root().join(SCRIPTS).join(name));
    Ok(command)
}

/// The interpreter, with the packages of `requirements.txt`.
fn interpreter() -> Result<PathBuf> {
    let list = run::root().join(SCRIPTS).join("requirements.txt");
    let wanted = fs::read_to_string(&list).with_context(|| format!("{} cannot be read", list.display()))?;
    let home = run::target()?.join("hosts-python");
    let python = home.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    // Written last: what is there without it is not whole.
    let done = home.join("requirements.txt");
    if fs::read_to_string(&done).is_ok_and(|has| has == wanted) && works(&python) {
        return Ok(python);
    }
    run::check(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&home)).context(
        "Python 3.11 or later with its venv module is needed (Debian: apt-get install python3-venv)",
    )?;
    let pip =
        ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:", "-r"];
    run::check(Command::new(&python).args(pip).arg(&list))
        .context("the packages of tests/hosts/requirements.txt could not be installed")?;
    fs::write(done, wanted)?;
    Ok(python)
}

fn works(python: &Path) -> bool {
    Command::new(python).arg("--version").output().is_ok_and(|done| done.status.success())
}

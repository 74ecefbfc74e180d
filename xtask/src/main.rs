//! The project's chores: `cargo xtask check`.

use std::env;
use std::process::Command;

use anyhow::{Result, bail, ensure};

const USAGE: &str = "usage: cargo xtask check    formatting and lints, as a change has to pass them";

fn main() -> Result<()> {
    match env::args().nth(1).as_deref() {
        Some("check") => {
            cargo(&["fmt", "--all", "--check"])?;
            cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])
        }
        _ => bail!(USAGE),
    }
}

fn cargo(arguments: &[&str]) -> Result<()> {
    let cargo = env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let status = Command::new(cargo).args(arguments).status()?;
    ensure!(status.success(), "cargo {} failed", arguments.join(" "));
    Ok(())
}

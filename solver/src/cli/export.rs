//! `export`: a result in the format of another program.

use anyhow::Result;
use mixtrace_solver::export::{self, Format, Found, Options};

use super::arguments::Export;

/// Exports a result, and says where to.
pub fn run(arguments: Export) -> Result<()> {
    let Export { result, format, out, session, force } = arguments;
    let format: Format = format.parse()?;
    let found = Found::read(&result)?;
    let to = out.unwrap_or_else(|| format.default_path(&found));
    export::export(&found, format, &to, &Options { session, force, ..Options::default() })?;
    println!("{}", to.display());
    Ok(())
}

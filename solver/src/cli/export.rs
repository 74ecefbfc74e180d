//! `export`: a result in the format of another program.

use std::sync::Arc;

use anyhow::Result;
use mixtrace_solver::export::{self, Format, Options};
use mixtrace_solver::result::Found;

use super::arguments::Export;
use super::interrupt::{INTERRUPTED, abort_at_ctrl_c};
use super::progress;

/// Exports a result, and says where to.
pub fn run(arguments: Export) -> Result<()> {
    let Export { result, format, out, session, force } = arguments;
    let format: Format = format.parse()?;
    let found = Found::read(&result)?;
    let to = out.unwrap_or_else(|| format.default_path(&found));
    let bar = progress::bar("exporting");
    let drawn = bar.clone();
    let on = move |done, of| progress::advance(&drawn, done, of);
    let options = Options { session, force, stop: abort_at_ctrl_c()?, on: Some(Arc::new(on)) };
    let done = export::export(&found, format, &to, &options);
    bar.finish_and_clear();
    if let Err(export::Error::Aborted) = done {
        std::process::exit(INTERRUPTED);
    }
    done?;
    println!("{}", to.display());
    Ok(())
}

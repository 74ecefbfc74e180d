//! What the program does for each command.

mod advice;
mod arguments;
mod export;
mod interrupt;
mod progress;
mod solve;
mod study;
mod table;

use anyhow::Result;

pub use advice::told;
use arguments::{Arguments, Command};

/// Runs a command.
pub fn run() -> Result<()> {
    match Arguments::read()?.command {
        Command::Demo(demo) => solve::demo(demo),
        Command::Solve(solve) => match &solve.resume {
            Some(folder) => solve::resume(folder, &solve.search),
            None => solve::solve(solve),
        },
        Command::Study(arguments) => study::run(arguments),
        Command::Export(arguments) => export::run(arguments),
    }
}

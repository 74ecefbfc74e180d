//! The command line: arguments, progress and error texts around the library.

mod cli;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match cli::run(cli::Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mixtrace: {error}");
            ExitCode::from(2)
        }
    }
}

//! The command line: arguments, progress and error texts around the library.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mixtrace: {}", cli::told(&error));
            ExitCode::from(2)
        }
    }
}

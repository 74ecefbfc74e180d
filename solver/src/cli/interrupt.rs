//! Ctrl-C.

use anyhow::{Context, Result};
use mixtrace_solver::search::Stop;

/// The shell's exit code of a program that ended by Ctrl-C.
pub const INTERRUPTED: i32 = 130;

/// A stop that the first Ctrl-C throws; the second ends the program.
pub fn stop_at_ctrl_c() -> Result<Stop> {
    at_ctrl_c(|stop| {
        stop.stop();
        eprintln!("\nstopping; press Ctrl-C again to leave at once");
    })
}

/// The same where there is nothing half done to keep.
pub fn abort_at_ctrl_c() -> Result<Stop> {
    at_ctrl_c(Stop::abort)
}

/// A stop with which the first Ctrl-C does something.
fn at_ctrl_c(first: impl Fn(&Stop) + Send + 'static) -> Result<Stop> {
    let stop = Stop::default();
    let asked = stop.clone();
    let pressed = move || {
        if asked.is_stopped() {
            std::process::exit(INTERRUPTED);
        }
        first(&asked);
    };
    ctrlc::set_handler(pressed).context("Ctrl-C could not be taken over")?;
    Ok(stop)
}

//! What the audio thread may not do. Builds with debug assertions abort as soon as memory is allocated or freed in
//! `process`: every other test of the plugin stands on that, and here it is shown to act.

#![allow(clippy::unwrap_used)]

use std::process::Command;

use mixtrace_tests::host::Host;
use mixtrace_tests::sound::noise;

/// Announces blocks of 64 frames and sends one of 1000: then the plugin's framework has to allocate.
#[test]
#[ignore = "aborts; run by the test below in a process of its own"]
fn allocates_in_process() {
    let mut host = Host::new();
    host.activate(48_000.0, 64);
    host.process(1000, None, |bus, channel, samples| samples.fill(noise(bus, channel, 0)));
}

#[test]
fn an_allocation_in_process_aborts() {
    let test = std::env::current_exe().unwrap();
    let arguments = ["--exact", "allocates_in_process", "--ignored", "--nocapture"];
    let done = Command::new(test).args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(!done.status.success() && said.contains("memory allocation of"), "{said}");
}

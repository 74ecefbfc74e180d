//! Keeps the library in memory on Linux once it is loaded.
//!
//! A host may unload it right after the last instance is gone. A thread of ours that is still on its way out (the wait for
//! it is bounded), or a thread of the host that has been here and left thread-local values behind, would then run into
//! unmapped code.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux") {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}

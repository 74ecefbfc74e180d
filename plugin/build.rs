//! Keeps the library in memory on Linux once it is loaded.
//!
//! Threads of the host that have been here leave behind thread-local values whose destructors lie in the library. A host
//! that unloads it before such a thread ends would crash then.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux") {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}

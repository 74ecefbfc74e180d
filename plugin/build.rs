//! How the plugin's library is linked.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // A host may unload the library right after the last instance is gone. A thread of ours may still be on its way out
    // then (the wait for it is bounded), and threads of the host that were here have thread-local values whose
    // destructors lie in the library: they would run into unmapped code. On Linux the library stays mapped instead.
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux") {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}

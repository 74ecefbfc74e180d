//! How the plugin's library is linked.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // A host may unload the library right after the last instance is gone. Should one of our threads still be on its way
    // out then (the wait for it is bounded), it would run into unmapped code: on Linux the library stays mapped instead.
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux") {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}

//! The plugin in a DAW: Ardour 7, without a screen.

use std::path::Path;

use anyhow::{Result, ensure};

use crate::{bundle, python, run};

/// Runs Ardour's sessions from scripts.
const LUA: &str = "/usr/bin/ardour7-lua";

/// Bundles the tests' build and has Ardour capture 4 and 31 tracks while it exports them.
pub fn test() -> Result<()> {
    ensure!(
        Path::new(LUA).exists(),
        "{LUA} is missing: install Ardour 7 (Debian 12: apt-get install ardour)"
    );
    let plugin = bundle::for_tests()?.join("Mixtrace.vst3");
    run::check(python::script("ardour_capture.py")?.arg(plugin))
}

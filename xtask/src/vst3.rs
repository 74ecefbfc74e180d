//! The plugin as VST3 in DawDreamer.

use anyhow::{Context, Result};

use crate::{bundle, python, run};

/// Bundles the tests' build and has DawDreamer play 31 stems into it.
pub fn test() -> Result<()> {
    let plugin = bundle::for_tests()?.join("Mixtrace.vst3");
    run::check(python::script("vst3_capture.py")?.arg(plugin))
        .context("the VST3 test failed; DawDreamer needs libGL and glib (Debian: libgl1 libglib2.0-0)")
}

//! The plugin in a DAW.

use anyhow::Result;

pub fn test() -> Result<()> {
    Ok(())
}

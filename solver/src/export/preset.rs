//! The settings of each strip as a JSON file, for programs that can set effects by them (docs/preset.md).

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Error;
use crate::bands::Bands;
use crate::findings::{ProcessorView, Report, StripView};
use crate::graph::Role;
use crate::result::json;
use crate::result::names::numbered;
use crate::result::put;

/// What the files say they are.
pub const FORMAT: &str = "mixtrace-strip";
/// The version that this program writes.
pub const VERSION: u32 = 1;

/// A strip's settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preset {
    /// [`FORMAT`].
    pub format: String,
    /// [`VERSION`].
    pub version: u32,
    /// The strip's name.
    pub strip: String,
    /// What the strip is for.
    pub role: Role,
    /// The group it is routed to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub group: Option<String>,
    /// The processors in order, as in `report.json`.
    pub chain: Vec<ProcessorView>,
    /// Equalisers and the colour of reverbs together, where the strip has both.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tone: Option<Bands>,
}

/// The presets of all strips, in the report's order.
pub fn presets(report: &Report) -> Vec<Preset> {
    let preset = |strip: &StripView| Preset {
        format: FORMAT.into(),
        version: VERSION,
        strip: strip.name.clone(),
        role: strip.role,
        group: strip.group.clone(),
        chain: strip.chain.clone(),
        tone: strip.tone.clone(),
    };
    report.strips.iter().map(preset).collect()
}

/// Writes all presets into `folder`, as `01 kick.json`, ….
///
/// # Errors
/// If the system refuses.
pub fn write(report: &Report, folder: &Path) -> Result<(), Error> {
    put::folder(folder)?;
    let presets = presets(report);
    let files = numbered(presets.iter().map(|preset| preset.strip.as_str()));
    for (preset, file) in presets.iter().zip(files) {
        put::write(&folder.join(file + ".json"), json::pretty(preset)?.as_bytes())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::findings::fixture;

    #[test]
    fn every_strip_comes_back_from_its_file() {
        let home = tempfile::tempdir().unwrap();
        for report in [fixture::song(), fixture::of_size(115)] {
            let folder = home.path().join(report.strips.len().to_string());
            write(&report, &folder).unwrap();
            let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
            files.sort();
            let read = |path| serde_json::from_slice::<Preset>(&fs::read(path).unwrap()).unwrap();
            assert_eq!(files.into_iter().map(read).collect::<Vec<_>>(), presets(&report));
        }
    }
}

//! Printed stems: each stem as the graph leaves it, so that their plain sum is the match.

use std::cell::Cell;
use std::collections::HashSet;
use std::path::Path;

use super::mixer::Mixer;
use super::{Error, Found, Options, impulses, place, stems};
use crate::dsp::Stereo;
use crate::engine::{print_song, print_windows};
use crate::result::names::numbered;
use crate::result::wav;
use crate::session::resample::resample;
use crate::stop::Until;

/// Prints the stems of a result's session into the folder `to`.
///
/// # Errors
/// If the session is not there, or another; if the system refuses.
pub fn export(found: &Found, to: &Path, options: &Options) -> Result<(), Error> {
    let until = options.stop.until_aborted();
    let (session, start) = stems::open(found, options)?;
    let audio: Vec<_> = session.stems.iter().map(|stem| &stem.audio).collect();
    let parameters = &start.given;
    let flat = parameters.physical()?;
    let done = Cell::new(0);
    let of = print_windows(session.len(), session.rate) + audio.len();
    let step = || {
        done.set(done.get() + 1);
        options.tell(done.get(), of);
    };
    let printed = print_song(&start.graph, &parameters.layout(), &flat, &audio, session.rate, until, step)?;
    let names = session.stems.iter().map(|stem| stem.name.clone());
    // What no input brings in would be a file of silence.
    let heard: HashSet<_> = start.graph.nodes().iter().filter_map(|node| node.kind.stem()).collect();
    let stems = names.zip(printed.stems).enumerate().filter(|(stem, _)| heard.contains(stem));
    let stems = stems.map(|(_, stem)| stem).collect();
    place::put(to, options, |folder| write(found, stems, folder, until, step))
}

/// Writes stems (name and audio at the engine's rate) into `folder` as `01 kick.wav`, …, at the session's rate, and the
/// impulse responses of delays and reverbs beside them. `written` is called after each stem.
///
/// # Errors
/// If the system refuses, or once `until` is over.
pub fn write(
    found: &Found,
    stems: Vec<(String, Stereo)>,
    folder: &Path,
    until: Until<'_>,
    written: impl Fn(),
) -> Result<(), Error> {
    place::folder(folder)?;
    let (from, to) = (found.report.settings.rate, found.report.session.sample_rate);
    let files = numbered(stems.iter().map(|(name, _)| name.as_str()));
    for ((_, audio), file) in stems.into_iter().zip(files) {
        let audio = resample(audio, from, to, until)?;
        wav::write(&folder.join(file + ".wav"), &audio, to, until)?;
        written();
    }
    impulses::write(found, &Mixer::of(&found.report), &folder.join("impulses"), until)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{demo, result};
    use super::*;
    use crate::dsp::testing::noise;

    fn read(path: &Path) -> Vec<f32> {
        hound::WavReader::open(path).unwrap().samples().map(Result::unwrap).collect()
    }

    #[test]
    fn printed_stems_sum_up_to_the_mix_at_the_sessions_rate() {
        let home = tempfile::tempdir().unwrap();
        let mut report = result(&demo(), home.path());
        let mut found = Found::read(home.path()).unwrap();
        // Responses are tested with the projects.
        report.strips.iter_mut().for_each(|strip| strip.chain.clear());
        found.report = report;
        let stems: Vec<(String, Stereo)> = (0..5)
            .map(|i| {
                ("a/b".to_owned(), Stereo { channels: [2 * i, 2 * i + 1].map(|seed| noise(20_000, seed)) })
            })
            .collect();
        let mut sum = Stereo::silence(20_000);
        stems.iter().for_each(|(_, stem)| sum.add(stem));

        let folder = home.path().join("stems");
        write(&found, stems, &folder, Until::DONE, || ()).unwrap();
        let mut found_sum = read(&folder.join("01 a_b.wav"));
        for i in 2..=5 {
            let stem = read(&folder.join(format!("0{i} a_b.wav")));
            found_sum.iter_mut().zip(stem).for_each(|(sum, v)| *sum += v);
        }
        let wanted = resample(sum, 30_000, 44_100, Until::DONE).unwrap();
        assert_eq!(found_sum.len(), 2 * wanted.len());
        for (i, found) in found_sum.iter().enumerate() {
            assert!((found - wanted.channels[i % 2][i / 2]).abs() < 1e-5);
        }
        assert!(!folder.join("impulses").exists());
    }
}

//! Printed stems: each stem as the graph leaves it, so that their plain sum is the match.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::mixer::Mixer;
use super::{Error, Options, impulses, stems};
use crate::engine::{ENGINES, Failure, Parts, Patch, Piece, Relay, Track, print_windows, separable};
use crate::result::names::numbered;
use crate::result::wav;
use crate::result::{Found, put};
use crate::session::resample::{self, resampled_len};
use crate::stop::{Interrupted, Until};

/// Prints the stems of a result's session into the folder `to`, with the impulse responses of delays and reverbs beside them.
///
/// # Errors
/// If the session is not there, or another; if its stems cannot be told apart; if the system refuses.
pub fn export(found: &Found, to: &Path, options: &Options) -> Result<(), Error> {
    let until = options.stop.until_aborted();
    let (session, start) = stems::open(found, options)?;
    let graph = &start.graph;
    separable(graph, |kind| kind.definition().nature())?;
    let (layout, flat) = (start.given.layout(), start.given.physical()?);
    // What no input brings in would be a file of silence.
    let comes = |stem: usize| graph.nodes().iter().any(|node| node.kind.stem() == Some(stem));
    let names = session.stems.iter().enumerate();
    let names: Vec<_> = names.map(|(i, stem)| comes(i).then_some(stem.name.as_str())).collect();
    let (done, of) = (AtomicUsize::new(0), print_windows(session.len(), session.rate));
    super::put(to, options, |folder| {
        let patch = Patch { graph, layout: &layout, flat: &flat };
        let written = Relay::new(&session, ENGINES).run(until, |studio| {
            let files = match Files::new(folder, &names, session.len(), Rates::of(found)) {
                Ok(files) => files,
                Err(error) => return Ok(Err(error)),
            };
            let sink = |piece: Piece<'_>| match piece.track {
                Track::Mix => {
                    options.tell(done.fetch_add(1, Ordering::Relaxed) + 1, of);
                    Ok(())
                }
                Track::Stem(stem) => files.add(stem, piece.audio, until),
            };
            match studio.print(patch, Parts::Stems, until, &sink) {
                Ok(_) => Ok(files.end(until)),
                // Cut short by a file, if not by the user.
                Err(Failure::Interrupted) => Ok(files.end(until).and(Err(Error::Aborted))),
                Err(failure) => Err(failure),
            }
        });
        written??;
        impulses::write(found, &Mixer::of(&found.report), &folder.join("impulses"), until)
    })
}

/// The rate of the engine and that of the files, Hz.
#[derive(Clone, Copy)]
struct Rates {
    from: u32,
    to: u32,
}

impl Rates {
    fn of(found: &Found) -> Self {
        Self { from: found.report.settings.rate, to: found.report.session.sample_rate }
    }
}

/// The stems as files that are written as they are printed: `01 kick.wav`, ….
struct Files {
    /// By stem number; none of what is not printed.
    files: Vec<Option<Mutex<Printed>>>,
    /// What ended the printing.
    failure: Mutex<Option<Error>>,
}

/// A stem's file.
struct Printed {
    stream: resample::Stream,
    file: wav::Writer,
}

impl Files {
    /// In `folder`, of stems `len` samples long; those without a name are not printed.
    fn new(
        folder: &Path,
        names: &[Option<&str>],
        len: usize,
        Rates { from, to }: Rates,
    ) -> Result<Self, Error> {
        put::folder(folder)?;
        let printed: Vec<&str> = names.iter().copied().flatten().collect();
        let mut files = numbered(printed.into_iter()).into_iter();
        let file = |name: &Option<&str>| {
            let Some(file) = name.and_then(|_| files.next()) else { return Ok(None) };
            let file = wav::Writer::new(&folder.join(file + ".wav"), resampled_len(len, from, to), to)?;
            Ok(Some(Mutex::new(Printed { stream: resample::Stream::new(from, to)?, file })))
        };
        let files = names.iter().map(file).collect::<Result<_, Error>>()?;
        Ok(Self { files, failure: Mutex::default() })
    }

    /// Adds the next piece of a stem. What goes wrong is told at the [`end`](Self::end).
    fn add(&self, stem: usize, piece: [&[f32]; 2], until: Until<'_>) -> Result<(), Interrupted> {
        let Some(Some(printed)) = self.files.get(stem) else { return Ok(()) };
        let mut printed = printed.lock().unwrap_or_else(PoisonError::into_inner);
        let Printed { stream, file } = &mut *printed;
        stream.take(piece, until, |done| Ok(file.add(done, until)?)).map_err(|error| {
            self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
            Interrupted
        })
    }

    /// Completes the files.
    ///
    /// # Errors
    /// What went wrong first, if anything did.
    fn end(self, until: Until<'_>) -> Result<(), Error> {
        if let Some(error) = self.failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(error);
        }
        for printed in self.files.into_iter().flatten() {
            let Printed { stream, mut file } = printed.into_inner().unwrap_or_else(PoisonError::into_inner);
            stream.end(until, |done| Ok::<_, Error>(file.add(done, until)?))?;
            file.end()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::Stereo;
    use crate::dsp::testing::noise;
    use crate::session::resample::resample;

    fn read(path: &Path) -> Vec<f32> {
        hound::WavReader::open(path).unwrap().samples().map(Result::unwrap).collect()
    }

    #[test]
    fn stems_that_come_in_pieces_sum_up_to_the_mix_at_the_sessions_rate() {
        const SAMPLES: usize = 20_000;
        let home = tempfile::tempdir().unwrap();
        let stems: Vec<Stereo> = (0..5)
            .map(|i| Stereo { channels: [2 * i, 2 * i + 1].map(|seed| noise(SAMPLES, seed)) })
            .collect();
        let mut sum = Stereo::silence(SAMPLES);
        stems.iter().for_each(|stem| sum.add(stem));

        let names = [Some("a/b"), Some("a/b"), None, Some("a/b"), Some("a/b"), Some("a/b")];
        let folder = home.path().join("stems");
        let files = Files::new(&folder, &names, SAMPLES, Rates { from: 30_000, to: 44_100 }).unwrap();
        for start in (0..SAMPLES).step_by(6_001) {
            let here = start..SAMPLES.min(start + 6_001);
            for (number, stem) in [0, 1, 3, 4, 5].into_iter().zip(&stems) {
                let piece = stem.channels.each_ref().map(|channel| &channel[here.clone()]);
                files.add(number, piece, Until::DONE).unwrap();
            }
            files.add(2, [&[1.0]; 2], Until::DONE).unwrap();
        }
        files.end(Until::DONE).unwrap();
        let mut found_sum = read(&folder.join("01 a_b.wav"));
        for i in 2..=5 {
            let stem = read(&folder.join(format!("0{i} a_b.wav")));
            found_sum.iter_mut().zip(stem).for_each(|(sum, v)| *sum += v);
        }
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 5);
        let wanted = resample(sum, 30_000, 44_100, Until::DONE).unwrap();
        assert_eq!(found_sum.len(), 2 * wanted.len());
        for (i, found) in found_sum.iter().enumerate() {
            assert!((found - wanted.channels[i % 2][i / 2]).abs() < 1e-5);
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_ends_the_printing_and_is_told() {
        let home = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/dev/full", home.path().join("01 kick.wav")).unwrap();
        let rates = Rates { from: 30_000, to: 30_000 };
        let files = Files::new(home.path(), &[Some("kick")], 100_000, rates).unwrap();
        let audio = vec![0.5; 100_000];
        assert_eq!(files.add(0, [&audio; 2], Until::DONE), Err(Interrupted));
        let text = files.end(Until::DONE).unwrap_err().to_string();
        assert!(text.starts_with("writing ") && text.contains("No space left"), "{text}");
    }
}

//! What is measured ends soon after it is given up.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::heard::Heard;
use super::mismatch::mismatch;
use super::spectrum::{LOOK, energies, mean_spectrum};
use super::{tempo, tone};
use crate::dsp::Stereo;
use crate::dsp::testing::noise;
use crate::engine::{Piece, Track};
use crate::graph::{Graph, Selection};
use crate::parameters::Parameters;
use crate::processors::Kind;
use crate::search::{Error, stop_tests};
use crate::stop::{Interrupted, Stop, Until};

const RATE: u32 = 30_000;
/// Five seconds.
const SAMPLES: usize = 150_000;

/// Aborts `work` at its first look, in the middle and at its last, on one thread.
#[track_caller]
fn assert_ends<E>(least: usize, work: impl Fn(Until<'_>) -> Result<(), E> + Sync, given_up: fn(&E) -> bool) {
    let pool = crate::threads::pool(1).unwrap();
    pool.install(|| {
        let whole = Stop::stopping_at(1);
        assert!(work(whole.until_aborted()).is_ok(), "a stop is no abort");
        assert!(whole.looks() >= least, "{} looks", whole.looks());
        for look in [1, whole.looks() / 2, whole.looks()] {
            let stop = Stop::aborting_at(look);
            assert!(work(stop.until_aborted()).is_err_and(|e| given_up(&e)));
            // What runs beside it may look once more: three other channels where two mixes are compared.
            assert!(stop.looks() <= look + 3, "{} looks after {look}", stop.looks());
        }
    });
}

#[test]
fn what_is_heard_looks_every_few_frames_whether_to_go_on() {
    let song = Stereo { channels: [noise(SAMPLES, 1), noise(SAMPLES, 2)] };
    // Both channels of a song.
    let looks = 2 * (1 + SAMPLES / 1024).div_ceil(LOOK);
    let given_up = |&Interrupted: &Interrupted| true;
    assert_ends(looks, |until| energies(&song, RATE, until).map(drop), given_up);
    let audio = song.channels.each_ref().map(Vec::as_slice);
    assert_ends(looks, |until| mean_spectrum(audio, RATE, until).map(drop), given_up);
    assert_ends(3 * looks, |until| mismatch(&song, &song, RATE, until).map(drop), given_up);
    let heard = |until: Until<'_>| {
        let heard = Heard::new(2, RATE);
        let tracks = [Track::Mix, Track::Stem(0), Track::Stem(1)];
        tracks.into_iter().try_for_each(|track| heard.take(Piece { track, start: 0, audio }, until))?;
        heard.shares(until).map(drop)
    };
    assert_ends(3 * looks, heard, given_up);
    assert_ends(500 / LOOK, |until| tempo::estimate(&song, RATE, until).map(drop), given_up);
}

#[test]
fn fits_of_bands_end_before_the_next_curve() {
    let session = stop_tests::session();
    let stems: Vec<_> = session.stems.iter().map(|s| (s.name.clone(), None)).collect();
    let graph = Graph::console(&stems, &[], Selection::of(&[Kind::Equalizer, Kind::Reverb])).unwrap();
    let parameters = Parameters::start(&graph, &mut ChaCha8Rng::seed_from_u64(0));
    // The spectra of two stems, four processors and two strips.
    let work = |until: Until<'_>| tone::bands(&session, &graph, &parameters, until).map(drop);
    assert_ends(2 * 2 + 4 + 2, work, |e| matches!(e, Error::Aborted));
}

//! How long work goes on after it was told to end, at the largest size: 31 stems in 4 groups on one thread.
//!
//! `cargo run --example stop_latency -p mixtrace-solver -- 20 [FOLDER SECONDS]`
//!
//! The number is how often each kind of work is ended, at random moments. With a folder, it
//! is the writing of audio and the opening of a session that are ended; so many
//! seconds of stereo at 96 kHz are put there.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use mixtrace_solver::dsp::Stereo;
use mixtrace_solver::engine::{ENGINES, Relay};
use mixtrace_solver::graph::{Graph, Selection};
use mixtrace_solver::parameters::Parameters;
use mixtrace_solver::processors::Kind;
use mixtrace_solver::search::{self, Context, Fitter, Preset, Settings, Stop, random_window, solve_in};
use mixtrace_solver::session::{self, GroupFile, Session, SessionFile, Stem, StemFile};
use mixtrace_solver::stop::Until;
use mixtrace_solver::{findings, result};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::ThreadPool;

const STEMS: usize = 31;
const GROUPS: usize = 4;
/// Ten seconds at the working rate.
const SAMPLES: usize = 300_000;
const FILE_RATE: u32 = 96_000;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let count: usize = arguments.next().ok_or("say how often, such as 20")?.parse()?;
    let pool = mixtrace_solver::threads::pool(1)?;
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    if let Some(folder) = arguments.next() {
        let seconds: usize =
            arguments.next().ok_or("say how long the files are to be, in seconds")?.parse()?;
        return files(Path::new(&folder), seconds, &pool, count, &mut rng);
    }
    let session = noise(&mut rng);
    steps(&session, &pool, count)?;
    searches(&session, &pool, count);
    Ok(())
}

/// Tells how long `work` takes, and then how long it goes on after `end`, `count` times.
fn measure(what: &str, count: usize, end: fn(&Stop), work: impl Fn(&Stop) + Sync) {
    let begun = Instant::now();
    work(&Stop::default());
    let whole = begun.elapsed();
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let mut longest = Duration::ZERO;
    let mut sum = Duration::ZERO;
    for _ in 0..count {
        let stop = Stop::default();
        let took = thread::scope(|scope| {
            let working = scope.spawn(|| work(&stop));
            thread::sleep(whole.mul_f64(rng.random_range(0.0..0.95)));
            let begun = Instant::now();
            end(&stop);
            working.join().expect("the work does not panic");
            begun.elapsed()
        });
        longest = longest.max(took);
        sum += took;
    }
    let mean = sum / count as u32;
    println!("{what}: {whole:.2?} in all; ended after {mean:.1?} on average, {longest:.1?} at most");
}

/// Training steps, which a stop cuts short.
fn steps(session: &Session, pool: &ThreadPool, count: usize) -> Outcome<()> {
    let stems: Vec<_> = session.stems.iter().map(|s| (s.name.clone(), s.group)).collect();
    let graph = Graph::console(&stems, &session.groups, Selection::of(&Kind::ALL))?;
    let parameters = Parameters::start(&graph, &mut ChaCha8Rng::seed_from_u64(0));
    let begun = Instant::now();
    findings::strips(&graph, &parameters)?;
    println!("turning all parameters into units takes {:.1?}", begun.elapsed());
    measure("opening a session and a step", count, Stop::stop, |stop| {
        pool.install(|| {
            let until = stop.until_stopped();
            let windows = [random_window(session, &mut ChaCha8Rng::seed_from_u64(0))];
            let mut relay = Relay::new(session, ENGINES);
            let mut fitter = Fitter::new(&graph, parameters.clone());
            // To be cut short is what it is here for.
            let _ = fitter.step(0.0, |patch, gradient| {
                relay.run(until, |studio| studio.objective(patch, &windows, gradient, until))
            });
        });
    });
    Ok(())
}

/// Whole searches, which an abort cuts short.
fn searches(session: &Session, pool: &ThreadPool, count: usize) {
    let schedules = [("a search of one step", 1, 0), ("a search that prunes", 1, 1)];
    for (what, steps, prune_rounds) in schedules {
        let settings = Settings {
            steps,
            prune_rounds,
            steps_per_round: 1,
            threads: 1,
            ..Settings::preset(Preset::Quick)
        };
        measure(what, count, Stop::abort, |stop| {
            let (sender, _events) = crossbeam_channel::unbounded();
            let context = Context { pool, engines: ENGINES, events: &sender, stop };
            match solve_in(context, session, &settings) {
                Ok(_) | Err(search::Error::Aborted) => {}
                Err(error) => panic!("{error}"),
            }
        });
    }
}

/// The opening of a session and the writing of audio.
fn files(
    folder: &Path,
    seconds: usize,
    pool: &ThreadPool,
    count: usize,
    rng: &mut ChaCha8Rng,
) -> Outcome<()> {
    fs::create_dir_all(folder)?;
    let audio = burst(seconds * FILE_RATE as usize, rng);
    let wav = folder.join("noise.wav");
    measure("writing match.wav", count, Stop::abort, |stop| {
        let written = result::wav::write(&wav, &audio, FILE_RATE, stop.until_aborted());
        assert!(matches!(written, Ok(()) | Err(result::Error::Aborted)));
    });
    result::wav::write(&wav, &audio, FILE_RATE, Until::DONE)?;
    drop(audio);
    let stem =
        |i| StemFile { name: format!("{i}"), file: "noise.wav".into(), group: Some(format!("{}", i % 4)) };
    let session = SessionFile {
        mix: Some("noise.wav".into()),
        stems: (0..STEMS).map(stem).collect(),
        groups: (0..GROUPS).map(|g| GroupFile { name: format!("{g}") }).collect(),
        ..Default::default()
    };
    session.save(folder)?;
    measure("opening a session", count, Stop::abort, |stop| {
        let options = session::Options { stop: stop.clone(), ..Default::default() };
        match pool.install(|| Session::open(folder, &options)) {
            Ok(_) | Err(session::Error::Aborted) => {}
            Err(error) => panic!("{error}"),
        }
    });
    Ok(())
}

fn noise(rng: &mut ChaCha8Rng) -> Session {
    let stem = |i| Stem {
        name: format!("stem {i}"),
        group: Some(i % GROUPS),
        source: None,
        content: None,
        audio: burst(SAMPLES, rng).into(),
    };
    let stems: Vec<_> = (0..STEMS).map(stem).collect();
    let mut mix = Stereo::silence(SAMPLES);
    stems.iter().for_each(|stem| mix.add(&stem.audio.stereo()));
    Session {
        name: "noise".into(),
        sample_rate: 30_000,
        rate: 30_000,
        stems,
        groups: (0..GROUPS).map(|g| format!("group {g}")).collect(),
        mix,
        mix_content: None,
        duration_s: SAMPLES as f64 / 30_000.0,
        offset_samples: 0,
        tempo: None,
        notes: vec![],
    }
}

fn burst(samples: usize, rng: &mut ChaCha8Rng) -> Stereo {
    let mut channel = || (0..samples).map(|_| 0.1 * rng.random_range(-1.0f32..1.0)).collect();
    Stereo { channels: [channel(), channel()] }
}

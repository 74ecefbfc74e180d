//! What the benchmarks share: synthetic sessions and a look at memory.

use mixtrace_solver::dsp::Stereo;
use mixtrace_solver::session::{Session, Stem};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Samples per second of synthetic sessions.
pub const RATE: u32 = 30_000;

/// Tracks of decaying noise bursts in `groups` groups, `samples` long, and their sum as the mix.
pub fn synthetic(tracks: usize, groups: usize, samples: usize) -> Session {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut mix = Stereo::silence(samples);
    let stems = (0..tracks)
        .map(|i| {
            let audio = burst(i, samples, &mut rng);
            mix.add(&audio);
            Stem {
                name: format!("track {i}"),
                group: Some(i % groups),
                source: None,
                content: None,
                audio: audio.into(),
            }
        })
        .collect();
    Session {
        name: "synthetic".into(),
        sample_rate: RATE,
        rate: RATE,
        stems,
        groups: (0..groups).map(|g| format!("group {g}")).collect(),
        mix,
        mix_content: None,
        duration_s: samples as f64 / f64::from(RATE),
        offset_samples: 0,
        tempo: None,
        notes: vec![],
    }
}

fn burst(track: usize, samples: usize, rng: &mut impl Rng) -> Stereo {
    let period = 4000 + 700 * track;
    let channel = |rng: &mut dyn Rng| {
        let envelope = |n: usize| (-((n % period) as f32) / 3000.0).exp();
        (0..samples).map(|n| 0.2 * envelope(n) * rng.random_range(-1.0f32..1.0)).collect()
    };
    Stereo { channels: [channel(rng), channel(rng)] }
}

/// The most memory this process ever held, MiB; only Linux tells.
pub fn peak_mib() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM"))?;
    line.split_whitespace().nth(1)?.parse::<usize>().ok().map(|kib| kib / 1024)
}

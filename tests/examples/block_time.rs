//! How long the plugin takes for a block of 64 frames with all 31 stems connected, in real time, through its CLAP.
//!
//! `cargo run --release -p mixtrace-tests --example block_time -- HOME` captures below HOME for ten seconds at each rate. What
//! the test host does for a block (it hands over pointers) is part of the figures.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use mixtrace_tests::host::{Host, Transport};
use mixtrace_tests::takes::takes;
use serde_json::json;

const FRAMES: usize = 64;
const SECONDS: f64 = 10.0;

fn main() {
    let home = std::env::args_os().nth(1).map(PathBuf::from).expect("usage: block_time HOME");
    println!("| rate, Hz | block, µs | | median, µs | 99 %, µs | max, µs | median share | 99 % share |");
    println!("|---|---|---|---|---|---|---|---|");
    for rate in [44_100.0, 48_000.0, 96_000.0] {
        for capturing in [false, true] {
            let mut host = Host::with_project(&home, json!({}));
            host.set("Capture", f64::from(capturing));
            host.activate(rate, FRAMES);
            let mut times = run(&mut host, rate);
            drop(host);
            times.sort();
            let block = FRAMES as f64 / rate * 1e6;
            let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e6;
            let (median, high, max) = (at(0.5), at(0.99), at(1.0));
            let doing = if capturing { "capturing" } else { "idle" };
            let share = |time: f64| 100.0 * time / block;
            println!(
                "| {rate} | {block:.0} | {doing} | {median:.1} | {high:.1} | {max:.0} | {:.2} % | {:.2} % |",
                share(median),
                share(high)
            );
        }
    }
    for take in takes(&home) {
        println!("{}: {} frames lost", take.folder.display(), take.lost());
    }
}

/// Plays in real time; how long each block took.
fn run(host: &mut Host, rate: f64) -> Vec<Duration> {
    let blocks = (SECONDS * rate) as usize / FRAMES;
    let mut times = Vec::with_capacity(blocks);
    let begun = Instant::now();
    for block in 0..blocks {
        let transport = Transport { playing: true, position: Some((block * FRAMES) as i64) };
        if block == 0 {
            host.process(FRAMES, Some(transport), |bus, channel, samples| {
                samples.fill(0.01 * (2 * bus + channel + 1) as f32);
            });
            continue;
        }
        let from = Instant::now();
        host.process(FRAMES, Some(transport), |_, _, _| {});
        times.push(from.elapsed());
        let due = begun + Duration::from_secs_f64((block * FRAMES) as f64 / rate);
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
    }
    times
}

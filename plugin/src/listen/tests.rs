//! A player and its thread, driven as a host would.

use std::path::Path;
use std::time::{Duration, Instant};

use mixtrace_solver::dsp::Stereo;
use mixtrace_solver::result::wav;
use mixtrace_solver::session::SessionFile;
use tempfile::TempDir;

use super::*;
use crate::capture::Transport;

const RATE: u32 = 48_000;
/// Frames of a fade at that rate.
const FADE: usize = 480;
/// Frames that a test may take from a cued match as fast as it likes.
const CUED: i64 = 60_000;
/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A sample of a match: exact in 32 bits, and not the same within ten seconds.
fn tone(at: usize) -> [f32; 2] {
    let value = (at + 1) as f32 / (1 << 20) as f32;
    [value, -value]
}

/// What comes in, song position by song position.
fn input(at: i64) -> f32 {
    0.25 + (at.rem_euclid(1000)) as f32 / 4096.0
}

fn write(path: &Path, frames: usize, tone: impl Fn(usize) -> [f32; 2]) {
    let channel = |c: usize| (0..frames).map(|at| tone(at)[c]).collect();
    wav::write(
        path,
        &Stereo { channels: [channel(0), channel(1)] },
        RATE,
        mixtrace_solver::stop::Until::DONE,
    )
    .unwrap();
}

/// A host's audio thread, the transport standing at `position`.
struct Deck {
    folder: TempDir,
    project: SharedProject,
    listen: Listen,
    player: Player,
    on: bool,
    transport: Transport,
}

impl Deck {
    /// A session that begins at `start` and whose match has `frames` of `tone`, at the mix's level.
    fn new(start: i64, frames: usize, tone: impl Fn(usize) -> [f32; 2]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = SessionFile {
            start_samples: Some(start),
            sample_rate: Some(RATE),
            mix: Some("mix.wav".into()),
            ..Default::default()
        };
        file.save(folder.path()).unwrap();
        let report = folder.path().join("report");
        std::fs::create_dir(&report).unwrap();
        write(&folder.path().join("mix.wav"), frames, &tone);
        write(&report.join("match.wav"), frames, &tone);
        let project = SharedProject::default();
        project.with(|project| project.report = Some(report));
        let (listen, mut player) = Listen::spawn(project.clone());
        player.set_up(RATE, false);
        let transport = Transport { present: true, playing: false, position: Some(start), tempo: None };
        let deck = Self { folder, project, listen, player, on: true, transport };
        deck.until(|view| matches!(view, View::Ready { .. }));
        deck
    }

    fn report(&self) -> std::path::PathBuf {
        self.folder.path().join("report")
    }

    fn until(&self, there: impl Fn(&View) -> bool) -> View {
        let begun = Instant::now();
        loop {
            let view = self.listen.view();
            if there(&view) {
                return view;
            }
            assert!(begun.elapsed() < PATIENCE, "{view:?}");
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn is_heard(&self) -> bool {
        matches!(self.listen.view(), View::Ready { heard: true, .. })
    }

    /// Processes a block of `frames` of [`input`], and goes forward in the song if the transport runs. Returns the left
    /// channel.
    fn block(&mut self, frames: usize) -> Vec<f32> {
        let at = self.transport.position.unwrap_or(0);
        let mut left: Vec<f32> = (0..frames as i64).map(|n| input(at + n)).collect();
        let mut right = left.clone();
        let (player, transport, on) = (&mut self.player, self.transport, self.on);
        nice_assert_no_alloc::assert_no_alloc(|| player.process(on, transport, [&mut left, &mut right]));
        if self.transport.playing {
            self.transport.position = self.transport.position.map(|at| at + frames as i64);
        }
        left
    }

    /// Lets the transport stand until [`CUED`] frames of the match, or all, lie ready where it stands.
    fn cue(&mut self, position: i64) {
        self.transport.playing = false;
        self.transport.position = Some(position);
        let begun = Instant::now();
        loop {
            let inputs: Vec<_> = (0..64).map(|n| input(position + n)).collect();
            assert_eq!(self.block(64), inputs);
            if self.player.is_cued(CUED) {
                break;
            }
            assert!(begun.elapsed() < PATIENCE);
            thread::sleep(Duration::from_millis(1));
        }
        self.transport.playing = true;
    }

    /// Plays on as fast as a host does until the match is all that is heard.
    fn play_until_heard(&mut self) {
        let begun = Instant::now();
        let mut heard = 0;
        while heard <= FADE {
            self.block(64);
            heard = if self.is_heard() { heard + 64 } else { 0 };
            assert!(begun.elapsed() < PATIENCE);
            thread::sleep(Duration::from_millis(1));
        }
    }
}

/// What is to be heard at `at` while a match of `frames` from `start` on is played through.
fn through(at: i64, start: i64, frames: usize) -> f32 {
    let Ok(n) = usize::try_from(at - start) else { return input(at) };
    if n >= frames {
        return input(at);
    }
    let level = (n + 1).min(FADE).min(frames - n);
    if level == FADE { tone(n)[0] } else { input(at) + level as f32 / FADE as f32 * (tone(n)[0] - input(at)) }
}

#[test]
fn sample_n_of_the_match_is_heard_n_samples_after_the_takes_position() {
    let frames = 30_000;
    for start in [12_345_i64, 0, -5_000] {
        let mut deck = Deck::new(start, frames, tone);
        deck.cue(start - 1_000);
        for size in [64, 1, 509, 4096].into_iter().cycle() {
            let at = deck.transport.position.unwrap();
            if at > start + frames as i64 + 1_000 {
                break;
            }
            let heard = deck.block(size);
            for (n, heard) in heard.into_iter().enumerate() {
                let at = at + n as i64;
                assert_eq!(heard, through(at, start, frames), "{} of {frames}", at - start);
            }
        }
        assert!(!deck.is_heard());
    }
}

#[test]
fn a_host_that_renders_offline_gets_all_of_the_match_however_fast_it_is() {
    // Longer than the ring, and short enough that no sample is another's.
    let (start, frames) = (4_321_i64, 400_000);
    let mut deck = Deck::new(start, frames, tone);
    for size in [64, 4096, 16_384] {
        deck.player.set_up(RATE, true);
        deck.transport.playing = true;
        deck.transport.position = Some(start - 1_000);
        loop {
            let at = deck.transport.position.unwrap();
            if at > start + frames as i64 {
                break;
            }
            for (n, heard) in deck.block(size).into_iter().enumerate() {
                let at = at + n as i64;
                assert_eq!(heard, through(at, start, frames), "{} of {frames}, by {size}", at - start);
            }
        }
    }
}

#[test]
fn a_seek_lands_on_the_exact_sample_again() {
    let mut deck = Deck::new(10_000, 400_000, tone);
    deck.cue(10_000);
    for position in [200_000, 10_000, 300_000, 300_700, 12_000] {
        deck.transport.position = Some(position);
        deck.play_until_heard();
        for _ in 0..20 {
            let at = deck.transport.position.unwrap();
            let heard = deck.block(64);
            assert_eq!(heard[0], tone((at - 10_000) as usize)[0], "{at}");
            assert_eq!(heard[63], tone((at - 10_000 + 63) as usize)[0], "{at}");
        }
    }
}

#[test]
fn what_comes_in_is_left_bit_for_bit_while_listening_is_off_or_the_transport_stands() {
    let mut deck = Deck::new(0, 100_000, tone);
    deck.cue(0);
    deck.play_until_heard();
    for (on, playing) in [(false, true), (true, false), (false, false)] {
        (deck.on, deck.transport.playing) = (on, playing);
        // The fade-out.
        deck.block(FADE);
        assert!(!deck.is_heard());
        for _ in 0..100 {
            let at = deck.transport.position.unwrap();
            let inputs: Vec<_> = (0..64).map(|n| input(at + n)).collect();
            assert_eq!(deck.block(64), inputs);
        }
        (deck.on, deck.transport.playing) = (true, true);
        deck.play_until_heard();
    }
}

#[test]
fn a_host_without_a_transport_hears_the_match_from_its_beginning_each_time() {
    let mut deck = Deck::new(777, 100_000, tone);
    deck.transport = Transport::default();
    for _ in 0..3 {
        deck.on = true;
        let begun = Instant::now();
        let mut heard = Vec::new();
        while heard.len() < 2 * FADE {
            let block = deck.block(48);
            if deck.is_heard() {
                heard.extend(block);
            }
            assert!(begun.elapsed() < PATIENCE);
            thread::sleep(Duration::from_millis(1));
        }
        let wanted: Vec<_> = (FADE..2 * FADE).map(|n| tone(n)[0]).collect();
        assert_eq!(heard[FADE..2 * FADE], wanted);
        deck.on = false;
        deck.block(FADE);
        deck.block(48);
    }
}

#[test]
fn nothing_ever_clicks() {
    // Constant in and constant match: whatever steps is a step of the fade.
    let frames = 60_000;
    let mut deck = Deck::new(1_000, frames, |_| [0.5, -0.5]);
    let other = deck.folder.path().join("report-2");
    std::fs::create_dir(&other).unwrap();
    write(&other.join("match.wav"), frames, |_| [0.5, -0.5]);
    let reports = [deck.report(), other];
    let mut seed = 1_u64;
    let mut random = move |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) % below
    };
    let (mut last, mut heard_whole, mut faded) = (0.0_f32, 0, 0);
    let most = 0.5 / FADE as f32 * 1.001;
    let begun = Instant::now();
    deck.transport.playing = true;
    for block in 0.. {
        if begun.elapsed() > Duration::from_secs(4) {
            break;
        }
        match random(60) {
            0 => deck.on = !deck.on,
            1 => deck.transport.playing = !deck.transport.playing,
            2 => deck.transport.position = Some(random(frames as u64 + 3_000) as i64),
            3 if block % 5 == 0 => {
                let report = &reports[random(2) as usize];
                deck.project.with(|project| project.report = Some(report.clone()));
            }
            _ => {}
        }
        let size = [1, 16, 64, 509, 2048][random(5) as usize];
        let [mut left, mut right] = [vec![0.0; size], vec![0.0; size]];
        deck.player.process(deck.on, deck.transport, [&mut left, &mut right]);
        if deck.transport.playing {
            deck.transport.position = deck.transport.position.map(|at| at + size as i64);
        }
        for (l, r) in left.into_iter().zip(right) {
            assert!((l - last).abs() <= most, "from {last} to {l} in block {block}");
            assert_eq!(r, -l);
            heard_whole += usize::from(l == 0.5);
            faded += usize::from(l < last && l == 0.0);
            last = l;
        }
        // Now as slow as a host, now too fast for any disk.
        if random(3) > 0 {
            thread::sleep(Duration::from_micros(500));
        }
    }
    assert!(heard_whole > 10_000 && faded > 10, "{heard_whole} samples, {faded} fades");
}

#[test]
fn the_match_is_brought_to_the_mixs_level() {
    let mut deck = Deck::new(0, 50_000, |_| [0.125, 0.125]);
    write(&deck.folder.path().join("mix.wav"), 50_000, |_| [0.25, -0.25]);
    let again = deck.folder.path().join("report-2");
    std::fs::rename(deck.report(), &again).unwrap();
    deck.project.with(|project| project.report = Some(again));
    let view = deck.until(|view| matches!(view, View::Ready { gain_db, .. } if *gain_db > 1.0));
    let View::Ready { gain_db, span_s, .. } = view else { unreachable!() };
    assert!((gain_db - 6.0206).abs() < 1e-3);
    assert_eq!(span_s, [0.0, 50_000.0 / 48_000.0]);
    deck.cue(0);
    deck.block(FADE);
    assert!(deck.block(64).iter().all(|v| (v - 0.25).abs() < 1e-4));
}

#[test]
fn another_match_in_the_files_place_is_taken_up() {
    let mut deck = Deck::new(0, 200_000, |_| [0.125, 0.125]);
    deck.cue(0);
    deck.play_until_heard();
    assert_eq!(deck.block(1), [0.125]);
    // As a solve does: complete, then renamed into place.
    let staged = deck.folder.path().join("staged.wav");
    write(&staged, 200_001, |_| [0.125, -0.125]);
    std::fs::rename(staged, deck.report().join("match.wav")).unwrap();
    let begun = Instant::now();
    let mut right = [0.125];
    while right[0] != -0.125 {
        deck.transport.position = Some(1_000);
        let mut left = [0.0];
        deck.player.process(true, deck.transport, [&mut left, &mut right]);
        assert!(begun.elapsed() < PATIENCE);
        thread::sleep(Duration::from_millis(1));
        deck.play_until_heard();
    }
}

#[test]
fn a_match_that_vanishes_fades_out_and_says_so() {
    let mut deck = Deck::new(0, 400_000, tone);
    deck.cue(0);
    deck.play_until_heard();
    std::fs::remove_dir_all(deck.folder.path()).unwrap();
    let begun = Instant::now();
    let mut problem = None;
    while problem.is_none() {
        deck.block(64);
        if let View::Problem(reason) = deck.listen.view() {
            problem = Some(reason);
        }
        assert!(begun.elapsed() < PATIENCE);
        thread::sleep(Duration::from_millis(1));
    }
    let problem = problem.unwrap();
    assert!(problem.starts_with("The match ") && problem.contains("match.wav cannot be read ("), "{problem}");
    deck.block(64);
    deck.block(FADE);
    let at = deck.transport.position.unwrap();
    assert_eq!(deck.block(2), [input(at), input(at + 1)]);
}

#[test]
fn a_host_at_another_rate_is_told_so_and_hears_what_comes_in() {
    let mut deck = Deck::new(0, 50_000, tone);
    deck.player.set_up(44_100, false);
    let view = deck.until(|view| matches!(view, View::Problem(_)));
    let View::Problem(reason) = view else { unreachable!() };
    assert!(reason.starts_with("The match is at 48 kHz but the host runs at 44.1 kHz: "), "{reason}");
    deck.transport.playing = true;
    for _ in 0..50 {
        let at = deck.transport.position.unwrap();
        assert_eq!(deck.block(2), [input(at), input(at + 1)]);
        thread::sleep(Duration::from_millis(1));
    }
    deck.player.set_up(RATE, false);
    deck.until(|view| matches!(view, View::Ready { .. }));
    deck.cue(0);
    deck.play_until_heard();
}

#[test]
fn without_a_report_there_is_nothing_and_a_foreign_file_is_a_problem() {
    let deck = Deck::new(0, 1_000, tone);
    deck.project.with(|project| project.report = None);
    deck.until(|view| *view == View::Nothing);
    std::fs::write(deck.report().join("match.wav"), "RIFF").unwrap();
    let report = deck.report();
    deck.project.with(|project| project.report = Some(report));
    deck.until(|view| matches!(view, View::Problem(reason) if reason.contains("match.wav cannot be read (")));
}

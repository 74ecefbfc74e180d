use std::time::{Duration, Instant};

use super::testing::{Block, Host, sample};
use super::*;

/// Lengths of blocks, all kinds of them.
const BLOCKS: [usize; 7] = [1, 64, 1, 509, 4096, 5000, 63];

/// What the recorder would be told, blocks joined: where a take begins, its frames (lost ones are silent), what ended it.
#[derive(Debug, Default, PartialEq)]
struct Taken {
    buses: usize,
    sample_rate: u32,
    position: Option<i64>,
    /// Channel by channel.
    samples: Vec<Vec<f32>>,
    ending: Option<Ending>,
}

impl Taken {
    fn lose(&mut self, frames: u64) {
        self.samples.iter_mut().for_each(|channel| channel.resize(channel.len() + frames as usize, 0.0));
    }

    fn len(&self) -> usize {
        assert!(self.samples.iter().all(|channel| channel.len() == self.samples[0].len()));
        self.samples[0].len()
    }
}

fn drained(drain: &mut Drain) -> Vec<Taken> {
    let mut takes: Vec<Taken> = Vec::new();
    let mut planes = Vec::new();
    while let Some(message) = drain.next(&mut planes) {
        if let Message::Begin { buses, sample_rate, position } = message {
            assert!(takes.last().is_none_or(|take| take.ending.is_some()), "a take begins within another");
            let samples = vec![Vec::new(); 2 * buses];
            takes.push(Taken { buses, sample_rate, position, samples, ending: None });
            continue;
        }
        let take = takes.last_mut().unwrap();
        assert_eq!(take.ending, None, "a take goes on after its end");
        match message {
            Message::Block { frames, lost_before } => {
                assert!((1..=PIECE).contains(&frames));
                take.lose(lost_before);
                for (channel, plane) in take.samples.iter_mut().zip(planes.chunks(frames)) {
                    channel.extend_from_slice(plane);
                }
            }
            Message::End { lost_before, ending, .. } => {
                take.lose(lost_before);
                take.ending = Some(ending);
            }
            Message::Begin { .. } => {}
        }
    }
    takes
}

/// Whether these are the song's samples from `from` on.
fn assert_song(take: &Taken, from: usize, frames: usize) {
    assert_eq!(take.len(), frames);
    for (c, channel) in take.samples.iter().enumerate() {
        let song = (from..from + frames).map(|at| sample(c / 2, c % 2, at));
        assert!(channel.iter().copied().eq(song), "channel {c}");
    }
}

#[test]
fn blocks_of_any_length_arrive_bit_for_bit() {
    let (tap, mut drain, status) = channel();
    let mut host = Host::new(tap, 32, 48_000, false);
    host.play(BLOCKS);
    host.stop();
    let takes = drained(&mut drain);
    assert_eq!(takes.len(), 1);
    assert_eq!((takes[0].buses, takes[0].sample_rate, takes[0].position), (32, 48_000, Some(0)));
    assert_song(&takes[0], 0, BLOCKS.iter().sum());
    assert_eq!((takes[0].ending, status.view().lost_frames), (Some(Ending::Stopped), 0));
}

#[test]
fn a_take_lasts_while_capture_is_on_and_the_transport_runs() {
    let (tap, mut drain, status) = channel();
    let mut host = Host::new(tap, 2, 48_000, false);
    host.armed = false;
    host.play([100]);
    assert!(!status.view().capturing);
    host.armed = true;
    host.stop();
    host.go_to(100);
    host.play([10, 10]);
    assert!(status.view().capturing && status.has_open_takes());
    host.armed = false;
    host.play([10]);
    assert!(!status.view().capturing && status.has_open_takes());
    host.armed = true;
    host.play([10]);
    let takes = drained(&mut drain);
    assert_eq!(takes.len(), 2);
    assert_song(&takes[0], 100, 20);
    assert_song(&takes[1], 130, 10);
    assert_eq!((takes[0].ending, takes[1].ending), (Some(Ending::Stopped), None));
    let view = status.view();
    let transport = Transport { present: true, playing: true, position: Some(130), tempo: None };
    assert_eq!((view.buses, view.sample_rate, view.transport, view.armed), (2, 48_000, transport, true));
}

#[test]
fn without_a_transport_capture_alone_decides() {
    let (tap, mut drain, _) = channel();
    let mut host = Host::new(tap, 2, 48_000, false);
    host.transport = Transport::default();
    host.play([10, 20]);
    host.armed = false;
    host.play([10]);
    let takes = drained(&mut drain);
    assert_eq!((takes.len(), takes[0].len(), takes[0].position), (1, 30, None));
    assert_eq!(takes[0].ending, Some(Ending::Stopped));
}

#[test]
fn a_jump_or_a_loop_starts_a_new_take_in_the_same_block() {
    let (tap, mut drain, _) = channel();
    let mut host = Host::new(tap, 3, 48_000, false);
    for from in [1000, 5000, 1000] {
        host.go_to(from);
        host.play([64, 64]);
    }
    let takes = drained(&mut drain);
    assert_eq!(takes.iter().map(|take| take.position.unwrap()).collect::<Vec<_>>(), [1000, 5000, 1000]);
    for take in &takes {
        assert_song(take, take.position.unwrap() as usize, 128);
    }
    let endings: Vec<_> = takes.iter().map(|take| take.ending).collect();
    assert_eq!(endings, [Some(Ending::Jumped), Some(Ending::Jumped), None]);
}

#[test]
fn positions_that_are_rounded_or_missing_are_no_jump() {
    let (tap, mut drain, _) = channel();
    let mut host = Host::new(tap, 1, 48_000, false);
    for position in [Some(7), Some(72), Some(134), None, Some(263), Some(326)] {
        host.transport.position = position;
        host.play([64]);
    }
    let takes = drained(&mut drain);
    assert_eq!((takes.len(), takes[0].position, takes[0].len()), (1, Some(7), 6 * 64));
}

#[test]
fn every_set_up_ends_a_take_even_one_that_changes_nothing() {
    let (tap, mut drain, _) = channel();
    let mut host = Host::new(tap, 2, 48_000, false);
    for (buses, rate) in [(2, 48_000), (4, 48_000), (4, 96_000)] {
        host.play([64]);
        host.tap.set_up(buses, rate, false);
        host.buses = buses;
    }
    host.play([64]);
    drop(host);
    let takes = drained(&mut drain);
    let seen: Vec<_> = takes.iter().map(|take| (take.buses, take.sample_rate, take.ending)).collect();
    let ended = Some(Ending::Stopped);
    let expected = [(2, 48_000, ended), (2, 48_000, ended), (4, 48_000, ended), (4, 96_000, ended)];
    assert_eq!(seen, expected);
}

#[test]
fn a_block_longer_than_anything_arrives_whole_and_one_of_no_length_is_none() {
    let (tap, mut drain, _) = channel();
    let mut host = Host::new(tap, 2, 48_000, false);
    host.play([0, 1_000_000, 0]);
    let takes = drained(&mut drain);
    assert_eq!(takes.len(), 1);
    assert_song(&takes[0], 0, 1_000_000);
}

#[test]
fn channels_that_are_short_or_missing_are_silent() {
    let (mut tap, mut drain, _) = channel();
    tap.set_up(3, 48_000, false);
    let transport = Transport { present: true, playing: true, position: None, tempo: None };
    tap.process(true, transport, &Block(vec![[vec![1.0; 4], vec![2.0; 2]], [vec![], vec![3.0; 9]]]), 4);
    let silent = vec![0.0; 4];
    let expected =
        [vec![1.0; 4], vec![2.0, 2.0, 0.0, 0.0], silent.clone(), vec![3.0; 4], silent.clone(), silent];
    assert_eq!(drained(&mut drain)[0].samples, expected);
}

#[test]
fn frames_lost_to_a_full_ring_are_counted_and_leave_a_gap_of_their_length() {
    let (tap, mut drain, status) = channel_of(4 * 100, 64);
    let mut host = Host::new(tap, 2, 48_000, false);
    host.play([60, 60, 30, 60]);
    assert_eq!(status.view().lost_frames, 120);
    let takes = drained(&mut drain);
    let song = (0..150).map(|at| if (60..120).contains(&at) { 0.0 } else { sample(1, 1, at) });
    assert!(takes[0].samples[3].iter().copied().eq(song));
    assert_eq!((takes.len(), takes[0].len()), (1, 150));
    // What was lost at the end is told with what comes next.
    host.play([50]);
    host.play([60]);
    host.stop();
    let mut planes = Vec::new();
    assert_eq!(drain.next(&mut planes), Some(Message::Block { frames: 50, lost_before: 60 }));
    assert_eq!(planes[0], sample(0, 0, 210));
    assert_eq!(
        drain.next(&mut planes),
        Some(Message::End { lost_before: 60, ending: Ending::Stopped, tempo: None })
    );
    assert_eq!(drain.next(&mut planes), None);
}

#[test]
fn no_boundary_is_lost_however_full_the_ring_of_messages_is() {
    for messages in 3..12 {
        let (tap, mut drain, status) = channel_of(1 << 12, messages);
        let mut host = Host::new(tap, 1, 48_000, false);
        let (mut arrived, mut begun) = (0, 0);
        for round in 0..50 {
            // Each block is a take of its own; the recorder comes by now and then.
            host.go_to(1000 * (1 + round % 7));
            host.play([8, 8]);
            if round % 5 == 0 {
                host.stop();
                for take in drained(&mut drain) {
                    assert!(take.ending.is_some(), "{messages}, {round}");
                    assert_eq!(take.len(), 16);
                    let song: Vec<f32> =
                        (0..16).map(|i| sample(0, 0, take.position.unwrap() as usize + i)).collect();
                    let same = |i: usize| take.samples[0][i] == song[i] || take.samples[0][i] == 0.0;
                    assert!((0..16).all(same));
                    arrived += take.samples[0].iter().filter(|v| **v != 0.0).count() as u64;
                    begun += 1;
                    status.take_done();
                }
                assert!(!status.has_open_takes());
            }
        }
        host.stop();
        assert!(begun >= 10, "{messages}: {begun}");
        // Those of takes that the recorder never heard of are lost, too.
        let kept: u64 = drained(&mut drain).iter().map(|take| take.len() as u64).sum();
        let lost = status.view().lost_frames;
        assert!(lost > 0 && arrived + lost <= 800 && arrived + kept + lost >= 800, "{arrived} {kept} {lost}");
    }
}

#[test]
fn the_rings_hold_two_and_a_half_seconds_of_32_buses_at_96_khz_in_blocks_of_a_sample() {
    let (mut tap, _drain, status) = channel();
    tap.set_up(32, 96_000, false);
    let block = Block::of(32, 0, 1, sample);
    for at in 0..240_000 {
        let transport = Transport { present: true, playing: true, position: Some(at), tempo: None };
        tap.process(true, transport, &block, 1);
    }
    assert_eq!(status.view().lost_frames, 0);
}

#[test]
fn a_host_that_renders_offline_waits_for_the_recorder_and_loses_nothing() {
    let (tap, mut drain, status) = channel_of(4 * 5000, 64);
    let mut host = Host::new(tap, 2, 48_000, true);
    let reader = std::thread::spawn(move || {
        let (mut planes, mut frames) = (Vec::new(), 0);
        loop {
            match drain.next(&mut planes) {
                Some(Message::Block { frames: count, lost_before }) => {
                    assert_eq!((lost_before, planes[0]), (0, sample(0, 0, frames)));
                    frames += count;
                    std::thread::sleep(Duration::from_millis(3));
                }
                Some(Message::End { .. }) => return frames,
                _ => std::thread::yield_now(),
            }
        }
    });
    host.play([4096; 50]);
    host.play([30_000]);
    host.stop();
    assert_eq!((reader.join().unwrap(), status.view().lost_frames), (50 * 4096 + 30_000, 0));
}

#[test]
fn a_host_that_renders_offline_waits_at_most_a_second_for_a_recorder_that_is_stuck() {
    let (tap, mut drain, status) = channel_of(4 * 5000, 64);
    let mut host = Host::new(tap, 2, 48_000, true);
    let since = Instant::now();
    host.play([4096; 20]);
    let waited = since.elapsed().as_secs_f64();
    assert!((0.9..1.5).contains(&waited), "{waited}");
    assert_eq!(status.view().lost_frames, 19 * 4096);
    // Once the recorder moves again, so does the host's patience; and it ends with the recorder.
    drained(&mut drain);
    host.play([4096]);
    drop(drain);
    let since = Instant::now();
    host.play([4096; 20]);
    assert!(since.elapsed().as_secs_f64() < 0.5);
}

#[test]
fn meters_show_the_highest_magnitude_since_they_were_read() {
    let (mut tap, _drain, status) = channel();
    tap.set_up(2, 48_000, false);
    let stopped = Transport::default();
    let block =
        |left: f32, right: f32| Block(vec![[vec![0.0; 9], vec![0.1; 9]], [vec![left; 9], vec![right; 9]]]);
    tap.process(false, stopped, &block(-0.5, 0.25), 9);
    tap.process(false, stopped, &block(0.25, f32::NAN), 9);
    tap.process(false, stopped, &block(f32::NEG_INFINITY, -0.75), 9);
    assert_eq!(status.take_peak(0), [0.0, 0.1]);
    assert_eq!(status.take_peak(1), [0.5, 0.75]);
    assert_eq!(status.take_peak(1), [0.0; 2]);
    assert_eq!(status.take_peak(99), [0.0; 2]);
}

//! The plugin's audio: whatever a host sends comes out again, bit for bit and at once.

use mixtrace_tests::host::{Buffers, Host, Plug, Transport};
use mixtrace_tests::sound::noise;

/// Block sizes of hosts, odd ones and single samples among them.
const BLOCKS: [usize; 4] = [1, 64, 509, 4096];

/// Asserts that the last block's outputs carry `song` from `at` on.
#[track_caller]
fn assert_through(host: &Host, at: i64, frames: usize, song: impl Fn(usize, usize, i64) -> f32) {
    for bus in 0..host.plugs.len() {
        for channel in 0..2 {
            let heard = &host.output(bus, channel)[..frames];
            let wrong = (at..).zip(heard).find(|(at, s)| s.to_bits() != song(bus, channel, *at).to_bits());
            assert_eq!(wrong, None, "bus {bus}, channel {channel}, frames from {at}");
        }
    }
}

#[test]
fn a_host_sees_the_mix_and_31_stems_and_their_thru_outputs() {
    let mut host = Host::new();
    let inputs = host.ports(true);
    assert_eq!(inputs[0], ("Mix".into(), 2));
    assert_eq!(inputs[1], ("Stem 1".into(), 2));
    assert_eq!(inputs[31], ("Stem 31".into(), 2));
    let outputs = host.ports(false);
    assert_eq!(outputs[0].1, 2);
    assert_eq!(outputs[31], ("Thru 31".into(), 2));
    assert_eq!((inputs.len(), outputs.len()), (32, 32));
}

#[test]
fn every_layout_passes_audio_bit_for_bit_and_at_once() {
    let layouts = Host::new().layouts();
    let sizes: Vec<_> = layouts.iter().map(|(_, inputs, outputs)| (*inputs, *outputs)).collect();
    assert_eq!(sizes, [(32, 32), (16, 16), (8, 8), (4, 4)]);
    for buffers in [Buffers::Separate, Buffers::InPlace] {
        for (index, (name, inputs, _)) in (0..).zip(&layouts) {
            let mut host = Host::new();
            host.choose_layout(index);
            assert_eq!(host.plugs.len(), *inputs as usize, "{name}");
            host.buffers = buffers;
            for block in BLOCKS {
                host.activate(48_000.0, block);
                assert_eq!(host.latency(), 0);
                // The last block is a short one.
                let frames = (2 * block + block / 2).max(100);
                host.play(1_000, frames, noise, |host, at, count| assert_through(host, at, count, noise));
                host.deactivate();
            }
        }
    }
}

#[test]
fn audio_passes_while_the_transport_rests_and_where_there_is_none() {
    let mut host = Host::new();
    host.activate(44_100.0, 256);
    host.set("Capture", 1.0);
    for transport in [None, Some(Transport { playing: false, position: Some(7) })] {
        host.process(256, transport, |bus, channel, samples| {
            samples.iter_mut().zip(0..).for_each(|(s, i)| *s = noise(bus, channel, i));
        });
        assert_through(&host, 0, 256, noise);
    }
}

#[test]
fn samples_that_are_no_audio_pass_unchanged_too() {
    let odd = [f32::NAN, f32::INFINITY, -0.0, f32::MIN_POSITIVE / 8.0, 1e30, f32::from_bits(0x7fa0_0001)];
    let song = |bus: usize, channel: usize, at: i64| odd[(bus + channel + at as usize) % odd.len()];
    let mut host = Host::new();
    host.activate(44_100.0, 64);
    host.play(0, 300, song, |host, at, count| assert_through(host, at, count, song));
}

#[test]
fn mono_and_missing_stems_leave_the_others_alone() {
    for buffers in [Buffers::Separate, Buffers::InPlace] {
        let mut host = Host::new();
        host.buffers = buffers;
        host.plugs[5] = Plug::Mono;
        host.plugs[9] = Plug::Nothing;
        host.plugs[20..].fill(Plug::Nothing);
        let sent = |bus: usize, channel: usize, at: i64| match (bus, channel) {
            (5, 1) | (9, _) | (20.., _) => 0.0,
            _ => noise(bus, channel, at),
        };
        host.activate(48_000.0, 512);
        // Blocks shorter than the announced ones must not let the missing stems' lengths go wrong.
        for frames in [512, 100, 512, 1] {
            host.play(0, frames, noise, |host, at, count| assert_through(host, at, count, sent));
        }
    }
}

#[test]
fn a_host_may_connect_the_mix_alone() {
    let mut host = Host::new();
    host.plugs[1..].fill(Plug::Nothing);
    host.activate(48_000.0, 480);
    for frames in [480, 33, 480] {
        host.play(0, frames, noise, |host, at, count| {
            for channel in 0..2 {
                let heard = &host.output(0, channel)[..count];
                assert!((at..).zip(heard).all(|(at, s)| *s == noise(0, channel, at)));
            }
        });
    }
}

#[test]
fn every_rate_is_taken() {
    for rate in [8_000.0, 11_025.0, 44_100.0, 192_000.0, 384_000.0] {
        let mut host = Host::new();
        host.set("Capture", 0.0);
        host.activate(rate, 333);
        host.play(0, 1_000, noise, |host, at, count| assert_through(host, at, count, noise));
    }
}

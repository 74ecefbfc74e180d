//! Capture: what a host plays is what lies in the session's folder, bit for bit.

#![allow(clippy::unwrap_used)]

use mixtrace_tests::host::{Host, Plug, Transport};
use mixtrace_tests::sound::noise;
use mixtrace_tests::takes::{Take, assert_captured, takes, wait_for};
use serde_json::json;
use tempfile::tempdir;

/// Where songs start in most tests: not at zero, and at no multiple of a block.
const START: i64 = 12_345;

/// Asserts that a take holds `frames` frames of noise on all of 32 buses.
#[track_caller]
fn assert_whole(take: &Take, start: i64, frames: usize) {
    assert_eq!((take.start(), take.lost()), (Some(start), 0));
    assert_captured(&take.mix(), 0, start, frames, noise);
    let stems = take.stems();
    assert_eq!(stems.len(), 31);
    for (bus, stem) in (1..).zip(&stems) {
        assert_eq!(stem.name, format!("Stem {bus}"));
        assert_captured(&stem.audio, bus, start, frames, noise);
    }
}

/// Plays a song of `frames` between two rests, at `rate` in blocks of `block`, and asserts that it was captured.
fn captures(rate: u32, block: usize, frames: usize) {
    let home = tempdir().unwrap();
    let mut host = Host::started(home.path(), f64::from(rate), block);
    host.set("Capture", 1.0);
    host.rest(START);
    host.play(START, frames, noise, |_, _, _| {});
    host.rest(START + frames as i64);
    drop(host);
    let takes = takes(home.path());
    assert_eq!(takes.len(), 1, "at {rate} Hz in blocks of {block}");
    assert_eq!(takes[0].session["sample_rate"], rate);
    assert_whole(&takes[0], START, frames);
}

#[test]
fn stems_arrive_bit_for_bit_at_44_1_khz() {
    captures(44_100, 64, 30_001);
    captures(44_100, 509, 44_101);
    captures(44_100, 4096, 50_000);
}

#[test]
fn stems_arrive_bit_for_bit_at_48_khz() {
    captures(48_000, 64, 33_333);
    captures(48_000, 509, 48_001);
    captures(48_000, 4096, 60_000);
}

#[test]
fn stems_arrive_bit_for_bit_at_96_khz() {
    captures(96_000, 64, 60_001);
    captures(96_000, 509, 96_001);
    captures(96_000, 4096, 96_000);
}

#[test]
fn stems_arrive_bit_for_bit_sample_by_sample() {
    for rate in [44_100, 48_000, 96_000] {
        captures(rate, 1, rate as usize * 3 / 10 + 1);
    }
}

#[test]
fn extreme_rates_and_blocks_are_captured() {
    captures(8_000, 128, 4_000);
    captures(384_000, 2048, 200_000);
    captures(48_000, 100_000, 150_000);
}

#[test]
fn the_take_begins_and_ends_with_the_transport_and_with_capture() {
    let home = tempdir().unwrap();
    let mut host = Host::started(home.path(), 48_000.0, 480);
    // Off: nothing is captured.
    host.play(0, 24_000, noise, |_, _, _| {});
    host.set("Capture", 1.0);
    // On, in the middle of the song.
    host.play(24_000, 24_000, noise, |_, _, _| {});
    host.set("Capture", 0.0);
    host.play(48_000, 24_000, noise, |_, _, _| {});
    host.set("Capture", 1.0);
    host.rest(72_000);
    host.play(100_000, 20_000, noise, |_, _, _| {});
    drop(host);
    let takes = takes(home.path());
    assert_eq!(takes.len(), 2);
    assert_whole(&takes[0], 24_000, 24_000);
    assert_whole(&takes[1], 100_000, 20_000);
}

#[test]
fn a_jump_in_the_transport_starts_a_new_take() {
    let home = tempdir().unwrap();
    let mut host = Host::started(home.path(), 48_000.0, 512);
    host.set("Capture", 1.0);
    for start in [0, 200_000, 50_000] {
        host.play(start, 20_000, noise, |_, _, _| {});
    }
    host.rest(70_000);
    drop(host);
    let takes = takes(home.path());
    assert_eq!(takes.len(), 3);
    for (take, start) in takes.iter().zip([0, 200_000, 50_000]) {
        assert_whole(take, start, 20_000);
    }
}

#[test]
fn a_take_may_begin_before_the_songs_start() {
    let home = tempdir().unwrap();
    let mut host = Host::started(home.path(), 48_000.0, 512);
    host.set("Capture", 1.0);
    host.play(-10_000, 30_000, noise, |_, _, _| {});
    drop(host);
    assert_whole(&takes(home.path())[0], -10_000, 30_000);
}

#[test]
fn another_sample_rate_or_block_size_ends_a_take_cleanly() {
    let home = tempdir().unwrap();
    let mut host = Host::started(home.path(), 48_000.0, 512);
    host.set("Capture", 1.0);
    host.play(0, 20_000, noise, |_, _, _| {});
    host.deactivate();
    host.activate(96_000.0, 333);
    host.play(40_000, 30_000, noise, |_, _, _| {});
    drop(host);
    let takes = takes(home.path());
    assert_eq!(takes.len(), 2);
    assert_eq!(takes[0].session["sample_rate"], 48_000);
    assert_whole(&takes[0], 0, 20_000);
    assert_eq!(takes[1].session["sample_rate"], 96_000);
    assert_whole(&takes[1], 40_000, 30_000);
}

#[test]
fn a_smaller_layout_is_captured_whole() {
    for (layout, stems) in [(1, 15), (2, 7), (3, 3)] {
        let home = tempdir().unwrap();
        let mut host = Host::with_project(home.path(), json!({}));
        host.choose_layout(layout);
        host.go_offline();
        host.activate(44_100.0, 256);
        host.set("Capture", 1.0);
        host.play(0, 20_000, noise, |_, _, _| {});
        drop(host);
        let takes = takes(home.path());
        assert_eq!(takes[0].stems().len(), stems);
        for (bus, stem) in (1..).zip(takes[0].stems()) {
            assert_captured(&stem.audio, bus, 0, 20_000, noise);
        }
    }
}

#[test]
fn a_host_without_a_transport_records_by_hand() {
    let home = tempdir().unwrap();
    let mut host = Host::started(home.path(), 48_000.0, 500);
    let play = |host: &mut Host, from: i64| {
        for block in 0..40 {
            let at = from + 500 * block;
            host.process(500, None, |bus, channel, samples| {
                (at..).zip(samples).for_each(|(at, sample)| *sample = noise(bus, channel, at));
            });
        }
    };
    play(&mut host, 0);
    host.set("Capture", 1.0);
    play(&mut host, 20_000);
    host.set("Capture", 0.0);
    play(&mut host, 40_000);
    drop(host);
    let takes = takes(home.path());
    assert_eq!(takes.len(), 1);
    assert_eq!(takes[0].start(), None);
    assert_captured(&takes[0].mix(), 0, 20_000, 20_000, noise);
    assert_captured(&takes[0].stems()[30].audio, 31, 20_000, 20_000, noise);
}

#[test]
fn a_transport_without_a_position_is_followed_too() {
    let home = tempdir().unwrap();
    let mut host = Host::started(home.path(), 48_000.0, 500);
    host.set("Capture", 1.0);
    for (block, playing) in (0..).zip([false, true, false]) {
        for i in 0..40 {
            let at = 20_000 * block + 500 * i;
            host.process(500, Some(Transport { playing, position: None }), |bus, channel, samples| {
                (at..).zip(samples).for_each(|(at, sample)| *sample = noise(bus, channel, at));
            });
        }
    }
    drop(host);
    let takes = takes(home.path());
    assert_eq!(takes.len(), 1);
    assert_captured(&takes[0].mix(), 0, 20_000, 20_000, noise);
}

#[test]
fn silent_mono_and_missing_stems_do_no_harm() {
    let home = tempdir().unwrap();
    let mut host = Host::started(home.path(), 48_000.0, 512);
    host.plugs[2] = Plug::Mono;
    host.plugs[3] = Plug::Nothing;
    host.plugs[12..].fill(Plug::Nothing);
    let silent = |bus: usize, channel: usize| bus == 4 || (bus, channel) == (5, 0);
    let song = |bus, channel, at| if silent(bus, channel) { 0.0 } else { noise(bus, channel, at) };
    host.set("Capture", 1.0);
    host.play(0, 30_100, song, |_, _, _| {});
    drop(host);
    let takes = takes(home.path());
    let stems = takes[0].stems();
    let names: Vec<_> = stems.iter().map(|stem| stem.name.as_str()).collect();
    assert_eq!(names, [1, 2, 5, 6, 7, 8, 9, 10, 11].map(|n| format!("Stem {n}")));
    let arrives = |bus, channel, at| if (bus, channel) == (2, 1) { 0.0 } else { song(bus, channel, at) };
    for (bus, stem) in [1, 2, 5, 6, 7, 8, 9, 10, 11].into_iter().zip(&stems) {
        assert_captured(&stem.audio, bus, 0, 30_100, arrives);
    }
}

#[test]
fn a_stem_that_comes_in_late_is_as_long_as_the_others() {
    let home = tempdir().unwrap();
    let mut host = Host::started(home.path(), 48_000.0, 512);
    let song = |bus: usize, channel: usize, at: i64| match bus {
        7 if at < 25_000 => 0.0,
        8 if at >= 5_000 => 0.0,
        _ => noise(bus, channel, at),
    };
    host.set("Capture", 1.0);
    host.play(0, 40_000, song, |_, _, _| {});
    drop(host);
    for (bus, stem) in (1..).zip(takes(home.path())[0].stems()) {
        assert_captured(&stem.audio, bus, 0, 40_000, song);
    }
}

#[test]
fn names_and_groups_are_written_into_the_session() {
    let home = tempdir().unwrap();
    let stems = json!([
        {"name": "kick", "group": "drums"}, {"name": "snare/top", "group": "drums"}, {"name": "bass", "group": ""}
    ]);
    let mut host = Host::with_project(home.path(), json!({"stems": stems}));
    host.go_offline();
    host.activate(48_000.0, 512);
    host.set("Capture", 1.0);
    let song = |bus: usize, channel: usize, at: i64| if bus < 4 { noise(bus, channel, at) } else { 0.0 };
    host.play(0, 20_000, song, |_, _, _| {});
    host.rest(20_000);
    // The take is closed while the plugin lives on, and the project remembers it.
    let take = wait_for("the take", || takes(home.path()).pop());
    let stems: Vec<_> = take.stems().into_iter().map(|stem| (stem.name, stem.group)).collect();
    let group = Some("drums".to_owned());
    let expected = [("kick", group.clone()), ("snare/top", group), ("bass", None)];
    assert_eq!(stems, expected.map(|(name, group)| (name.to_owned(), group)));
    assert_eq!(take.session["groups"], json!([{"name": "drums"}]));
    wait_for("the project", || (host.project()["session"] == json!(take.folder)).then_some(()));
}

#[test]
fn a_home_that_cannot_be_written_leaves_the_song_playing() {
    let home = tempdir().unwrap();
    let file = home.path().join("file");
    std::fs::write(&file, "not a folder").unwrap();
    let mut host = Host::started(&file.join("takes"), 48_000.0, 512);
    host.set("Capture", 1.0);
    host.play(0, 100_000, noise, |host, at, count| {
        assert!((at..).zip(&host.output(31, 1)[..count]).all(|(at, s)| *s == noise(31, 1, at)));
        assert!((at..).zip(&host.output(0, 0)[..count]).all(|(at, s)| *s == noise(0, 0, at)));
    });
    drop(host);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "not a folder");
}

#[test]
fn a_folder_deleted_during_the_take_harms_neither_the_song_nor_the_next_take() {
    let home = tempdir().unwrap();
    let mut host = Host::started(home.path(), 48_000.0, 512);
    host.set("Capture", 1.0);
    host.play(0, 20_000, noise, |_, _, _| {});
    let folder = wait_for("the folder", || std::fs::read_dir(home.path()).ok()?.next()?.ok());
    // The recorder may be writing yet more files into it.
    wait_for("the deletion", || {
        let _ = std::fs::remove_dir_all(folder.path());
        (!folder.path().exists()).then_some(())
    });
    host.play(20_000, 20_000, noise, |host, at, count| {
        assert!((at..).zip(&host.output(1, 0)[..count]).all(|(at, s)| *s == noise(1, 0, at)));
    });
    host.rest(40_000);
    host.play(100_000, 20_000, noise, |_, _, _| {});
    drop(host);
    let takes = takes(home.path());
    assert_eq!(takes.len(), 1);
    assert_whole(&takes[0], 100_000, 20_000);
}

#[test]
fn a_project_saved_with_capture_on_does_not_record_when_it_is_opened() {
    let home = tempdir().unwrap();
    let mut host = Host::with_project(home.path(), json!({}));
    host.set("Capture", 1.0);
    let saved = host.save();
    drop(host);
    let mut host = Host::new();
    assert!(host.load(&saved));
    assert_eq!(host.value("Capture"), 1.0);
    host.go_offline();
    host.activate(48_000.0, 512);
    host.play(0, 20_000, noise, |_, _, _| {});
    // Off and on again, by the user.
    host.set("Capture", 0.0);
    host.play(20_000, 5_120, noise, |_, _, _| {});
    host.set("Capture", 1.0);
    host.play(25_120, 20_000, noise, |_, _, _| {});
    drop(host);
    let takes = takes(home.path());
    assert_eq!(takes.len(), 1);
    assert_whole(&takes[0], 25_120, 20_000);
}

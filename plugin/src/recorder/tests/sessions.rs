//! What becomes of the samples.

use super::*;

#[test]
fn thirty_one_stems_arrive_bit_for_bit_in_a_session_that_opens() {
    for rate in [8_000, 96_000, 384_000] {
        let mut rig = Rig::on(32, rate, Disk::default());
        rig.host.go_to(12_345);
        rig.host.play([1, 64, 1, 509, 4096, 64, 5000, 1, 1, 1]);
        let rest = rate as usize / 3;
        rig.host.play([rest]);
        let frames = 9738 + rest;
        let view = rig.stop();
        assert_eq!(view.problem, None);
        assert_song(&rig.folder(1), 32, 12_345, frames);
        let file = file(&rig.folder(1));
        assert_eq!((file.sample_rate, file.start_samples, file.lost_frames), (Some(rate), Some(12_345), 0));
        assert_eq!(file.notes, Vec::<String>::new());
        let session = open(&rig.folder(1));
        assert_eq!((session.stems.len(), session.sample_rate), (31, rate));
        assert_eq!((session.stems[30].name.as_str(), session.name.as_str()), ("Stem 31", "Take 001"));
        assert_eq!(rig.project.with(|project| project.session.clone()), Some(rig.folder(1)));
        let [take] = &view.takes[..] else { panic!("{:?}", view.takes) };
        assert_eq!((take.folder.as_path(), take.stems), (rig.folder(1).as_path(), 31));
        assert_eq!(
            (take.seconds, take.position_s),
            (frames as f64 / rate as f64, Some(12_345.0 / rate as f64))
        );
        assert_eq!((view.recording, view.home.as_path()), (None, rig.home.path()));
    }
}

#[test]
fn names_and_groups_are_those_of_the_moment_the_take_ends() {
    let mut rig = Rig::new(6);
    rig.project.with(|project| project.stems[0].name = "before/\"that\"".into());
    rig.host.play(SECOND);
    wait_until("the first stem has a file", || rig.folder(1).join("stems").exists());
    wait_until("all was written", || rig.recorder.view().recording.is_some_and(|now| now.seconds == 1.0));
    rig.project.with(|project| {
        let labels = [("Kick", "Drums"), ("Kick 2", "Keys"), (" Kick ", " Drums "), ("", " "), ("Kick", "")];
        for (stem, (name, group)) in project.stems.iter_mut().zip(labels) {
            (stem.name, stem.group) = (name.into(), group.into());
        }
    });
    rig.stop();
    let session = open(&rig.folder(1));
    let names: Vec<_> = session.stems.iter().map(|stem| (stem.name.as_str(), stem.group)).collect();
    let expected =
        [("Kick", Some(0)), ("Kick 2", Some(1)), ("Kick 3", Some(0)), ("Stem 4", None), ("Kick 4", None)];
    assert_eq!(names, expected);
    assert_eq!(session.groups, ["Drums", "Keys"]);
    assert_eq!(file(&rig.folder(1)).stems[0].file, Path::new("stems/01 before that.wav"));
}

#[test]
fn a_take_knows_its_tempo_if_there_was_but_one() {
    let mut rig = Rig::new(3);
    rig.host.transport.tempo = Some(93_500);
    rig.host.play(SECOND);
    rig.host.go_to(500_000);
    rig.host.play(SECOND);
    rig.host.transport.tempo = Some(94_000);
    rig.host.play(SECOND);
    rig.host.transport.tempo = Some(93_500);
    rig.host.play(SECOND);
    rig.stop();
    assert_eq!(file(&rig.folder(1)).tempo, Some(93.5));
    assert_eq!(file(&rig.folder(2)).tempo, None);
}

#[test]
fn a_jump_makes_two_sessions_that_know_their_places() {
    let mut rig = Rig::new(3);
    rig.host.play(SECOND);
    rig.host.go_to(480_000);
    rig.host.play(SECOND);
    let view = rig.stop();
    assert_song(&rig.folder(1), 3, 0, 48_000);
    assert_song(&rig.folder(2), 3, 480_000, 48_000);
    let takes: Vec<_> = view.takes.iter().map(|take| (take.name.as_str(), take.position_s)).collect();
    assert_eq!(takes, [("Take 002", Some(10.0)), ("Take 001", Some(0.0))]);
    assert_eq!(rig.project.with(|project| project.session.clone()), Some(rig.folder(2)));
}

#[test]
fn what_a_stalled_recorder_loses_is_silence_of_the_same_length_in_every_file() {
    let (tap, drain, status) = channel_of(6 * 30_000, 1000);
    let home = tempfile::tempdir().unwrap();
    let project = project(home.path());
    let mut host = Host::new(tap, 3, RATE, false);
    // Nobody reads: 30 000 frames fit, and of blocks of 640 there are 46 in them.
    host.play(SECOND);
    let recorder = Recorder::spawn(drain, project);
    wait_until("the ring is empty", || recorder.view().recording.is_some_and(|now| now.seconds > 0.613));
    host.play([640; 10]);
    wait_until("the loss is seen", || recorder.view().recording.is_some_and(|now| now.lost_frames > 0));
    host.stop();
    wait_until("the take is put away", || !recorder.is_busy());

    let (kept, lost) = (46 * 640, 29 * 640);
    assert_eq!(status.view().lost_frames, lost as u64);
    let folder = home.path().join("Take 001");
    for (bus, path) in files(&folder).iter().enumerate() {
        let silence = std::iter::repeat_n(0.0, 2 * lost);
        let expected = song(bus, 0, kept).chain(silence).chain(song(bus, kept + lost, 6400));
        assert!(samples(&folder.join(path)).into_iter().eq(expected), "{path:?}");
    }
    assert_eq!(file(&folder).lost_frames, lost as u64);
    assert!(open(&folder).notes[0].contains("lost"), "{:?}", open(&folder).notes);
    assert_eq!(recorder.view().takes[0].lost_frames, lost as u64);
}

#[test]
fn a_take_that_is_as_long_as_files_can_be_goes_on_as_another_one() {
    let mut rig = Rig::on(3, RATE, Disk { most_frames: 20_001, ..Disk::default() });
    rig.host.go_to(7);
    rig.host.play(SECOND);
    rig.host.play([20_000]);
    let view = rig.stop();
    let parts = [(7, 20_001), (20_008, 20_001), (40_009, 20_001)];
    for (take, (from, frames)) in (1..).zip(parts) {
        assert_song(&rig.folder(take), 3, from, frames);
        assert_eq!(file(&rig.folder(take)).start_samples, Some(from as i64));
    }
    assert_eq!(file(&rig.folder(3)).notes, ["Goes on from Take 002 without a gap."]);
    // The 7997 frames that were left are shorter than any take.
    assert_eq!(view.takes.len(), 3);
    assert!(view.problem.unwrap().contains("shorter than 0.25 s"));
}

#[test]
fn the_longest_file_stays_below_4_gib() {
    let bytes = wave::MOST_FRAMES * wave::FRAME;
    assert!((4_290_000_000..u64::from(u32::MAX) - 1000).contains(&bytes), "{bytes}");
}

#[test]
fn silent_buses_have_no_file_and_the_silence_before_a_sound_takes_no_space() {
    let mut rig = Rig::new(6);
    rig.host.tone = Box::new(|bus, channel, at| match bus {
        // Never, ever so slightly, and as signed zeros.
        1 => 0.0,
        2 => 3e-5,
        3 => -0.0,
        // After nine seconds; for a moment in the first.
        4 if at < 9 * 48_000 => 0.0,
        5 if at != 1000 => -0.0,
        _ => sample(bus, channel, at),
    });
    for _ in 0..10 {
        rig.host.play(SECOND);
    }
    rig.stop();
    let folder = rig.folder(1);
    assert_eq!(files(&folder)[1..], [PathBuf::from("stems/04 Stem 4.wav"), "stems/05 Stem 5.wav".into()]);
    for (bus, path) in [(4, "stems/04 Stem 4.wav"), (5, "stems/05 Stem 5.wav")] {
        let samples = samples(&folder.join(path));
        let expected = (0..960_000).map(|i| (rig.host.tone)(bus, i % 2, i / 2));
        assert!(samples.into_iter().eq(expected), "{path}");
    }
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::fs::MetadataExt;
        let on_disk = |path: &str| fs::metadata(folder.join(path)).unwrap().blocks() * 512;
        assert!(on_disk("mix.wav") >= 3_840_000);
        assert!(on_disk("stems/04 Stem 4.wav") < 600_000, "{}", on_disk("stems/04 Stem 4.wav"));
    }
    assert_eq!(open(&folder).stems.len(), 2);
}

#[test]
fn what_is_no_audio_becomes_silence_and_is_noted() {
    let mut rig = Rig::new(3);
    rig.host.tone = Box::new(|bus, channel, at| match (bus, channel, at) {
        (0, 1, 5) => f32::NAN,
        (1, 0, 700) => f32::NEG_INFINITY,
        (2, 0, 701..704) => 2e6,
        _ => sample(bus, channel, at),
    });
    rig.host.play(SECOND);
    rig.stop();
    let folder = rig.folder(1);
    let refused = [(0, 11), (1, 1400), (2, 1402), (2, 1404), (2, 1406)];
    for (bus, path) in files(&folder).iter().enumerate() {
        let silent = |i| refused.contains(&(bus, i));
        let expected = song(bus, 0, 48_000).enumerate().map(|(i, v)| if silent(i) { 0.0 } else { v });
        assert!(samples(&folder.join(path)).into_iter().eq(expected), "{path:?}");
    }
    assert!(file(&folder).notes[0].starts_with("5 samples that were no numbers"));
    assert_eq!(open(&folder).stems.len(), 2);
}

#[test]
fn what_is_no_session_says_what_was_missing() {
    let mut rig = Rig::new(3);
    rig.host.play([64; 10]);
    rig.stop();
    assert_eq!(rig.problem(), "A take shorter than 0.25 s was not kept.");
    rig.host.play([64; 10]);
    rig.stop();
    assert_eq!(rig.problem(), "2 takes shorter than 0.25 s were not kept.");

    rig.host.tone = Box::new(|bus, _, _| if bus == 0 { 0.5 } else { 0.0 });
    rig.host.play(SECOND);
    rig.stop();
    assert!(rig.problem().contains("route tracks to the plugin's side-chain inputs"), "{}", rig.problem());
    assert_eq!(fs::read_dir(rig.home.path()).unwrap().count(), 0);

    rig.host.tone = Box::new(|bus, _, _| if bus == 0 { 0.0 } else { 0.5 });
    rig.host.play(SECOND);
    let view = rig.stop();
    assert!(rig.problem().contains("The mix of Take 001 was silent"), "{}", rig.problem());
    assert_eq!(files(&rig.folder(1)).len(), 3);
    assert!(!rig.folder(1).join("mix.wav").exists() && view.takes.is_empty());
    assert_eq!(rig.project.with(|project| project.session.clone()), None);

    // The next take begins with a clean sheet.
    rig.host.tone = Box::new(sample);
    rig.host.play([640]);
    wait_until("it is forgotten", || rig.problem().is_empty());
}

#[test]
fn a_loop_does_not_hide_what_is_wrong_with_it() {
    let mut rig = Rig::new(2);
    rig.host.tone = Box::new(|bus, _, _| if bus == 0 { 0.5 } else { 0.0 });
    for _ in 0..2 {
        rig.host.go_to(0);
        rig.host.play(SECOND);
    }
    wait_until("the first round is judged", || !rig.problem().is_empty());
    wait_until("the second is under way", || rig.recorder.view().recording.is_some());
    assert!(rig.problem().contains("Nothing arrived"));
}

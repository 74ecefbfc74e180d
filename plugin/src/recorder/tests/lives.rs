//! The recorder among others: instances, the worker, the host that removes it, whoever looks.

use super::*;

#[test]
fn two_recorders_in_one_home_get_a_folder_each() {
    let mut rig = Rig::new(2);
    let mut other = Rig::new(3);
    other.project.with(|project| project.home = Some(rig.home.path().to_owned()));
    for _ in 0..3 {
        for rig in [&mut rig, &mut other] {
            rig.host.play(SECOND);
        }
        rig.host.stop();
        other.host.stop();
    }
    rig.settle();
    other.settle();
    let takes = list::takes(rig.home.path());
    assert_eq!(takes.iter().filter(|take| take.stems == 1).count(), 3);
    assert_eq!(takes.iter().filter(|take| take.stems == 2).count(), 3);
    assert!(takes.iter().all(|take| take.name == take.folder.file_name().unwrap().to_string_lossy()));
}

#[test]
fn a_recorder_is_busy_from_the_first_block_until_the_take_is_the_projects_session() {
    for _ in 0..20 {
        let mut rig = Rig::new(2);
        assert!(!rig.recorder.is_busy());
        rig.host.play([640; 20]);
        assert!(rig.recorder.is_busy());
        rig.host.armed = false;
        rig.host.play([640]);
        while rig.recorder.is_busy() {
            std::hint::spin_loop();
        }
        assert_eq!(rig.project.with(|project| project.session.clone()), Some(rig.folder(1)));
        let view = rig.recorder.view();
        assert_eq!((view.recording, view.takes.len()), (None, 1));
    }
}

#[test]
fn removing_the_plugin_in_a_take_leaves_a_session_within_200_ms() {
    let mut rig = Rig::new(32);
    rig.host.play([9600; 3]);
    wait_until("it is written", || rig.recorder.view().recording.is_some_and(|now| now.seconds == 0.6));
    rig.host.play([960]);
    let since = Instant::now();
    drop(rig.recorder);
    let took = since.elapsed();
    assert!(took < Duration::from_millis(200), "{took:?}");
    assert_song(&rig.home.path().join("Take 001"), 32, 0, 29_760);
    open(&rig.home.path().join("Take 001"));
    // The audio thread may go on for a while.
    rig.host.play([640; 10]);
}

#[test]
fn what_a_crash_leaves_can_be_read() {
    let mut rig = Rig::new(3);
    rig.host.tone =
        Box::new(|bus, channel, at| if bus == 2 && at < 24_000 { 0.0 } else { sample(bus, channel, at) });
    let since = Instant::now();
    while since.elapsed().as_secs_f64() < 2.3 {
        rig.host.play([480; 10]);
        std::thread::sleep(Duration::from_millis(100));
    }
    let folder = rig.folder(1);
    for (bus, path) in files(&folder).iter().enumerate() {
        let samples = samples(&folder.join(path));
        let frames = samples.len() / 2;
        assert!(frames >= 48_000, "{path:?}: {frames}");
        assert!(samples[48_000..].iter().copied().eq(song(bus, 24_000, frames - 24_000)), "{path:?}");
    }
    let options = Options { align: false, ..Options::default() };
    Session::from_stems(&folder.join("stems"), &folder.join("mix.wav"), &options).unwrap();
}

#[test]
fn takes_are_listed_when_somebody_looks_and_again_when_asked() {
    let home = tempfile::tempdir().unwrap();
    let mut rig = Rig::new(2);
    rig.host.play(SECOND);
    rig.stop();
    fs::create_dir(home.path().join("no take")).unwrap();
    fs::create_dir(home.path().join("broken")).unwrap();
    fs::write(home.path().join("broken").join(FILE_NAME), "{").unwrap();
    fs::rename(rig.folder(1), home.path().join("My song")).unwrap();
    rig.project.with(|project| project.home = Some(home.path().to_owned()));
    rig.recorder.look_again();
    wait_until("it is found", || {
        rig.recorder.view().takes.first().is_some_and(|take| take.folder.ends_with("My song"))
    });
    assert_eq!(rig.recorder.view().takes.len(), 1);
    fs::remove_dir_all(home.path().join("My song")).unwrap();
    wait_until("it is missed", || rig.recorder.view().takes.is_empty());
}

#[test]
fn an_instance_that_nobody_looks_at_leaves_the_disk_alone() {
    let (_tap, drain, _) = channel();
    let home = tempfile::tempdir().unwrap();
    let project = project(&home.path().join("home"));
    let free = |_: &Path| -> Option<u64> { panic!("nobody asked") };
    let recorder = Recorder::spawn_on(drain, project, Disk { free, ..Disk::default() });
    std::thread::sleep(Duration::from_millis(200));
    assert!(recorder.is_alive() && !home.path().join("home").exists());
    // The counter-proof, and what a recorder that broke looks like.
    recorder.view();
    wait_until("somebody asked", || !recorder.is_alive());
    assert!(recorder.view().problem.unwrap().contains("reload the plugin"));
}

#[test]
#[ignore = "measures for 20 s"]
fn in_real_time_no_frame_is_lost_at_96_khz_in_blocks_of_64_of_32_buses() {
    let (mut tap, drain, status) = channel();
    let home = tempfile::tempdir_in(std::env::var_os("MEASURE_IN").unwrap_or_else(|| "/tmp".into())).unwrap();
    let recorder = Recorder::spawn(drain, project(home.path()));
    tap.set_up(32, 96_000, false);
    let blocks: Vec<_> = (0..100).map(|n| Block::of(32, n * 64, 64, sample)).collect();
    let mut times = Vec::new();
    let since = Instant::now();
    for n in 0..30_000u32 {
        let due = since + Duration::from_secs(1) * (n * 64) / 96_000;
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let transport =
            Transport { present: true, playing: true, position: Some(i64::from(n) * 64), tempo: None };
        let began = Instant::now();
        tap.process(true, transport, &blocks[n as usize % 100], 64);
        times.push(began.elapsed().as_secs_f64());
    }
    let ended = Instant::now();
    tap.end();
    wait_until("the take is put away", || !recorder.is_busy());
    let closing = ended.elapsed();
    let lost = status.view().lost_frames;
    times.sort_by(f64::total_cmp);
    let at = |share: f64| 1e6 * times[((times.len() - 1) as f64 * share) as usize];
    let block = 64e6 / 96_000.0;
    let (median, high, worst) = (at(0.5), at(0.99), at(1.0));
    println!(
        "process: median {median:.1} us ({:.2} % of a block), 99 % {high:.1} us, worst {worst:.1} us",
        100.0 * median / block
    );
    println!("lost {lost} frames; closed in {closing:?}; {:?}", recorder.view().problem);
    assert_eq!(lost, 0);
    assert_eq!(recorder.view().takes[0].seconds, 20.0);
}

//! Instances come and go at any moment, several of them in one process, and lose nothing.

#![allow(clippy::unwrap_used)]

use mixtrace_tests::host::Host;
use mixtrace_tests::sound::noise;
use mixtrace_tests::takes::{assert_captured, takes, wait_for};
use mixtrace_tests::write_session;
use serde_json::json;
use tempfile::tempdir;

#[test]
fn a_plugin_destroyed_during_a_take_leaves_a_whole_take() {
    for frames in [20_000, 20_480] {
        let home = tempdir().unwrap();
        let mut host = Host::started(home.path(), 48_000.0, 512);
        host.set("Capture", 1.0);
        host.play(0, frames, noise, |_, _, _| {});
        drop(host);
        let takes = takes(home.path());
        assert_captured(&takes[0].mix(), 0, 0, frames, noise);
        assert_captured(&takes[0].stems()[30].audio, 31, 0, frames, noise);
        let opened = mixtrace_solver::session::Session::open(&takes[0].folder, &Default::default());
        assert_eq!(opened.unwrap().stems.len(), 31);
    }
}

#[test]
fn two_instances_capture_a_take_each() {
    let homes = [tempdir().unwrap(), tempdir().unwrap()];
    let mut hosts = homes.each_ref().map(|home| Host::started(home.path(), 48_000.0, 512));
    // The second one hears another song.
    let song = |which: usize| move |bus, channel, at| noise(bus + 32 * which, channel, at);
    for at in (0..25_600).step_by(5_120) {
        for (which, host) in hosts.iter_mut().enumerate() {
            host.set("Capture", 1.0);
            host.play(at, 5_120, song(which), |_, _, _| {});
        }
    }
    drop(hosts);
    for (which, home) in homes.iter().enumerate() {
        let takes = takes(home.path());
        assert_eq!(takes.len(), 1);
        assert_captured(&takes[0].mix(), 0, 0, 25_600, song(which));
        for (bus, stem) in (1..).zip(takes[0].stems()) {
            assert_captured(&stem.audio, bus, 0, 25_600, song(which));
        }
    }
}

#[test]
fn two_instances_may_share_a_home() {
    let home = tempdir().unwrap();
    let mut hosts = [(); 2].map(|()| Host::started(home.path(), 48_000.0, 512));
    for host in &mut hosts {
        host.set("Capture", 1.0);
        host.play(0, 20_000, noise, |_, _, _| {});
    }
    drop(hosts);
    let takes = takes(home.path());
    assert_eq!(takes.len(), 2);
    for take in &takes {
        assert_captured(&take.mix(), 0, 0, 20_000, noise);
    }
}

#[test]
fn a_thread_of_the_host_may_outlive_the_last_instance() {
    // The last instance takes the library with it, unless that knows better; then the thread ends.
    let thread = std::thread::spawn(|| {
        let mut host = Host::new();
        host.activate(48_000.0, 64);
        host.play(0, 640, noise, |_, _, _| {});
    });
    thread.join().unwrap();
}

#[test]
fn instances_come_and_go() {
    for round in 0..30 {
        let mut host = Host::new();
        if round % 2 == 0 {
            host.activate(48_000.0, 64);
        }
        if round % 3 == 0 {
            host.set("Capture", 1.0);
        }
    }
}

/// A thread that outlives the library whose code it runs takes the host with it.
#[cfg(target_os = "linux")]
#[test]
fn a_solve_leaves_no_thread_behind() {
    let solvers_threads = || {
        let names = std::fs::read_dir("/proc/self/task").unwrap();
        let names = names.filter_map(|task| std::fs::read_to_string(task.unwrap().path().join("comm")).ok());
        names.filter(|name| name.starts_with("mixtrace-0") || name.starts_with("mixtrace-solve")).count()
    };
    let home = tempdir().unwrap();
    let session = home.path().join("song");
    write_session(&session);
    let solve = json!({"preset": "quick", "steps": 4, "prune_rounds": 1});
    let mut host = Host::with_project(home.path(), json!({"session": session, "solve": solve}));
    host.activate(48_000.0, 512);
    host.set("Solve", 1.0);
    let mut most = 0;
    wait_for("a report", || {
        host.rest(0);
        most = most.max(solvers_threads());
        host.project()["report"].as_str().map(drop)
    });
    assert!(most >= 2, "the solver's threads have other names: {most}");
    assert_eq!(solvers_threads(), 0);
}

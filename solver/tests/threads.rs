//! A search uses the threads that it is given, and no others. Alone in its program, so that the threads can be counted.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use mixtrace_solver::engine::ENGINES;
use mixtrace_solver::search::{Context, Event, Preset, Settings, Stop, solve_in};
use mixtrace_solver::session::{Options, Session};

fn threads() -> usize {
    fs::read_dir("/proc/self/task").unwrap().count()
}

#[test]
fn opening_and_solving_on_one_thread_start_no_other() {
    let pool = mixtrace_solver::threads::pool(1).unwrap();
    let settings =
        Settings { steps: 2, prune_rounds: 1, steps_per_round: 1, ..Settings::preset(Preset::Quick) };
    let before = threads();
    let solved = AtomicBool::new(false);
    let (most, events) = thread::scope(|scope| {
        let solving = scope.spawn(|| {
            let session = pool.install(|| Session::demo(&Options::default())).unwrap();
            let (sender, events) = crossbeam_channel::unbounded();
            let context = Context { pool: &pool, engines: ENGINES, events: &sender, stop: &Stop::default() };
            solve_in(context, &session, &settings).unwrap();
            drop(sender);
            solved.store(true, Ordering::Release);
            events
        });
        let mut most = 0;
        while !solved.load(Ordering::Acquire) && !solving.is_finished() {
            most = most.max(threads());
            thread::sleep(Duration::from_millis(2));
        }
        (most, solving.join().unwrap())
    });
    // The thread that waits for the pool is the one that has come.
    assert_eq!(most, before + 1);
    let told: Vec<Event> = events.into_iter().collect();
    for kind in [|e: &Event| matches!(e, Event::Step { .. }), |e: &Event| matches!(e, Event::Trial { .. })] {
        assert!(told.iter().any(kind));
    }
}

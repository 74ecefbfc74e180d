//! A pool of threads of low priority that have really ended when it is dropped.

use std::thread::{self, JoinHandle};

use mixtrace_solver::threads::without_subnormals;
use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};
use thread_priority::{ThreadPriority, ThreadPriorityValue, set_current_thread_priority};

/// Of 0…99, where 50 is an ordinary thread: 11 steps of niceness on Linux, `BELOW_NORMAL` on Windows.
const PRIORITY: u8 = 20;

/// All cores but one, which the host keeps.
pub fn count() -> usize {
    thread::available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1))
}

/// Makes the calling thread give way to the host's.
pub fn lower_priority() {
    if let Ok(value) = ThreadPriorityValue::try_from(PRIORITY) {
        // Where the system refuses, the solve is as fast and the host less at ease.
        let _ = set_current_thread_priority(ThreadPriority::Crossplatform(value));
    }
}

/// Rayon lets its threads go without waiting for them; a library that may be unloaded cannot.
pub struct Threads {
    /// Always there until the drop.
    pool: Option<ThreadPool>,
    threads: Vec<JoinHandle<()>>,
}

impl Threads {
    /// Starts so many threads.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn start(count: usize) -> Result<Self, ThreadPoolBuildError> {
        let mut started = Self { pool: None, threads: Vec::with_capacity(count) };
        let threads = &mut started.threads;
        let pool = ThreadPoolBuilder::new().num_threads(count).spawn_handler(|thread| {
            let builder = thread::Builder::new().name(format!("mixtrace-{}", thread.index()));
            threads.push(builder.spawn(move || {
                lower_priority();
                without_subnormals(|| thread.run());
            })?);
            Ok(())
        });
        let pool = pool.build()?;
        started.pool = Some(pool);
        Ok(started)
    }

    /// The pool.
    pub fn pool(&self) -> &ThreadPool {
        self.pool.as_ref().expect("only the drop takes it")
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        drop(self.pool.take());
        for thread in self.threads.drain(..) {
            // A panic in the pool has reached whoever waited for its work.
            let _ = thread.join();
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs;

    use super::*;

    /// Niceness of every thread of this process whose name begins so.
    fn niceness(name: &str) -> Vec<i32> {
        let tasks = fs::read_dir("/proc/self/task").unwrap();
        let stats = tasks.filter_map(|task| fs::read_to_string(task.unwrap().path().join("stat")).ok());
        stats
            .filter_map(|stat| {
                let (head, fields) = stat.rsplit_once(") ")?;
                let named = head.split_once('(')?.1.starts_with(name);
                // man 5 proc: nice is field 19, the first one after the name is 3.
                named.then(|| fields.split(' ').nth(19 - 3).unwrap().parse().unwrap())
            })
            .collect()
    }

    #[test]
    fn the_solvers_threads_give_way_and_are_gone_with_the_pool() {
        let ordinary = niceness("").into_iter().min().unwrap();
        let renamed = |threads: &Threads| {
            threads.pool().broadcast(|_| {
                // Names of their own, since other tests have pools too.
                let task = fs::read_link("/proc/thread-self").unwrap();
                fs::write(format!("/proc/{}/comm", task.display()), "pool-test").unwrap();
            });
        };
        let threads = Threads::start(3).unwrap();
        renamed(&threads);
        assert_eq!(niceness("pool-test"), [11; 3]);
        assert!(ordinary < 11, "run the tests at an ordinary priority");
        drop(threads);
        assert!(niceness("pool-test").is_empty());
    }
}

//! The threads that all work on a song is done on.
//!
//! Tails fade into numbers so small that a processor computes with them far more slowly (subnormal ones, below 1e-38). On
//! these threads they are zero, as audio programs have it. Whoever makes threads for the solver makes them here, or runs
//! them by [`without_subnormals`], so that results do not depend on whose threads they were found on.

use std::thread;

use rayon::{ThreadBuilder, ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};

/// A pool of `count` threads, or of one a core if that is 0.
///
/// # Errors
/// If the system refuses.
pub fn pool(count: usize) -> Result<ThreadPool, ThreadPoolBuildError> {
    let start = |rayon: ThreadBuilder| {
        let mut builder = thread::Builder::new();
        if let Some(bytes) = rayon.stack_size() {
            builder = builder.stack_size(bytes);
        }
        builder.name("mixtrace".into()).spawn(|| without_subnormals(|| rayon.run()))?;
        Ok(())
    };
    ThreadPoolBuilder::new().num_threads(count).spawn_handler(start).build()
}

/// Does all of a thread's work with subnormal numbers taken as zero.
pub fn without_subnormals<R>(work: impl FnOnce() -> R) -> R {
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    // SAFETY: the compiler may assume the usual floating-point mode. What it computes in advance by that assumption differs
    // from what is computed here in subnormal results alone, which nothing relies on; the mode is the thread's own, and the
    // usual one again when the work is done.
    return unsafe { no_denormals::no_denormals(work) };
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    work()
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;

    use super::*;

    #[test]
    fn what_is_too_small_to_be_normal_is_zero_on_every_thread_of_a_pool() {
        let (small, smaller) = (f32::MIN_POSITIVE, f32::MIN_POSITIVE / 4.0);
        assert!(smaller > 0.0);
        let halved = || black_box(small) * black_box(0.5);
        let doubled = || black_box(smaller) * black_box(2.0);
        assert!(halved() > 0.0 && doubled() > 0.0);
        let pool = pool(3).unwrap();
        assert_eq!(pool.broadcast(|_| (halved(), doubled())), [(0.0, 0.0); 3]);
        assert!(halved() > 0.0, "only the solver's threads are changed");
    }
}

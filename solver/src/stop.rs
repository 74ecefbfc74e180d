//! Ending work early, from another thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

const STOPPED: u8 = 1;
const ABORTED: u8 = 2;

/// Ends a search, or gives it up. All clones are one switch, which goes one way only.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    level: Arc<AtomicU8>,
}

impl Stop {
    /// Ends the search; what was found is kept.
    pub fn stop(&self) {
        self.level.fetch_max(STOPPED, Ordering::Relaxed);
    }

    /// Gives everything up; there will be no outcome.
    pub fn abort(&self) {
        self.level.fetch_max(ABORTED, Ordering::Relaxed);
    }

    /// True after [`stop`](Self::stop) or [`abort`](Self::abort).
    pub fn is_stopped(&self) -> bool {
        self.until_stopped().is_over()
    }

    /// True after [`abort`](Self::abort).
    pub fn is_aborted(&self) -> bool {
        self.until_aborted().is_over()
    }

    /// For work that a stop cuts short, and an abort too.
    pub fn until_stopped(&self) -> Until<'_> {
        Until { level: Some(&self.level), end: STOPPED }
    }

    /// For work that only an abort cuts short.
    pub fn until_aborted(&self) -> Until<'_> {
        Until { level: Some(&self.level), end: ABORTED }
    }
}

/// How long a piece of work may go on. It looks here before each of its parts, every few milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Until<'a> {
    level: Option<&'a AtomicU8>,
    end: u8,
}

impl Until<'static> {
    /// To its end.
    pub const DONE: Self = Self { level: None, end: 0 };
}

impl Until<'_> {
    /// True from the moment on at which the work should end.
    pub fn is_over(self) -> bool {
        // Nothing else is told by the switch, so nothing need be ordered by it.
        self.level.is_some_and(|level| level.load(Ordering::Relaxed) >= self.end)
    }

    /// Refuses to go on once it is over.
    ///
    /// # Errors
    /// [`Interrupted`] if so.
    pub fn check(self) -> Result<(), Interrupted> {
        if self.is_over() { Err(Interrupted) } else { Ok(()) }
    }
}

/// The work was cut short, and has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the work was interrupted")]
pub struct Interrupted;

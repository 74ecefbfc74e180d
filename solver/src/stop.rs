//! Ending work early, from another thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

const STOPPED: u8 = 1;
const ABORTED: u8 = 2;

/// Ends a search, or gives it up. All clones are one switch, which goes one way only.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    switch: Arc<Switch>,
}

#[derive(Debug, Default)]
struct Switch {
    /// 0 as long as nobody has said anything.
    level: AtomicU8,
    #[cfg(test)]
    looks: testing::Looks,
}

impl Stop {
    /// Ends the search; what was found is kept.
    pub fn stop(&self) {
        self.switch.level.fetch_max(STOPPED, Ordering::Relaxed);
    }

    /// Gives everything up; there will be no outcome.
    pub fn abort(&self) {
        self.switch.level.fetch_max(ABORTED, Ordering::Relaxed);
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
        Until { switch: Some(&self.switch), end: STOPPED }
    }

    /// For work that only an abort cuts short.
    pub fn until_aborted(&self) -> Until<'_> {
        Until { switch: Some(&self.switch), end: ABORTED }
    }
}

/// How long a piece of work may go on. It looks here before each of its parts, every few milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Until<'a> {
    switch: Option<&'a Switch>,
    end: u8,
}

impl Until<'static> {
    /// To its end.
    pub const DONE: Self = Self { switch: None, end: 0 };
}

impl Until<'_> {
    /// True from the moment on at which the work should end.
    pub fn is_over(self) -> bool {
        self.switch.is_some_and(|switch| {
            #[cfg(test)]
            switch.looks.count(&switch.level);
            // Nothing else is told by the switch, so nothing need be ordered by it.
            switch.level.load(Ordering::Relaxed) >= self.end
        })
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

#[cfg(test)]
pub(crate) mod testing {
    //! Stops that fall on a given look, so that tests can count what is done after it.

    use std::sync::Arc;
    use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

    use super::{ABORTED, STOPPED, Stop, Switch};

    #[derive(Debug, Default)]
    pub(super) struct Looks {
        seen: AtomicUsize,
        /// The look, counted from 1, that finds the switch at the level `then`; none at 0.
        last: usize,
        then: u8,
    }

    impl Looks {
        pub(super) fn count(&self, level: &AtomicU8) {
            if self.seen.fetch_add(1, Ordering::Relaxed) + 1 == self.last {
                level.fetch_max(self.then, Ordering::Relaxed);
            }
        }
    }

    impl Stop {
        /// A stop that comes just before the given look, counted from 1.
        pub(crate) fn stopping_at(look: usize) -> Self {
            Self::at(look, STOPPED)
        }

        /// An abort that comes just before the given look, counted from 1.
        pub(crate) fn aborting_at(look: usize) -> Self {
            Self::at(look, ABORTED)
        }

        fn at(last: usize, then: u8) -> Self {
            let looks = Looks { seen: AtomicUsize::new(0), last, then };
            Self { switch: Arc::new(Switch { level: AtomicU8::new(0), looks }) }
        }

        /// How often anybody has looked.
        pub(crate) fn looks(&self) -> usize {
            self.switch.looks.seen.load(Ordering::Relaxed)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_ends_what_runs_until_stopped_and_an_abort_ends_all() {
        let stop = Stop::default();
        let ends = |stop: &Stop| (stop.until_stopped().is_over(), stop.until_aborted().is_over());
        assert_eq!(ends(&stop), (false, false));
        let clone = stop.clone();
        clone.stop();
        assert_eq!((ends(&stop), stop.is_stopped(), stop.is_aborted()), ((true, false), true, false));
        clone.abort();
        assert_eq!((ends(&stop), stop.is_stopped(), stop.is_aborted()), ((true, true), true, true));
    }

    #[test]
    fn an_abort_cannot_be_turned_into_a_stop() {
        let stop = Stop::default();
        stop.abort();
        stop.stop();
        assert!(stop.is_aborted());
        assert_eq!(Until::DONE.check(), Ok(()));
        assert_eq!(stop.until_stopped().check(), Err(Interrupted));
    }
}

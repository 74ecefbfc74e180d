//! The parameters that hosts see, enough to use the plugin without its window.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use nice_plug::prelude::*;

use crate::project::SharedProject;

/// What the main output carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum Source {
    /// What comes in.
    #[id = "through"]
    Through,
    /// The last report's match.
    #[id = "match"]
    Match,
}

/// The host's parameters and the project.
#[derive(Params)]
pub struct Parameters {
    /// Record takes whenever the transport runs.
    #[id = "capture"]
    pub capture: BoolParam,
    /// On: solve the last take. Off: stop.
    #[id = "solve"]
    pub solve: BoolParam,
    /// What the main output carries.
    #[id = "listen"]
    pub listen: EnumParam<Source>,
    /// Everything else that the host's project keeps.
    #[persist = "project"]
    pub project: SharedProject,
    /// How often a project had been loaded when `Capture` was last moved.
    capture_moved_after: Arc<AtomicU32>,
}

/// What the `Solve` parameter asks for. The parameter's own value will not do: the solver has to see each edge of it, and a
/// project that was saved with it on must not start to solve when it is loaded.
#[derive(Default)]
pub struct SolveSwitch {
    on: AtomicBool,
}

impl SolveSwitch {
    /// Whether the switch is on.
    pub fn is_on(&self) -> bool {
        self.on.load(Ordering::Acquire)
    }
}

impl Parameters {
    /// Everything at its default; `changed` is told the value of `Solve` whenever it moves, from any thread.
    pub fn new(project: SharedProject, switch: Arc<SolveSwitch>) -> Self {
        let capture_moved_after = Arc::<AtomicU32>::default();
        let (moved_after, loads) = (Arc::clone(&capture_moved_after), project.clone());
        Self {
            capture: BoolParam::new("Capture", false)
                .with_callback(Arc::new(move |_| moved_after.store(loads.restored(), Ordering::Release))),
            solve: BoolParam::new("Solve", false)
                .with_callback(Arc::new(move |on| switch.on.store(on, Ordering::Release))),
            listen: EnumParam::new("Listen", Source::Through),
            project,
            capture_moved_after,
        }
    }

    /// Whether `Capture` was switched on. One that was saved switched on does not record into a project that has just been
    /// opened: a load moves the parameters first and counts then.
    pub fn is_armed(&self) -> bool {
        self.capture.value() && self.capture_moved_after.load(Ordering::Acquire) == self.project.restored()
    }
}

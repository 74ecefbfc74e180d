//! The parameters that hosts see, enough to use the plugin without its window.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

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
    /// The value in the lowest bit; above it, how often a project had been loaded when it was set.
    state: AtomicU64,
}

impl SolveSwitch {
    /// Whether the switch is on, and how often a project had been [loaded](SharedProject::restored) when it was last
    /// moved. A host that loads a project moves it first and counts the load then.
    pub fn state(&self) -> (bool, u32) {
        let state = self.state.load(Ordering::Acquire);
        (state & 1 == 1, (state >> 1) as u32)
    }

    /// Moves the switch, after so many loads.
    pub fn set(&self, on: bool, restored: u32) {
        self.state.store(u64::from(restored) << 1 | u64::from(on), Ordering::Release);
    }
}

impl Parameters {
    /// Everything at its default; `switch` is moved whenever `Solve` is, from any thread.
    pub fn new(project: SharedProject, switch: Arc<SolveSwitch>) -> Self {
        let capture_moved_after = Arc::<AtomicU32>::default();
        let (moved_after, capture_loads) = (Arc::clone(&capture_moved_after), project.clone());
        let solve_loads = project.clone();
        Self {
            capture: BoolParam::new("Capture", false).with_callback(Arc::new(move |_| {
                moved_after.store(capture_loads.restored(), Ordering::Release)
            })),
            solve: BoolParam::new("Solve", false)
                .with_callback(Arc::new(move |on| switch.set(on, solve_loads.restored()))),
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

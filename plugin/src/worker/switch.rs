//! The host's `Solve` parameter as commands.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::params::SolveSwitch;
use crate::project::SharedProject;

/// How long the switch must rest before it counts. A host that loads a project moves the switch a moment before the project
/// is there, and a take that ends in the same instant has to reach the recorder.
pub const REST: Duration = Duration::from_millis(100);

/// Watches the switch for edges that are the user's doing.
pub struct Edges {
    switch: Arc<SolveSwitch>,
    project: SharedProject,
    /// What was last acted upon, or loaded.
    level: bool,
    moved: Option<Instant>,
}

impl Edges {
    /// Whatever the switch says now is no edge.
    pub fn new(switch: Arc<SolveSwitch>, project: SharedProject) -> Self {
        let (level, _) = switch.state();
        Self { switch, project, level, moved: None }
    }

    /// Where the switch went, if the user has moved it and let it rest. To be asked every few milliseconds; a pulse shorter
    /// than [`REST`] is none.
    pub fn look(&mut self, now: Instant) -> Option<bool> {
        let (on, loads) = self.switch.state();
        if loads != self.project.restored() {
            // Moved by the load or before it.
            self.level = on;
        }
        if on == self.level {
            self.moved = None;
            return None;
        }
        let moved = *self.moved.get_or_insert(now);
        if now.duration_since(moved) < REST {
            return None;
        }
        self.level = on;
        self.moved = None;
        Some(on)
    }
}

#[cfg(test)]
mod tests {
    use nice_plug::params::persist::PersistentField;
    use serde_json::json;

    use super::*;

    const NONE: [bool; 0] = [];

    struct Desk {
        project: SharedProject,
        switch: Arc<SolveSwitch>,
        edges: Edges,
        now: Instant,
    }

    impl Desk {
        fn new() -> Self {
            let (project, switch) = (SharedProject::default(), Arc::<SolveSwitch>::default());
            let edges = Edges::new(Arc::clone(&switch), project.clone());
            Self { project, switch, edges, now: Instant::now() }
        }

        fn set(&self, on: bool) {
            self.switch.set(on, self.project.restored());
        }

        /// What is seen within so many milliseconds, looking every 20.
        fn after(&mut self, ms: u64) -> Vec<bool> {
            let seen = (0..ms / 20).filter_map(|_| {
                self.now += Duration::from_millis(20);
                self.edges.look(self.now)
            });
            seen.collect()
        }
    }

    #[test]
    fn each_edge_counts_once() {
        let mut desk = Desk::new();
        assert_eq!(desk.after(200), NONE);
        desk.set(true);
        assert_eq!(desk.after(200), [true]);
        desk.set(false);
        assert_eq!(desk.after(200), [false]);
        desk.set(true);
        assert_eq!(desk.after(200), [true]);
    }

    #[test]
    fn a_pulse_too_short_to_be_meant_is_none() {
        let mut desk = Desk::new();
        desk.set(true);
        assert_eq!(desk.after(40), NONE);
        desk.set(false);
        assert_eq!(desk.after(200), NONE);
    }

    #[test]
    fn a_project_saved_with_the_switch_on_does_not_start() {
        for between in [0, 20, 80] {
            let mut desk = Desk::new();
            desk.set(true);
            assert_eq!(desk.after(between), NONE);
            desk.project.set(json!({}));
            assert_eq!(desk.after(200), NONE, "{between} ms");
            desk.set(false);
            assert_eq!(desk.after(200), [false]);
            desk.set(true);
            assert_eq!(desk.after(200), [true]);
        }
    }

    #[test]
    fn a_click_right_after_a_load_counts() {
        let mut desk = Desk::new();
        desk.project.set(json!({}));
        desk.set(true);
        assert_eq!(desk.after(200), [true]);
    }
}

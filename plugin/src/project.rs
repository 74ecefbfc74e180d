//! What the host's project keeps for an instance.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use nice_plug::params::persist::PersistentField;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use mixtrace_solver::search::{self, Preset, Settings};

use crate::buses::MAX_STEMS;

/// The window's first and smallest size in logical points.
pub const FIRST_SIZE: (u32, u32) = (1000, 640);
/// See [`FIRST_SIZE`].
pub const LEAST_SIZE: (u32, u32) = (800, 500);

/// What a user has typed, chosen and found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Project {
    /// The stems' labels, [`MAX_STEMS`] of them.
    pub stems: Vec<Label>,
    /// Where takes go, if the user chose a place.
    pub home: Option<PathBuf>,
    /// How to solve.
    pub solve: SolveSettings,
    /// The window's size in logical points: width, height.
    pub window: (u32, u32),
    /// The session to be solved: the last take, or another one that the user picked.
    pub session: Option<PathBuf>,
    /// The folder of the last report.
    pub report: Option<PathBuf>,
}

/// What a stem's bus is called.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Label {
    /// The stem's name.
    pub name: String,
    /// Its group's name; empty: straight to the mix.
    pub group: String,
}

/// The search's settings as the window shows them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SolveSettings {
    /// `quick`, `standard` or `thorough`.
    pub preset: String,
    /// A method's name.
    pub method: String,
    /// How much the match may rise for fewer processors.
    pub tolerance: f64,
    /// The letters of the kinds in the console.
    pub processors: String,
    /// Instead of the preset's steps of the first fit.
    pub steps: Option<usize>,
    /// Instead of the preset's pruning rounds.
    pub prune_rounds: Option<usize>,
    /// Instead of the preset's steps after each round.
    pub steps_per_round: Option<usize>,
    /// Seed of every random choice.
    pub seed: u64,
}

impl Default for Project {
    fn default() -> Self {
        let label = |n| Label { name: format!("Stem {n}"), group: String::new() };
        Self {
            stems: (1..=MAX_STEMS).map(label).collect(),
            home: None,
            solve: SolveSettings::default(),
            window: FIRST_SIZE,
            session: None,
            report: None,
        }
    }
}

impl Default for SolveSettings {
    fn default() -> Self {
        let settings = Settings::preset(Preset::Standard);
        Self {
            preset: "standard".into(),
            method: settings.method.name().into(),
            tolerance: settings.tolerance,
            processors: settings.kinds.iter().map(|kind| kind.letter()).collect(),
            steps: None,
            prune_rounds: None,
            steps_per_round: None,
            seed: settings.seed,
        }
    }
}

impl SolveSettings {
    /// The search's own settings.
    ///
    /// # Errors
    /// If a name or a number is not one the search knows.
    pub fn settings(&self) -> Result<Settings, search::Error> {
        let mut settings = Settings::preset(self.preset.parse()?);
        settings.method = self.method.parse()?;
        settings.tolerance = self.tolerance;
        settings.kinds = settings.console.select(&self.processors)?;
        settings.steps = self.steps.unwrap_or(settings.steps);
        settings.prune_rounds = self.prune_rounds.unwrap_or(settings.prune_rounds);
        settings.steps_per_round = self.steps_per_round.unwrap_or(settings.steps_per_round);
        settings.seed = self.seed;
        settings.check()?;
        Ok(settings)
    }
}

impl Project {
    /// A project from the host's file: anything that is missing is as in a new one, lengths and sizes are those that
    /// the plugin has.
    fn restore(value: Value) -> Result<Self, serde_json::Error> {
        let mut project: Self = serde_json::from_value(value)?;
        let fresh = Self::default();
        project.stems.truncate(MAX_STEMS);
        project.stems.extend_from_slice(&fresh.stems[project.stems.len()..]);
        project.window.0 = project.window.0.clamp(LEAST_SIZE.0, 8 * LEAST_SIZE.0);
        project.window.1 = project.window.1.clamp(LEAST_SIZE.1, 8 * LEAST_SIZE.1);
        if project.solve.settings().is_err() {
            project.solve = fresh.solve;
        }
        Ok(project)
    }
}

/// The project of an instance, shared by all of its threads but the audio thread. Clones are the same project.
#[derive(Clone, Default)]
pub struct SharedProject(Arc<Shared>);

#[derive(Default)]
struct Shared {
    project: Mutex<Project>,
    problem: Mutex<Option<String>>,
    restored: AtomicU32,
}

impl SharedProject {
    /// Reads or changes the project.
    pub fn with<R>(&self, work: impl FnOnce(&mut Project) -> R) -> R {
        work(&mut self.0.project.lock())
    }

    /// How often the host has loaded a project. Whatever the parameters said before a load is not the user's doing
    /// after it.
    pub fn restored(&self) -> u32 {
        self.0.restored.load(Ordering::Acquire)
    }

    /// A sentence for the window if the last project could not be read.
    pub fn problem(&self) -> Option<String> {
        self.0.problem.lock().clone()
    }
}

/// The host sees JSON of any form, so that a project that is not ours is told to the user instead of lost in a log.
impl PersistentField<'_, Value> for SharedProject {
    fn set(&self, value: Value) {
        let (project, problem) = match Project::restore(value) {
            Ok(project) => (project, None),
            Err(reason) => {
                let told = format!(
                    "The settings saved in this project could not be read ({reason}); these are the defaults."
                );
                (Project::default(), Some(told))
            }
        };
        *self.0.project.lock() = project;
        *self.0.problem.lock() = problem;
        self.0.restored.fetch_add(1, Ordering::AcqRel);
    }

    fn map<F, R>(&self, f: F) -> R
    where
        F: Fn(&Value) -> R,
    {
        // A project is plain data and always has a JSON form.
        let value = serde_json::to_value(&*self.0.project.lock()).unwrap_or_default();
        f(&value)
    }
}

/// The key of the project among a state's fields.
const FIELD: &str = "project";

/// Sees to it that a state always has a project that can be handed over, however broken: a missing one would leave what
/// was there before, and one that is not even JSON would be dropped without a word.
pub fn repair(fields: &mut BTreeMap<String, String>) {
    let text = fields.entry(FIELD.into()).or_insert_with(|| "{}".into());
    if serde_json::from_str::<Value>(text).is_err() {
        *text = Value::from(text.as_str()).to_string();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What a host that saves `saved` and loads it again gets.
    fn loaded(saved: Value) -> (Project, Option<String>) {
        let shared = SharedProject::default();
        shared.set(saved);
        (shared.with(|project| project.clone()), shared.problem())
    }

    #[test]
    fn a_project_comes_back_as_it_was_saved() {
        let shared = SharedProject::default();
        shared.with(|project| {
            project.stems[30] = Label { name: "Größe \"5\" 🎺".into(), group: "brass".into() };
            project.home = Some("/tmp/takes".into());
            project.solve.tolerance = 0.02;
            project.solve.processors = "eg".into();
            project.window = (1234, 777);
            project.session = Some("/tmp/takes/Take 001".into());
            project.report = Some("/tmp/takes/Take 001/report".into());
        });
        let saved = shared.map(Value::clone);
        assert_eq!(loaded(saved), (shared.with(|project| project.clone()), None));
    }

    #[test]
    fn what_a_saved_project_lacks_is_as_in_a_new_one() {
        let (project, problem) = loaded(json!({"stems": [{"name": "kick"}], "window": [10, 90_000]}));
        assert_eq!(problem, None);
        assert_eq!(project.stems.len(), MAX_STEMS);
        assert_eq!(project.stems[0].name, "kick");
        assert_eq!(project.stems[1].name, "Stem 2");
        assert_eq!(project.window, (LEAST_SIZE.0, 8 * LEAST_SIZE.1));
        assert_eq!(project.solve, SolveSettings::default());
    }

    #[test]
    fn more_stems_than_there_are_buses_are_dropped() {
        let (project, _) = loaded(json!({"stems": vec![json!({"name": "x"}); 40]}));
        assert_eq!(project.stems.len(), MAX_STEMS);
    }

    #[test]
    fn settings_that_the_search_refuses_become_the_defaults() {
        for broken in [json!({"preset": "fast"}), json!({"tolerance": -1.0}), json!({"processors": ""})] {
            assert_eq!(loaded(json!({ "solve": broken })).0.solve, SolveSettings::default());
        }
    }

    #[test]
    fn a_project_that_is_not_ours_gives_the_defaults_and_a_sentence() {
        for broken in [json!(7), json!("garbage"), json!({"stems": 3}), json!({"window": ["a", "b"]})] {
            let (project, problem) = loaded(broken);
            assert_eq!(project, Project::default());
            assert!(problem.unwrap().contains("could not be read"));
        }
    }

    #[test]
    fn a_state_always_has_a_project_to_hand_over() {
        for text in [None, Some("{\"stems\": ["), Some("")] {
            let mut fields: BTreeMap<_, _> =
                text.map(|t| (FIELD.to_string(), t.to_string())).into_iter().collect();
            repair(&mut fields);
            let value: Value = serde_json::from_str(&fields[FIELD]).unwrap();
            assert_eq!(loaded(value).0, Project::default());
        }
    }

    #[test]
    fn loads_are_counted() {
        let shared = SharedProject::default();
        shared.set(json!({}));
        shared.set(json!(null));
        assert_eq!(shared.restored(), 2);
    }
}

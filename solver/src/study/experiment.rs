//! The paper's experiments: which configurations each compares.

use crate::search::{Error, Method, Settings};

/// The consoles of the paper's Table 2, by the letters of their kinds, up to the full one; the first is the plain sum.
const CONSOLES: [&str; 7] = ["", "g", "sg", "esg", "esgr", "ecsgr", "ecnsgr"];

/// The methods of the paper's Table 3 with their tolerances.
const PRUNINGS: [(Method, f64); 5] = [
    (Method::BruteForce, 0.01),
    (Method::DryWet, 0.01),
    (Method::DryWet, 0.001),
    (Method::Hybrid, 0.01),
    (Method::Hybrid, 0.1),
];

/// The methods of the paper's Figure 1.
pub const METHODS: [Method; 3] = [Method::BruteForce, Method::DryWet, Method::Hybrid];

/// The tolerances of the paper's Figure 1.
pub const TOLERANCES: [f64; 7] = [0.001, 0.003, 0.01, 0.02, 0.05, 0.1, 0.2];

/// How the runs of [`Experiment::Seeds`] are pruned.
const SEEDS: (Method, f64) = (Method::Hybrid, 0.01);

/// One of the paper's experiments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Experiment {
    /// Table 2: how close consoles of ever more kinds come.
    Consoles,
    /// Table 3: how much each way of pruning removes, and what it costs.
    Pruning,
    /// Figure 1: how the tolerance trades match against processors.
    Tolerance,
    /// Figure 2: how much of the result is chance.
    Seeds {
        /// How many seeds are tried, counting up from the settings' own.
        runs: usize,
    },
}

/// What a configuration begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    /// Its own console, which it fits.
    Fresh,
    /// The fitted full console, which all configurations of a song share.
    Console,
}

/// One way of solving a song.
#[derive(Clone, Debug, PartialEq)]
pub struct Configuration {
    /// The name in tables, such as `dry/wet 0.01`.
    pub title: String,
    /// The name in file names, such as `dry-wet-0.01`. The same name always has the same meaning, whatever the experiment.
    pub name: String,
    /// What it begins with.
    pub begin: Begin,
    /// The settings, with the steps of the console that it begins with.
    pub settings: Settings,
}

impl Experiment {
    /// The name on the command line and of the files.
    pub fn name(self) -> &'static str {
        match self {
            Experiment::Consoles => "consoles",
            Experiment::Pruning => "pruning",
            Experiment::Tolerance => "tolerance",
            Experiment::Seeds { .. } => "seeds",
        }
    }

    /// What is compared, in the order of the tables and of the work. Whatever begins with the fitted console comes after it.
    ///
    /// # Errors
    /// If the settings' console lacks a kind that the paper compares.
    pub fn configurations(self, settings: &Settings) -> Result<Vec<Configuration>, Error> {
        Ok(match self {
            Experiment::Consoles => {
                let full = settings.console.letters();
                let all = CONSOLES.into_iter().chain([full.as_str()]);
                all.map(|letters| console(settings, letters)).collect::<Result<_, _>>()?
            }
            Experiment::Pruning => with_console(settings, PRUNINGS)?,
            Experiment::Tolerance => {
                let all = METHODS.into_iter().flat_map(|method| TOLERANCES.map(|t| (method, t)));
                with_console(settings, all)?
            }
            Experiment::Seeds { runs } => (0..runs as u64)
                .map(|run| {
                    let seed = settings.seed.wrapping_add(run);
                    let (method, tolerance) = SEEDS;
                    let kinds = settings.console.kinds();
                    let settings = Settings { method, tolerance, seed, kinds, ..settings.clone() };
                    Configuration {
                        title: format!("seed {seed}"),
                        name: format!("seed-{seed}"),
                        begin: Begin::Fresh,
                        settings,
                    }
                })
                .collect(),
        })
    }
}

/// The console of some kinds, fitted and not pruned. What it has no use for is set to the same whatever was asked for.
fn console(settings: &Settings, letters: &str) -> Result<Configuration, Error> {
    let kinds = if letters.is_empty() { Vec::new() } else { settings.console.select(letters)? };
    let (title, name) = match letters {
        "" => ("base".to_owned(), "console-base".to_owned()),
        letters => (letters.to_owned(), format!("console-{letters}")),
    };
    let settings = Settings {
        steps: if kinds.is_empty() { 0 } else { settings.steps },
        prune_rounds: 0,
        steps_per_round: 0,
        method: Method::None,
        tolerance: 0.0,
        kinds,
        ..settings.clone()
    };
    Ok(Configuration { title, name, begin: Begin::Fresh, settings })
}

impl Configuration {
    /// What a way of pruning is called in tables, such as `dry/wet 0.01`.
    pub fn title_of(method: Method, tolerance: f64) -> String {
        let method = match method {
            Method::BruteForce => "brute force",
            Method::DryWet => "dry/wet",
            Method::Hybrid => "hybrid",
            Method::None => "none",
        };
        format!("{method} {tolerance}")
    }

    /// True for the one that fits the console which others begin with.
    pub fn is_full_console(&self) -> bool {
        self.settings.method == Method::None && self.settings.kinds == self.settings.console.kinds()
    }
}

/// The full console, and prunings of it.
fn with_console(
    settings: &Settings,
    prunings: impl IntoIterator<Item = (Method, f64)>,
) -> Result<Vec<Configuration>, Error> {
    let full = Configuration { title: "console".into(), ..console(settings, &settings.console.letters())? };
    let pruned = prunings.into_iter().map(|(method, tolerance)| Configuration {
        title: Configuration::title_of(method, tolerance),
        name: format!("{}-{tolerance}", method.name()),
        begin: Begin::Console,
        settings: Settings { method, tolerance, kinds: settings.console.kinds(), ..settings.clone() },
    });
    Ok(std::iter::once(full).chain(pruned).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::graph::Console;
    use crate::search::Preset;

    const EXPERIMENTS: [Experiment; 4] =
        [Experiment::Consoles, Experiment::Pruning, Experiment::Tolerance, Experiment::Seeds { runs: 5 }];

    fn all(experiment: Experiment) -> Vec<Configuration> {
        experiment.configurations(&Settings::preset(Preset::Quick)).unwrap()
    }

    #[test]
    fn an_experiment_compares_as_many_configurations_as_the_paper() {
        assert_eq!(EXPERIMENTS.map(|e| all(e).len()), [8, 6, 22, 5]);
    }

    #[test]
    fn what_begins_with_the_console_comes_after_it() {
        for experiment in EXPERIMENTS {
            let configurations = all(experiment);
            let console = configurations.iter().position(|c| c.name == "console-ecnsgdr");
            let pruned = configurations.iter().position(|c| c.begin == Begin::Console);
            assert!(pruned.is_none_or(|pruned| console == Some(0) && pruned == 1));
        }
    }

    #[test]
    fn a_name_means_the_same_in_every_experiment() {
        let mut seen: Vec<Configuration> = Vec::new();
        for experiment in EXPERIMENTS {
            let configurations = all(experiment);
            let names: HashSet<_> = configurations.iter().map(|c| c.name.clone()).collect();
            assert_eq!(names.len(), configurations.len());
            for configuration in configurations {
                if let Some(other) = seen.iter().find(|c| c.name == configuration.name) {
                    assert_eq!(other.settings, configuration.settings, "{}", other.name);
                    assert_eq!(other.begin, configuration.begin, "{}", other.name);
                }
                seen.push(configuration);
            }
        }
        assert!(seen.iter().filter(|c| c.name == "console-ecnsgdr").count() == 3);
    }

    #[test]
    fn another_console_is_compared_as_far_as_it_has_what_the_paper_compares() {
        let console = Console::BACKWARDS;
        let settings = Settings { console, kinds: console.kinds(), ..Settings::preset(Preset::Quick) };
        let pruned = Experiment::Pruning.configurations(&settings).unwrap();
        assert!(pruned[0].is_full_console() && pruned.iter().all(|c| c.settings.kinds == console.kinds()));
        let refused = Experiment::Consoles.configurations(&settings).unwrap_err().to_string();
        assert!(refused.starts_with("'s' names no kind of processor of the console backwards;"), "{refused}");
    }

    #[test]
    fn each_console_has_the_kinds_of_the_one_before_and_more() {
        let consoles = all(Experiment::Consoles);
        assert!(consoles[0].settings.kinds.is_empty());
        assert_eq!(consoles[7].settings.kinds, Console::PAPER.kinds());
        assert!(consoles[7].is_full_console() && !consoles[6].is_full_console());
        for pair in consoles.windows(2) {
            let [less, more] = [&pair[0].settings.kinds, &pair[1].settings.kinds];
            assert!(less.iter().all(|kind| more.contains(kind)) && less.len() < more.len());
        }
    }
}

//! The settings of a search, and the presets.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Error;
use crate::graph::{Console, Selection};
use crate::processors::Kind;

/// Of how many rounds of the hybrid method one is brute force: the last.
const HYBRID_PERIOD: usize = 4;

/// How a round of pruning picks what to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Every fourth round by brute force, the others by dry/wet weight.
    Hybrid,
    /// The least wet processors of a kind together: the paper's Algorithm 1.
    DryWet,
    /// Every processor alone, in random order.
    BruteForce,
    /// No pruning.
    None,
}

impl Method {
    /// All methods, the default first.
    pub const ALL: [Method; 4] = [Method::Hybrid, Method::DryWet, Method::BruteForce, Method::None];

    /// True where the given round (counted from 1) tries every processor alone.
    pub fn is_brute_force(self, round: usize) -> bool {
        match self {
            Method::Hybrid => round.is_multiple_of(HYBRID_PERIOD),
            Method::BruteForce => true,
            Method::DryWet | Method::None => false,
        }
    }

    /// The name on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Method::Hybrid => "hybrid",
            Method::DryWet => "dry-wet",
            Method::BruteForce => "brute-force",
            Method::None => "none",
        }
    }
}

impl FromStr for Method {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Method::ALL.into_iter().find(|m| m.name() == name).ok_or_else(|| {
            Error::Setting(format!(
                "the method '{name}' is unknown; the methods are hybrid, dry-wet, brute-force and none"
            ))
        })
    }
}

/// How much time a search may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// A first look.
    Quick,
    /// The default.
    Standard,
    /// The paper's schedule: 12 × 500 steps, then 12 rounds of pruning and 500 steps.
    Thorough,
}

impl FromStr for Preset {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        match name {
            "quick" => Ok(Preset::Quick),
            "standard" => Ok(Preset::Standard),
            "thorough" => Ok(Preset::Thorough),
            _ => Err(Error::Setting(format!(
                "the preset '{name}' is unknown; the presets are quick, standard and thorough"
            ))),
        }
    }
}

/// Everything a search can be told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Training steps of the full console.
    pub steps: usize,
    /// Rounds of pruning.
    pub prune_rounds: usize,
    /// Training steps after each round.
    pub steps_per_round: usize,
    /// How a round picks what to try.
    pub method: Method,
    /// How much the match may rise above the lowest seen when processors are removed.
    pub tolerance: f64,
    /// The console that the search begins with.
    #[serde(default = "Console::paper", skip_serializing_if = "Console::is_paper")]
    pub console: Console,
    /// Those of its kinds that are used, in its order.
    pub kinds: Vec<Kind>,
    /// A strip on the sum of all.
    pub master: bool,
    /// Seed of every random choice.
    pub seed: u64,
    /// Solver threads.
    pub threads: usize,
}

impl Settings {
    /// A preset's schedule with every other setting at its default.
    pub fn preset(preset: Preset) -> Self {
        let (steps, prune_rounds, steps_per_round) = match preset {
            Preset::Quick => (150, 4, 25),
            Preset::Standard => (400, 8, 60),
            Preset::Thorough => (12 * 500, 12, 500),
        };
        Self {
            steps,
            prune_rounds,
            steps_per_round,
            method: Method::Hybrid,
            tolerance: 0.01,
            console: Console::PAPER,
            kinds: Console::PAPER.kinds(),
            master: false,
            seed: 0,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
        }
    }

    /// What the search takes out of its console.
    pub fn selection(&self) -> Selection<'_> {
        Selection { console: self.console, kinds: &self.kinds, master: self.master }
    }

    /// Refuses what cannot be run.
    pub fn check(&self) -> Result<(), Error> {
        let in_range = |what: &str, value: usize, from: usize, to: usize| {
            if (from..=to).contains(&value) {
                return Ok(());
            }
            Err(Error::Setting(format!("{what} is {value}, but must lie between {from} and {to}")))
        };
        in_range("the number of steps", self.steps, 1, 1_000_000)?;
        in_range("the number of pruning rounds", self.prune_rounds, 0, 1000)?;
        in_range("the number of steps per round", self.steps_per_round, 0, 1_000_000)?;
        in_range("the number of threads", self.threads, 1, 1024)?;
        if !(0.0..=10.0).contains(&self.tolerance) {
            let t = self.tolerance;
            return Err(Error::Setting(format!("the tolerance is {t}, but must lie between 0 and 10")));
        }
        if self.kinds.is_empty() {
            return Err(Error::Setting("the console has no processors; name at least one kind".into()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_without_a_console_are_those_of_the_paper() {
        let mut settings = Settings::preset(Preset::Quick);
        let text = serde_json::to_string(&settings).unwrap();
        assert!(!text.contains("console"), "{text}");
        assert_eq!(serde_json::from_str::<Settings>(&text).unwrap(), settings);
        settings.console = Console::BACKWARDS;
        let text = serde_json::to_string(&settings).unwrap();
        assert_eq!(serde_json::from_str::<Settings>(&text).unwrap(), settings);
        let refused = serde_json::from_str::<Settings>(&text.replace("backwards", "neve")).unwrap_err();
        assert!(refused.to_string().starts_with("the console 'neve' is unknown; the consoles are paper"));
    }
}

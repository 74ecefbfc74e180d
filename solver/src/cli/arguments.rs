//! The arguments, each with its unit and default.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use mixtrace_solver::graph::{Console, legend};
use mixtrace_solver::processors::Kind;
use mixtrace_solver::search::{self, Settings, Start};
use mixtrace_solver::session::TEMPI;

/// Finds the effect chains that turn dry stems into a finished mix.
#[derive(Parser)]
#[command(version, max_term_width = 110)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

impl Arguments {
    /// Reads the command line; help and what is wrong with single arguments end the program here.
    ///
    /// # Errors
    /// If something is given beside `--resume` that does not go with it.
    pub fn read() -> Result<Self> {
        let matches = Self::command().get_matches();
        if let Some(("solve", given)) = matches.subcommand()
            && given.contains_id("resume")
        {
            check_beside_resume(given)?;
        }
        Ok(Self::from_arg_matches(&matches)?)
    }
}

/// Refuses what would be another search than the one that is to go on.
fn check_beside_resume(given: &ArgMatches) -> Result<()> {
    let arguments = Arguments::command();
    let all = arguments.find_subcommand("solve").into_iter().flat_map(|solve| solve.get_arguments());
    for argument in all {
        let id = argument.get_id().as_str();
        let goes_with_it = ["resume", "threads", "checkpoint_every"].contains(&id);
        if !goes_with_it && given.value_source(id) == Some(ValueSource::CommandLine) {
            let name = argument.get_long().map_or("the session".into(), |long| format!("--{long}"));
            bail!(
                "--resume goes on with the session and settings that the search began with; leave out {name}"
            );
        }
    }
    Ok(())
}

#[derive(Subcommand)]
pub enum Command {
    /// Solves the built-in 8-second song, from stems to report, in about a minute
    Demo(Demo),
    /// Fits the full mixing console to a mix, prunes it, and reports every strip's chain
    Solve(Solve),
    /// Repeats the paper's experiments on your songs, as tables and plots
    Study(super::study::Study),
    /// Turns a result into a DAW's project, printed stems, tables or presets
    Export(Export),
}

#[derive(Args)]
pub struct Demo {
    /// Folder for the results [default: out/demo, or the next free number]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write into a result folder that exists already, and throw an unfinished search in it away
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub search: Search,
}

#[derive(Args)]
pub struct Solve {
    /// A session: a folder with session.json, or that file
    #[arg(conflicts_with = "stems")]
    pub session: Option<PathBuf>,
    /// Instead of a session: a folder of stems (WAV or FLAC); its sub-folders are groups
    #[arg(long, value_name = "DIR")]
    pub stems: Option<PathBuf>,
    /// The finished mix (WAV or FLAC) [default: the session's own]
    #[arg(long, value_name = "FILE")]
    pub mix: Option<PathBuf>,
    /// Folder for the results [default: out/NAME, or the next free number]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write into a result folder that exists already, and throw an unfinished search in it away
    #[arg(long)]
    pub force: bool,
    /// Go on with the search that was interrupted and has its checkpoint in this folder, with the session and the
    /// settings that it began with; only --threads and --checkpoint-every may be given beside it
    #[arg(long, value_name = "DIR")]
    pub resume: Option<PathBuf>,
    /// Keep the stems where they are, even if the mix as a whole runs earlier or later (looked for within ±2 s)
    #[arg(long)]
    pub no_align: bool,
    /// Begin with the graph in this file instead of the full console: a graph.json, a report.json (its graph alone) or
    /// one that you wrote
    #[arg(long, value_name = "FILE", conflicts_with_all = ["go_on", "console", "processors", "master"])]
    pub graph: Option<PathBuf>,
    /// Begin with the graph and the parameters that a result holds, instead of the full console
    #[arg(long = "continue", value_name = "DIR", conflicts_with_all = ["console", "processors", "master"])]
    pub go_on: Option<PathBuf>,
    #[command(flatten)]
    pub search: Search,
}

#[derive(Args)]
pub struct Export {
    /// The folder of a result
    #[arg(value_name = "REPORT_DIR")]
    pub result: PathBuf,
    /// What to make: dawproject (a project for Bitwig Studio, Studio One, Cubase and others), reaper (a project for
    /// Reaper), wav (the stems as the graph leaves them, and impulse responses), csv (a table of all settings), md (the
    /// report) or preset (a JSON file a strip)
    #[arg(long)]
    pub format: String,
    /// The file, or for reaper, wav and preset the folder, to make [default: one in REPORT_DIR, named after the song]
    #[arg(long, value_name = "PATH")]
    pub out: Option<PathBuf>,
    /// Where the session is now, if not where it was when it was solved
    #[arg(long, value_name = "DIR")]
    pub session: Option<PathBuf>,
    /// Write over what is there already
    #[arg(long)]
    pub force: bool,
}

#[derive(Args)]
pub struct Search {
    /// How long to search: quick (150 steps, then 4 × (prune + 25)), standard (400, 8 × (prune + 60)) or thorough (the
    /// paper's 12 × 500, 12 × (prune + 500))
    #[arg(long, default_value = "standard")]
    pub preset: String,
    /// Training steps of the full console [default: the preset's]
    #[arg(long, value_name = "N")]
    pub steps: Option<usize>,
    /// Rounds of pruning, each followed by some more steps [default: the preset's]
    #[arg(long, value_name = "N")]
    pub prune_rounds: Option<usize>,
    /// How pruning picks what to try: hybrid (every fourth round brute force, the others
    /// dry-wet), dry-wet (the least wet of a kind together), brute-force (every processor alone), or none
    #[arg(long, default_value = "hybrid")]
    pub method: String,
    /// How much the match may rise when processors are removed, in units of the match
    #[arg(long, default_value_t = 0.01, allow_negative_numbers = true)]
    pub tolerance: f64,
    #[arg(long, default_value = Console::PAPER.name, value_name = "NAME", help = console_help())]
    pub console: String,
    #[arg(long, value_name = "LETTERS", help = processors_help())]
    pub processors: Option<String>,
    /// Add the console's master: a strip on the sum of all groups and ungrouped stems
    #[arg(long)]
    pub master: bool,
    /// The song's tempo in quarter notes a minute, so that delays are told as notes [default: the session's, or what the
    /// mix keeps clearly]
    #[arg(long, value_name = "BPM", allow_negative_numbers = true)]
    pub tempo: Option<f64>,
    /// Sample rate that the solver works at, Hz
    #[arg(long, default_value_t = 30000)]
    pub rate: u32,
    /// Seed of every random choice: the same seed gives the same report
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Search so many times, with the seeds SEED, SEED + 1, …; report the run with the fewest processors among those as
    /// close to the mix as the best, and of each processor in how many runs it was kept
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub runs: usize,
    /// Solver threads [default: one a core]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// How often the search is kept in the folder for the results, so that --resume can go on with it, in seconds; 0 is
    /// after every step
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    pub checkpoint_every: u64,
}

/// What `--console` is.
pub fn console_help() -> String {
    let names: Vec<_> = Console::ALL.iter().map(|console| console.name).collect();
    format!("The mixing console to begin with, which says what stands on which strip: {}", names.join(", "))
}

/// What `--processors` is.
fn processors_help() -> String {
    format!(
        "Those of the console's kinds of processors that are used, by their letters: {}; their order on a strip is the \
         console's [default: all]",
        legend(&Kind::ALL)
    )
}

impl Search {
    /// The tempo that was given.
    pub fn tempo(&self) -> Result<Option<f64>> {
        if let Some(tempo) = self.tempo
            && !TEMPI.contains(&tempo)
        {
            let (slowest, fastest) = (TEMPI.start(), TEMPI.end());
            bail!(
                "the tempo is {tempo}, but must lie between {slowest} and {fastest} quarter notes a minute"
            );
        }
        Ok(self.tempo)
    }

    /// The preset with what was asked for instead. A start may need no steps, if it has all its parameters.
    pub fn settings(&self, start: Option<&Start>) -> Result<Settings, search::Error> {
        let mut settings = Settings::preset(self.preset.parse()?);
        settings.steps = self.steps.unwrap_or(settings.steps);
        settings.prune_rounds = self.prune_rounds.unwrap_or(settings.prune_rounds);
        settings.threads = self.threads.unwrap_or(settings.threads);
        settings.method = self.method.parse()?;
        settings.tolerance = self.tolerance;
        settings.console = self.console.parse()?;
        settings.kinds = match &self.processors {
            Some(letters) => settings.console.select(letters)?,
            None => settings.console.kinds(),
        };
        settings.master = self.master;
        settings.seed = self.seed;
        let steps = settings.steps;
        if start.is_some_and(Start::is_given_whole) {
            settings.steps = steps.max(1);
        }
        settings.check()?;
        settings.steps = steps;
        if let Some(start) = start {
            settings.kinds = start.kinds();
            settings.master = start.has_master();
        }
        Ok(settings)
    }
}

//! `mixtrace study`: the paper's experiments on the user's songs.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use crossbeam_channel::Receiver;
use indicatif::{HumanDuration, ProgressBar, ProgressStyle};
use mixtrace_solver::graph::Console;
use mixtrace_solver::search::Settings;
use mixtrace_solver::study::{self, Cell, Event, Experiment, Mode, Progress};
use mixtrace_solver::units;

use super::arguments::console_help;
use super::interrupt::{INTERRUPTED, stop_at_ctrl_c};

#[derive(Args)]
pub struct Study {
    #[command(subcommand)]
    experiment: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Compares consoles of ever more kinds of processors (the paper's Table 2)
    Consoles(Options),
    /// Compares ways of pruning the same fitted console (the paper's Table 3)
    Pruning(Options),
    /// Shows what a tolerance costs in match and saves in processors (the paper's Figure 1)
    Tolerance(Options),
    /// Solves with several seeds, and shows which processors are kept by how many (the paper's Figure 2)
    Seeds {
        /// How many seeds, counting up from --seed
        #[arg(long, value_name = "N", default_value_t = 5)]
        runs: usize,
        #[command(flatten)]
        options: Options,
    },
}

#[derive(Args)]
struct Options {
    /// The songs: session folders, or their session.json
    #[arg(value_name = "SONG")]
    songs: Vec<PathBuf>,
    /// Study every song with this mix (a path from its session's folder); may be given several times [default: each
    /// session's own]
    #[arg(long = "mix", value_name = "FILE")]
    mixes: Vec<PathBuf>,
    /// Folder for the results [default: out/study-NAME, or the next free number]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Go on with a study in its folder: what is done there is kept
    #[arg(long, requires = "out", conflicts_with = "force")]
    resume: bool,
    /// Begin again in a folder that is in use
    #[arg(long)]
    force: bool,
    /// How often the search under way is kept on disk, s; 0 is after every step
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    checkpoint_every: u64,
    /// How long each search is: quick (150 steps, then 4 × (prune + 25)), standard (400, 8 × (prune + 60)) or thorough
    /// (the paper's 12 × 500, 12 × (prune + 500))
    #[arg(long, default_value = "standard")]
    preset: String,
    #[arg(long, default_value = Console::PAPER.name, value_name = "NAME", help = console_help())]
    console: String,
    /// Training steps of every console [default: the preset's]
    #[arg(long, value_name = "N")]
    steps: Option<usize>,
    /// Rounds of pruning [default: the preset's]
    #[arg(long, value_name = "N")]
    prune_rounds: Option<usize>,
    /// Training steps after each round of pruning [default: the preset's]
    #[arg(long, value_name = "N")]
    steps_per_round: Option<usize>,
    /// Sample rate that the solver works at, Hz
    #[arg(long, default_value_t = 30000)]
    rate: u32,
    /// Seed of every random choice: the same seed gives the same tables
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Solver threads [default: one a core]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

impl Options {
    fn settings(&self) -> Result<Settings> {
        let mut settings = Settings::preset(self.preset.parse()?);
        settings.steps = self.steps.unwrap_or(settings.steps);
        settings.prune_rounds = self.prune_rounds.unwrap_or(settings.prune_rounds);
        settings.steps_per_round = self.steps_per_round.unwrap_or(settings.steps_per_round);
        settings.threads = self.threads.unwrap_or(settings.threads);
        settings.console = self.console.parse()?;
        settings.kinds = settings.console.kinds();
        settings.seed = self.seed;
        settings.check()?;
        Ok(settings)
    }
}

/// Runs a study.
pub fn run(study: Study) -> Result<()> {
    let (experiment, options) = match study.experiment {
        Command::Consoles(options) => (Experiment::Consoles, options),
        Command::Pruning(options) => (Experiment::Pruning, options),
        Command::Tolerance(options) => (Experiment::Tolerance, options),
        Command::Seeds { runs, options } => (Experiment::Seeds { runs }, options),
    };
    let (songs, failures) = study::songs(&options.songs, &options.mixes)?;
    let study = study::Study {
        experiment,
        settings: options.settings()?,
        rate: options.rate,
        songs,
        failures,
        out: options.out.unwrap_or_else(|| study::default_folder(experiment)),
        every: Duration::from_secs(options.checkpoint_every),
    };
    if study.songs.is_empty() {
        bail!("{}", lines(&study.failures));
    }
    let mode = match (options.resume, options.force) {
        (true, _) => Mode::Resume,
        (_, true) => Mode::Force,
        _ => Mode::Fresh,
    };
    let done = study.prepare(mode)?;
    if !done.is_empty() {
        eprintln!("{} there already, and kept", units::count(done.len(), "result"));
    }
    for failure in &study.failures {
        eprintln!("mixtrace: {failure}");
    }
    let summary = work(&study, done)?;
    for file in &summary.files {
        println!("{}", file.display());
    }
    if !summary.failures.is_empty() {
        bail!("{}", lines(&summary.failures));
    }
    if summary.stopped {
        let out = study.out.display();
        eprintln!("stopped; the same command with --resume --out {out} goes on from here");
        std::process::exit(INTERRUPTED);
    }
    Ok(())
}

/// What was not studied, a line each behind the program's name.
fn lines(failures: &[study::Failure]) -> String {
    let told: Vec<_> = failures.iter().map(|failure| format!("not studied: {failure}")).collect();
    told.join("\nmixtrace: ")
}

/// Runs the study on a thread of its own; this one draws the progress.
fn work(study: &study::Study, done: Vec<Cell>) -> Result<study::Summary> {
    let stop = stop_at_ctrl_c()?;
    let (sender, events) = crossbeam_channel::unbounded();
    let progress = Progress::new(study, &done)?;
    let summary = thread::scope(|scope| {
        let running = scope.spawn(|| study.run(done, &{ sender }, &stop));
        follow(progress, events);
        running.join()
    });
    match summary {
        Ok(summary) => Ok(summary?),
        Err(_) => bail!("the study broke off; this is a defect of the program"),
    }
}

/// Positions of the bar.
const LENGTH: u64 = 10_000;

/// Draws what the study tells until it has told everything; what it found goes above the bar, a line a cell.
fn follow(mut progress: Progress, events: Receiver<Event>) {
    let bar = ProgressBar::new(LENGTH);
    let template = "{prefix} [{bar:20}] {msg}";
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.set_style(style.progress_chars("=> "));
    bar.enable_steady_tick(Duration::from_millis(200));
    let terminal = std::io::stderr().is_terminal();
    let say = |line: String| if terminal { bar.println(line) } else { eprintln!("{line}") };
    for event in events {
        progress.see(&event);
        let left = progress.left().map(|left| format!("{} left", HumanDuration(left)));
        match &event {
            Event::Opened { song, notes } => {
                notes.iter().for_each(|note| say(format!("note: {song}: {note}")))
            }
            Event::Done { cell } => {
                let (of, all) = (cell.after.values().sum::<usize>(), cell.before.values().sum::<usize>());
                let left = left.clone().map(|left| format!(", about {left}")).unwrap_or_default();
                say(format!(
                    "{} {}, {}: match {:.4}, {of} of {all} processors{left}",
                    progress.cell(),
                    cell.song,
                    cell.configuration,
                    cell.pruned.full
                ));
            }
            Event::Failed(failure) => say(format!("mixtrace: {failure}")),
            Event::Unkept { reason } => say(format!("mixtrace: the search goes on, but {reason}")),
            Event::Begun { .. } | Event::Search(_) => {}
        }
        bar.set_position((progress.fraction() * LENGTH as f64) as u64);
        bar.set_prefix(progress.cell());
        let search =
            progress.search().map(|search| format!("{}, match {:.3}", search.words(), search.matched));
        let told: Vec<_> = search.into_iter().chain(left).collect();
        bar.set_message(told.join("; "));
    }
    bar.finish_and_clear();
}

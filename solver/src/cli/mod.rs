//! What the program does for each command.

mod arguments;
mod progress;
mod study;

use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context, Result, bail};
use comfy_table::{ContentArrangement, Table, presets::UTF8_FULL_CONDENSED};
use mixtrace_solver::report::{self, CONSOLE, Report, Role, words};
use mixtrace_solver::search::{self, Outcome, Settings, Start, StartFile, State, Stop};
use mixtrace_solver::session::{self, Session};
use mixtrace_solver::stop::Until;

pub use arguments::Arguments;
use arguments::{Command, Solve};

/// The shell's exit code of a program that ended by Ctrl-C.
const INTERRUPTED: i32 = 130;

/// Runs a command.
pub fn run(arguments: Arguments) -> Result<()> {
    match arguments.command {
        Command::Demo { out, force, search } => {
            let settings = search.settings(None)?;
            let options = session::Options { rate: search.rate, ..Default::default() };
            let session = Session::demo(&options)?;
            let start = Start::console(&session, &settings)?;
            trace(&session, "demo", &settings, (start, CONSOLE), out, force)
        }
        Command::Solve(solve) => {
            // All that can be wrong is told before the audio is read.
            let file = match (&solve.graph, &solve.go_on) {
                (Some(file), _) => Some(StartFile::read(file)?),
                (None, Some(result)) => Some(StartFile::of_result(result)?),
                (None, None) => None,
            };
            let settings = solve.search.settings(file.as_ref().map(StartFile::start))?;
            if let Some(out) = &solve.out {
                report::folder::check(out, solve.force)?;
            }
            let mut session = open(&solve)?;
            let start = match file {
                None => Start::console(&session, &settings)?,
                Some(file) => {
                    let (start, notes) = file.bind(&session)?;
                    session.notes.extend(notes);
                    start
                }
            };
            let name = session.name.clone();
            trace(&session, &name, &settings, (start, &origin(&solve)), solve.out, solve.force)
        }
        Command::Study(arguments) => study::run(arguments),
    }
}

/// What a report says that its search began with.
fn origin(solve: &Solve) -> String {
    let name = |path: &Path| path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    match (&solve.graph, &solve.go_on) {
        (Some(file), _) => format!("graph {}", name(file)),
        (None, Some(result)) => format!("result {}", name(result)),
        (None, None) => CONSOLE.into(),
    }
}

fn open(solve: &Solve) -> Result<Session> {
    let options = session::Options {
        rate: solve.search.rate,
        align: !solve.no_align,
        mix: solve.mix.clone(),
        ..Default::default()
    };
    match (&solve.session, &solve.stems, &solve.mix) {
        (Some(session), None, _) => Ok(Session::open(session, &options)?),
        (None, Some(stems), Some(mix)) => Ok(Session::from_stems(stems, mix, &options)?),
        (None, Some(_), None) => bail!("--stems needs the finished mix beside it; add --mix FILE"),
        _ => bail!("there is nothing to solve; give a session folder, or --stems DIR and --mix FILE"),
    }
}

/// Searches, reports, and says where.
fn trace(
    session: &Session,
    name: &str,
    settings: &Settings,
    (start, origin): (Start, &str),
    out: Option<PathBuf>,
    force: bool,
) -> Result<()> {
    for note in &session.notes {
        eprintln!("note: {note}");
    }
    let out = out.unwrap_or_else(|| unused_folder(name));
    report::folder::check(&out, force)?;
    let outcome = search(session, settings, start)?;
    let mut report = Report::of(session, settings, &outcome)?;
    report.settings.start = origin.into();
    let graph = outcome.graph_file(session.rate);
    let match_wav = session::resample::resample(outcome.mix, session.rate, session.sample_rate, Until::DONE)
        .context("the match could not be brought to the session's sample rate")?;
    let (mix, mix_rate) = (&match_wav, session.sample_rate);
    let content = report::folder::Content { report: &report, graph: &graph, mix, mix_rate };
    let files = report::folder::write(content, &out, force, Until::DONE)?;
    print(&report);
    for file in files {
        println!("{}", file.display());
    }
    Ok(())
}

/// Runs the search on a thread of its own; this one draws the progress. The first Ctrl-C stops the search, the second
/// the program.
fn search(session: &Session, settings: &Settings, start: Start) -> Result<Outcome> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(settings.threads).build();
    let pool = pool.map_err(search::Error::from)?;
    let state = State::new(start, settings);
    let stop = Stop::default();
    let asked = stop.clone();
    ctrlc::set_handler(move || {
        if asked.is_stopped() {
            std::process::exit(INTERRUPTED);
        }
        asked.stop();
        eprintln!("\nstopping; press Ctrl-C again to leave at once");
    })
    .context("Ctrl-C could not be taken over")?;
    let (sender, events) = crossbeam_channel::unbounded();
    let outcome = thread::scope(|scope| {
        let searching = scope.spawn(|| {
            let (sender, stop) = (sender, &stop);
            search::go_on(&pool, session, settings, state, &mut (), (&sender, stop))
        });
        progress::follow(settings, events);
        searching.join()
    });
    match outcome {
        Ok(outcome) => Ok(outcome?),
        Err(_) => bail!("the search broke off; this is a defect of the program"),
    }
}

/// `out/NAME`, or the first of `out/NAME-2`, `out/NAME-3`, … that does not exist.
fn unused_folder(name: &str) -> PathBuf {
    let plain: String =
        name.chars().map(|c| if c.is_alphanumeric() || "-_".contains(c) { c } else { '_' }).collect();
    report::folder::unused(&Path::new("out").join(plain))
}

fn print(report: &Report) {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["strip", "", "chain"]);
    for row in report::table::rows(report) {
        let role = match row.role {
            Role::Track => format!("→ {}", row.to),
            Role::Group => format!("group → {}", row.to),
            Role::Master => "master".into(),
        };
        let chain = if row.chain.is_empty() { "–".into() } else { row.chain.join("\n") };
        table.add_row([row.name, role, chain]);
    }
    let (matches, pruning) = (&report.matches, &report.pruning);
    println!("{table}");
    println!(
        "match (0 is identical): plain sum {:.3}, {} {:.3}, pruned {:.3}; {} of {} processors kept\n",
        matches.plain_sum.full,
        words::beginning(report),
        matches.console.full,
        matches.pruned.full,
        pruning.processors_after,
        pruning.processors_before
    );
}

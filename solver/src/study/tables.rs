//! From cells to the tables of an experiment.

use std::fmt::{self, Write};
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::table::{Block, Column, Row, Shown, Table};
use super::{Cell, Configuration, Error, Experiment, Failure, Study, cell};
use crate::processors::Kind;
use crate::report::{escape, look, words};

/// What is told of an experiment's figures.
struct Words {
    title: &'static str,
    about: &'static str,
}

fn words_on(experiment: Experiment) -> Words {
    let (title, about) = match experiment {
        Experiment::Consoles => (
            "Consoles",
            "How close a console comes whose strips have only these kinds of processors: e(qualizer) c(ompressor) \
             n(oise gate) s(tereo imager) g(ain and pan) d(elay) r(everb). Base is the plain sum of the stems.",
        ),
        Experiment::Pruning => (
            "Pruning",
            "What each way of pruning removes from the same fitted console, with the tolerance behind its name. ρ is \
             the share of processors that was removed.",
        ),
        Experiment::Tolerance => (
            "Tolerance",
            "What a tolerance costs in match and saves in processors, all from the same fitted console. The match \
             increase is that over the console; ρ is the share of processors that was removed.",
        ),
        Experiment::Seeds { .. } => (
            "Seeds",
            "The same song solved with several seeds. ρ is the share of processors that was removed.",
        ),
    };
    Words { title, about }
}

/// Writes all tables that `cells` are enough for, and says where they are.
///
/// # Errors
/// If the system refuses.
pub fn write(study: &Study, cells: &[Cell], failures: &[Failure]) -> Result<Vec<PathBuf>, Error> {
    let table = table(study, cells)?;
    let name = study.experiment.name();
    let file = |extension: &str| study.out.join(format!("{name}.{extension}"));
    let files = vec![file("md"), file("csv"), file("json")];
    let mut page = String::new();
    // Writing to a string cannot fail.
    let _ = markdown(&mut page, study, &table, failures);
    cell::write(&files[0], &page)?;
    cell::write(&files[1], &table.csv())?;
    cell::write_json(&files[2], &object(study, &table, failures))?;
    Ok(files)
}

fn markdown(page: &mut String, study: &Study, table: &Table, failures: &[Failure]) -> fmt::Result {
    let Words { title, about } = words_on(study.experiment);
    writeln!(page, "# {title}\n\n{about} {}\n", words::WHAT_MATCH_MEANS)?;
    table.markdown(page)?;
    if !failures.is_empty() {
        writeln!(page, "## Not studied\n")?;
        for failure in failures {
            writeln!(page, "- {}", escape::markdown(&failure.to_string()))?;
        }
        writeln!(page)?;
    }
    let s = &study.settings;
    writeln!(
        page,
        "---\n\nConsole: {}. Pruning: {} of {} each. Engine rate {} Hz, seed {}.",
        words::count(s.steps, "step"),
        words::count(s.prune_rounds, "round"),
        words::count(s.steps_per_round, "step"),
        study.rate,
        s.seed
    )
}

fn object(study: &Study, table: &Table, failures: &[Failure]) -> Map<String, Value> {
    let s = &study.settings;
    let mut object = Map::from_iter([
        ("study".to_owned(), json!(study.experiment.name())),
        ("program".to_owned(), json!(crate::report::PROGRAM)),
        (
            "settings".to_owned(),
            json!({
                "rate": study.rate, "steps": s.steps, "prune_rounds": s.prune_rounds,
                "steps_per_round": s.steps_per_round, "seed": s.seed,
            }),
        ),
    ]);
    object.extend(table.json());
    object.insert("failures".into(), json!(failures));
    object
}

/// The figures of an experiment.
fn table(study: &Study, cells: &[Cell]) -> Result<Table, Error> {
    let configurations = study.configurations()?;
    let figures = figures(study.experiment);
    let block = |name: &String| {
        let row = |configuration: &Configuration| {
            let cell = cells.iter().find(|c| c.song == *name && c.configuration == configuration.name)?;
            let figures = figures.iter().map(|figure| (figure.of)(cell)).collect();
            Some(Row { title: configuration.title.clone(), figures })
        };
        Block { song: name.clone(), rows: configurations.iter().filter_map(row).collect() }
    };
    let blocks = study.songs.iter().map(|song| block(&song.name)).filter(|b| !b.rows.is_empty());
    Ok(Table {
        head: if matches!(study.experiment, Experiment::Seeds { .. }) { "run" } else { "configuration" },
        blocks: blocks.collect(),
        columns: figures.into_iter().map(|figure| figure.column).collect(),
        rows: configurations.len(),
    })
}

/// A column, and where its figures come from.
struct Figure {
    column: Column,
    of: Box<Of>,
}

/// What a cell says.
type Of = dyn Fn(&Cell) -> Option<f64>;

fn figure(key: &str, title: &str, shown: Shown, of: impl Fn(&Cell) -> Option<f64> + 'static) -> Figure {
    Figure { column: Column { key: key.into(), title: title.into(), shown }, of: Box::new(of) }
}

fn figures(experiment: Experiment) -> Vec<Figure> {
    use Shown::{Count, Decimals, Percent};
    let matched = || {
        vec![
            figure("full", "match", Decimals(4), |c| Some(c.pruned.full)),
            figure("lr", "left/right", Decimals(4), |c| Some(c.pruned.lr)),
            figure("mid", "mid", Decimals(4), |c| Some(c.pruned.mid)),
            figure("side", "side", Decimals(4), |c| Some(c.pruned.side)),
        ]
    };
    let increase =
        || figure("increase", "match increase", Decimals(4), |c| Some(c.pruned.full - c.console.full));
    let ratio = || figure("rho", "ρ", Percent, Cell::ratio);
    let left = || figure("processors", "processors", Count, |c| Some(c.after.values().sum::<usize>() as f64));
    let cost = || {
        vec![
            figure("prune_s", "trials, s", Decimals(1), |c| Some(c.timing.prune_s)),
            figure("fit_s", "training, s", Decimals(1), |c| Some(c.timing.fit_s)),
            figure("evaluations", "evaluations", Count, |c| Some(c.timing.evaluations as f64)),
        ]
    };
    let ratios = Kind::ALL.map(|kind| {
        let (key, title) = (format!("rho_{kind}"), format!("ρ {}", look::of(kind).title.to_lowercase()));
        figure(&key, &title, Percent, move |c| c.ratio_of(kind))
    });
    let chosen: Vec<Vec<Figure>> = match experiment {
        Experiment::Consoles => vec![matched(), vec![left(), cost().swap_remove(1)]],
        Experiment::Pruning => vec![matched(), vec![ratio()], ratios.into(), cost()],
        Experiment::Tolerance => vec![vec![matched().swap_remove(0), increase(), ratio(), left()], cost()],
        Experiment::Seeds { .. } => vec![
            vec![figure("console_full", "console's match", Decimals(4), |c| Some(c.console.full))],
            matched(),
            vec![ratio(), left()],
            cost(),
        ],
    };
    chosen.into_iter().flatten().collect()
}

//! From cells to the tables and plots of an experiment.

use std::fmt::{self, Write};
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::curves::{self, Curve, Point};
use super::experiment::{METHODS, TOLERANCES};
use super::figures::{Words, figures, words_on};
use super::kept::Shares;
use super::table::{Block, Row, Table};
use super::{Cell, Configuration, Error, Experiment, Failure, Song, Study, cell, grid};
use crate::PROGRAM;
use crate::pages::escape;
use crate::processors::Kind;
use crate::units;
use crate::units::{fixed, percent};
use crate::words::facts;

/// Writes all tables and plots that `cells` are enough for, and says where they are.
///
/// # Errors
/// If the system refuses.
pub fn write(study: &Study, cells: &[Cell], failures: &[Failure]) -> Result<Vec<PathBuf>, Error> {
    let page = Page { study, failures, table: table(study, cells)?, shares: shares(study, cells) };
    let name = study.experiment.name();
    let mut files = vec![
        (format!("{name}.md"), page.markdown()),
        (format!("{name}.csv"), page.table.csv()),
        (format!("{name}.json"), format!("{:#}\n", Value::Object(page.object()))),
    ];
    if !page.shares.is_empty() {
        files.push(("seeds-kept.csv".into(), page.kept_csv()));
    }
    files.extend(page.plots().into_iter().map(|plot| (plot.file, plot.svg)));
    let path = |name: &str| study.out.join(name);
    files.iter().map(|(name, text)| cell::write(&path(name), text).map(|()| path(name))).collect()
}

/// All there is to write.
struct Page<'a> {
    study: &'a Study,
    failures: &'a [Failure],
    table: Table,
    /// What the runs of each song kept; nothing in other experiments than that.
    shares: Vec<(&'a Song, Shares)>,
}

/// A picture.
struct Plot {
    /// The song's name; none for the mean.
    song: Option<String>,
    file: String,
    svg: String,
}

impl Page<'_> {
    fn markdown(&self) -> String {
        let mut page = String::new();
        // Writing to a string cannot fail.
        let _ = self.write(&mut page);
        page
    }

    fn write(&self, page: &mut String) -> fmt::Result {
        let Words { title, about } = words_on(self.study.experiment);
        writeln!(page, "# {title}\n\n{about} {}\n", facts::WHAT_MATCH_MEANS)?;
        let plots = self.plots();
        let picture =
            |page: &mut String, song: Option<&str>| match plots.iter().find(|p| p.song.as_deref() == song) {
                Some(plot) => writeln!(page, "![{title}]({})\n", plot.file),
                None => Ok(()),
            };
        if let Some((songs, rows)) = self.table.mean() {
            writeln!(page, "## Mean of {}\n", units::count(songs, "song"))?;
            picture(page, None)?;
            self.table.markdown(page, &rows)?;
        }
        for block in &self.table.blocks {
            writeln!(page, "## {}\n", escape::markdown(&block.song))?;
            picture(page, Some(&block.song))?;
            self.table.markdown(page, &block.rows)?;
            if let Some((_, shares)) = self.shares.iter().find(|(song, _)| song.name == block.song) {
                kept(page, shares)?;
            }
        }
        if !self.failures.is_empty() {
            writeln!(page, "## Not studied\n")?;
            for failure in self.failures {
                writeln!(page, "- {}", escape::markdown(&failure.to_string()))?;
            }
            writeln!(page)?;
        }
        let s = &self.study.settings;
        let name = if s.console.is_paper() { String::new() } else { format!("{}, ", s.console) };
        write!(page, "---\n\nConsole: {name}{}. ", units::count(s.steps, "step"))?;
        if self.study.experiment != Experiment::Consoles {
            let (rounds, steps) =
                (units::count(s.prune_rounds, "round"), units::count(s.steps_per_round, "step"));
            write!(page, "Pruning: {rounds} of {steps} each. ")?;
        }
        writeln!(page, "Engine rate {} Hz, seed {}. Written by {PROGRAM}.", self.study.rate, s.seed)
    }

    fn object(&self) -> Map<String, Value> {
        let s = &self.study.settings;
        let mut settings = json!({
            "rate": self.study.rate, "steps": s.steps, "prune_rounds": s.prune_rounds,
            "steps_per_round": s.steps_per_round, "seed": s.seed,
        });
        if !s.console.is_paper() {
            settings["console"] = json!(s.console);
        }
        let mut object = self.table.json();
        if !self.shares.is_empty() {
            let kept = self.shares.iter().map(|(song, shares)| (song.name.clone(), kept_json(shares)));
            object.insert("kept".into(), Value::Object(kept.collect()));
        }
        object.insert("study".into(), json!(self.study.experiment.name()));
        object.insert("program".into(), json!(PROGRAM));
        object.insert("settings".into(), settings);
        object.insert("failures".into(), json!(self.failures));
        object
    }

    /// One line a song and strip.
    fn kept_csv(&self) -> String {
        let mut text = "song,runs,strip,role".to_owned();
        Kind::ALL.iter().for_each(|kind| text.extend([",", kind.name()]));
        text.push('\n');
        for (song, shares) in &self.shares {
            for strip in &shares.strips {
                let role = strip.role.name();
                let names = [&song.name, &strip.name].map(|name| escape::csv(name));
                text += &format!("{},{},{},{role}", names[0], shares.runs, names[1]);
                strip.shares.iter().for_each(|share| text += &format!(",{share}"));
                text.push('\n');
            }
        }
        text
    }

    fn plots(&self) -> Vec<Plot> {
        let song_file = |song: &Song| format!("{}-{}.svg", self.study.experiment.name(), song.slug);
        match self.study.experiment {
            Experiment::Consoles | Experiment::Pruning => Vec::new(),
            Experiment::Tolerance => {
                let song = |block: &Block| {
                    let song = self.study.songs.iter().find(|song| song.name == block.song)?;
                    let svg = curves::to_string(&song.name, &self.curves(&block.rows));
                    Some(Plot { song: Some(song.name.clone()), file: song_file(song), svg })
                };
                let mean = self.table.mean().map(|(songs, rows)| {
                    let title = format!("Mean of {}", units::count(songs, "song"));
                    let svg = curves::to_string(&title, &self.curves(&rows));
                    Plot { song: None, file: "tolerance.svg".into(), svg }
                });
                mean.into_iter().chain(self.table.blocks.iter().filter_map(song)).collect()
            }
            Experiment::Seeds { .. } => {
                let plot = |(song, shares): &(&Song, Shares)| Plot {
                    song: Some(song.name.clone()),
                    file: song_file(song),
                    svg: grid::to_string(&song.name, shares),
                };
                self.shares.iter().map(plot).collect()
            }
        }
    }

    /// The lines of a plot, as far as there are rows for them.
    fn curves(&self, rows: &[Row]) -> Vec<Curve> {
        let point = |method, tolerance| {
            let title = Configuration::title_of(method, tolerance);
            let row = rows.iter().find(|row| row.title == title)?;
            let figure = |key: &str| row.figures[self.table.columns.iter().position(|c| c.key == key)?];
            Some(Point { tolerance, ratio: figure("rho")?, increase: figure("increase")? })
        };
        METHODS
            .map(|method| Curve {
                method,
                points: TOLERANCES.iter().filter_map(|&t| point(method, t)).collect(),
            })
            .into()
    }
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
    let runs = matches!(study.experiment, Experiment::Seeds { .. });
    Ok(Table {
        head: if runs { "run" } else { "configuration" },
        blocks: blocks.collect(),
        columns: figures.into_iter().map(|figure| figure.column).collect(),
        rows: configurations.len(),
        // Runs with the same seed have nothing in common but that.
        has_mean: !runs,
    })
}

fn shares<'a>(study: &'a Study, cells: &[Cell]) -> Vec<(&'a Song, Shares)> {
    if !matches!(study.experiment, Experiment::Seeds { .. }) {
        return Vec::new();
    }
    let of = |song: &'a Song| {
        let runs: Vec<_> = cells.iter().filter(|c| c.song == song.name).collect();
        Some((song, Shares::of(&runs)?))
    };
    study.songs.iter().filter_map(of).collect()
}

/// What the runs of a song kept, in words and as a table.
fn kept(page: &mut String, shares: &Shares) -> fmt::Result {
    let (mean, deviation) = shares.matched();
    writeln!(
        page,
        "Match {} ± {} (mean and standard deviation of {}); {} of all processors are kept by every run or by none. \
         Share of runs that kept each processor:\n",
        fixed(mean, 4),
        fixed(deviation, 4),
        units::count(shares.runs, "run"),
        percent(shares.agreed())
    )?;
    let titles: Vec<_> = shares.kinds.iter().map(|&kind| kind.look().title.to_lowercase()).collect();
    writeln!(page, "| strip | {} |\n|---|{}", titles.join(" | "), "---:|".repeat(titles.len()))?;
    for strip in &shares.strips {
        let shares: Vec<_> = strip.shares.iter().map(|&share| percent(share)).collect();
        writeln!(page, "| {} | {} |", escape::markdown(&strip.name), shares.join(" | "))?;
    }
    writeln!(page)
}

fn kept_json(shares: &Shares) -> Value {
    let strips = shares.strips.iter().map(|strip| {
        let kinds = shares
            .kinds
            .iter()
            .zip(&strip.shares)
            .map(|(kind, share)| (kind.name().to_owned(), json!(share)));
        json!({"strip": strip.name, "role": strip.role, "kept": Value::Object(kinds.collect())})
    });
    let (mean, deviation) = shares.matched();
    json!({
        "runs": shares.runs, "match_mean": mean, "match_deviation": deviation, "agreed": shares.agreed(),
        "strips": Value::Array(strips.collect()),
    })
}

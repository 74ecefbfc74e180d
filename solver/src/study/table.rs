//! A table of figures by song and configuration, as Markdown, CSV and JSON.

use std::fmt::{self, Write};

use serde_json::{Map, Value, json};

use crate::report::{escape, phrases};

/// One figure of every row.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// The name in CSV and JSON.
    pub key: String,
    /// The name in Markdown.
    pub title: String,
    /// How Markdown shows it.
    pub shown: Shown,
}

/// How Markdown shows a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// With so many decimals.
    Decimals(usize),
    /// As a percentage of 1, with one decimal.
    Percent,
    /// A number of things: whole, or with one decimal where it is a mean that is not.
    Count,
}

/// A line of figures.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What they belong to: the configuration as it is called in tables.
    pub title: String,
    /// One a column.
    pub figures: Vec<Option<f64>>,
}

/// The rows of a song.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// The song's name.
    pub song: String,
    /// One a configuration that is done.
    pub rows: Vec<Row>,
}

/// Figures by song and configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// What the rows are called.
    pub head: &'static str,
    /// The figures.
    pub columns: Vec<Column>,
    /// The songs.
    pub blocks: Vec<Block>,
    /// How many rows a song has that is done.
    pub rows: usize,
    /// Whether rows of the same name can be compared across songs.
    pub has_mean: bool,
}

impl Table {
    /// The mean over the songs of which every row is done, with their number; none as long as there is no such song.
    ///
    /// A song of which a row is missing does not count anywhere, since rows could not be compared otherwise.
    pub fn mean(&self) -> Option<(usize, Vec<Row>)> {
        let whole: Vec<_> = self.blocks.iter().filter(|b| b.rows.len() == self.rows).collect();
        let first = whole.first().filter(|_| self.has_mean)?;
        let mean = |row: usize, column: usize| {
            let figures: Option<Vec<f64>> = whole.iter().map(|b| b.rows[row].figures[column]).collect();
            figures.map(|f| f.iter().sum::<f64>() / f.len() as f64)
        };
        let rows = first.rows.iter().enumerate().map(|(i, row)| Row {
            title: row.title.clone(),
            figures: (0..self.columns.len()).map(|column| mean(i, column)).collect(),
        });
        Some((whole.len(), rows.collect()))
    }

    /// Writes rows as a table of Markdown.
    pub fn markdown(&self, page: &mut String, rows: &[Row]) -> fmt::Result {
        let titles: Vec<_> = self.columns.iter().map(|c| c.title.as_str()).collect();
        writeln!(page, "| {} | {} |", self.head, titles.join(" | "))?;
        writeln!(page, "|---|{}", "---:|".repeat(titles.len()))?;
        for row in rows {
            let figures =
                row.figures.iter().zip(&self.columns).map(|(figure, column)| match (figure, column.shown) {
                    (None, _) => "–".into(),
                    (Some(figure), Shown::Decimals(n)) => phrases::fixed(*figure, n),
                    (Some(figure), Shown::Count) => {
                        phrases::fixed(*figure, usize::from(figure.fract() != 0.0))
                    }
                    (Some(figure), Shown::Percent) => format!("{} %", phrases::fixed(100.0 * figure, 1)),
                });
            writeln!(
                page,
                "| {} | {} |",
                escape::markdown(&row.title),
                figures.collect::<Vec<_>>().join(" | ")
            )?;
        }
        writeln!(page)
    }

    /// One line a song and configuration, then one a configuration for the song `mean`.
    pub fn csv(&self) -> String {
        let mut text = format!("song,{}", self.head);
        self.columns.iter().for_each(|c| text.extend([",", &c.key]));
        text.push('\n');
        let mut block = |song: &str, rows: &[Row]| {
            for row in rows {
                text.extend([&field(song), ",", &field(&row.title)]);
                for figure in &row.figures {
                    text.push(',');
                    text.extend(figure.map(|f| f.to_string()));
                }
                text.push('\n');
            }
        };
        self.blocks.iter().for_each(|b| block(&b.song, &b.rows));
        if let Some((_, rows)) = self.mean() {
            block("mean", &rows);
        }
        text
    }

    /// `songs` and `mean` as members of an object.
    pub fn json(&self) -> Map<String, Value> {
        let rows = |rows: &[Row]| -> Value {
            let row = |row: &Row| {
                let figures = self.columns.iter().zip(&row.figures).map(|(c, f)| (c.key.clone(), json!(f)));
                Value::Object(
                    std::iter::once((self.head.to_owned(), json!(row.title))).chain(figures).collect(),
                )
            };
            rows.iter().map(row).collect()
        };
        let songs = self.blocks.iter().map(|b| json!({"song": b.song, "rows": rows(&b.rows)}));
        let mut object = Map::from_iter([("songs".to_owned(), songs.collect())]);
        if let Some((songs, mean)) = self.mean() {
            object.insert("mean".into(), json!({"songs": songs, "rows": rows(&mean)}));
        }
        object
    }
}

/// A field of CSV (RFC 4180).
pub fn field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.into()
    }
}

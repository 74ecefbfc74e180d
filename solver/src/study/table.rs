//! A table of figures by song and configuration, as Markdown, CSV and JSON.

use std::fmt::{self, Write};

use serde_json::{Map, Value, json};

use crate::pages::escape;
use crate::units;

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
                    (Some(figure), Shown::Decimals(n)) => units::fixed(*figure, n),
                    (Some(figure), Shown::Count) => units::fixed(*figure, usize::from(figure.fract() != 0.0)),
                    (Some(figure), Shown::Percent) => format!("{} %", units::fixed(100.0 * figure, 1)),
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
                text.extend([&escape::csv(song), ",", &escape::csv(&row.title)]);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let row =
            |title: &str, figures: &[Option<f64>]| Row { title: title.into(), figures: figures.to_vec() };
        let column = |key: &str, shown| Column { key: key.into(), title: key.to_uppercase(), shown };
        Table {
            head: "configuration",
            columns: vec![
                column("match", Shown::Decimals(2)),
                column("rho", Shown::Percent),
                column("n", Shown::Count),
            ],
            blocks: vec![
                Block {
                    song: "a, \"b\"".into(),
                    rows: vec![
                        row("x", &[Some(0.5), None, Some(3.0)]),
                        row("y|z", &[Some(-0.125), Some(0.25), Some(4.0)]),
                    ],
                },
                Block {
                    song: "c".into(),
                    rows: vec![
                        row("x", &[Some(1.5), Some(1.0), Some(4.0)]),
                        row("y|z", &[Some(0.625), Some(0.75), Some(6.0)]),
                    ],
                },
                Block { song: "begun".into(), rows: vec![row("x", &[Some(99.0), Some(0.0), Some(0.0)])] },
            ],
            rows: 2,
            has_mean: true,
        }
    }

    #[test]
    fn the_mean_is_over_whole_songs_and_there_is_none_of_what_one_of_them_lacks() {
        let (songs, rows) = table().mean().unwrap();
        assert_eq!(songs, 2);
        assert_eq!(rows[0].figures, [Some(1.0), None, Some(3.5)]);
        assert_eq!(rows[1].figures, [Some(0.25), Some(0.5), Some(5.0)]);
        assert_eq!(Table { has_mean: false, ..table() }.mean(), None);
        assert_eq!(Table { blocks: table().blocks.split_off(2), ..table() }.mean(), None);
    }

    #[test]
    fn a_name_with_commas_and_quotes_is_one_field() {
        let csv = table().csv();
        let lines: Vec<_> = csv.lines().collect();
        assert_eq!(lines[0], "song,configuration,match,rho,n");
        assert_eq!(lines[1], "\"a, \"\"b\"\"\",x,0.5,,3");
        assert_eq!(lines[6..], ["mean,x,1,,3.5", "mean,y|z,0.25,0.5,5"]);
    }

    #[test]
    fn markdown_shows_each_figure_its_own_way() {
        let (mut page, table) = (String::new(), table());
        table.markdown(&mut page, &table.mean().unwrap().1).unwrap();
        let lines: Vec<_> = page.lines().collect();
        assert_eq!(lines[0], "| configuration | MATCH | RHO | N |");
        assert_eq!(lines[2], "| x | 1.00 | – | 3.5 |");
        assert_eq!(lines[3], "| y\\|z | 0.25 | 50.0 % | 5 |");
    }

    #[test]
    fn json_holds_every_figure_as_it_is() {
        let object = Value::Object(table().json());
        assert_eq!(object["songs"][1]["rows"][1]["match"], 0.625);
        assert_eq!(object["songs"][0]["rows"][0]["rho"], Value::Null);
        assert_eq!(object["mean"]["rows"][1]["configuration"], "y|z");
    }
}

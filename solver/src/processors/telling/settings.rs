//! What one processor is set to, in the units of the desk (MATH.md §10): a value for each figure of its kind.

use super::figure::Cells;
use super::{Column, Figure, Holds};
use crate::processors::{Kind, Response};
use crate::units::Unit;

/// What one processor is set to. In `report.json` an object with its `kind` and a field a figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    kind: Kind,
    /// In the order of the kind's figures.
    values: Vec<Value>,
}

/// The value of a figure.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number in the figure's unit.
    Number(f64),
    /// A line through points.
    Curve(Curve),
    /// A table.
    Rows(Vec<Row>),
}

/// A line through points.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// Where its points lie.
    pub over: Vec<f64>,
    /// Their values; as many.
    pub of: Vec<f64>,
}

/// A line of a table: a cell a column.
pub type Row = Vec<Cell>;

/// A cell of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// A number in the column's unit.
    Number(f64),
    /// A word, or a note value.
    Text(String),
    /// No note value.
    Empty,
}

impl Settings {
    /// Settings of a kind: the value of each of its figures, by key, in their order.
    ///
    /// # Panics
    /// If the figures are not those of the kind, which is a defect of the program.
    pub fn new<'k>(kind: Kind, values: impl IntoIterator<Item = (&'k str, Value)>) -> Self {
        let figures = kind.definition().figures();
        let (keys, values): (Vec<&str>, Vec<Value>) = values.into_iter().unzip();
        let fits = |(figure, value): (&Figure, &Value)| value.fits(&figure.holds);
        assert!(
            figures.iter().map(|f| f.key).eq(keys) && figures.iter().zip(&values).all(fits),
            "these are not the figures of a {kind}"
        );
        Self { kind, values }
    }

    /// Settings of a kind that say nothing: every number 0, every list empty.
    pub fn blank(kind: Kind) -> Self {
        let blank = |figure: &Figure| match figure.holds {
            Holds::Number(_) => Value::Number(0.0),
            Holds::Curve { .. } => Value::Curve(Curve::default()),
            Holds::Rows { .. } => Value::Rows(vec![]),
        };
        Self { kind, values: kind.definition().figures().iter().map(blank).collect() }
    }

    /// The kind that is set.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Every figure with its value.
    pub fn figures(&self) -> impl Iterator<Item = (&'static Figure, &Value)> {
        self.kind.definition().figures().iter().zip(&self.values)
    }

    /// The figures that are numbers.
    pub fn all_numbers(&self) -> impl Iterator<Item = (&'static Figure, Unit, f64)> {
        self.figures().filter_map(|(figure, value)| match (figure.holds, value) {
            (Holds::Number(unit), Value::Number(value)) => Some((figure, unit, *value)),
            _ => None,
        })
    }

    /// The figures that are numbers, in words.
    pub fn numbers_in_words(&self) -> impl Iterator<Item = (&'static Figure, String)> {
        self.all_numbers().map(|(figure, unit, value)| (figure, unit.text(value)))
    }

    fn value(&self, key: &str) -> Option<&Value> {
        self.figures().find(|(figure, _)| figure.key == key).map(|(_, value)| value)
    }

    /// The number of this key.
    ///
    /// # Panics
    /// If the kind has no such number, which is a defect of the program.
    pub fn number(&self, key: &str) -> f64 {
        match self.value(key) {
            Some(Value::Number(value)) => *value,
            _ => panic!("a {} has no number '{key}'", self.kind),
        }
    }

    /// The numbers of these keys.
    ///
    /// # Panics
    /// As [`number`](Self::number).
    pub fn numbers<const N: usize>(&self, keys: [&str; N]) -> [f64; N] {
        keys.map(|key| self.number(key))
    }

    /// The curve of this key.
    ///
    /// # Panics
    /// If the kind has no such curve, which is a defect of the program.
    pub fn curve(&self, key: &str) -> &Curve {
        match self.value(key) {
            Some(Value::Curve(curve)) => curve,
            _ => panic!("a {} has no curve '{key}'", self.kind),
        }
    }

    /// The table of this key.
    ///
    /// # Panics
    /// If the kind has no such table, which is a defect of the program.
    pub fn rows(&self, key: &str) -> &[Row] {
        match self.value(key) {
            Some(Value::Rows(rows)) => rows,
            _ => panic!("a {} has no rows '{key}'", self.kind),
        }
    }

    /// The same with another number.
    ///
    /// # Panics
    /// As [`number`](Self::number).
    pub fn with(mut self, key: &str, number: f64) -> Self {
        let figures = self.kind.definition().figures().iter();
        match figures.zip(&mut self.values).find(|(figure, _)| figure.key == key) {
            Some((_, Value::Number(value))) => *value = number,
            _ => panic!("a {} has no number '{key}'", self.kind),
        }
        self
    }

    /// Calls `on` with every number, those of curves and tables included.
    pub fn visit(&mut self, on: &mut impl FnMut(&mut f64)) {
        for value in &mut self.values {
            match value {
                Value::Number(value) => on(value),
                Value::Curve(Curve { over, of }) => over.iter_mut().chain(of).for_each(&mut *on),
                Value::Rows(rows) => {
                    for cell in rows.iter_mut().flatten() {
                        if let Cell::Number(value) = cell {
                            on(value);
                        }
                    }
                }
            }
        }
    }

    /// Fills in the note values of all times that have a place for one, from a time in ms.
    pub fn name_notes(&mut self, note: impl Fn(f64) -> Option<String>) {
        for (figure, value) in self.kind.definition().figures().iter().zip(&mut self.values) {
            let (Holds::Rows { columns, .. }, Value::Rows(rows)) = (figure.holds, value) else { continue };
            for (place, column) in columns.iter().enumerate() {
                let Cells::Notes { of } = column.cells else { continue };
                let Some(time) = columns.iter().position(|column| column.key == of) else { continue };
                for row in rows.iter_mut() {
                    let found = row[time].number().and_then(&note);
                    row[place] = found.map_or(Cell::Empty, Cell::Text);
                }
            }
        }
    }

    /// Settings as they were read; one value a figure.
    pub(super) fn read(kind: Kind, values: Vec<Value>) -> Self {
        Self { kind, values }
    }
}

impl Value {
    fn fits(&self, holds: &Holds) -> bool {
        match (self, holds) {
            (Value::Number(_), Holds::Number(_)) => true,
            (Value::Curve(curve), Holds::Curve { .. }) => curve.over.len() == curve.of.len(),
            (Value::Rows(rows), Holds::Rows { columns, .. }) => rows
                .iter()
                .all(|row| row.len() == columns.len() && row.iter().zip(*columns).all(|(c, of)| c.fits(of))),
            _ => false,
        }
    }
}

impl Cell {
    /// The number in it.
    pub fn number(&self) -> Option<f64> {
        match self {
            Cell::Number(value) => Some(*value),
            Cell::Text(_) | Cell::Empty => None,
        }
    }

    /// The text in it.
    pub fn text(&self) -> Option<&str> {
        match self {
            Cell::Text(text) => Some(text),
            Cell::Number(_) | Cell::Empty => None,
        }
    }

    /// What is in it, in words.
    pub fn in_words(&self, column: &Column) -> Option<String> {
        match self {
            Cell::Number(value) => Some(column.unit().text(*value)),
            Cell::Text(text) => Some(text.clone()),
            Cell::Empty => None,
        }
    }

    fn fits(&self, column: &Column) -> bool {
        match column.cells {
            Cells::Numbers(_) => matches!(self, Cell::Number(_)),
            Cells::Words => matches!(self, Cell::Text(_)),
            Cells::Notes { .. } => matches!(self, Cell::Text(_) | Cell::Empty),
        }
    }
}

impl Curve {
    /// Its points.
    pub fn points(&self) -> impl Iterator<Item = (f64, f64)> {
        self.over.iter().copied().zip(self.of.iter().copied())
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Value::Number(value)
    }
}

impl From<Curve> for Value {
    fn from(curve: Curve) -> Self {
        Value::Curve(curve)
    }
}

impl From<Response> for Value {
    fn from(Response { hz, db }: Response) -> Self {
        Value::Curve(Curve { over: hz, of: db })
    }
}

impl From<Vec<Row>> for Value {
    fn from(rows: Vec<Row>) -> Self {
        Value::Rows(rows)
    }
}

impl From<f64> for Cell {
    fn from(value: f64) -> Self {
        Cell::Number(value)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Cell::Text(text.into())
    }
}

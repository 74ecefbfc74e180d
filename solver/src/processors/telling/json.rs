//! Settings in `report.json`: the kind, then a field a figure.

use serde::de::{self, Deserialize, Deserializer};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value as Json};

use super::figure::Cells;
use super::{Cell, Column, Curve, Figure, Holds, Row, Settings, Value};
use crate::processors::Kind;
use crate::units::with_article;

impl Serialize for Settings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("kind", self.kind().name())?;
        for (figure, value) in self.figures() {
            match (value, figure.holds) {
                (Value::Number(value), _) => map.serialize_entry(figure.key, value)?,
                (Value::Curve(curve), Holds::Curve { over, of, .. }) => {
                    map.serialize_entry(figure.key, &CurveFields { curve, over, of })?;
                }
                (Value::Rows(rows), Holds::Rows { columns, .. }) => {
                    let rows: Vec<_> = rows.iter().map(|row| RowFields { row, columns }).collect();
                    map.serialize_entry(figure.key, &rows)?;
                }
                _ => {}
            }
        }
        map.end()
    }
}

struct CurveFields<'a> {
    curve: &'a Curve,
    over: Column,
    of: Column,
}

impl Serialize for CurveFields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry(self.over.key, &self.curve.over)?;
        map.serialize_entry(self.of.key, &self.curve.of)?;
        map.end()
    }
}

struct RowFields<'a> {
    row: &'a Row,
    columns: &'static [Column],
}

impl Serialize for RowFields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (column, cell) in self.columns.iter().zip(self.row) {
            match cell {
                Cell::Number(value) => map.serialize_entry(column.key, value)?,
                Cell::Text(text) => map.serialize_entry(column.key, text)?,
                Cell::Empty => {}
            }
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Settings {
    /// Fields that are no figure of the kind are passed over: they are a processor's, or a later version's.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = Map::deserialize(deserializer)?;
        let kind = match fields.get("kind") {
            Some(Json::String(name)) => Kind::named(name).ok_or_else(|| {
                de::Error::custom(format!("there is no kind '{name}'; the kinds are {}", Kind::names()))
            })?,
            _ => return Err(de::Error::custom("a processor does not say what 'kind' it is")),
        };
        let figures = kind.definition().figures().iter();
        let values = figures.map(|figure| match fields.remove(figure.key) {
            Some(json) => value(figure, json).map_err(|wrong| {
                let Wrong { found, wanted } = wrong;
                format!(
                    "'{}' of {} holds {found}, but must be {wanted}",
                    figure.key,
                    with_article(kind.name())
                )
            }),
            None => figure.default.map(Value::Number).ok_or_else(|| {
                let keys: Vec<_> = kind.definition().figures().iter().map(|f| f.key).collect();
                format!(
                    "{} lacks '{}'; its figures are {}",
                    with_article(kind.name()),
                    figure.key,
                    keys.join(", ")
                )
            }),
        });
        let values = values.collect::<Result<_, String>>().map_err(de::Error::custom)?;
        Ok(Settings::read(kind, values))
    }
}

/// What a field holds, and what it should.
struct Wrong {
    found: String,
    wanted: String,
}

impl Wrong {
    fn new(found: &Json, wanted: impl Into<String>) -> Self {
        Self { found: found.to_string(), wanted: wanted.into() }
    }
}

fn value(figure: &Figure, json: Json) -> Result<Value, Wrong> {
    match figure.holds {
        Holds::Number(_) => number(&json).map(Value::Number),
        Holds::Curve { over, of, .. } => curve(&json, &over, &of).map(Value::Curve),
        Holds::Rows { columns, .. } => match &json {
            Json::Array(rows) => rows.iter().map(|json| row(json, columns)).collect::<Result<_, _>>(),
            _ => Err(Wrong::new(&json, "a list")),
        }
        .map(Value::Rows),
    }
}

fn number(json: &Json) -> Result<f64, Wrong> {
    json.as_f64().ok_or_else(|| Wrong::new(json, "a number"))
}

fn curve(json: &Json, over: &Column, of: &Column) -> Result<Curve, Wrong> {
    let wanted = || format!("two lists of as many numbers, '{}' and '{}'", over.key, of.key);
    let side = |column: &Column| match json.get(column.key) {
        Some(Json::Array(numbers)) => numbers.iter().map(number).collect::<Result<Vec<_>, _>>(),
        _ => Err(Wrong::new(json, wanted())),
    };
    let curve = Curve { over: side(over)?, of: side(of)? };
    if curve.over.len() == curve.of.len() { Ok(curve) } else { Err(Wrong::new(json, wanted())) }
}

fn row(json: &Json, columns: &[Column]) -> Result<Row, Wrong> {
    let cell = |column: &Column| {
        let wrong = |what| Wrong::new(json, format!("objects with {what} '{}'", column.key));
        match (column.cells, json.get(column.key)) {
            (Cells::Numbers(_), Some(found)) => {
                found.as_f64().map(Cell::Number).ok_or_else(|| wrong("a number"))
            }
            (Cells::Words | Cells::Notes { .. }, Some(Json::String(text))) => Ok(Cell::Text(text.clone())),
            (Cells::Notes { .. }, None | Some(Json::Null)) => Ok(Cell::Empty),
            (Cells::Numbers(_), None) => Err(wrong("a number")),
            (Cells::Words | Cells::Notes { .. }, _) => Err(wrong("a text")),
        }
    };
    columns.iter().map(cell).collect()
}

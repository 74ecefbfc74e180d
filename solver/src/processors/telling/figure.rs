//! What a kind's settings consist of.

use crate::units::Unit;

/// One setting of a kind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    /// The name in `report.json`.
    pub key: &'static str,
    /// The name where there is little room: `time`.
    pub label: &'static str,
    /// The name on the page: `time constant`.
    pub title: &'static str,
    /// The name in tables of parameters; of rows, what one of them is called.
    pub column: &'static str,
    /// What it holds.
    pub holds: Holds,
    /// What it is in reports of versions that did not know it; none where every report has it.
    pub default: Option<f64>,
    /// True if it is left out where there is little room.
    pub is_minor: bool,
}

/// What a figure holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Holds {
    /// A number.
    Number(Unit),
    /// A line through points.
    Curve {
        /// What it runs over.
        over: Column,
        /// Its values.
        of: Column,
        /// True if its points are few enough to be listed.
        listed: bool,
    },
    /// A table.
    Rows {
        /// Its columns.
        columns: &'static [Column],
        /// The key of the column, one of numbers, whose highest value comes first where rows are ranked.
        ranked_by: &'static str,
    },
}

/// One column of a table, or one side of a curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column {
    /// The name in `report.json`.
    pub key: &'static str,
    /// The name at its head.
    pub label: &'static str,
    /// The name in tables of parameters.
    pub column: &'static str,
    /// What its cells hold.
    pub cells: Cells,
}

/// What the cells of a column hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cells {
    /// Numbers.
    Numbers(Unit),
    /// Words.
    Words,
    /// The note values of the time before it, where the tempo is known and a note is near. May be empty, and is not
    /// written then.
    Notes {
        /// The key of the time's column.
        of: &'static str,
    },
}

impl Figure {
    const fn new(key: &'static str, label: &'static str, holds: Holds) -> Self {
        Self { key, label, title: label, column: label, holds, default: None, is_minor: false }
    }

    /// A number.
    pub const fn number(key: &'static str, label: &'static str, unit: Unit) -> Self {
        Self::new(key, label, Holds::Number(unit))
    }

    /// A curve of many points, of which only the highest and the lowest are told.
    pub const fn curve(key: &'static str, label: &'static str, over: Column, of: Column) -> Self {
        Self::new(key, label, Holds::Curve { over, of, listed: false })
    }

    /// A curve of few points, which are listed.
    pub const fn listed(key: &'static str, label: &'static str, over: Column, of: Column) -> Self {
        Self::new(key, label, Holds::Curve { over, of, listed: true })
    }

    /// A table, ranked by one of its columns.
    pub const fn rows(
        key: &'static str,
        label: &'static str,
        columns: &'static [Column],
        ranked_by: &'static str,
    ) -> Self {
        Self::new(key, label, Holds::Rows { columns, ranked_by })
    }

    /// The same with another name on the page.
    pub const fn titled(self, title: &'static str) -> Self {
        Self { title, ..self }
    }

    /// The same with another name in tables of parameters.
    pub const fn in_tables(self, column: &'static str) -> Self {
        Self { column, ..self }
    }

    /// The same where reports that lack it mean `default`.
    pub const fn or(self, default: f64) -> Self {
        Self { default: Some(default), ..self }
    }

    /// The same, left out where there is little room.
    pub const fn minor(self) -> Self {
        Self { is_minor: true, ..self }
    }

    /// True for a curve of which figures tell the extremes alone, so that a phrase says more.
    pub fn is_dense(&self) -> bool {
        matches!(self.holds, Holds::Curve { listed: false, .. })
    }
}

impl Column {
    /// Numbers.
    pub const fn numbers(key: &'static str, label: &'static str, unit: Unit) -> Self {
        Self { key, label, column: label, cells: Cells::Numbers(unit) }
    }

    /// Words.
    pub const fn words(key: &'static str, label: &'static str) -> Self {
        Self { key, label, column: label, cells: Cells::Words }
    }

    /// The note values of the times in the column `of`.
    pub const fn notes(key: &'static str, label: &'static str, of: &'static str) -> Self {
        Self { key, label, column: label, cells: Cells::Notes { of } }
    }

    /// The same with another name in tables of parameters.
    pub const fn in_tables(self, column: &'static str) -> Self {
        Self { column, ..self }
    }

    /// The unit of its numbers; a plain number's where it holds none.
    pub fn unit(&self) -> Unit {
        match self.cells {
            Cells::Numbers(unit) => unit,
            Cells::Words | Cells::Notes { .. } => Unit::Plain(0),
        }
    }
}

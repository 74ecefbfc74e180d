//! A console: a row a strip, a column a kind.

use std::fmt::{self, Write};

use super::{BEND, BLOCK_GAP, ROW, Sheet, rect};
use crate::findings::{Report, StripView};
use crate::graph::Role;
use crate::processors::Kind;
use crate::words::order::{blocks, masters, sends};

const COLUMN: f64 = 82.0;
/// Between the last track of a group and the group's strip, where the sum runs back to the left.
const LANE: f64 = 18.0;

/// Draws a console: a box where a processor stayed, a dashed place where one was pruned.
pub(super) fn draw(report: &Report) -> Result<Sheet<'_>, fmt::Error> {
    let mut console = Console { sheet: Sheet::new(report), kinds: report.settings.kinds() };
    console.draw()?;
    Ok(console.sheet)
}

struct Console<'a> {
    sheet: Sheet<'a>,
    kinds: Vec<Kind>,
}

impl Console<'_> {
    fn column(&self, i: usize) -> f64 {
        self.sheet.left() + 18.0 + i as f64 * COLUMN
    }

    /// Where a group's tracks are summed.
    fn group_bus(&self) -> f64 {
        self.column(self.kinds.len()) + 4.0
    }

    /// Where everything is summed.
    fn main_bus(&self) -> f64 {
        self.group_bus() + 28.0
    }

    fn draw(&mut self) -> fmt::Result {
        let (report, main) = (self.sheet.report, self.main_bus());
        self.sheet.width = main + 86.0;
        for (i, &kind) in self.kinds.iter().enumerate() {
            let (x, y) = (self.column(i) + COLUMN / 2.0, self.sheet.y - 12.0);
            writeln!(self.sheet.titles, r#"<text x="{x}" y="{y}">{}</text>"#, kind.look().title)?;
        }
        // Where the rows end that feed the main bus.
        let mut feeds = vec![];
        for block in blocks(report) {
            let top = self.sheet.y;
            let Some(group) = block.group else {
                for track in block.tracks {
                    feeds.push(self.row(track, main)?);
                }
                self.sheet.y += BLOCK_GAP;
                continue;
            };
            let mut tracks = vec![];
            for track in block.tracks {
                tracks.push(self.row(track, self.group_bus())?);
            }
            self.sum(&tracks, self.group_bus())?;
            feeds.push(self.row(group, main)?);
            self.sheet.panel(top, self.sheet.y, self.group_bus() + 12.0)?;
            self.sheet.y += BLOCK_GAP;
        }
        for send in sends(report) {
            // Nothing feeds it any more, else this would be drawn as a graph.
            self.sheet.name(send, self.sheet.y + ROW / 2.0)?;
            self.sheet.y += ROW;
        }
        let mut end = None;
        for master in masters(report) {
            self.sum(&feeds, main)?;
            feeds = vec![];
            end = Some(self.row(master, main)?);
        }
        let end = match end {
            Some(end) => end,
            None => {
                let end = feeds.last().copied().unwrap_or(self.sheet.y);
                self.bus(&feeds, main, end)?;
                end
            }
        };
        self.sheet.output(main, end)
    }

    /// One strip: its name, its line from the left to `to`, its boxes. Returns the line's height.
    fn row(&mut self, strip: &StripView, to: f64) -> Result<f64, fmt::Error> {
        let y = self.sheet.y + ROW / 2.0;
        let left = self.sheet.left();
        writeln!(self.sheet.wires, r#"<path d="M{left} {y}H{to}"/>"#)?;
        if strip.role == Role::Track {
            self.sheet.dot(left, y, 7.0)?;
        }
        self.sheet.name(strip, y)?;
        for (i, &kind) in self.kinds.iter().enumerate() {
            let middle = self.column(i) + COLUMN / 2.0;
            match strip.chain.iter().find(|p| p.kind() == kind) {
                Some(kept) => self.sheet.processor((middle, y), kept)?,
                None if self.sheet.began_with_console() => writeln!(
                    self.sheet.boxes,
                    r##"<rect class="pruned" {} fill="none" stroke="#9aa0a8" stroke-opacity=".8" stroke-dasharray="2 3"/>"##,
                    rect(middle, y)
                )?,
                None => {}
            }
        }
        self.sheet.y += ROW;
        Ok(y)
    }

    /// Sums lines that end at `x` and leads the sum back to the left, into the row that comes next.
    fn sum(&mut self, lines: &[f64], x: f64) -> fmt::Result {
        if lines.is_empty() {
            return Ok(());
        }
        let sheet = &self.sheet;
        let (lane, into, left) =
            (sheet.y + LANE / 2.0 - 2.0, sheet.y + LANE + ROW / 2.0, sheet.left() - 14.0);
        self.bus(lines, x, lane - BEND)?;
        let (r, from) = (BEND, lane - BEND);
        writeln!(
            self.sheet.wires,
            r#"<path d="M{x} {from}q0 {r} -{r} {r}H{}q-{r} 0 -{r} {r}V{}q0 {r} {r} {r}H{}"/>"#,
            left + r,
            into - r,
            left + 14.0
        )?;
        self.sheet.y += LANE;
        Ok(())
    }

    /// The vertical line at `x` from the first of `lines` down to `end`.
    fn bus(&mut self, lines: &[f64], x: f64, end: f64) -> fmt::Result {
        let Some(first) = lines.first() else { return Ok(()) };
        writeln!(self.sheet.wires, r#"<path d="M{x} {first}V{end}"/>"#)?;
        lines.iter().try_for_each(|&y| self.sheet.dot(x, y, 6.0))
    }
}

//! `graph.svg`: the pruned graph as a picture.
//!
//! A row a strip, a column a kind: a box where a processor stayed, a dashed place where one was pruned. Lines show the
//! signal's way from track to group to output. Colours are presentation attributes with classes beside them, so that a
//! page that holds the picture can restyle it, and the picture alone stands on a ground of its own.

use std::fmt::{self, Write};

use super::escape::{markup, truncated};
use super::order::{blocks, masters};
use super::phrases::{describe, percent};
use super::schema::{ProcessorView, Report, StripView};
use super::{look, words};
use crate::graph::Role;
use crate::processors::Kind;

const PAD: f64 = 24.0;
const NAMES: f64 = 208.0;
const COLUMN: f64 = 82.0;
const BOX: (f64, f64) = (64.0, 22.0);
const ROW: f64 = 32.0;
/// Between the last track of a group and the group's strip, where the sum runs back to the left.
const LANE: f64 = 18.0;
const BLOCK_GAP: f64 = 14.0;
const HEAD: f64 = 96.0;
const FOOT: f64 = 52.0;
/// Radius of a line's bends.
const BEND: f64 = 7.0;
/// The typefaces of pictures.
pub(crate) const FONT: &str =
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

/// The picture as a standalone SVG document that can also stand in an HTML page.
pub fn to_string(report: &Report) -> String {
    let mut sheet = Sheet::new(look::console_kinds(report));
    let mut svg = String::new();
    // Writing to a string cannot fail.
    let _ = sheet.draw(report).and_then(|()| sheet.frame(&mut svg, report));
    svg
}

/// The picture while it grows downwards.
struct Sheet {
    kinds: Vec<Kind>,
    /// Where the next row begins.
    y: f64,
    panels: String,
    wires: String,
    boxes: String,
    names: String,
}

impl Sheet {
    fn new(kinds: Vec<Kind>) -> Self {
        let part = String::new;
        Self { kinds, y: HEAD, panels: part(), wires: part(), boxes: part(), names: part() }
    }

    /// Where chains begin.
    fn left(&self) -> f64 {
        PAD + NAMES
    }

    fn column(&self, i: usize) -> f64 {
        self.left() + 18.0 + i as f64 * COLUMN
    }

    /// Where a group's tracks are summed.
    fn group_bus(&self) -> f64 {
        self.column(self.kinds.len()) + 4.0
    }

    /// Where everything is summed.
    fn main_bus(&self) -> f64 {
        self.group_bus() + 28.0
    }

    fn width(&self) -> f64 {
        self.main_bus() + 86.0
    }

    fn draw(&mut self, report: &Report) -> fmt::Result {
        let main = self.main_bus();
        // Where the rows end that feed the main bus.
        let mut feeds = vec![];
        for block in blocks(report) {
            let top = self.y;
            let Some(group) = block.group else {
                for track in block.tracks {
                    feeds.push(self.row(track, main)?);
                }
                self.y += BLOCK_GAP;
                continue;
            };
            let mut tracks = vec![];
            for track in block.tracks {
                tracks.push(self.row(track, self.group_bus())?);
            }
            self.sum(&tracks, self.group_bus())?;
            feeds.push(self.row(group, main)?);
            let (x, width, height) = (PAD - 12.0, self.group_bus() + 24.0 - PAD, self.y - top);
            writeln!(self.panels, r#"<rect x="{x}" y="{top}" width="{width}" height="{height}" rx="8"/>"#)?;
            self.y += BLOCK_GAP;
        }
        let masters = masters(report);
        let mut end = None;
        for master in masters {
            self.sum(&feeds, main)?;
            feeds = vec![];
            end = Some(self.row(master, main)?);
        }
        let end = match end {
            Some(end) => end,
            None => {
                let end = feeds.last().copied().unwrap_or(self.y);
                self.bus(&feeds, main, end)?;
                end
            }
        };
        self.output(main, end)
    }

    /// One strip: its name, its line from the left to `to`, its boxes. Returns the line's height.
    fn row(&mut self, strip: &StripView, to: f64) -> Result<f64, fmt::Error> {
        let y = self.y + ROW / 2.0;
        let left = self.left();
        writeln!(self.wires, r#"<path d="M{left} {y}H{to}"/>"#)?;
        let weight = if strip.role == Role::Track { 400 } else { 650 };
        if strip.role == Role::Track {
            writeln!(self.wires, r#"<path d="M{left} {y}h.01" stroke-width="7"/>"#)?;
        }
        let (x, baseline) = (PAD, y + 4.5);
        writeln!(
            self.names,
            r#"<text x="{x}" y="{baseline}" font-weight="{weight}">{}<title>{}</title></text>"#,
            markup(&truncated(&strip.name, 26)),
            markup(&strip.name)
        )?;
        for (i, kind) in self.kinds.clone().into_iter().enumerate() {
            let kept = strip.chain.iter().find(|p| p.kind() == kind);
            self.place(self.column(i), y, kind, kept)?;
        }
        self.y += ROW;
        Ok(y)
    }

    /// The place of one kind in a strip: a box, filled as far as it is wet, or a dashed outline.
    fn place(&mut self, x: f64, y: f64, kind: Kind, kept: Option<&ProcessorView>) -> fmt::Result {
        let (width, height) = BOX;
        let (x, y) = (x + (COLUMN - width) / 2.0, y - height / 2.0);
        let rect = format!(r#"x="{x}" y="{y}" width="{width}" height="{height}" rx="5""#);
        let out = &mut self.boxes;
        let Some(processor) = kept else {
            return writeln!(
                out,
                r##"<rect class="pruned" {rect} fill="none" stroke="#9aa0a8" stroke-opacity=".8" stroke-dasharray="2 3"/>"##
            );
        };
        let look::Look { label, colour, class, .. } = look::of(kind);
        let strength = 0.08 + 0.57 * processor.wet.clamp(0.0, 1.0);
        let (middle, baseline) = (x + width / 2.0, y + 15.0);
        writeln!(
            out,
            r##"<g class="kept {class}"><title>{} · {} wet</title><rect class="paper" {rect} fill="#fff"/><rect {rect} fill="{colour}" fill-opacity="{strength:.2}" stroke="{colour}" stroke-width="1.4"/><text class="ink" x="{middle}" y="{baseline}" fill="#1b1d21">{label}</text></g>"##,
            markup(&describe(processor)),
            percent(processor.wet)
        )
    }

    /// Sums lines that end at `x` and leads the sum back to the left, into the row that comes next.
    fn sum(&mut self, lines: &[f64], x: f64) -> fmt::Result {
        if lines.is_empty() {
            return Ok(());
        }
        let (lane, into, left) = (self.y + LANE / 2.0 - 2.0, self.y + LANE + ROW / 2.0, self.left() - 14.0);
        self.bus(lines, x, lane - BEND)?;
        let (r, from) = (BEND, lane - BEND);
        writeln!(
            self.wires,
            r#"<path d="M{x} {from}q0 {r} -{r} {r}H{}q-{r} 0 -{r} {r}V{}q0 {r} {r} {r}H{}"/>"#,
            left + r,
            into - r,
            self.left()
        )?;
        self.y += LANE;
        Ok(())
    }

    /// The vertical line at `x` from the first of `lines` down to `end`.
    fn bus(&mut self, lines: &[f64], x: f64, end: f64) -> fmt::Result {
        let Some(first) = lines.first() else { return Ok(()) };
        writeln!(self.wires, r#"<path d="M{x} {first}V{end}"/>"#)?;
        for y in lines {
            writeln!(self.wires, r#"<path d="M{x} {y}h.01" stroke-width="6"/>"#)?;
        }
        Ok(())
    }

    fn output(&mut self, x: f64, y: f64) -> fmt::Result {
        let tip = x + 24.0;
        writeln!(self.wires, r#"<path d="M{x} {y}H{tip}m-5 -4l5 4l-5 4"/>"#)?;
        let (label, baseline) = (tip + 7.0, y + 4.5);
        writeln!(self.names, r#"<text x="{label}" y="{baseline}" font-weight="650">mix</text>"#)
    }

    /// The whole document around what was drawn.
    fn frame(&self, svg: &mut String, report: &Report) -> fmt::Result {
        let (width, height) = (self.width(), self.y + FOOT);
        let name = &report.session.name;
        writeln!(
            svg,
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" font-family="{FONT}" font-size="13">"#
        )?;
        writeln!(svg, "<title>{}: the pruned graph</title>", markup(name))?;
        writeln!(
            svg,
            r##"<rect class="ground" width="{width}" height="{height}" rx="10" fill="#fcfcfb"/>"##
        )?;
        let columns = ((width - 2.0 * PAD) / 10.0) as usize;
        writeln!(
            svg,
            r##"<text class="ink" x="{PAD}" y="36" font-size="17" font-weight="650" fill="#1b1d21">{}</text>"##,
            markup(&truncated(name, columns))
        )?;
        let pruned = words::pruned(&report.pruning);
        writeln!(svg, r##"<text class="muted" x="{PAD}" y="56" fill="#666b74">{pruned}</text>"##)?;
        self.titles(svg)?;
        writeln!(svg, r##"<g class="panel" fill="#f2f2ef">{}</g>"##, self.panels)?;
        writeln!(
            svg,
            r##"<g class="wire" fill="none" stroke="#8b919b" stroke-width="1.5" stroke-linejoin="round" stroke-linecap="round">{}</g>"##,
            self.wires
        )?;
        writeln!(
            svg,
            r#"<g font-size="10.5" font-weight="600" letter-spacing=".4" text-anchor="middle">{}</g>"#,
            self.boxes
        )?;
        writeln!(svg, r##"<g class="ink" fill="#1b1d21">{}</g>"##, self.names)?;
        self.legend(svg, height - 26.0)?;
        writeln!(svg, "</svg>")
    }

    fn titles(&self, svg: &mut String) -> fmt::Result {
        writeln!(svg, r##"<g class="muted" fill="#666b74" font-size="10.5" text-anchor="middle">"##)?;
        for (i, &kind) in self.kinds.iter().enumerate() {
            let (x, y) = (self.column(i) + COLUMN / 2.0, HEAD - 12.0);
            writeln!(svg, r#"<text x="{x}" y="{y}">{}</text>"#, look::of(kind).title)?;
        }
        writeln!(svg, "</g>")
    }

    fn legend(&self, svg: &mut String, y: f64) -> fmt::Result {
        writeln!(svg, r##"<g class="muted" fill="#666b74" font-size="11">"##)?;
        let boxes = [
            (
                0.0,
                "kept, mostly dry",
                r##"fill="#8b919b" fill-opacity=".15" stroke="#8b919b" stroke-width="1.4""##,
            ),
            (
                128.0,
                "kept, mostly wet",
                r##"fill="#8b919b" fill-opacity=".6" stroke="#8b919b" stroke-width="1.4""##,
            ),
            (256.0, "pruned", r##"fill="none" stroke="#9aa0a8" stroke-opacity=".8" stroke-dasharray="2 3""##),
        ];
        for (offset, text, style) in boxes {
            let x = PAD + offset;
            let (top, label, baseline) = (y - 6.0, x + 26.0, y + 4.0);
            writeln!(svg, r#"<rect x="{x}" y="{top}" width="20" height="12" rx="3" {style}/>"#)?;
            writeln!(svg, r#"<text x="{label}" y="{baseline}">{text}</text>"#)?;
        }
        writeln!(svg, "</g>")
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    /// Elements of a class in a well-formed document.
    fn count(svg: &str, class: &str) -> usize {
        let document = roxmltree::Document::parse(svg).unwrap();
        let named =
            |n: &roxmltree::Node| n.attribute("class").is_some_and(|c| c.split(' ').any(|c| c == class));
        document.descendants().filter(named).count()
    }

    #[test]
    fn every_processor_is_a_box_and_every_pruned_place_is_dashed() {
        for report in [fixture::song(), fixture::of_size(1), fixture::of_size(2), fixture::of_size(130)] {
            let svg = to_string(&report);
            let kept = report.strips.iter().map(|s| s.chain.len()).sum::<usize>();
            assert_eq!(count(&svg, "kept"), kept);
            assert_eq!(count(&svg, "pruned"), 7 * report.strips.len() - kept);
        }
    }

    #[test]
    fn a_kind_that_was_never_in_the_console_has_no_place() {
        let mut report = fixture::song();
        report.settings.processors = "ecg".into();
        let svg = to_string(&report);
        assert_eq!(count(&svg, "kept") + count(&svg, "pruned"), 3 * report.strips.len());
        assert!(!svg.contains("Reverb"));
    }

    #[test]
    fn every_name_is_there_in_full_whatever_it_holds() {
        let report = fixture::song();
        let svg = to_string(&report);
        let document = roxmltree::Document::parse(&svg).unwrap();
        let titles: Vec<&str> =
            document.descendants().filter(|n| n.has_tag_name("title")).filter_map(|n| n.text()).collect();
        for strip in &report.strips {
            assert!(titles.contains(&strip.name.as_str()), "{}", strip.name);
        }
    }

    #[test]
    fn a_picture_of_nothing_is_still_a_picture() {
        let mut report = fixture::of_size(1);
        report.strips.clear();
        report.settings.processors.clear();
        assert_eq!(count(&to_string(&report), "kept"), 0);
    }

    #[test]
    fn all_that_is_drawn_lies_within_the_picture() {
        let svg = to_string(&fixture::of_size(130));
        let document = roxmltree::Document::parse(&svg).unwrap();
        let number = |n: &roxmltree::Node, name| n.attribute(name).and_then(|v| v.parse::<f64>().ok());
        let root = document.root_element();
        let (width, height) = (number(&root, "width").unwrap(), number(&root, "height").unwrap());
        for node in document.descendants() {
            let (Some(x), Some(y)) = (number(&node, "x"), number(&node, "y")) else { continue };
            let right = x + number(&node, "width").unwrap_or(0.0);
            let bottom = y + number(&node, "height").unwrap_or(0.0);
            assert!(x >= 0.0 && y >= 0.0 && right <= width && bottom <= height);
        }
    }
}

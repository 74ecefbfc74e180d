//! `graph.svg`: the pruned graph as a picture.
//!
//! Lines show the signal's way from the stems to the output, boxes the processors: in rows and columns where the graph is
//! a [`console`], by depth where it is [`any`] other. Colours are presentation attributes with classes beside them, so
//! that a page that holds the picture can restyle it, and the picture alone stands on a ground of its own.

mod any;
mod console;

use std::fmt::{self, Write};

use crate::findings::{CONSOLE, ProcessorView, Report, StripView};
use crate::graph::Role;
use crate::pages::escape::{markup, truncated};
use crate::processors::Look;
use crate::units::percent;
use crate::words::facts;
use crate::words::processor_phrase::describe;
use crate::words::wiring::Wiring;

const PAD: f64 = 24.0;
const NAMES: f64 = 208.0;
const BOX: (f64, f64) = (64.0, 22.0);
const ROW: f64 = 32.0;
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
    let wiring = Wiring::of(report);
    let drawn = match wiring.drawn() {
        None => console::draw(report),
        Some(graph) => any::draw(report, graph),
    };
    let mut svg = String::new();
    // Writing to a string cannot fail.
    let _ = drawn.and_then(|sheet| sheet.frame(&mut svg));
    svg
}

/// The picture while it grows downwards.
struct Sheet<'a> {
    report: &'a Report,
    width: f64,
    /// Where the next row begins.
    y: f64,
    panels: String,
    wires: String,
    boxes: String,
    names: String,
    /// What stands above the columns.
    titles: String,
}

impl<'a> Sheet<'a> {
    fn new(report: &'a Report) -> Self {
        let part = String::new;
        Self {
            report,
            width: 0.0,
            y: HEAD,
            panels: part(),
            wires: part(),
            boxes: part(),
            names: part(),
            titles: part(),
        }
    }

    /// Where chains begin.
    fn left(&self) -> f64 {
        PAD + NAMES
    }

    /// True if what is missing was pruned, as far as a report can tell.
    fn began_with_console(&self) -> bool {
        self.report.settings.start == CONSOLE
    }

    /// The ground of what belongs together, from `top` to `bottom` and as wide as to `right`.
    fn panel(&mut self, top: f64, bottom: f64, right: f64) -> fmt::Result {
        let (x, width, height) = (PAD - 12.0, right + 12.0 - PAD, bottom - top);
        writeln!(self.panels, r#"<rect x="{x}" y="{top}" width="{width}" height="{height}" rx="8"/>"#)
    }

    /// A strip's name in the row at `y`.
    fn name(&mut self, strip: &StripView, y: f64) -> fmt::Result {
        let weight = if strip.role == Role::Track { 400 } else { 650 };
        let (x, baseline) = (PAD, y + 4.5);
        writeln!(
            self.names,
            r#"<text x="{x}" y="{baseline}" font-weight="{weight}">{}<title>{}</title></text>"#,
            markup(&truncated(&strip.name, 26)),
            markup(&strip.name)
        )
    }

    /// A dot on a line: where a stem comes in, or lines meet.
    fn dot(&mut self, x: f64, y: f64, size: f64) -> fmt::Result {
        writeln!(self.wires, r#"<path d="M{x} {y}h.01" stroke-width="{size}"/>"#)
    }

    /// A processor's box around a point, filled as far as it is wet.
    fn processor(&mut self, (x, y): (f64, f64), processor: &ProcessorView) -> fmt::Result {
        let look @ Look { colour, .. } = processor.kind().look();
        let (label, class) = (look.label(), look.class());
        let strength = 0.08 + 0.57 * processor.wet.clamp(0.0, 1.0);
        let (rect, baseline) = (rect(x, y), y + 4.0);
        writeln!(
            self.boxes,
            r##"<g class="kept {class}"><title>{} · {} wet</title><rect class="paper" {rect} fill="#fff"/><rect {rect} fill="{colour}" fill-opacity="{strength:.2}" stroke="{colour}" stroke-width="1.4"/><text class="ink" x="{x}" y="{baseline}" fill="#1b1d21">{label}</text></g>"##,
            markup(&describe(processor)),
            percent(processor.wet)
        )
    }

    /// The arrow that leaves the picture.
    fn output(&mut self, x: f64, y: f64) -> fmt::Result {
        let tip = x + 24.0;
        writeln!(self.wires, r#"<path d="M{x} {y}H{tip}m-5 -4l5 4l-5 4"/>"#)?;
        let (label, baseline) = (tip + 7.0, y + 4.5);
        writeln!(self.names, r#"<text x="{label}" y="{baseline}" font-weight="650">mix</text>"#)
    }

    /// The whole document around what was drawn.
    fn frame(&self, svg: &mut String) -> fmt::Result {
        let (width, height, report) = (self.width, self.y + FOOT, self.report);
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
        let pruned = facts::pruned(&report.pruning);
        writeln!(svg, r##"<text class="muted" x="{PAD}" y="56" fill="#666b74">{pruned}</text>"##)?;
        writeln!(
            svg,
            r##"<g class="muted" fill="#666b74" font-size="10.5" text-anchor="middle">{}</g>"##,
            self.titles
        )?;
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
        let shown = if self.began_with_console() { 3 } else { 2 };
        for (offset, text, style) in boxes.into_iter().take(shown) {
            let x = PAD + offset;
            let (top, label, baseline) = (y - 6.0, x + 26.0, y + 4.0);
            writeln!(svg, r#"<rect x="{x}" y="{top}" width="20" height="12" rx="3" {style}/>"#)?;
            writeln!(svg, r#"<text x="{label}" y="{baseline}">{text}</text>"#)?;
        }
        writeln!(svg, "</g>")
    }
}

/// The attributes of a box around a point.
fn rect(x: f64, y: f64) -> String {
    let (width, height) = BOX;
    let (x, y) = (x - width / 2.0, y - height / 2.0);
    format!(r#"x="{x}" y="{y}" width="{width}" height="{height}" rx="5""#)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture;

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
    fn a_graph_that_is_no_console_has_a_box_a_processor_and_no_pruned_place() {
        let report = fixture::parallel();
        let svg = to_string(&report);
        assert_eq!(count(&svg, "kept"), 5);
        assert_eq!(count(&svg, "pruned"), 0);
        assert!(!svg.contains("pruned</text>"));
        for strip in &report.strips {
            assert!(svg.contains(&format!("<title>{}</title>", strip.name)));
        }
    }

    #[test]
    fn what_a_console_of_unknown_beginning_lacks_is_not_called_pruned() {
        let mut report = fixture::song();
        report.settings.start = "graph mine.json".into();
        let svg = to_string(&report);
        assert_eq!(count(&svg, "kept"), report.strips.iter().map(|s| s.chain.len()).sum::<usize>());
        assert_eq!(count(&svg, "pruned"), 0);
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
        for report in [fixture::of_size(130), fixture::parallel()] {
            assert_all_within(&to_string(&report));
        }
    }

    fn assert_all_within(svg: &str) {
        let document = roxmltree::Document::parse(svg).unwrap();
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

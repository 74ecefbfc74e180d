//! `tolerance.svg`: match increase against the share pruned, a line a method.

use std::fmt::{self, Write};

use super::axis::Axis;
use crate::pages::escape::{markup, truncated};
use crate::pages::svg::FONT;
use crate::search::Method;
use crate::units::fixed;

/// A method's line.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// The method.
    pub method: Method,
    /// Tolerances rising.
    pub points: Vec<Point>,
}

/// What a tolerance came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// The tolerance.
    pub tolerance: f64,
    /// Share of the processors that was removed, 0…1.
    pub ratio: f64,
    /// How much the match rose above the console's.
    pub increase: f64,
}

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 520.0;
const LEFT: f64 = 78.0;
const RIGHT: f64 = 724.0;
const TOP: f64 = 84.0;
const BOTTOM: f64 = 452.0;
/// Size of a point's label, and the mean width of its characters.
const LABEL: f64 = 11.0;
const CHARACTER: f64 = 6.4;
/// Points nearer than this share a label.
const SAME: f64 = 3.0;

/// The picture as an SVG document.
pub fn to_string(title: &str, curves: &[Curve]) -> String {
    let mut svg = String::new();
    // Writing to a string cannot fail.
    let _ = draw(&mut svg, title, curves);
    svg
}

fn draw(svg: &mut String, title: &str, curves: &[Curve]) -> fmt::Result {
    let points = || curves.iter().flat_map(|c| &c.points);
    let x = Axis::over(points().map(|p| 100.0 * p.ratio), 1.0, (LEFT, RIGHT));
    let y = Axis::over(points().map(|p| p.increase).chain([0.0]), 0.001, (BOTTOM, TOP));
    writeln!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" font-family="{FONT}" font-size="13">"#
    )?;
    writeln!(svg, "<title>{}: tolerance, match and processors</title>", markup(title))?;
    writeln!(svg, r##"<rect width="{WIDTH}" height="{HEIGHT}" rx="10" fill="#fcfcfb"/>"##)?;
    writeln!(
        svg,
        r##"<text x="24" y="36" font-size="17" font-weight="650" fill="#1b1d21">{}</text>"##,
        markup(&truncated(title, 80))
    )?;
    axes(svg, &x, &y)?;
    let places: Vec<Vec<(f64, f64)>> = curves
        .iter()
        .map(|c| c.points.iter().map(|p| (x.at(100.0 * p.ratio), y.at(p.increase))).collect())
        .collect();
    let mut taken: Vec<Area> = places.iter().flatten().map(|&(x, y)| Area::around(x, y, 5.0, 5.0)).collect();
    let mut legend = 24.0;
    for (curve, places) in curves.iter().zip(&places) {
        let (name, colour) = style(curve.method);
        let line: Vec<String> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        writeln!(
            svg,
            r#"<polyline points="{}" fill="none" stroke="{colour}" {} stroke-linejoin="round"/>"#,
            line.join(" "),
            stroke(curve.method)
        )?;
        for &(x, y) in places {
            mark(svg, curve.method, x, y)?;
        }
        writeln!(svg, r#"<path d="M{legend} 57h28" stroke="{colour}" {}/>"#, stroke(curve.method))?;
        mark(svg, curve.method, legend + 14.0, 57.0)?;
        writeln!(svg, r##"<text x="{}" y="61.5" fill="#1b1d21">{name}</text>"##, legend + 36.0)?;
        legend += 62.0 + 7.2 * name.len() as f64;
    }
    writeln!(svg, r##"<text x="{legend}" y="61.5" fill="#666b74">points are labelled by tolerance</text>"##)?;
    for (curve, places) in curves.iter().zip(&places) {
        labels(svg, curve, places, &mut taken)?;
    }
    writeln!(svg, "</svg>")
}

fn axes(svg: &mut String, x: &Axis, y: &Axis) -> fmt::Result {
    writeln!(svg, r##"<g stroke="#e3e3df">"##)?;
    for tick in y.ticks() {
        writeln!(svg, r#"<path d="M{LEFT} {0:.1}H{RIGHT}"/>"#, y.at(tick))?;
    }
    for tick in x.ticks() {
        writeln!(svg, r#"<path d="M{:.1} {TOP}V{BOTTOM}"/>"#, x.at(tick))?;
    }
    writeln!(svg, r##"<path d="M{LEFT} {:.1}H{RIGHT}" stroke="#8b919b"/></g>"##, y.at(0.0))?;
    writeln!(svg, r##"<g fill="#666b74" font-size="12">"##)?;
    for tick in y.ticks() {
        let (at, text) = (y.at(tick) + 4.0, fixed(tick, y.decimals()));
        writeln!(svg, r#"<text x="{}" y="{at:.1}" text-anchor="end">{text}</text>"#, LEFT - 8.0)?;
    }
    for tick in x.ticks() {
        let (at, text) = (x.at(tick), fixed(tick, x.decimals()));
        writeln!(svg, r#"<text x="{at:.1}" y="{}" text-anchor="middle">{text}</text>"#, BOTTOM + 20.0)?;
    }
    writeln!(svg, r##"</g><g fill="#1b1d21" text-anchor="middle">"##)?;
    let (middle, below) = ((LEFT + RIGHT) / 2.0, BOTTOM + 46.0);
    writeln!(svg, r#"<text x="{middle}" y="{below}">processors pruned, %</text>"#)?;
    let middle = (TOP + BOTTOM) / 2.0;
    writeln!(
        svg,
        r#"<text transform="translate(24 {middle})rotate(-90)">match increase over the console</text></g>"#
    )
}

/// The name and colour of a method.
fn style(method: Method) -> (&'static str, &'static str) {
    match method {
        Method::BruteForce => ("brute force", "#3f7fd0"),
        Method::DryWet => ("dry/wet", "#d0693c"),
        Method::Hybrid => ("hybrid", "#2d9488"),
        Method::None => ("none", "#8b919b"),
    }
}

/// The stroke of a method's line: those drawn later leave those below them to be seen.
fn stroke(method: Method) -> &'static str {
    match method {
        Method::DryWet => r#"stroke-width="2.8""#,
        Method::Hybrid => r#"stroke-width="1.6" stroke-dasharray="5 4""#,
        Method::BruteForce | Method::None => r#"stroke-width="1.8""#,
    }
}

/// A point: a shape of its own for every method, so that they can be told apart without colour.
fn mark(svg: &mut String, method: Method, x: f64, y: f64) -> fmt::Result {
    let shape = match method {
        Method::BruteForce | Method::None => "m-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0z",
        Method::DryWet => "m-5.5 -5.5h11v11h-11z",
        Method::Hybrid => "m0 -4.8l4.8 4.8l-4.8 4.8l-4.8 -4.8z",
    };
    let colour = style(method).1;
    writeln!(
        svg,
        r##"<path d="M{x:.1} {y:.1}{shape}" fill="{colour}" stroke="#fcfcfb" stroke-width="1.2"/>"##
    )
}

/// Every point's tolerance, where nothing else is written.
fn labels(svg: &mut String, curve: &Curve, places: &[(f64, f64)], taken: &mut Vec<Area>) -> fmt::Result {
    let mut groups: Vec<((f64, f64), Vec<String>)> = Vec::new();
    for (&(x, y), point) in places.iter().zip(&curve.points) {
        let near = |at: &(f64, f64)| (at.0 - x).hypot(at.1 - y) < SAME;
        match groups.iter_mut().find(|(at, _)| near(at)) {
            Some((_, texts)) => texts.push(point.tolerance.to_string()),
            None => groups.push(((x, y), vec![point.tolerance.to_string()])),
        }
    }
    let colour = style(curve.method).1;
    for ((x, y), texts) in groups {
        let text = texts.join(", ");
        let area = Area::beside(x, y, CHARACTER * text.len() as f64, taken);
        let (left, baseline) = (area.left + 1.0, area.bottom - 2.5);
        // Where it had to go farther away, a line leads to it.
        let (middle, level) = ((area.left + area.right) / 2.0, (area.top + area.bottom) / 2.0);
        let (to_x, to_y) = (x.clamp(area.left, area.right), y.clamp(area.top, area.bottom));
        if (to_x - x).hypot(to_y - y) > 12.0 {
            let (to_x, to_y) = (0.6 * to_x + 0.4 * middle, 0.6 * to_y + 0.4 * level);
            writeln!(
                svg,
                r#"<path d="M{x:.1} {y:.1}L{to_x:.1} {to_y:.1}" stroke="{colour}" stroke-width=".7"/>"#
            )?;
        }
        // A ground of its own, so that lines below it do not strike it out.
        let Area { left: x, top: y, .. } = area;
        let (width, height) = (area.right - area.left, area.bottom - area.top);
        writeln!(
            svg,
            r##"<rect x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}" rx="3" fill="#fcfcfb" fill-opacity=".8"/>"##
        )?;
        writeln!(
            svg,
            r#"<text x="{left:.1}" y="{baseline:.1}" font-size="{LABEL}" fill="{colour}">{text}</text>"#
        )?;
        taken.push(area);
    }
    Ok(())
}

/// A part of the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Area {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl Area {
    fn around(x: f64, y: f64, half_width: f64, half_height: f64) -> Self {
        Self { left: x - half_width, right: x + half_width, top: y - half_height, bottom: y + half_height }
    }

    /// How much of it another covers.
    fn shared(&self, other: &Self) -> f64 {
        let width = (self.right.min(other.right) - self.left.max(other.left)).max(0.0);
        width * (self.bottom.min(other.bottom) - self.top.max(other.top)).max(0.0)
    }

    fn is_outside(&self) -> bool {
        self.left < LEFT + 2.0 || self.right > WIDTH - 8.0 || self.top < TOP - 14.0 || self.bottom > BOTTOM
    }

    /// The room for a label near a point that covers least of what is taken: as near as may be, first above, then around.
    fn beside(x: f64, y: f64, width: f64, taken: &[Area]) -> Self {
        let (w, h) = (width / 2.0, LABEL / 2.0 + 1.0);
        let around = [12.0, 20.0, 30.0, 42.0, 56.0].into_iter().flat_map(|far| {
            [-90.0, 90.0, -45.0, -135.0, 45.0, 135.0, 0.0, 180.0].map(|angle: f64| {
                let (sin, cos) = angle.to_radians().sin_cos();
                Area::around(x + cos * (far + w - 4.0), y + sin * far, w, h)
            })
        });
        let cost = |area: &Area| {
            let covered: f64 = taken.iter().map(|other| area.shared(other)).sum();
            covered + if area.is_outside() { 1e6 } else { 0.0 }
        };
        // The first of the cheapest is the nearest.
        let best = around.map(|area| (cost(&area), area)).reduce(|a, b| if b.0 < a.0 { b } else { a });
        best.map_or(Area::around(x, y, w, h), |(_, area)| area)
    }
}

#[cfg(test)]
mod tests {
    use super::super::experiment::{METHODS, TOLERANCES};
    use super::*;

    /// Lines that run close together, some points at the same place.
    fn curves() -> Vec<Curve> {
        let curve = |(i, method): (usize, Method)| Curve {
            method,
            points: TOLERANCES
                .iter()
                .map(|&tolerance| Point {
                    tolerance,
                    ratio: (0.5 + 0.04 * i as f64 + (tolerance * 20.0).ln_1p() * 0.2).min(0.93),
                    increase: 0.8 * tolerance - 0.01,
                })
                .collect(),
        };
        METHODS.into_iter().enumerate().map(curve).collect()
    }

    #[test]
    fn every_tolerance_of_every_method_is_written_once() {
        let svg = to_string("tiny <mix>", &curves());
        let document = roxmltree::Document::parse(&svg).unwrap();
        for method in METHODS {
            let colour = style(method).1;
            let labels = document
                .descendants()
                .filter(|n| n.has_tag_name("text") && n.attribute("fill") == Some(colour));
            let written: Vec<f64> =
                labels.flat_map(|n| n.text().unwrap().split(", ")).map(|t| t.parse().unwrap()).collect();
            assert_eq!(written, TOLERANCES, "{method:?}");
        }
    }

    #[test]
    fn in_a_crowd_of_points_no_label_covers_another() {
        let mut taken = Vec::new();
        for i in 0..14 {
            let area = Area::beside(300.0 + 3.0 * f64::from(i), 200.0, 30.0, &taken);
            assert!(taken.iter().all(|other| area.shared(other) == 0.0), "label {i}");
            taken.push(area);
        }
    }

    #[test]
    fn a_plot_of_nothing_is_still_a_plot() {
        let empty = METHODS.map(|method| Curve { method, points: vec![] });
        let svg = to_string("nothing", &empty);
        assert!(roxmltree::Document::parse(&svg).is_ok());
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
    }
}

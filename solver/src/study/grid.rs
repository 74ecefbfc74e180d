//! `seeds-SONG.svg`: strips by kinds, shaded by the share of runs that kept the processor, over the match of every run.

use std::fmt::{self, Write};

use super::axis::Axis;
use super::kept::Shares;
use crate::graph::Role;
use crate::pages::escape::{markup, truncated};
use crate::pages::svg::FONT;
use crate::units;
use crate::units::fixed;

const PAD: f64 = 24.0;
const NAMES: f64 = 208.0;
const COLUMN: f64 = 96.0;
const ROW: f64 = 30.0;
const HEAD: f64 = 96.0;
/// Below the last strip: the match of every run.
const FOOT: f64 = 128.0;
/// Where shading is dark enough for light figures.
const DARK: f64 = 0.6;

/// The picture as an SVG document.
pub fn to_string(title: &str, shares: &Shares) -> String {
    let mut svg = String::new();
    // Writing to a string cannot fail.
    let _ = draw(&mut svg, title, shares);
    svg
}

fn draw(svg: &mut String, title: &str, shares: &Shares) -> fmt::Result {
    let left = PAD + NAMES;
    let right = left + COLUMN * shares.kinds.len() as f64;
    let bottom = HEAD + ROW * shares.strips.len() as f64;
    let (width, height) = (right + PAD, bottom + FOOT);
    writeln!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" font-family="{FONT}" font-size="13">"#
    )?;
    writeln!(svg, "<title>{}: what the runs kept</title>", markup(title))?;
    writeln!(svg, r##"<rect width="{width}" height="{height}" rx="10" fill="#fcfcfb"/>"##)?;
    writeln!(
        svg,
        r##"<text x="{PAD}" y="36" font-size="17" font-weight="650" fill="#1b1d21">{}</text>"##,
        markup(&truncated(title, ((width - 2.0 * PAD) / 10.0) as usize))
    )?;
    writeln!(
        svg,
        r##"<text x="{PAD}" y="56" fill="#666b74">share of {} that kept the processor, %</text>"##,
        units::count(shares.runs, "run")
    )?;
    writeln!(svg, r##"<g fill="#666b74" font-size="12" text-anchor="middle">"##)?;
    for (i, &kind) in shares.kinds.iter().enumerate() {
        let (x, y) = (left + COLUMN * (i as f64 + 0.5), HEAD - 10.0);
        writeln!(svg, r#"<text x="{x}" y="{y}">{}</text>"#, kind.look().title)?;
    }
    writeln!(svg, "</g>")?;
    for (i, strip) in shares.strips.iter().enumerate() {
        let top = HEAD + ROW * i as f64;
        let baseline = top + ROW / 2.0 + 4.5;
        let weight = if strip.role == Role::Track { 400 } else { 650 };
        writeln!(
            svg,
            r##"<text x="{PAD}" y="{baseline}" font-weight="{weight}" fill="#1b1d21">{}<title>{}</title></text>"##,
            markup(&truncated(&strip.name, 26)),
            markup(&strip.name)
        )?;
        for (k, (&share, &kind)) in strip.shares.iter().zip(&shares.kinds).enumerate() {
            let x = left + COLUMN * k as f64;
            let ink = if share > DARK { "#ffffff" } else { "#1b1d21" };
            writeln!(
                svg,
                r##"<g class="share"><title>{}, {}</title><rect x="{}" y="{}" width="{}" height="{}" rx="3" fill="#ececea"/><rect x="{}" y="{}" width="{}" height="{}" rx="3" fill="#2a5f9e" fill-opacity="{share:.3}"/><text x="{}" y="{baseline}" text-anchor="middle" fill="{ink}">{}</text></g>"##,
                markup(&strip.name),
                kind.look().title,
                x + 1.5,
                top + 1.5,
                COLUMN - 3.0,
                ROW - 3.0,
                x + 1.5,
                top + 1.5,
                COLUMN - 3.0,
                ROW - 3.0,
                x + COLUMN / 2.0,
                fixed(100.0 * share, 0)
            )?;
        }
    }
    matches(svg, shares, (left, right - 8.0), bottom)?;
    writeln!(svg, "</svg>")
}

/// The match of every run as a point on an axis, the pruned one above the console's.
fn matches(svg: &mut String, shares: &Shares, pixels: (f64, f64), top: f64) -> fmt::Result {
    let all = shares.matches.iter().flat_map(|&(console, pruned)| [console, pruned]);
    let axis = Axis::over(all, 0.001, pixels);
    let (pruned, console, line) = (top + 34.0, top + 58.0, top + 76.0);
    writeln!(svg, r##"<g fill="#1b1d21">"##)?;
    writeln!(svg, r#"<text x="{PAD}" y="{}">match of each run, pruned</text>"#, pruned + 4.5)?;
    writeln!(svg, r#"<text x="{PAD}" y="{}">full console</text></g>"#, console + 4.5)?;
    writeln!(svg, r##"<g stroke="#e3e3df">"##)?;
    for tick in axis.ticks() {
        writeln!(svg, r#"<path d="M{:.1} {}V{line}"/>"#, axis.at(tick), top + 18.0)?;
    }
    writeln!(svg, r##"<path d="M{} {line}H{}" stroke="#8b919b"/></g>"##, pixels.0, pixels.1)?;
    writeln!(svg, r##"<g fill="#666b74" font-size="12" text-anchor="middle">"##)?;
    for tick in axis.ticks() {
        let (x, text) = (axis.at(tick), fixed(tick, axis.decimals()));
        writeln!(svg, r#"<text x="{x:.1}" y="{}">{text}</text>"#, line + 18.0)?;
    }
    writeln!(svg, "</g>")?;
    for (y, fill, of) in [(pruned, "#2a5f9e", true), (console, "#fcfcfb", false)] {
        writeln!(svg, r##"<g fill="{fill}" fill-opacity=".7" stroke="#2a5f9e" stroke-width="1.3">"##)?;
        for m in &shares.matches {
            let x = axis.at(if of { m.1 } else { m.0 });
            writeln!(svg, r#"<circle class="run" cx="{x:.1}" cy="{y}" r="5"/>"#)?;
        }
        writeln!(svg, "</g>")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::kept::Strip;
    use super::*;
    use crate::processors::Kind;

    fn shares(kinds: &[Kind]) -> Shares {
        let strip = |name: &str, role, step: f64| Strip {
            name: name.into(),
            role,
            shares: (0..kinds.len()).map(|i| (i as f64 * step).min(1.0)).collect(),
        };
        Shares {
            runs: 4,
            kinds: kinds.to_vec(),
            strips: vec![strip("Kick <in>", Role::Track, 0.25), strip(&"long ".repeat(40), Role::Group, 0.5)],
            matches: vec![(0.41, 0.42), (0.405, 0.43), (0.4, 0.425), (0.4, 0.5)],
        }
    }

    #[test]
    fn every_share_is_written_in_its_place_and_every_run_is_a_point() {
        let shares = shares(&Kind::ALL);
        let svg = to_string("A & B", &shares);
        let document = roxmltree::Document::parse(&svg).unwrap();
        let of = |class| document.descendants().filter(move |n| n.attribute("class") == Some(class));
        let texts: Vec<_> = of("share").map(|g| g.last_element_child().unwrap().text().unwrap()).collect();
        assert_eq!(texts[..7], ["0", "25", "50", "75", "100", "100", "100"]);
        assert_eq!(texts[7..], ["0", "50", "100", "100", "100", "100", "100"]);
        assert_eq!(of("run").count(), 2 * shares.matches.len());
        let width: f64 = document.root_element().attribute("width").unwrap().parse().unwrap();
        let places = of("run").map(|n| n.attribute("cx").unwrap().parse::<f64>().unwrap());
        assert!(places.into_iter().all(|x| x > PAD + NAMES - 6.0 && x < width - PAD));
    }

    #[test]
    fn a_grid_of_one_run_and_kind_is_still_a_grid() {
        let mut shares = shares(&[Kind::GainPan]);
        shares.matches.truncate(1);
        let svg = to_string("one", &shares);
        assert!(roxmltree::Document::parse(&svg).is_ok() && !svg.contains("NaN"));
    }
}

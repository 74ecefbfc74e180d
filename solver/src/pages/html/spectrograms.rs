//! Mix, match and their difference by frequency and time.

use std::fmt::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::open;
use crate::pages::plots::times;
use crate::pages::spectrogram::{DIFFERENCE_DB, DIFFERENCES, LEVELS, Pictures, RANGE_DB, SPAN_HZ};
use crate::units::{clock, fixed, hertz};

/// Frequencies that are marked, Hz.
const MARKS: [f64; 5] = [100.0, 300.0, 1000.0, 3000.0, 10_000.0];

pub(super) fn write(page: &mut String, pictures: &Pictures) -> fmt::Result {
    open(page, "spectrograms", "Spectrograms")?;
    let levels =
        bar(&gradient(LEVELS.iter().map(|&colour| (colour, 1.0))), &[-RANGE_DB, -RANGE_DB / 2.0, 0.0]);
    let [lacks, exceeds] = DIFFERENCES;
    let stops = [(lacks, 1.0), (lacks, 0.0), (exceeds, 0.0), (exceeds, 1.0)];
    let differences = bar(
        &format!(
            "linear-gradient(to right,{},{} 50%,{} 50%,{})",
            rgba(stops[0]),
            rgba(stops[1]),
            rgba(stops[2]),
            rgba(stops[3])
        ),
        &[-DIFFERENCE_DB, 0.0, DIFFERENCE_DB],
    );
    let span = SPAN_HZ.map(hertz).join(" to ");
    let of_levels = format!("spectrogram, {span}, levels below the mix's loudest");
    picture(page, pictures, ("Mix", &format!("The mix: {of_levels}")), &pictures.mix, &levels)?;
    picture(page, pictures, ("Match", &format!("The match: {of_levels}")), &pictures.found, &levels)?;
    let of_difference = format!(
        "The match's levels against the mix's, {span}: blue where it lacks, orange where it has too much"
    );
    picture(page, pictures, ("Match against mix", &of_difference), &pictures.difference, &differences)?;
    writeln!(
        page,
        "<p class=\"note\">Energy of both channels in bands of a 24th octave. In the last picture, blue is what the match lacks \
         and orange what it has too much of; what is quieter than {} dB in both counts as equal.</p></section>",
        fixed(-RANGE_DB, 0)
    )
}

fn picture(
    page: &mut String,
    pictures: &Pictures,
    (title, told): (&str, &str),
    file: &[u8],
    bar: &str,
) -> fmt::Result {
    let data = STANDARD.encode(file);
    writeln!(
        page,
        "<figure class=\"spectrogram paper-card\"><figcaption>{title}{bar}</figcaption><div class=\"canvas\">"
    )?;
    writeln!(
        page,
        "<img alt=\"{told}\" width=\"900\" height=\"220\" src=\"data:image/png;base64,{data}\"/>"
    )?;
    let [lowest, highest] = SPAN_HZ;
    for hz in MARKS {
        let place = fixed(100.0 * (hz / lowest).ln() / (highest / lowest).ln(), 2);
        let text = hertz(hz).replace(" kHz", "k").replace(" Hz", "");
        writeln!(page, "<span class=\"hz\" style=\"bottom:{place}%\">{text}</span>")?;
    }
    for s in times(pictures.seconds, 7) {
        let place = fixed(100.0 * s / pictures.seconds.max(1e-3), 2);
        writeln!(page, "<span class=\"time\" style=\"left:{place}%\">{}</span>", clock(s))?;
    }
    writeln!(page, "</div></figure>")
}

/// A bar of colours with the levels at its ends and in its middle, dB.
fn bar(gradient: &str, levels: &[f64; 3]) -> String {
    let marks: String = levels.iter().map(|&db| format!("<span>{}</span>", fixed(db, 0))).collect();
    format!(
        "<span class=\"colours\"><span class=\"ramp\" style=\"background:{gradient}\"></span><span class=\"marks\">{marks}</span><span class=\"unit\">dB</span></span>"
    )
}

fn gradient(stops: impl Iterator<Item = ([u8; 3], f64)>) -> String {
    format!("linear-gradient(to right,{})", stops.map(rgba).collect::<Vec<_>>().join(","))
}

fn rgba(([red, green, blue], opacity): ([u8; 3], f64)) -> String {
    format!("rgba({red},{green},{blue},{opacity})")
}

//! All settings as a table: a line a parameter (RFC 4180).

use crate::bands::{Band, Bands, Shape};
use crate::findings::{ProcessorView, Report};
use crate::pages::escape;
use crate::processors::{Cell, Holds, Settings, Value};

/// The columns.
pub const HEAD: [&str; 8] = ["strip", "role", "group", "place", "kind", "parameter", "value", "unit"];

/// A parameter of a processor.
struct Parameter {
    name: String,
    value: String,
    unit: &'static str,
}

/// The table of a report. A strip without processors has a line with no more than its name.
pub fn to_string(report: &Report) -> String {
    let mut table = line(&HEAD.map(str::to_owned));
    for strip in &report.strips {
        let head = [&strip.name, strip.role.name(), strip.group.as_deref().unwrap_or_default()];
        let mut add = |rest: [&str; 5]| {
            let cells: Vec<String> = head.iter().chain(&rest).map(|cell| cell.to_string()).collect();
            table += &line(&cells);
        };
        match strip.heard {
            Some(heard) => add(["", "", "heard", &heard.to_string(), ""]),
            None if strip.chain.is_empty() => add([""; 5]),
            None => {}
        }
        for Parameter { name, value, unit } in strip.tone.iter().flat_map(bands) {
            add(["", "tone", &name, &value, unit]);
        }
        for (place, processor) in strip.chain.iter().enumerate() {
            for Parameter { name, value, unit } in parameters(processor) {
                add([&(place + 1).to_string(), processor.kind().name(), &name, &value, unit]);
            }
        }
    }
    table
}

fn line(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| escape::csv(cell)).collect();
    cells.join(",") + "\r\n"
}

fn parameters(processor: &ProcessorView) -> Vec<Parameter> {
    let mut all = vec![number("wet", processor.wet, "")];
    all.extend(processor.matters.map(|matters| number("matters", matters, "match")));
    all.extend(processor.from.as_ref().map(|from| text("send from".into(), from)));
    all.extend(processor.kept_in_runs.map(|share| number("kept in runs", share, "")));
    all.extend(settings(&processor.settings));
    all.extend(processor.bands.iter().flat_map(bands));
    if let Some(reduction) = processor.reduction {
        all.push(number("median reduction", reduction.median_db, "dB"));
        all.push(number("largest reduction", reduction.max_db, "dB"));
    }
    all
}

/// The figures of a processor: numbers first, then lists.
fn settings(settings: &Settings) -> Vec<Parameter> {
    let numbers = settings.all_numbers();
    let mut all: Vec<_> =
        numbers.map(|(figure, unit, value)| number(figure.column, value, unit.symbol())).collect();
    for (figure, value) in settings.figures() {
        match (figure.holds, value) {
            (Holds::Curve { over, of, .. }, Value::Curve(curve)) => {
                let at = over.unit().symbol();
                let point = |(x, y)| number(format!("{} at {x} {at}", figure.column), y, of.unit().symbol());
                all.extend(curve.points().map(point));
            }
            (Holds::Rows { columns, .. }, Value::Rows(rows)) => {
                for (i, row) in rows.iter().enumerate() {
                    all.extend(columns.iter().zip(row).filter_map(|(column, cell)| {
                        let name = format!("{} {} {}", figure.column, i + 1, column.column);
                        match cell {
                            Cell::Number(value) => Some(number(name, *value, column.unit().symbol())),
                            Cell::Text(word) => Some(text(name, word)),
                            Cell::Empty => None,
                        }
                    }));
                }
            }
            _ => {}
        }
    }
    all
}

fn bands(bands: &Bands) -> Vec<Parameter> {
    let band = |(i, band): (usize, &Band)| {
        let name = |what: &str| format!("band {} {what}", i + 1);
        [
            text(name("type"), shape(band.shape)),
            number(name("frequency"), band.hz, "Hz"),
            number(name("gain"), band.db, "dB"),
            number(name("q"), band.q, ""),
        ]
    };
    let mut all: Vec<Parameter> = bands.bands.iter().enumerate().flat_map(band).collect();
    all.push(number("bands level", bands.bands_level_db, "dB"));
    all.push(number("bands residual", bands.bands_residual_db, "dB"));
    all
}

/// The name in `report.json`.
fn shape(shape: Shape) -> &'static str {
    match shape {
        Shape::HighPass => "high_pass",
        Shape::LowShelf => "low_shelf",
        Shape::Bell => "bell",
        Shape::HighShelf => "high_shelf",
        Shape::LowPass => "low_pass",
    }
}

fn number(name: impl Into<String>, value: f64, unit: &'static str) -> Parameter {
    Parameter { name: name.into(), value: value.to_string(), unit }
}

fn text(name: String, value: &str) -> Parameter {
    Parameter { name, value: value.to_owned(), unit: "" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::{StripView, fixture};
    use crate::processors::Kind;

    /// The table read back by a reader that is not ours.
    fn read(report: &Report) -> Vec<Vec<String>> {
        let table = to_string(report);
        let mut reader = ::csv::Reader::from_reader(table.as_bytes());
        assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>(), HEAD);
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    /// The value of a parameter in a row of the strip at this place.
    fn value<'a>(rows: &'a [Vec<String>], strip: &StripView, place: usize, parameter: &str) -> &'a str {
        let place = (place + 1).to_string();
        let is = |row: &&Vec<String>| {
            row[0] == strip.name && row[1] == strip.role.name() && row[3] == place && row[5] == parameter
        };
        &rows.iter().find(is).unwrap()[6]
    }

    #[test]
    fn every_setting_can_be_read_back_from_its_row() {
        let report = fixture::song();
        let rows = read(&report);
        for strip in &report.strips {
            for (place, processor) in strip.chain.iter().enumerate() {
                let found = |parameter: &str| value(&rows, strip, place, parameter).parse::<f64>().unwrap();
                assert_eq!(found("wet"), processor.wet);
                for (figure, _, value) in processor.settings.all_numbers() {
                    assert_eq!(found(figure.column), value);
                }
                match processor.kind() {
                    Kind::Compressor => {
                        assert_eq!(found("threshold"), processor.settings.number("threshold_db"));
                        assert_eq!(found("largest reduction"), processor.reduction.unwrap().max_db);
                    }
                    Kind::MultitapDelay => {
                        assert_eq!(found("tap 4 time"), 500.1);
                        assert_eq!(value(&rows, strip, place, "tap 4 channel"), "right");
                    }
                    Kind::Equalizer => {
                        let response = processor.settings.curve("response");
                        assert_eq!(found("response at 31.5 Hz"), response.of[2]);
                        let band = processor.bands.as_ref().unwrap().bands[1];
                        assert_eq!((found("band 2 frequency"), found("band 2 q")), (band.hz, band.q));
                        assert_eq!(value(&rows, strip, place, "band 1 type"), "high_pass");
                    }
                    _ => {}
                }
            }
        }
    }

    #[test]
    fn every_strip_has_a_row_even_without_processors() {
        let mut report = fixture::song();
        report.strips.iter_mut().for_each(|strip| strip.chain.clear());
        let rows = read(&report);
        let names: Vec<&str> = rows.iter().map(|row| row[0].as_str()).collect();
        assert_eq!(names, report.strips.iter().map(|strip| strip.name.as_str()).collect::<Vec<_>>());
    }
}

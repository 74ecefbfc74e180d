//! `report.json`: written in a stable order, figures rounded, and read back.

use serde::{Deserialize, Serialize};

use super::Error;
use super::figures::settle;
use super::layout::Layout;
use crate::findings::{Report, SCHEMA};
use crate::graph::GraphFile;

/// The report as JSON: fields in the order of [`Report`], runs of numbers on one line, rounded figures. The same
/// findings give the same bytes.
///
/// # Errors
/// [`Error::NotANumber`] where a figure is not a number.
pub fn to_string(report: &Report) -> Result<String, Error> {
    pretty(&settle(report)?)
}

/// A graph file in the same manner, its figures in full: what is read from it is what was written, bit for bit.
///
/// # Errors
/// [`Error::NotANumber`] where a parameter is not a number.
pub fn graph(graph: &GraphFile) -> Result<String, Error> {
    for (i, node) in graph.nodes.iter().enumerate() {
        let numbers = node.parameters.iter().flat_map(|lists| lists.values().flatten());
        if numbers.chain(&node.wet_logit).any(|v| !v.is_finite()) {
            return Err(Error::NotANumber(format!("graph.nodes[{i}].parameters")));
        }
    }
    pretty(graph)
}

/// Any of the program's JSON in this manner.
pub(crate) fn pretty(value: &impl Serialize) -> Result<String, Error> {
    let mut text = Vec::new();
    let mut to = serde_json::Serializer::with_formatter(&mut text, Layout::default());
    value.serialize(&mut to).map_err(Error::NotAReport)?;
    text.push(b'\n');
    // JSON is UTF-8.
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// The report that [`to_string`] wrote.
///
/// # Errors
/// [`Error::Schema`] for a report of another schema, [`Error::NotAReport`] for anything else that does not fit.
pub fn from_str(text: &str) -> Result<Report, Error> {
    #[derive(Deserialize)]
    struct Head {
        schema: u64,
    }
    let head: Head = serde_json::from_str(text).map_err(Error::NotAReport)?;
    if head.schema != u64::from(SCHEMA) {
        return Err(Error::Schema(head.schema));
    }
    serde_json::from_str(text).map_err(Error::NotAReport)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture;

    #[test]
    fn a_report_comes_back_as_it_was_written() {
        let report = fixture::song();
        let text = to_string(&report).unwrap();
        let back = from_str(&text).unwrap();
        assert_eq!(back, settle(&report).unwrap());
        assert_eq!(to_string(&back).unwrap(), text);
    }

    #[test]
    fn lists_of_numbers_take_one_line_and_text_is_left_alone() {
        let text = to_string(&fixture::song()).unwrap();
        assert!(text.contains("\"hz\": [20.0, 25.0, 31.5, "), "{text}");
        assert!(text.lines().all(|line| line.trim().parse::<f64>().is_err()));
    }

    #[test]
    fn another_schema_is_refused_in_one_sentence() {
        let text = to_string(&fixture::song()).unwrap().replace("\"schema\": 1", "\"schema\": 7");
        let error = from_str(&text).unwrap_err();
        assert!(matches!(error, Error::Schema(7)));
        assert!(error.to_string().contains("schema 7"), "{error}");
    }

    #[test]
    fn text_that_is_no_report_is_refused_and_says_why() {
        for text in ["", "{", "[]", "{\"schema\": 1}", "{\"schema\": \"one\"}"] {
            let error = from_str(text).unwrap_err().to_string();
            assert!(error.starts_with("this is no Mixtrace report"), "{error}");
        }
    }
}

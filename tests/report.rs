//! The report of a known graph on the built-in song, to the last figure that a reader would trust.
//!
//! Nothing is fitted but faders: the graph with all its parameters lies in `golden/tiny-graph.json`, so that the figures depend
//! on kernels, units and measurements alone. They are rounded to three digits, since compilers and processors differ in the
//! last bits of a float.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use mixtrace_solver::findings::Report;
use mixtrace_solver::pages::markdown;
use mixtrace_solver::result::json;
use mixtrace_tests::{run, tiny};
use serde_json::Value;
use tempfile::tempdir;

/// Digits of every figure.
const DIGITS: usize = 3;

fn golden() -> Report {
    let graph = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/tiny-graph.json");
    let (cwd, session) = (tempdir().unwrap(), tiny());
    let [graph, session] = [&graph, &session].map(|path| path.to_str().unwrap());
    let only_look =
        ["--steps", "0", "--method", "none", "--tempo", "150", "--threads", "2", "--out", "result"];
    let done = run(cwd.path(), &[&["solve", session, "--graph", graph], &only_look[..]].concat());
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let text = fs::read_to_string(cwd.path().join("result/report.json")).unwrap();
    let mut report = json::from_str(&text).unwrap();
    // What differs from machine to machine.
    report.program = "mixtrace".into();
    report.timing = Default::default();
    report.session.source = None;
    report.session.fingerprint = None;
    report
}

/// Every figure with [`DIGITS`] digits.
fn round(value: &mut Value) {
    match value {
        Value::Number(number) if number.is_f64() => {
            let rounded: f64 = format!("{:.*e}", DIGITS - 1, number.as_f64().unwrap()).parse().unwrap();
            *value = if rounded.abs() < 1e-3 { 0.0.into() } else { rounded.into() };
        }
        Value::Array(items) => items.iter_mut().for_each(round),
        Value::Object(fields) => fields.values_mut().for_each(round),
        _ => {}
    }
}

#[test]
fn the_report_of_a_known_graph_is_the_golden_one() {
    let report = golden();
    let mut value = serde_json::to_value(&report).unwrap();
    // Gains that a fit found, so that their match is sure to a digit or two only.
    let faders = value["match"].as_object_mut().unwrap().remove("static_mix").unwrap();
    assert!(faders["full"].as_f64().unwrap() < report.matches.plain_sum.full);
    round(&mut value);
    let rounded: Report = serde_json::from_value(value).unwrap();
    insta::with_settings!({ snapshot_path => "golden", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("tiny-report.json", json::to_string(&rounded).unwrap());
        insta::assert_snapshot!("tiny-report.md", markdown::to_string(&rounded));
    });
}

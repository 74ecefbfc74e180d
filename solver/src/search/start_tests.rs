//! A search can begin with any graph in a file, and go on from a result.

use std::fs;

use super::stop_tests::{session, settings};
use super::{Context, Event, Method, Outcome, Settings, Start, StartError, StartFile, State, go_on, solve};
use crate::engine::ENGINES;
use crate::findings::Report;
use crate::result::{self, GRAPH_FILE, json};
use crate::session::Session;
use crate::stop::Stop;

/// Two compressors in series, beside a reverb that is fed by the equalizer before them; the reverb is dry sound's only
/// competitor, since the second stem is not brought in.
const PARALLEL: &str = r#"{"strips": [{"name": "stem 1", "role": "track"}], "nodes": [
    {"id": 0, "kind": "input", "strip": 0}, {"id": 1, "kind": "equalizer", "strip": 0},
    {"id": 2, "kind": "compressor", "strip": 0}, {"id": 3, "kind": "compressor", "strip": 0},
    {"id": 4, "kind": "reverb", "strip": 0}, {"id": 5, "kind": "sum"}, {"id": 6, "kind": "output"}],
    "edges": [[0, 1], [1, 2], [2, 3], [3, 5], [1, 4], [4, 5], [5, 6]]}"#;

fn search(session: &Session, settings: &Settings, start: Start) -> (Outcome, Vec<Event>) {
    let pool = crate::threads::pool(1).unwrap();
    let (sender, events) = crossbeam_channel::unbounded();
    let state = State::new(start, settings);
    let context = Context { pool: &pool, engines: ENGINES, events: &sender, stop: &Stop::default() };
    let outcome = go_on(context, session, settings, state, &mut ());
    drop(sender);
    (outcome.unwrap(), events.into_iter().collect())
}

fn start(session: &Session, text: &str) -> Result<(Start, Vec<String>), StartError> {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("mine.json");
    fs::write(&path, text).unwrap();
    Start::from_file(&path, session)
}

/// What is said of a file with this text, after the file's name.
#[track_caller]
fn refusal(session: &Session, text: &str) -> String {
    let said = start(session, text).unwrap_err().to_string();
    said.split_once("mine.json: ").unwrap().1.to_string()
}

#[test]
fn a_result_that_is_gone_on_from_without_a_step_has_the_match_that_it_had() {
    let session = session();
    let console = Start::console(&session, &settings()).unwrap();
    let (found, _) = search(&session, &settings(), console);
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join(GRAPH_FILE), json::graph(&found.graph_file()).unwrap()).unwrap();

    let (start, notes) = result::graph(home.path()).unwrap().bind(&session).unwrap();
    assert!(notes.is_empty() && start.is_given_whole());
    assert_eq!((&start.graph, &start.given), (&found.graph, &found.parameters));
    let still = Settings { steps: 0, method: Method::None, ..settings() };
    let (again, events) = search(&session, &still, start);
    assert!(!events.iter().any(|event| matches!(event, Event::Step { .. })));
    assert_eq!((&again.graph, &again.parameters), (&found.graph, &found.parameters));
    assert_eq!(again.mix, found.mix);
    assert_eq!(again.plain_sum, found.plain_sum);
    assert!((again.pruned_match.full - found.pruned_match.full).abs() < 1e-6);
    assert_eq!(again.console_match, again.pruned_match);
}

#[test]
fn any_graph_is_fitted_and_pruned_as_the_console_is() {
    let session = session();
    let (start, notes) = start(&session, PARALLEL).unwrap();
    assert_eq!(notes, ["The stem \"stem 0\" is not in the graph and was left out."]);
    assert!(!start.is_given_whole());
    let settings = Settings { kinds: start.kinds(), tolerance: 10.0, ..settings() };
    let (found, _) = search(&session, &settings, start);
    assert_eq!(found.console.len(), 4);
    // Without its processors the graph counts the stem twice; the plain sum does not.
    assert_eq!(found.graph.processors().count(), 0);
    assert!((found.plain_sum.full - found.pruned_match.full).abs() > 0.1);
    let report = Report::of(&session, &settings, &found).unwrap();
    assert_eq!(report.settings.processors, "ecr");
    assert_eq!((report.pruning.processors_before, report.pruning.processors_after), (4, 0));
}

#[test]
fn the_plain_sum_is_that_of_the_consoles_however_the_stems_are_wired() {
    let session = session();
    let still = Settings { steps: 1, method: Method::None, ..settings() };
    let wired = PARALLEL.replace(r#""nodes": ["#, r#""nodes": [{"id": 9, "kind": "input", "strip": 1},"#);
    let wired = wired.replace("[5, 6]", "[5, 6], [9, 6]");
    let wired = wired.replace(r#"}], "nodes""#, r#"}, {"name": "stem 0", "role": "track"}], "nodes""#);
    let (sender, _) = crossbeam_channel::unbounded();
    let console = solve(&session, &still, &sender, &Stop::default()).unwrap();
    let (found, _) = search(&session, &still, start(&session, &wired).unwrap().0);
    let (found, console) = (found.plain_sum.full, console.plain_sum.full);
    assert!((found - console).abs() < 1e-6, "{found} is not {console}");
}

#[test]
fn a_graph_finds_its_stems_by_name() {
    let session = session();
    let (start, _) = start(&session, PARALLEL).unwrap();
    assert_eq!(start.graph.node(0).unwrap().kind.stem(), Some(1));
    let missing = PARALLEL.replace("stem 1", "vox");
    assert_eq!(
        refusal(&session, &missing),
        "the session has no stem 'vox', or it is silent; its stems are 'stem 0', 'stem 1'"
    );
    let mut many = session.clone();
    many.stems =
        (0..40).map(|i| crate::session::Stem { name: i.to_string(), ..session.stems[0].clone() }).collect();
    assert!(refusal(&many, &missing).ends_with("'11', and 28 more"));
}

#[test]
fn parameters_go_from_one_rate_to_another() {
    let session = session();
    let wet = r#""strip": 0, "wet_logit": 1.5, "parameters":
        {"log_knee": [3], "log_ratio": [2], "z_alpha_pre": [4], "log_threshold": [1]}"#;
    let with = PARALLEL.replacen(r#""compressor", "strip": 0"#, &format!(r#""compressor", {wet}"#), 1);
    let at = |rate: u32| with.replacen('{', &format!(r#"{{"rate": {rate}, "#), 1);
    let (given, _) = start(&session, &at(30_000)).unwrap();
    let state = State::new(given, &settings());
    let rows = state.parameters.rows.iter().find(|rows| rows.ids == [2, 3]).unwrap();
    assert_eq!(rows.raw[..4], [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(rows.wet_logits, [1.5, -2.0]);
    let faster = Session { rate: 44_100, ..session.clone() };
    let (again, _) = start(&faster, &at(30_000)).unwrap();
    assert_eq!(State::new(again, &settings()).parameters, state.parameters);
    assert!(refusal(&session, &at(44_100)).starts_with("its parameters are on a grid of 44100 Hz"));
    // Where there is nothing that was fitted, the rate says nothing.
    assert!(start(&session, &PARALLEL.replacen('{', r#"{"rate": 44100, "#, 1)).is_ok());
}

#[test]
fn what_is_given_changes_no_random_choice() {
    let session = session();
    let console = Start::console(&session, &settings()).unwrap();
    let fresh = State::new(console.clone(), &settings());
    let mut given = fresh.parameters.clone();
    given.rows.retain(|rows| rows.ids.len() > 1);
    given.rows.truncate(1);
    given.rows[0].raw.fill(0.125);
    given.rows[0].wet_logits.fill(0.5);
    let state = State::new(Start { graph: console.graph, given: given.clone() }, &settings());
    assert_eq!(state.parameters.rows[0], given.rows[0]);
    assert_eq!(state.parameters.rows[1..], fresh.parameters.rows[1..]);
}

#[test]
fn a_file_that_is_not_there_is_told_from_one_that_is_no_graph() {
    let home = tempfile::tempdir().unwrap();
    let said = |found: Result<StartFile, StartError>| found.unwrap_err().to_string();
    let nowhere = home.path().join("nowhere");
    assert!(
        said(StartFile::read(&nowhere))
            .ends_with("nowhere does not exist; give a graph file or a result's report.json")
    );
    assert!(said(StartFile::read(home.path())).contains("cannot be read"));
}

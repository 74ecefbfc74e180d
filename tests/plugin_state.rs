//! The plugin's state: what a project saves comes back, and what is broken does no harm.

#![allow(clippy::unwrap_used)]

use mixtrace_tests::host::Host;
use mixtrace_tests::sound::noise;
use serde_json::{Value, json};

/// Asserts that the plugin still passes audio and saves a state that another instance takes.
#[track_caller]
fn assert_works(mut host: Host) {
    host.activate(48_000.0, 128);
    host.play(0, 300, noise, |host, at, count| {
        assert!((at..).zip(&host.output(3, 1)[..count]).all(|(at, s)| *s == noise(3, 1, at)));
    });
    host.deactivate();
    let saved = host.save();
    assert!(Host::new().load(&saved));
}

/// A project in which nothing is as in a new one.
fn project() -> Value {
    let stem = |n: usize| json!({"name": format!("stëm \"{n}\" 🥁"), "group": if n.is_multiple_of(2) { "drums" } else { "" }});
    json!({
        "stems": (0..31).map(stem).collect::<Vec<_>>(),
        "home": "/somewhere/else",
        "solve": {
            "preset": "quick", "method": "none", "tolerance": 0.05, "processors": "ecg",
            "steps": 77, "steps_per_round": 12, "prune_rounds": 3, "seed": 9
        },
        "window": [1234, 777],
        "session": "/somewhere/Take 001",
        "report": "/somewhere/Take 001/report"
    })
}

#[test]
fn what_was_typed_chosen_and_found_comes_back() {
    let mut host = Host::new();
    host.set_project(&project());
    host.set("Listen", 1.0);
    let saved = host.save();
    let mut other = Host::new();
    assert!(other.load(&saved));
    for (field, value) in project().as_object().unwrap() {
        assert_eq!(&other.project()[field], value, "{field}");
    }
    assert_eq!(other.value("Listen"), 1.0);
    assert_eq!(other.save(), saved, "saving again gives the same bytes");
    assert_works(other);
}

#[test]
fn a_project_without_some_fields_has_the_defaults_for_them() {
    let fresh = Host::new().project();
    let mut host = Host::new();
    host.set_project(&json!({"stems": [{"name": "kick"}], "something_newer": 3}));
    let project = host.project();
    assert_eq!(project["stems"][0], json!({"name": "kick", "group": ""}));
    assert_eq!(project["stems"].as_array().unwrap().len(), 31);
    for field in ["home", "solve", "window", "session", "report"] {
        assert_eq!(project[field], fresh[field], "{field}");
    }
    assert_works(host);
}

#[test]
fn a_broken_project_leaves_the_defaults_and_a_working_plugin() {
    let fresh = Host::new().project();
    let good = project().to_string();
    let broken = [
        "",
        "null",
        "[]",
        "42",
        &good[..good.len() / 2],
        r#"{"stems": "kick"}"#,
        r#"{"stems": [{"name": 3}]}"#,
        r#"{"window": [-1, 2]}"#,
        r#"{"window": "large"}"#,
        r#"{"solve": {"tolerance": "much"}}"#,
        "\u{0}\u{1}\u{fffd}",
    ];
    for text in broken {
        let mut host = Host::new();
        host.set_project(&project());
        let mut state = host.state();
        state["fields"]["project"] = json!(text);
        assert!(host.set_state(&state.to_string()), "{text}");
        assert_eq!(host.project(), fresh, "{text}");
        assert_works(host);
    }
}

#[test]
fn settings_that_the_search_refuses_are_replaced_and_the_rest_is_kept() {
    let fresh = Host::new().project();
    let wrong = [("preset", json!("fast")), ("method", json!("magic")), ("processors", json!("xyz"))];
    for (name, value) in wrong {
        let mut host = Host::new();
        let mut broken = project();
        broken["solve"][name] = value;
        host.set_project(&broken);
        assert_eq!(host.project()["solve"], fresh["solve"], "{name}");
        assert_eq!(host.project()["stems"], project()["stems"], "{name}");
    }
}

#[test]
fn sizes_and_lengths_are_brought_within_bounds() {
    let mut host = Host::new();
    let stems = vec![json!({"name": "x", "group": "y"}); 40];
    host.set_project(&json!({"window": [1, 4_000_000_000u32], "stems": stems}));
    assert_eq!(host.project()["window"][0], 800);
    assert!(host.project()["window"][1].as_u64().unwrap() < 10_000);
    assert_eq!(host.project()["stems"].as_array().unwrap().len(), 31);
    assert_works(host);
}

#[test]
fn a_state_that_is_no_state_is_refused_and_changes_nothing() {
    let mut host = Host::new();
    host.set_project(&project());
    let saved = host.save();
    let text = String::from_utf8_lossy(&saved[8..]).into_owned();
    for broken in ["", "{", "nonsense", "[1, 2]", "{\"version\": 3}", &text[..text.len() - 20]] {
        assert!(!host.set_state(broken), "{broken}");
    }
    assert!(!host.load(&saved[..20]), "a file that was cut off");
    assert!(!host.load(&saved[..5]), "a file that was cut off in the length");
    assert!(!host.load(&[0xff; 64]), "a length that no state has");
    assert_eq!(host.save(), saved);
    assert_works(host);
}

#[test]
fn parameters_of_other_types_and_names_are_passed_over() {
    let mut host = Host::new();
    let mut state = host.state();
    state["params"] =
        json!({"capture": "yes", "solve": 3, "listen": {"String": "nothing"}, "other": {"Bool": true}});
    // Whether such a state is taken or refused, the plugin goes on.
    host.set_state(&state.to_string());
    for name in ["Capture", "Solve", "Listen"] {
        assert_eq!(host.value(name), 0.0, "{name}");
    }
    assert_works(host);
}

#[test]
fn a_state_can_be_loaded_while_audio_runs() {
    let mut host = Host::new();
    host.activate(48_000.0, 64);
    host.play(0, 640, noise, |_, _, _| {});
    host.set_project(&project());
    host.play(640, 640, noise, |host, at, count| {
        assert!((at..).zip(&host.output(31, 0)[..count]).all(|(at, s)| *s == noise(31, 0, at)));
    });
    assert_eq!(host.project()["solve"]["steps"], 77);
}

//! Whatever the kind: what is told of it is whole.

use super::testing::{clause, phrase};
use super::*;
use crate::processors::Kind;

/// Settings of a kind with something in every figure.
fn filled(kind: Kind) -> Settings {
    let figures = kind.definition().figures();
    let number = |place: usize| 1.0 + place as f64;
    let value = |(place, figure): (usize, &Figure)| match figure.holds {
        Holds::Number(_) => Value::Number(number(place)),
        Holds::Curve { .. } => Value::Curve(Curve { over: vec![100.0, 1000.0], of: vec![1.0, -2.5] }),
        Holds::Rows { columns, .. } => {
            let cell = |(place, column): (usize, &Column)| match column.cells {
                Cells::Numbers(_) => Cell::Number(number(place)),
                Cells::Words => "left".into(),
                Cells::Notes { .. } => Cell::Empty,
            };
            let row = || columns.iter().enumerate().map(cell).collect();
            Value::Rows(vec![row(), row()])
        }
    };
    let values = figures.iter().enumerate().map(|at| (at.1.key, value(at)));
    Settings::new(kind, values)
}

#[test]
fn every_kind_is_written_by_its_name_and_known_by_its_letter() {
    for kind in Kind::ALL {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        assert_eq!(Kind::named(kind.name()), Some(kind));
        assert_eq!(Kind::ALL.iter().filter(|k| k.letter() == kind.letter()).count(), 1, "{kind}");
    }
    assert_eq!(Kind::named("theremin"), None);
}

#[test]
fn every_kind_has_a_look_of_its_own() {
    let looks = Kind::ALL.map(Kind::look);
    for look in looks {
        let same = |other: &&Look| {
            other.title == look.title || other.class() == look.class() || other.colour == look.colour
        };
        assert_eq!(looks.iter().filter(same).count(), 1, "{look:?}");
        assert!(look.short.bytes().all(|b| b.is_ascii_alphanumeric()), "{look:?} is no CSS class");
        let digits = look.colour.strip_prefix('#').unwrap();
        assert!(digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()), "{look:?}");
    }
}

#[test]
fn settings_come_back_from_json_as_they_were_written() {
    for kind in Kind::ALL {
        let mut settings = filled(kind);
        settings.name_notes(|_| Some("1/4".into()));
        for settings in [settings, filled(kind), Settings::blank(kind)] {
            let text = serde_json::to_string(&settings).unwrap();
            assert!(text.starts_with(&format!(r#"{{"kind":"{kind}""#)), "{text}");
            assert_eq!(serde_json::from_str::<Settings>(&text).unwrap(), settings);
        }
    }
}

#[test]
fn every_number_of_settings_is_visited() {
    for kind in Kind::ALL {
        let mut settings = filled(kind);
        settings.visit(&mut |number| *number = f64::NAN);
        // What is not a number is written as null.
        let text = serde_json::to_string_pretty(&settings).unwrap();
        let left =
            text.lines().filter(|line| line.trim_end_matches(',').ends_with(|c: char| c.is_ascii_digit()));
        assert_eq!(left.collect::<Vec<_>>(), [""; 0], "{kind}");
    }
}

#[test]
fn every_kind_can_be_told_even_where_its_settings_say_nothing() {
    for kind in Kind::ALL {
        for settings in [filled(kind), Settings::blank(kind)] {
            let _ = (clause(&settings, 0.5), kind.definition().picture(&settings));
            assert!(!phrase(&settings, 0.5).contains('\n'), "{kind}");
        }
        let wet_is_told = phrase(&filled(kind), 0.37).contains("37 % wet");
        assert_eq!(wet_is_told, !kind.definition().states_what_is_heard(), "{kind}");
    }
}

#[test]
fn figures_have_names_of_their_own() {
    for kind in Kind::ALL {
        let figures = kind.definition().figures();
        for figure in figures {
            assert_eq!(figures.iter().filter(|f| f.key == figure.key).count(), 1, "{kind} {}", figure.key);
            if let Holds::Rows { columns, ranked_by } = figure.holds {
                let ranks = |c: &&Column| c.key == ranked_by && matches!(c.cells, Cells::Numbers(_));
                assert_eq!(columns.iter().filter(ranks).count(), 1, "{kind} {}", figure.key);
            }
        }
    }
}

#[test]
fn bad_settings_are_refused_in_a_sentence() {
    let said = |text: &str| serde_json::from_str::<Settings>(text).unwrap_err().to_string();
    let comp =
        |fields: &str| format!(r#"{{"kind": "compressor", "threshold_db": -24, "ratio": 3, {fields}}}"#);
    for (text, wanted) in [
        ("{}".into(), "a processor does not say what 'kind' it is"),
        (
            r#"{"kind": "theremin"}"#.into(),
            "there is no kind 'theremin'; the kinds are equalizer, compressor, ",
        ),
        (
            comp(r#""knee_db": 6"#),
            "a compressor lacks 'time_ms'; its figures are threshold_db, ratio, knee_db, time_ms",
        ),
        (
            comp(r#""knee_db": null, "time_ms": 1"#),
            "'knee_db' of a compressor holds null, but must be a number",
        ),
        (
            r#"{"kind": "equalizer", "response": {"hz": [1, 2], "db": [1]}}"#.into(),
            "but must be two lists of as many numbers, 'hz' and 'db'",
        ),
        (
            r#"{"kind": "multitap_delay", "taps": [{"channel": "left", "time_ms": 3}]}"#.into(),
            "but must be objects with a number 'gain_db'",
        ),
    ] {
        let found = said(&text);
        assert!(found.contains(wanted), "{text}: {found}");
    }
}

#[test]
fn a_report_that_knows_no_pre_delay_has_none() {
    let text = r#"{"kind": "reverb", "rt60_s": 1, "rt60_by_octave": {"hz": [], "s": []}, "pre_wet_db": -3}"#;
    assert_eq!(serde_json::from_str::<Settings>(text).unwrap().number("pre_delay_ms"), 0.0);
}

#[test]
fn fields_of_others_and_of_later_versions_are_passed_over() {
    let text = r#"{"wet": 0.5, "kind": "stereo_imager", "width": 1, "azimuth": "north"}"#;
    assert_eq!(serde_json::from_str::<Settings>(text).unwrap().number("width"), 1.0);
}

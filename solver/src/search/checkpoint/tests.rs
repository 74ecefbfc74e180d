//! What is kept comes back, and what cannot be kept or is not what was kept is told.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::*;
use crate::search::stop_tests::{session, settings};
use crate::search::{Start, State};
use crate::session::{Checksum, Origin, fingerprint};

fn about() -> About {
    About {
        tempo: Some(120.0),
        start: "console".into(),
        notes: vec![],
        fingerprint: fingerprint(&session()),
        source: Source { origin: Origin::Demo, rate: 30_000, align: true },
        settings: settings(),
        runs: Runs::default(),
    }
}

fn state(seed: u64) -> State {
    let settings = Settings { seed, ..settings() };
    State::new(Start::console(&session(), &settings).unwrap(), &settings)
}

/// A state as it is written, to be compared.
fn text(state: &State) -> String {
    serde_json::to_string(state).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_state_comes_back_to_the_last_bit_and_the_last_one_stands() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("out/song").join(FILE_NAME);
    let mut checkpoints = Checkpoints::new(file.clone(), about(), Duration::ZERO);
    assert_eq!((names(home.path()).len(), checkpoints.is_there()), (0, false));
    for seed in 0..3 {
        checkpoints.keep(&state(seed));
        assert!(checkpoints.failure().is_none() && checkpoints.is_there());
        let (back, found) = read(&file).unwrap();
        assert_eq!(back, about());
        assert_eq!(text(&found), text(&state(seed)));
        assert_eq!(names(file.parent().unwrap()), [FILE_NAME]);
    }
}

#[test]
fn a_checkpoint_is_due_at_once_and_then_every_so_often() {
    let home = tempfile::tempdir().unwrap();
    let due = |every, kept: bool| {
        let mut checkpoints = Checkpoints::new(home.path().join(FILE_NAME), about(), every);
        if kept {
            checkpoints.keep(&state(0));
        }
        checkpoints.is_due()
    };
    let hour = Duration::from_secs(3600);
    assert_eq!([due(hour, false), due(hour, true), due(Duration::ZERO, true)], [true, false, true]);
}

#[test]
fn a_folder_that_cannot_be_written_is_told_and_the_next_state_is_kept_again() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("song");
    fs::write(&folder, "a file where the folder should be").unwrap();
    let mut checkpoints = Checkpoints::new(folder.join(FILE_NAME), about(), Duration::ZERO);
    checkpoints.keep(&state(0));
    let failure = checkpoints.failure().unwrap().to_string();
    assert!(failure.contains("song") && failure.contains("cannot be written"), "{failure}");
    fs::remove_file(&folder).unwrap();
    checkpoints.keep(&state(1));
    assert!(checkpoints.failure().is_none());
    // A folder that has gone is not made again: what is there now may not be what was there before.
    fs::remove_dir_all(&folder).unwrap();
    checkpoints.keep(&state(2));
    assert!(checkpoints.failure().is_some() && !checkpoints.is_there() && !folder.exists());
}

#[test]
fn the_checkpoint_of_a_search_that_began_meanwhile_is_not_touched() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join(FILE_NAME);
    let mut mine = Checkpoints::new(file.clone(), about(), Duration::ZERO);
    let mut other = Checkpoints::new(file.clone(), about(), Duration::ZERO);
    other.keep(&state(1));
    mine.keep(&state(2));
    assert!(matches!(mine.failure(), Some(Error::Taken(_))) && !mine.is_there());
    assert_eq!(text(&read(&file).unwrap().1), text(&state(1)));
}

#[test]
fn a_checkpoint_is_removed_if_there_is_one() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join(FILE_NAME);
    Checkpoints::new(file.clone(), about(), Duration::ZERO).keep(&state(0));
    assert_eq!(names(home.path()), [FILE_NAME]);
    remove(&file).unwrap();
    remove(&file).unwrap();
    assert!(names(home.path()).is_empty());
}

#[test]
fn a_checkpoint_of_the_format_before_this_one_is_read() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join(FILE_NAME);
    Checkpoints::new(file.clone(), about(), Duration::ZERO).keep(&state(0));
    let mut whole: serde_json::Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    let search = &mut whole["search"];
    let settings = search["about"]["settings"].as_object_mut().unwrap();
    settings.insert("rates".into(), serde_json::json!({"kinds": vec![0.02; 7], "wet": 0.03}));
    settings.insert("reset".into(), "Rounds".into());
    let stands = search["state"].as_object_mut().unwrap();
    assert!(stands.remove("engine").is_some() && stands.remove("notes").is_some());
    let search = search.to_string();
    let hash = Checksum::of(search.as_bytes());
    let old = format!(r#"{{"format":1,"program":"mixtrace 0.1.0","sha256":"{hash}","search":{search}}}"#);
    fs::write(&file, old).unwrap();
    let (back, found) = read(&file).unwrap();
    assert_eq!(back, about());
    assert_eq!(text(&found), text(&state(0)).replace(r#""engine":null"#, r#""engine":"cpu""#));
}

#[test]
fn a_file_that_is_not_a_whole_checkpoint_is_refused_with_its_reason() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join(FILE_NAME);
    let refused = |words: &[&str]| {
        let text = read(&file).unwrap_err().to_string();
        assert!(words.iter().all(|w| text.contains(w)), "{text}");
    };
    refused(&["holds no unfinished search", FILE_NAME]);
    Checkpoints::new(file.clone(), about(), Duration::ZERO).keep(&state(0));
    let whole = fs::read_to_string(&file).unwrap();
    for cut in (0..20).map(|part| whole.len() * part / 20) {
        fs::write(&file, &whole[..cut]).unwrap();
        refused(&["no whole checkpoint"]);
    }
    for other in ["no json", "[]", "{\"format\": \"one\"}", "\u{0}\u{0}"] {
        fs::write(&file, other).unwrap();
        refused(&["no whole checkpoint"]);
    }
    fs::write(&file, whole.replace("\"round\":0", "\"round\":1")).unwrap();
    refused(&["no whole checkpoint", "hash"]);
    fs::write(&file, r#"{"format": 7, "program": "mixtrace 9.1", "anything": "else"}"#).unwrap();
    refused(&["mixtrace 9.1", "format 7", "formats 1 to 2"]);
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    refused(&["cannot be read"]);
}

#[test]
fn an_older_version_s_checkpoint_is_gone_on_from_where_its_parameters_mean_what_they_meant() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join(FILE_NAME);
    let kept = |rate: u32| {
        let source = Source { rate, ..about().source };
        Checkpoints::new(file.clone(), About { source, ..about() }, Duration::ZERO).keep(&state(0));
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, text.replacen("\"format\":2", "\"format\":1", 1)).unwrap();
        read(&file)
    };
    assert_eq!(text(&kept(30_000).unwrap().1), text(&state(0)));
    let said = kept(44_100).err().unwrap().to_string();
    assert!(
        said.contains("at 44100 Hz by an older version") && said.ends_with("solve the session anew"),
        "{said}"
    );
}

#[test]
fn a_source_is_found_from_any_folder() {
    let home = tempfile::tempdir().unwrap();
    let song = home.path().join("song");
    fs::create_dir(&song).unwrap();
    fs::write(song.join("loud.wav"), "").unwrap();
    let of = |origin| Source { origin, rate: 30_000, align: false };
    let source = of(Origin::Session { path: song.clone(), mix: Some("loud.wav".into()) });
    let wanted = of(Origin::Session { path: song.clone(), mix: Some(song.join("loud.wav")) });
    assert_eq!(source.absolute().unwrap(), wanted);
    let source = of(Origin::Stems { folder: "stems".into(), mix: "mix.wav".into() });
    let Origin::Stems { folder, mix } = source.absolute().unwrap().origin else { panic!("still stems") };
    assert!(folder.is_absolute() && mix.is_absolute());
}

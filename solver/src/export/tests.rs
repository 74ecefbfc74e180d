//! A result becomes every format, and what is no result is refused in one sentence.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::testing::{demo, result, result_of};
use super::*;
use crate::findings::Role;
use crate::graph::{Console, Selection};
use crate::search::{Method, Settings, sends_tests, stop_tests};
use crate::session::AudioSource;
use crate::session::Origin;

/// All files below a folder, by their path from there.
fn files(folder: &Path) -> BTreeSet<PathBuf> {
    fn add(folder: &Path, root: &Path, all: &mut BTreeSet<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => add(&path, root, all),
                false => drop(all.insert(path.strip_prefix(root).unwrap().to_owned())),
            }
        }
    }
    let mut all = BTreeSet::new();
    add(folder, folder, &mut all);
    all
}

fn refusal(folder: &Path) -> String {
    Found::read(folder).unwrap_err().to_string()
}

#[test]
fn a_name_is_a_format_and_no_other_is() {
    for format in Format::ALL {
        assert_eq!(format.name().parse::<Format>().unwrap(), format);
    }
    let text = "aaf".parse::<Format>().unwrap_err().to_string();
    assert_eq!(text, "there is no format 'aaf'; choose one of dawproject, reaper, wav, csv, md, preset");
}

#[test]
fn what_is_no_result_is_refused_with_what_would_be_right() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("song");
    assert!(refusal(&folder).ends_with("does not exist; give the folder of a result"));
    fs::create_dir(&folder).unwrap();
    assert!(refusal(&folder).contains("holds no report.json"));
    let report = result(&demo(), &folder);
    Found::read(&folder).unwrap();

    let (json, graph) = (folder.join("report.json"), folder.join("graph.json"));
    let whole = fs::read_to_string(&json).unwrap();
    fs::write(&json, whole.replace("\"schema\": 1", "\"schema\": 7")).unwrap();
    assert!(refusal(&folder).contains("report.json: the report has schema 7"), "{}", refusal(&folder));
    fs::write(&json, "{").unwrap();
    assert!(refusal(&folder).contains("report.json: this is no Mixtrace report"), "{}", refusal(&folder));

    let mut other = report.clone();
    other.strips[0].chain.pop();
    fs::write(&json, crate::result::json::to_string(&other).unwrap()).unwrap();
    assert!(refusal(&folder).contains("does not hold the processors that report.json describes"));
    fs::write(&json, whole).unwrap();
    fs::remove_file(&graph).unwrap();
    assert!(refusal(&folder).contains("holds no graph.json"));
    assert!(refusal(&json).contains("holds no graph.json"), "the report stands for its folder");
}

#[test]
fn a_project_holds_the_stems_as_they_are_and_a_response_for_every_delay_and_reverb() {
    let home = tempfile::tempdir().unwrap();
    let session = demo();
    let report = result(&session, home.path());
    let found = Found::read(home.path()).unwrap();
    let impulses = 2 * report.strips.len();

    let file = Format::DawProject.default_path(&found);
    assert_eq!(file, home.path().join("Night _ Drive.dawproject"));
    export(&found, Format::DawProject, &file, &Options::default()).unwrap();
    let mut archive = zip::ZipArchive::new(fs::File::open(&file).unwrap()).unwrap();
    assert_eq!(archive.len(), 2 + session.stems.len() + impulses);
    let mut kick = vec![];
    archive.by_name("audio/01 kick.flac").unwrap().read_to_end(&mut kick).unwrap();
    let Some(AudioSource::Memory(_, bytes)) = session.stems[0].source else { panic!() };
    assert_eq!(kick, bytes);

    let folder = Format::Reaper.default_path(&found);
    export(&found, Format::Reaper, &folder, &Options::default()).unwrap();
    let written = files(&folder);
    assert_eq!(written.len(), 1 + session.stems.len() + impulses, "{written:?}");
    assert!(written.contains(Path::new("Night _ Drive.rpp")));
    assert_eq!(fs::read(folder.join("audio/01 kick.flac")).unwrap(), bytes);
    let reverb = folder.join("impulses/01 kick 7 reverb.wav");
    let response = hound::WavReader::open(reverb).unwrap();
    assert_eq!(response.spec().sample_rate, report.session.sample_rate);
    assert!(response.duration() > report.session.sample_rate / 10);
}

#[test]
fn a_result_with_a_send_goes_into_every_format() {
    let (home, session, console) = (tempfile::tempdir().unwrap(), demo(), Console::HALL);
    let selection = Selection { console, kinds: &console.kinds(), master: true };
    let report = result_of(&session, home.path(), selection);
    let found = Found::read(home.path()).unwrap();
    assert_eq!(found.report.settings.console, console);
    for format in Format::ALL {
        export(&found, format, &format.default_path(&found), &Options::default()).unwrap();
    }
    let text = |path: &Path| fs::read_to_string(path).unwrap();
    let tracks = session.stems.len();
    let table = text(&Format::Csv.default_path(&found));
    assert_eq!(table.matches(",send from,").count(), tracks);
    let page = text(&Format::Markdown.default_path(&found));
    assert_eq!(page.matches("send from").count(), tracks);
    let project = text(&Format::Reaper.default_path(&found).join("Night _ Drive.rpp"));
    assert_eq!(project.matches("AUXRECV").count(), tracks);
    let hall = report.strips.iter().position(|strip| strip.name == "hall").unwrap();
    let preset = Format::Preset.default_path(&found).join(format!("{:02} hall.json", hall + 1));
    assert_eq!(text(&preset).matches("\"from\"").count(), tracks);
}

#[test]
fn the_report_of_a_search_says_what_is_sent_where() {
    let session = stop_tests::session();
    let settings = Settings { method: Method::None, ..sends_tests::with_hall() };
    let (found, _) = sends_tests::search(&session, &settings);
    let report = Report::of(&session, &settings, &found).unwrap();
    let hall = report.strips.iter().find(|strip| strip.role == Role::Send).unwrap();
    let from: Vec<_> = hall.chain.iter().map(|processor| processor.from.as_deref()).collect();
    assert_eq!(from, [Some("stem 0"), Some("stem 1"), None, None]);
    assert!(
        report
            .strips
            .iter()
            .filter(|s| s.role != Role::Send)
            .all(|s| s.chain.iter().all(|p| p.from.is_none()))
    );
    let text = crate::result::json::to_string(&report).unwrap();
    assert_eq!(crate::result::json::from_str(&text).unwrap().settings.console, Console::HALL);
    assert!(crate::pages::html::to_string(&report, None).contains("Send from stem 1"));
    assert!(crate::pages::svg::to_string(&report).contains("send from stem 1"));
}

#[test]
fn the_formats_of_text_need_no_session() {
    let home = tempfile::tempdir().unwrap();
    let mut report = result(&demo(), home.path());
    report.session.source = None;
    fs::write(home.path().join("report.json"), crate::result::json::to_string(&report).unwrap()).unwrap();
    let found = Found::read(home.path()).unwrap();
    for format in [Format::Csv, Format::Markdown, Format::Preset] {
        let to = format.default_path(&found);
        export(&found, format, &to, &Options::default()).unwrap();
        let again = export(&found, format, &to, &Options::default()).unwrap_err();
        assert!(matches!(again, Error::Place(crate::result::Error::Exists(path)) if path == to));
        export(&found, format, &to, &Options { force: true, ..Options::default() }).unwrap();
    }
    let page = fs::read_to_string(Format::Markdown.default_path(&found)).unwrap();
    assert_eq!(page, markdown::to_string(&found.report));
    assert_eq!(files(&Format::Preset.default_path(&found)).len(), report.strips.len());
    let to = home.path().join("out");
    let error = export(&found, Format::Reaper, &to, &Options::default()).unwrap_err();
    assert!(error.to_string().contains("folder"), "{error}");
    assert!(!to.exists());
}

#[test]
fn a_session_that_has_moved_is_found_where_the_user_says() {
    let home = tempfile::tempdir().unwrap();
    let tiny = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/songs/tiny");
    let mut report = result(&demo(), home.path());
    let source = report.session.source.as_mut().unwrap();
    source.origin = Origin::Session { path: home.path().join("gone"), mix: None };
    fs::write(home.path().join("report.json"), crate::result::json::to_string(&report).unwrap()).unwrap();
    let found = Found::read(home.path()).unwrap();
    let to = home.path().join("out");
    let at = |session: Option<&Path>| Options { session: session.map(Path::to_owned), ..Options::default() };

    let gone = export(&found, Format::Reaper, &to, &at(None)).unwrap_err().to_string();
    assert!(gone.contains("gone; put it back or give the folder"), "{gone}");

    // A session with a file missing, and one of other stems.
    let moved = home.path().join("moved");
    fs::create_dir_all(moved.join("stems")).unwrap();
    for file in files(&tiny) {
        if file != Path::new("stems/02_snare.flac") {
            fs::copy(tiny.join(&file), moved.join(&file)).unwrap();
        }
    }
    let missing = export(&found, Format::Reaper, &to, &at(Some(&moved))).unwrap_err().to_string();
    for named in ["stem \"snare\"", "02_snare.flac", "folder"] {
        assert!(missing.contains(named), "{missing}");
    }
    let json = fs::read_to_string(tiny.join("session.json")).unwrap().replace("\"snare\"", "\"rim\"");
    fs::write(moved.join("session.json"), json).unwrap();
    fs::copy(tiny.join("stems/02_snare.flac"), moved.join("stems/02_snare.flac")).unwrap();
    let other = export(&found, Format::Reaper, &to, &at(Some(&moved))).unwrap_err().to_string();
    assert!(other.contains("no stem 'snare'") && other.contains("folder"), "{other}");
    assert!(!to.exists());

    export(&found, Format::Reaper, &to, &at(Some(&tiny))).unwrap();
    assert!(files(&to).contains(Path::new("audio/mix.flac")));
}

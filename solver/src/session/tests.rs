//! What opening a session does with good, odd and bad folders.

use std::fs;
use std::path::Path;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tempfile::TempDir;

use super::testing::{Format, put, tiny, wav, write};
use super::*;
use crate::stop::{Stop, Until};

const RATE: u32 = 30_000;

/// `seconds` of stereo noise in bursts at [`RATE`].
fn noise(seed: u64, seconds: f64) -> Stereo {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let len = (seconds * RATE as f64) as usize;
    let mut channel = || {
        let mut level = 0.0;
        (0..len)
            .map(|_| {
                level = if rng.random_range(0..4_000) == 0 { 0.5 } else { level * 0.9995 };
                level * rng.random_range(-1.0..1.0f32)
            })
            .collect()
    };
    Stereo { channels: [channel(), channel()] }
}

/// A folder with the stems `a` and `b` in one group, `c` outside, their mix and this `session.json`.
fn folder(json: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut mix = Stereo::silence(3 * RATE as usize);
    for (seed, file) in ["stems/keys/a.wav", "stems/keys/b.wav", "stems/c.wav"].iter().enumerate() {
        let stem = noise(seed as u64, 3.0);
        mix.add(&stem);
        write(&folder.path().join(file), RATE, &stem);
    }
    write(&folder.path().join("mix.wav"), RATE, &mix);
    put(&folder.path().join("session.json"), json.as_bytes());
    folder
}

const SOUND: &str = r#"{
    "name": "song", "title": "unknown keys are ignored", "mix": "mix.wav",
    "stems": [
        {"name": "a", "file": "stems/keys/a.wav", "group": "keys"},
        {"name": "b", "file": "stems/keys/b.wav", "group": "keys"},
        {"name": "c", "file": "stems/c.wav"}
    ],
    "groups": [{"name": "keys"}]
}"#;

fn open(folder: &TempDir) -> Result<Session, Error> {
    Session::open(folder.path(), &Options::default())
}

fn names(session: &Session) -> Vec<(&str, Option<&str>)> {
    let group = |s: &Stem| s.group.map(|g| session.groups[g].as_str());
    session.stems.iter().map(|s| (s.name.as_str(), group(s))).collect()
}

/// Opens `SOUND` with a part replaced, and expects a refusal that says all of `wanted`.
#[track_caller]
fn refused(from: &str, to: &str, wanted: &[&str]) {
    assert!(SOUND.contains(from), "{from}");
    let message = open(&folder(&SOUND.replace(from, to))).unwrap_err().to_string();
    for part in wanted {
        assert!(message.contains(part), "{message:?} lacks {part:?}");
    }
}

#[test]
fn a_session_is_its_folder_or_its_file() {
    let folder = folder(SOUND);
    let session = open(&folder).unwrap();
    assert_eq!(session.name, "song");
    assert_eq!(names(&session), [("a", Some("keys")), ("b", Some("keys")), ("c", None)]);
    assert_eq!((session.sample_rate, session.rate, session.len()), (RATE, RATE, 90_000));
    assert_eq!((session.duration_s, session.offset_samples), (3.0, 0));
    assert_eq!(session.notes, Vec::<String>::new());
    assert_eq!(session.stems[1].audio.stereo(), noise(1, 3.0));
    let same = Session::open(&folder.path().join(FILE_NAME), &Options::default()).unwrap();
    assert_eq!(names(&same), names(&session));
}

#[test]
fn the_song_in_the_repository_opens_with_either_mix_and_is_in_step() {
    for mix in ["mix_dense.flac", "mix_sparse.flac"] {
        let options = Options { mix: Some(mix.into()), ..Options::default() };
        let session = Session::open(&tiny(), &options).unwrap();
        assert_eq!((session.len(), session.sample_rate, session.offset_samples), (240_000, 44_100, 0));
        assert_eq!(session.groups, ["drums", "bass", "strings"]);
        assert!(session.stems.iter().all(|s| s.audio.len() == 240_000));
        assert_eq!(session.notes, Vec::<String>::new());
    }
}

#[test]
fn the_demo_is_the_song_in_the_repository() {
    let demo = Session::demo(&Options::default()).unwrap();
    let on_disk = Session::open(&tiny(), &Options::default()).unwrap();
    assert_eq!((demo.name.as_str(), demo.duration_s), ("tiny", 8.0));
    assert_eq!(demo.mix, on_disk.mix);
    for (one, other) in demo.stems.iter().zip(&on_disk.stems) {
        assert_eq!((&one.name, one.group, &one.audio), (&other.name, other.group, &other.audio));
    }
}

#[test]
fn a_folder_of_stems_is_a_session_whose_sub_folders_are_groups() {
    let folder = folder(SOUND);
    let stems = folder.path().join("stems");
    for file in [".hidden.wav", "notes.txt", "c.wav.reapeaks", "keys/a.json", "empty/readme.txt"] {
        put(&stems.join(file), b"not audio");
    }
    // The mix may lie among the stems.
    let mix = stems.join("mix.wav");
    fs::rename(folder.path().join("mix.wav"), &mix).unwrap();
    let session = Session::from_stems(&stems, &mix, &Options::default()).unwrap();
    assert_eq!(names(&session), [("c", None), ("a", Some("keys")), ("b", Some("keys"))]);
    assert_eq!((session.name.as_str(), session.groups.len()), ("mix", 1));
    assert_eq!(session.notes, Vec::<String>::new());

    put(&stems.join("keys/deeper/x.wav"), b"");
    let session = Session::from_stems(&stems, &mix, &Options::default()).unwrap();
    assert!(session.notes[0].contains("deeper was left out"), "{:?}", session.notes);

    put(&stems.join("vocals.mp3"), b"ID3");
    let message = Session::from_stems(&stems, &mix, &Options::default()).unwrap_err().to_string();
    assert!(message.contains("vocals.mp3 is not audio that can be read"), "{message}");
}

#[test]
fn a_folder_without_audio_is_refused() {
    let folder = folder(SOUND);
    put(&folder.path().join("lyrics/verse.txt"), b"la");
    let mix = folder.path().join("mix.wav");
    let lyrics = Session::from_stems(&folder.path().join("lyrics"), &mix, &Options::default());
    assert!(lyrics.unwrap_err().to_string().contains("lyrics has no stems"));
    let nowhere = Session::from_stems(&folder.path().join("nowhere"), &mix, &Options::default());
    assert!(nowhere.unwrap_err().to_string().contains("nowhere is not a folder"));
    let no_mix = Session::from_stems(&folder.path().join("stems"), Path::new("no.wav"), &Options::default());
    assert!(no_mix.unwrap_err().to_string().contains("the file of the mix, no.wav, does not exist"));
}

#[test]
fn paths_that_lead_nowhere_are_refused() {
    let folder = folder(SOUND);
    let at = |path: &str| Session::open(&folder.path().join(path), &Options::default());
    assert!(at("nowhere").unwrap_err().to_string().contains("nowhere does not exist"));
    assert!(at("stems").unwrap_err().to_string().contains("stems holds no session.json"));
    refused("stems/c.wav", "stems/d.wav", &["stem \"c\"", "stems/d.wav", "does not exist"]);
    refused("\"mix.wav\"", "\"mixx.wav\"", &["the mix", "mixx.wav", "does not exist"]);
    refused("\"mix\": \"mix.wav\",", "", &["session.json names no mix"]);
}

#[test]
fn a_broken_file_is_refused_with_line_and_column() {
    refused(
        "\"song\"",
        "7",
        &["session.json, line 2, column 13", "invalid type: integer `7`, expected a string"],
    );
    refused("{\"name\": \"keys\"}", "\"keys\"", &["line 8", "GroupFile"]);
    refused("\"file\": \"stems/c.wav\"", "\"fill\": 1", &["line 6", "missing field `file`"]);
    refused("\"mix.wav\",", "\"mix.wav\"", &["line 3, column 5", "expected `,`"]);
}

#[test]
fn names_must_be_known_and_unique() {
    refused("\"b\", \"file\"", "\"a\", \"file\"", &["session.json", "two stems are called \"a\""]);
    refused("\"groups\": [", "\"groups\": [{\"name\": \"keys\"}, ", &["two groups are called \"keys\""]);
    refused("\"groups\": [{\"name\": \"keys\"}]", "\"groups\": []", &["stem \"a\"", "group \"keys\""]);
    refused("\"b\", \"file\"", "\" \", \"file\"", &["a stem has no name"]);
}

#[test]
fn between_1_and_256_stems_are_allowed() {
    let stems = |count: usize| {
        let stem = |i| format!(r#"{{"name": "{i}", "file": "stems/c.wav"}}"#);
        let stems: Vec<String> = (0..count).map(stem).collect();
        format!(r#"{{"mix": "mix.wav", "stems": [{}]}}"#, stems.join(","))
    };
    assert!(open(&folder(&stems(0))).unwrap_err().to_string().contains("has no stems"));
    let message = open(&folder(&stems(257))).unwrap_err().to_string();
    assert!(message.contains("has 257 stems; 256 are allowed"), "{message}");
    let two = folder(&stems(2));
    assert_eq!(open(&two).unwrap().name, two.path().file_name().unwrap().to_string_lossy());
}

#[test]
fn silent_stems_and_groups_left_empty_are_dropped_and_silent_songs_refused() {
    let folder = folder(SOUND);
    let quiet = wav(Format::Float(32), 1, RATE, &[1e-5; 90_000]);
    for stem in ["a", "b"] {
        put(&folder.path().join(format!("stems/keys/{stem}.wav")), &quiet);
    }
    let session = open(&folder).unwrap();
    assert_eq!((names(&session), session.groups.len()), (vec![("c", None)], 0));
    assert_eq!(session.notes[0], "The stem \"a\" is silent and was left out.");
    assert_eq!(session.notes[1], "The stem \"b\" is silent and was left out.");

    put(&folder.path().join("stems/c.wav"), &quiet);
    assert!(open(&folder).unwrap_err().to_string().contains("every stem is silent"));
    put(&folder.path().join("mix.wav"), &quiet);
    let message = open(&folder).unwrap_err().to_string();
    assert!(message.contains("the mix ") && message.contains("mix.wav is silent"), "{message}");
}

#[test]
fn a_group_keeps_its_stems_when_another_group_goes() {
    let json = SOUND
        .replace("[{\"name\": \"keys\"}]", "[{\"name\": \"drums\"}, {\"name\": \"keys\"}]")
        .replace("\"stems/c.wav\"", "\"stems/c.wav\", \"group\": \"drums\"");
    let folder = folder(&json);
    put(&folder.path().join("stems/c.wav"), &wav(Format::Int(16), 1, RATE, &[0.0; 90_000]));
    let session = open(&folder).unwrap();
    assert_eq!(names(&session), [("a", Some("keys")), ("b", Some("keys"))]);
    assert_eq!(session.groups, ["keys"]);
}

#[test]
fn stems_take_the_length_of_the_mix_and_only_real_differences_are_noted() {
    let folder = folder(SOUND);
    for (name, seed, seconds) in [("keys/a", 0, 2.5), ("keys/b", 1, 3.25), ("c", 2, 2.995)] {
        let stem = noise(seed, 4.0);
        let mut cut = Stereo::silence((seconds * RATE as f64) as usize);
        stem.copy_window(0, &mut cut);
        write(&folder.path().join(format!("stems/{name}.wav")), RATE, &cut);
    }
    let mut mix = Stereo::silence(90_000);
    (0..3).for_each(|seed| {
        let mut part = Stereo::silence(90_000);
        noise(seed, 4.0).copy_window(0, &mut part);
        mix.add(&part);
    });
    write(&folder.path().join("mix.wav"), RATE, &mix);
    let session = open(&folder).unwrap();
    assert!(session.stems.iter().all(|s| s.audio.len() == 90_000 && s.audio.channels()[1].len() == 90_000));
    assert!(session.stems[0].audio.channels()[0][75_000..].iter().all(|v| *v == 0.0));
    assert_eq!(
        session.notes,
        [
            "The stem \"a\" ends 0.50 s before the mix and was padded with silence.",
            "The stem \"b\" ends 0.25 s after the mix and was cut.",
        ]
    );
}

#[test]
fn a_mix_that_runs_late_or_early_is_met_by_its_stems_unless_that_is_off() {
    let folder = folder(SOUND);
    let session = open(&folder).unwrap();
    for (offset, way) in [(11_100, "0.3700 s later"), (-11_100, "0.3700 s earlier")] {
        write(
            &folder.path().join("moved.wav"),
            RATE,
            &shifted(session.mix.channels.each_ref().map(Vec::as_slice), offset, 90_000),
        );
        let mut options = Options { mix: Some("moved.wav".into()), ..Options::default() };
        let moved = Session::open(folder.path(), &options).unwrap();
        assert_eq!(moved.offset_samples, offset);
        let wanted = shifted(session.stems[2].audio.channels(), offset, 90_000);
        assert_eq!(moved.stems[2].audio.stereo(), wanted);
        assert!(moved.notes[0].contains(way) && moved.notes[0].contains("were moved"), "{:?}", moved.notes);
        assert_eq!(moved.notes.len(), 1, "{:?}", moved.notes);

        options.align = false;
        let left = Session::open(folder.path(), &options).unwrap();
        assert_eq!((left.offset_samples, &left.stems[2].audio), (0, &session.stems[2].audio));
        assert!(left.notes[0].contains(way) && left.notes[0].contains("left where"), "{:?}", left.notes);
    }
}

#[test]
fn files_of_different_rates_come_to_one_rate_in_step() {
    let folder = folder(SOUND);
    let at = |rate| resample::resample(noise(0, 3.0), RATE, rate, Until::DONE).unwrap();
    write(&folder.path().join("stems/keys/a.wav"), 44_100, &at(44_100));
    write(&folder.path().join("stems/keys/b.wav"), 96_000, &at(96_000));
    write(&folder.path().join("mix.wav"), 48_000, &at(48_000));
    let session = open(&folder).unwrap();
    assert_eq!((session.sample_rate, session.offset_samples, session.len()), (48_000, 0, 90_000));
    // The filters differ only near the Nyquist frequency.
    for stem in &session.stems[..2] {
        let pairs = stem.audio.channels()[0].iter().zip(&session.mix.channels[0]);
        let (mut error, mut energy) = (0.0, 0.0);
        for (a, b) in pairs {
            error += (a - b) * (a - b);
            energy += b * b;
        }
        assert!(error < 0.02 * energy, "{} of {energy}", error);
    }
}

#[test]
fn stems_of_another_song_are_noted() {
    let folder = folder(SOUND);
    write(&folder.path().join("mix.wav"), RATE, &noise(9, 3.0));
    let session = open(&folder).unwrap();
    assert!(session.notes[0].contains("different songs"), "{:?}", session.notes);
    assert_eq!(session.offset_samples, 0);
}

#[test]
fn the_shortest_song_is_one_sample() {
    let folder = folder(SOUND);
    put(&folder.path().join("mix.wav"), &wav(Format::Int(16), 1, RATE, &[0.5]));
    assert_eq!(open(&folder).unwrap().len(), 1);
}

#[test]
fn a_rate_that_makes_no_sense_is_refused() {
    for rate in [0, 100, 1_000_000] {
        let message = Session::demo(&Options { rate, ..Options::default() }).unwrap_err().to_string();
        assert!(
            message.contains(&format!("{rate} Hz; choose a rate between 8000 and 192000 Hz")),
            "{message}"
        );
    }
}

#[test]
fn a_saved_file_reads_back_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let file = SessionFile {
        name: "Größe \"1\"".to_owned(),
        sample_rate: Some(48_000),
        mix: Some("mix.wav".into()),
        stems: vec![StemFile { name: "a".to_owned(), file: "a.wav".into(), group: None }],
        groups: vec![GroupFile { name: "keys".to_owned() }],
        start_samples: Some(-96_000),
        lost_frames: 480,
        tempo: Some(93.5),
        notes: vec!["The host was bouncing.".to_owned()],
    };
    file.save(folder.path()).unwrap();
    assert_eq!(SessionFile::read(&folder.path().join(FILE_NAME)).unwrap(), file);
    let message = file.save(&folder.path().join("nowhere")).unwrap_err().to_string();
    assert!(message.contains("session.json cannot be written"), "{message}");
}

#[test]
fn a_file_is_saved_whole_in_the_place_of_the_one_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE_NAME);
    fs::write(&path, "half a fi").unwrap();
    SessionFile::default().save(folder.path()).unwrap();
    assert_eq!(SessionFile::read(&path).unwrap(), SessionFile::default());
    let text = fs::read_to_string(&path).unwrap();
    for key in ["start_samples", "lost_frames", "notes"] {
        assert!(!text.contains(key), "{text}");
    }
    let lies_there = || fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(lies_there(), 1);

    fs::remove_file(&path).unwrap();
    put(&path.join("x"), b"in the way");
    assert!(matches!(SessionFile::default().save(folder.path()), Err(Error::Unwritable { .. })));
    assert_eq!(lies_there(), 1);
}

#[cfg(unix)]
#[test]
fn a_saved_file_has_the_rights_of_any_new_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("plain");
    fs::write(&plain, "").unwrap();
    SessionFile::default().save(folder.path()).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&folder.path().join(FILE_NAME)), mode(&plain));
}

#[test]
fn what_happened_in_recording_is_noted() {
    let recording = r#""sample_rate": 48000, "lost_frames": 480, "notes": ["The tempo changed."], "mix":"#;
    let folder = folder(&SOUND.replace("\"mix\":", recording));
    assert_eq!(
        open(&folder).unwrap().notes,
        ["The tempo changed.", "480 frames were lost in recording (0.010 s) and filled with silence."]
    );
}

#[test]
fn an_opening_that_is_aborted_does_no_more_than_look_at_each_file() {
    let folder = folder(SOUND);
    // Files of another rate, so that there is something to resample.
    let stem = resample::resample(noise(2, 3.0), RATE, 48_000, Until::DONE).unwrap();
    write(&folder.path().join("stems/c.wav"), 48_000, &stem);
    let open_until = |stop: &Stop| {
        let pool = crate::threads::pool(1).unwrap();
        let options = Options { stop: stop.clone(), ..Options::default() };
        pool.install(|| Session::open(folder.path(), &options))
    };
    let count = Stop::stopping_at(1);
    open_until(&count).unwrap();
    let looks = count.looks();
    for look in (1..looks).step_by(7).chain(looks - 20..=looks) {
        let stop = Stop::aborting_at(look);
        assert!(matches!(open_until(&stop), Err(Error::Aborted)));
        assert!(stop.looks() <= look + 4, "{} more looks after look {look}", stop.looks() - look);
    }
}

/// A float WAV file whose header has the `fact` chunk that such a file should have, and a format chunk of `fmt_len` bytes.
fn wav_with_fact(fmt_len: u32, rate: u32, audio: &Stereo) -> Vec<u8> {
    const SUB_FORMAT: &[u8] = b"\x03\0\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71";
    let [left, right] = &audio.channels;
    let data: Vec<u8> =
        left.iter().zip(right).flat_map(|(l, r)| [*l, *r]).flat_map(f32::to_le_bytes).collect();
    let mut fmt = Vec::new();
    fmt.extend(if fmt_len == 40 { 0xfffe_u16 } else { 3 }.to_le_bytes());
    fmt.extend(2u16.to_le_bytes());
    fmt.extend(rate.to_le_bytes());
    fmt.extend((rate * 8).to_le_bytes());
    fmt.extend([8, 0, 32, 0]);
    fmt.extend((fmt_len as u16 - 18).to_le_bytes());
    if fmt_len == 40 {
        fmt.extend([32, 0, 3, 0, 0, 0]);
        fmt.extend(SUB_FORMAT);
    }
    let frames = (audio.len() as u32).to_le_bytes();
    let chunks = [(b"fmt ", &fmt[..]), (b"fact", &frames[..]), (b"data", &data[..])];
    let mut body = b"WAVE".to_vec();
    for (id, content) in chunks {
        body.extend(id);
        body.extend((content.len() as u32).to_le_bytes());
        body.extend(content);
    }
    let mut file = b"RIFF".to_vec();
    file.extend((body.len() as u32).to_le_bytes());
    file.extend(body);
    file
}

#[test]
fn sessions_from_8_to_384_khz_open_in_step_and_whole() {
    for rate in [8_000, 11_025, 22_050, 96_000, 192_000, 384_000] {
        let folder = folder(SOUND);
        let at_rate = |audio: Stereo| resample::resample(audio, RATE, rate, Until::DONE).unwrap();
        write(&folder.path().join("stems/keys/a.wav"), rate, &at_rate(noise(0, 3.0)));
        put(&folder.path().join("stems/keys/b.wav"), &wav_with_fact(18, rate, &at_rate(noise(1, 3.0))));
        put(&folder.path().join("stems/c.wav"), &wav_with_fact(40, rate, &at_rate(noise(2, 3.0))));
        let mut mix = noise(0, 3.0);
        [1, 2].into_iter().for_each(|seed| mix.add(&noise(seed, 3.0)));
        put(&folder.path().join("mix.wav"), &wav_with_fact(18, rate, &at_rate(mix)));
        let session = open(&folder).unwrap();
        assert_eq!((session.sample_rate, session.rate, session.len()), (rate, RATE, 90_000), "{rate} Hz");
        assert_eq!((session.offset_samples, &session.notes), (0, &vec![]), "{rate} Hz");
        // The mix is the sum of its stems at every rate.
        let [_, b, c] = &session.stems[..] else { panic!("{rate} Hz") };
        let mut sum = session.stems[0].audio.stereo();
        sum.add(&b.audio.stereo());
        sum.add(&c.audio.stereo());
        for (found, wanted) in sum.channels.iter().flatten().zip(session.mix.channels.iter().flatten()) {
            assert!((found - wanted).abs() < 1e-5, "{rate} Hz: {found}, not {wanted}");
        }
    }
}

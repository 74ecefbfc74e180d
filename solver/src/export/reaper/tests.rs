//! The project says what the report says, and reads as Reaper's format does.

use super::super::testing::stems;
use super::*;
use crate::findings::{ProcessorView, fixture};

/// A chunk as it is read back: its words, its lines, its chunks.
#[derive(Debug, Default)]
struct Chunk {
    words: Vec<String>,
    lines: Vec<Vec<String>>,
    notes: Vec<String>,
    chunks: Vec<Chunk>,
}

impl Chunk {
    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Chunk> {
        self.chunks.iter().filter(move |chunk| chunk.words[0] == name)
    }

    fn line(&self, name: &str) -> &[String] {
        &self.lines.iter().find(|line| line[0] == name).unwrap()[1..]
    }

    fn numbers(&self, name: &str) -> Vec<f64> {
        self.line(name).iter().map(|word| word.parse().unwrap()).collect()
    }
}

/// Words of a line, in quotes or not.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut rest) = (vec![], line.trim());
    while let Some(first) = rest.chars().next() {
        let (word, left) = match first {
            quote @ ('"' | '\'' | '`') => rest[1..].split_once(quote).unwrap(),
            _ => rest.split_once(' ').unwrap_or((rest, "")),
        };
        words.push(word.to_owned());
        rest = left.trim_start();
    }
    words
}

fn parse(text: &str) -> Chunk {
    let mut open = vec![Chunk::default()];
    for line in text.lines().map(str::trim_start) {
        if let Some(head) = line.strip_prefix('<') {
            open.push(Chunk { words: words(head), ..Chunk::default() });
        } else if line == ">" {
            let chunk = open.pop().unwrap();
            open.last_mut().unwrap().chunks.push(chunk);
        } else if let Some(note) = line.strip_prefix('|') {
            open.last_mut().unwrap().notes.push(note.to_owned());
        } else {
            open.last_mut().unwrap().lines.push(words(line));
        }
    }
    assert_eq!(open.len(), 1, "every chunk is closed");
    open.remove(0).chunks.remove(0)
}

fn read(report: &Report, offset_s: f64) -> Chunk {
    parse(&project(report, &Mixer::of(report), &stems(report, offset_s)))
}

#[test]
fn tracks_are_in_the_folders_of_their_groups_under_their_own_names() {
    let report = fixture::song();
    let project = read(&report, 0.0);
    let tracks: Vec<_> =
        project.all("TRACK").map(|t| (t.line("NAME")[0].clone(), t.numbers("ISBUS"))).collect();
    let strip = |i: usize| report.strips[i].name.clone();
    let wanted = [
        (strip(6), [1.0, 1.0]),
        (strip(0), [0.0, 0.0]),
        (strip(1), [0.0, 0.0]),
        (strip(2), [2.0, -1.0]),
        (strip(7), [1.0, 1.0]),
        (strip(3), [0.0, 0.0]),
        (strip(4), [2.0, -1.0]),
        (strip(5), [0.0, 0.0]),
        ("mix (reference)".into(), [0.0, 0.0]),
    ];
    assert_eq!(tracks.len(), wanted.len());
    for (found, wanted) in tracks.iter().zip(wanted) {
        // The format has no way to write all three kinds of quotes.
        assert_eq!(found, &(wanted.0, wanted.1.to_vec()));
    }
    assert_eq!(project.numbers("TEMPO"), [120.0, 4.0, 4.0]);
    let mix = project.all("TRACK").last().unwrap();
    assert_eq!(mix.numbers("MUTESOLO")[0], 1.0);
}

#[test]
fn volume_and_pan_are_the_gains_of_the_report() {
    let report = fixture::song();
    for track in read(&report, 0.0).all("TRACK") {
        let Some(strip) = report.strips.iter().find(|strip| strip.name == track.line("NAME")[0]) else {
            continue;
        };
        let [volume, pan, law] = track.numbers("VOLPAN")[..3] else { panic!() };
        let gains = Fader::of(&strip.chain).gains();
        let found = [1.0 - pan, 1.0 + pan].map(|side| volume * side.min(1.0));
        assert!((0..2).all(|c| (found[c] - gains[c]).abs() < 1e-9), "{}: {found:?}", strip.name);
        assert_eq!(law, 1.0);
    }
}

#[test]
fn a_send_receives_from_the_tracks_that_feed_it_behind_their_faders() {
    let report = fixture::hall();
    let project = read(&report, 0.0);
    let names: Vec<_> = project.all("TRACK").map(|track| track.line("NAME")[0].clone()).collect();
    assert_eq!(names, ["Drums", "Kick", "Lead vocal", "hall", "mix (reference)"]);
    let hall = project.all("TRACK").nth(3).unwrap();
    let received: Vec<_> = hall.lines.iter().filter(|line| line[0] == "AUXRECV").collect();
    for ((line, gain), source) in received.iter().zip(&report.strips[3].chain).zip(["1", "2"]) {
        let level = Fader::of(&[ProcessorView { from: None, ..gain.clone() }]);
        assert_eq!(line[1..3], [source, "0"]);
        assert!((line[3].parse::<f64>().unwrap() - level.balance().0).abs() < 1e-8);
    }
    assert_eq!(received.len(), 2);
}

#[test]
fn stems_are_moved_as_the_session_was() {
    let report = fixture::song();
    for (offset, position, from) in [(0.5, 0.5, 0.0), (-0.25, 0.0, 0.25)] {
        let project = read(&report, offset);
        let kick = project.all("TRACK").nth(1).unwrap();
        let item = kick.all("ITEM").next().unwrap();
        assert_eq!((item.numbers("POSITION")[0], item.numbers("SOFFS")[0]), (position, from));
        assert_eq!(item.numbers("LENGTH")[0], 200.25 - from);
        assert_eq!(item.all("SOURCE").next().unwrap().line("FILE"), ["audio/000 it's.wav"]);
        let mix = project.all("TRACK").last().unwrap().all("ITEM").next().unwrap();
        assert_eq!(mix.numbers("POSITION")[0], 0.0);
    }
}

#[test]
fn every_processor_is_in_the_notes_of_its_item_its_track_and_the_project() {
    let report = fixture::song();
    let project = read(&report, 0.0);
    let whole = &project.all("NOTES").next().unwrap().notes;
    let extension = project.all("EXTENSIONS").next().unwrap();
    for row in crate::pages::table::rows(&report) {
        for phrase in &row.chain {
            assert!(whole.iter().any(|line| line.contains(phrase)), "{phrase}");
            if row.role == Role::Master {
                continue;
            }
            let track = project.all("TRACK").find(|track| track.line("NAME")[0] == row.name).unwrap();
            let item = track.all("ITEM").next().unwrap();
            assert!(item.all("NOTES").next().unwrap().notes.contains(phrase));
            let id = &track.words[1];
            let notes = extension.all("S&M_TRACKNOTES").find(|notes| &notes.words[1] == id).unwrap();
            assert!(notes.notes.contains(phrase));
        }
    }
}

#[test]
fn songs_of_any_size_are_projects_even_without_processors() {
    for tracks in [1, 3, 115] {
        let mut report = fixture::of_size(tracks);
        assert_eq!(read(&report, 0.0).all("TRACK").count(), report.strips.len() + 1);
        report.strips.iter_mut().for_each(|strip| strip.chain.clear());
        let bare = read(&report, 0.0);
        assert!(bare.all("TRACK").all(|track| track.numbers("VOLPAN")[..2] == [1.0, 0.0]));
    }
    // A bus that no track is routed to is no folder.
    let space = read(&fixture::parallel(), 0.0);
    let space = space.all("TRACK").find(|track| track.line("NAME")[0] == "space").unwrap();
    assert_eq!(space.numbers("ISBUS"), [0.0, 0.0]);
}

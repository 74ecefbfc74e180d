//! Reaper: a folder with the project as text, the original stems and impulse responses.
//!
//! Faders, pan pots, folders and items are set. The state of Reaper's own effects is not publicly documented, so effects
//! stand in the notes of items, tracks (of the SWS extension) and the project, to be dialled in.

mod rpp;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::path::{Path, PathBuf};

use super::mixer::{Channel, Mixer};
use super::stems::{Stem, Stems};
use super::{Error, impulses};
use crate::findings::Report;
use crate::graph::Role;
use crate::processors::Fader;
use crate::result::names;
use crate::result::{Found, put};
use crate::session::AudioFormat;
use crate::stop::Stop;
use crate::words::facts;
use rpp::{Project, Word};

/// The version of Reaper whose project this is.
const VERSION: &str = "7.0/mixtrace";

/// The pan mode that is a stereo balance.
const BALANCE: i64 = 3;

/// Writes a result as a project into `folder`.
///
/// # Errors
/// If the system refuses, or once an abort was asked for.
pub fn write(found: &Found, stems: &Stems, folder: &Path, stop: &Stop) -> Result<(), Error> {
    let (mixer, until) = (Mixer::of(&found.report), stop.until_aborted());
    let audio = folder.join("audio");
    put::folder(&audio)?;
    let file = names::clean(&found.report.session.name) + ".rpp";
    put::write(&folder.join(file), project(&found.report, &mixer, stems).as_bytes())?;
    for stem in stems.tracks.values().chain(&stems.mix) {
        until.check()?;
        let path = audio.join(&stem.file);
        let mut copy = File::create(&path).map_err(Error::io("writing", &path))?;
        let from = PathBuf::from(stem.source.name());
        put::copy((&mut stem.source.open()?, &from), (&mut copy, &path), until)?;
    }
    impulses::write(found, &mixer, &folder.join("impulses"), until)
}

/// How a track stands among the others.
#[derive(Clone, Copy)]
enum Folder {
    Begin,
    Within,
    End,
    Outside,
}

/// The project's text.
fn project(report: &Report, mixer: &Mixer, stems: &Stems) -> String {
    let mut rpp = Project::default();
    rpp.open("REAPER_PROJECT", &[Word::Number(0.1), Word::Text(VERSION), Word::Whole(0)]);
    rpp.open("NOTES", &[Word::Whole(0), Word::Whole(2)]);
    rpp.notes(&all_notes(report, mixer));
    rpp.close();
    let tempo = super::tempo(report);
    // At 0 dB, a pan pot is a balance that turns one side down.
    rpp.line("PANLAW", &[Word::Whole(1)]);
    rpp.line("SAMPLERATE", &[Word::Whole(report.session.sample_rate.into()), Word::Whole(0), Word::Whole(0)]);
    rpp.line("TEMPO", &[Word::Number(tempo), Word::Whole(4), Word::Whole(4)]);
    rpp.line("MASTER_NCH", &[Word::Whole(2), Word::Whole(2)]);
    let master = mixer.master().map_or(Fader::NEUTRAL, |master| master.fader);
    rpp.line("MASTER_VOLUME", &volume(master));
    rpp.line("MASTER_PANMODE", &[Word::Whole(BALANCE)]);
    let mut tracks = Vec::new();
    for block in mixer.blocks() {
        let last = block.tracks.len().saturating_sub(1);
        if let Some(group) = block.group {
            let folder = if block.tracks.is_empty() { Folder::Outside } else { Folder::Begin };
            tracks.push((group, folder));
        }
        tracks.extend(block.tracks.iter().enumerate().map(|(n, &track)| {
            let folder = match block.group {
                None => Folder::Outside,
                Some(_) if n == last => Folder::End,
                Some(_) => Folder::Within,
            };
            (track, folder)
        }));
    }
    tracks.extend(mixer.sends().into_iter().map(|send| (send, Folder::Outside)));
    for &(i, folder) in &tracks {
        let channel = &mixer.channels[i];
        track(&mut rpp, i, &channel.strip.name, channel.fader, folder, false);
        for (source, &(from, _)) in tracks.iter().enumerate() {
            for send in mixer.channels[from].sends.iter().filter(|send| send.to == i) {
                receive(&mut rpp, source, send.level);
            }
        }
        match stems.tracks.get(&i) {
            Some(stem) => item(&mut rpp, &channel.strip.name, stem, stems.begin(), &channel.notes),
            None => note_item(&mut rpp, report.session.duration_s, &channel.notes),
        }
        rpp.close();
    }
    if let Some(mix) = &stems.mix {
        track(&mut rpp, mixer.channels.len(), "mix (reference)", Fader::NEUTRAL, Folder::Outside, true);
        item(&mut rpp, "mix", mix, (0.0, 0.0), &[]);
        rpp.close();
    }
    rpp.open("EXTENSIONS", &[]);
    for &(i, _) in tracks.iter().filter(|(i, _)| !mixer.channels[*i].notes.is_empty()) {
        rpp.open("S&M_TRACKNOTES", &[Word::Plain(&guid(i))]);
        rpp.notes(&mixer.channels[i].notes);
        rpp.close();
    }
    rpp.close();
    rpp.close();
    rpp.into_text()
}

/// The whole mixer in words.
fn all_notes(report: &Report, mixer: &Mixer) -> Vec<String> {
    let mut notes = vec![
        format!("Exported by {} from {}.", crate::PROGRAM, facts::summary(report)),
        "Faders and pan pots are set; the effects are to be dialled in:".into(),
    ];
    for Channel { strip, notes: lines, .. } in &mixer.channels {
        if !lines.is_empty() {
            let role = match strip.role {
                Role::Group => " (group)",
                Role::Send => " (send)",
                Role::Track | Role::Master => "",
            };
            notes.push(String::new());
            notes.push(format!("{}{role}", strip.name));
            notes.extend(lines.iter().map(|line| format!("    {line}")));
        }
    }
    notes.push(String::new());
    notes.extend(mixer.notes.iter().chain(&report.session.notes).cloned());
    notes
}

/// Begins a track.
fn track(rpp: &mut Project, i: usize, name: &str, fader: Fader, folder: Folder, muted: bool) {
    let guid = guid(i);
    let (bus, depth) = match folder {
        Folder::Begin => (1, 1),
        Folder::Within | Folder::Outside => (0, 0),
        Folder::End => (2, -1),
    };
    rpp.open("TRACK", &[Word::Plain(&guid)]);
    rpp.line("NAME", &[Word::Text(name)]);
    rpp.line("VOLPAN", &volume(fader));
    rpp.line("MUTESOLO", &[Word::Whole(muted.into()), Word::Whole(0), Word::Whole(0)]);
    rpp.line("ISBUS", &[Word::Whole(bus), Word::Whole(depth)]);
    rpp.line("NCHAN", &[Word::Whole(2)]);
    rpp.line("PANMODE", &[Word::Whole(BALANCE)]);
    rpp.line("TRACKID", &[Word::Plain(&guid)]);
    rpp.line("MAINSEND", &[Word::Whole(1), Word::Whole(0)]);
}

/// What a track receives from behind the fader of another, by that one's place in the project.
fn receive(rpp: &mut Project, source: usize, level: Fader) {
    let (gain, balance) = level.balance();
    let mut words =
        vec![Word::Whole(source as i64), Word::Whole(0), Word::Number(gain), Word::Number(balance)];
    // Not muted, not mono, phase as it is, from and to the first two channels.
    words.extend([0; 5].map(Word::Whole));
    rpp.line("AUXRECV", &words);
}

/// Volume and pan at a pan law of 0 dB.
fn volume(fader: Fader) -> [Word<'static>; 5] {
    let (gain, balance) = fader.balance();
    [Word::Number(gain), Word::Number(balance), Word::Whole(1), Word::Whole(-1), Word::Whole(1)]
}

/// A file in its place: later where it was moved later, else without its beginning.
fn item(rpp: &mut Project, name: &str, stem: &Stem, (at, from): (f64, f64), notes: &[String]) {
    rpp.open("ITEM", &[]);
    rpp.line("POSITION", &[Word::Number(at)]);
    rpp.line("LENGTH", &[Word::Number((stem.seconds - from).max(0.0))]);
    rpp.line("LOOP", &[Word::Whole(0)]);
    item_notes(rpp, notes);
    rpp.line("NAME", &[Word::Text(name)]);
    rpp.line("SOFFS", &[Word::Number(from)]);
    let source = match stem.shape.format {
        AudioFormat::Wav => "WAVE",
        AudioFormat::Flac => "FLAC",
    };
    rpp.open("SOURCE", &[Word::Plain(source)]);
    rpp.line("FILE", &[Word::Text(&format!("audio/{}", stem.file))]);
    rpp.close();
    rpp.close();
}

/// An empty item that shows the notes of a track without audio.
fn note_item(rpp: &mut Project, seconds: f64, notes: &[String]) {
    if !notes.is_empty() {
        rpp.open("ITEM", &[]);
        rpp.line("POSITION", &[Word::Number(0.0)]);
        rpp.line("LENGTH", &[Word::Number(seconds)]);
        item_notes(rpp, notes);
        rpp.close();
    }
}

fn item_notes(rpp: &mut Project, notes: &[String]) {
    if !notes.is_empty() {
        rpp.open("NOTES", &[]);
        rpp.notes(notes);
        rpp.close();
        rpp.line("IMGRESOURCEFLAGS", &[Word::Whole(0)]);
    }
}

/// A track's name for Reaper, which need be unique in its project only.
fn guid(i: usize) -> String {
    // MIXTRACE in ASCII.
    format!("{{4D495854-5241-4345-8000-{:012X}}}", i + 1)
}

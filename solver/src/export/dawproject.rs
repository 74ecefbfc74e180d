//! DAWproject: one ZIP file with the project as XML, the original stems and impulse responses.
//!
//! The format is Bitwig's exchange format (<https://github.com/bitwig/dawproject>, schema 1.0). Groups are tracks that hold
//! tracks. Equalisers, compressors and gates are its own devices; what it has no device for stands in its place in the
//! chain under a name that says what to load there.

mod devices;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::mixer::{Channel, Mixer};
use super::stems::{Stem, Stems};
use super::xml::Element;
use super::{Error, impulses};
use crate::findings::Report;
use crate::processors::Fader;
use crate::result::{Found, put};
use crate::stop::{Stop, Until};
use crate::words::facts;

/// The name of a sum that no strip stands for.
const MASTER: &str = "master";

/// Writes a result as a project to the file `path`.
///
/// # Errors
/// If the system refuses, or once an abort was asked for.
pub fn write(found: &Found, stems: &Stems, path: &Path, stop: &Stop) -> Result<(), Error> {
    let (mixer, until) = (Mixer::of(&found.report), stop.until_aborted());
    let refused = |error: io::Error| Error::io("writing", path)(error);
    let mut archive = Archive::create(path, until).map_err(refused)?;
    let filled = fill(&mut archive, found, stems, &mixer, path);
    if filled.is_err() {
        // Its drop would complain on the terminal that it is not whole; the file goes with its folder.
        std::mem::forget(archive);
        return filled;
    }
    archive.finish()
}

/// Puts everything into the archive that is to be `path`.
fn fill(
    archive: &mut Archive,
    found: &Found,
    stems: &Stems,
    mixer: &Mixer,
    path: &Path,
) -> Result<(), Error> {
    let until = archive.until;
    let refused = |error: io::Error| Error::io("writing", path)(error);
    let texts = [
        ("project.xml", project(&found.report, mixer, stems)),
        ("metadata.xml", metadata(&found.report, mixer)),
    ];
    for (name, text) in texts {
        let text = text.document().map_err(refused)?;
        archive.add(name, &mut text.as_slice(), path)?;
    }
    for stem in stems.tracks.values() {
        let from = PathBuf::from(stem.source.name());
        archive.add(&in_archive("audio", &stem.file), &mut stem.source.open()?, &from)?;
    }
    let scratch = tempfile::tempdir_in(path.parent().unwrap_or(path)).map_err(refused)?;
    impulses::write(found, mixer, scratch.path(), until).map_err(|e| e.moved(scratch.path(), path))?;
    for file in mixer.channels.iter().flat_map(|channel| channel.impulses.values()) {
        let from = scratch.path().join(file);
        let mut response = File::open(&from).map_err(refused)?;
        archive.add(&in_archive("impulses", file), &mut response, &from)?;
    }
    Ok(())
}

fn in_archive(folder: &str, file: &str) -> String {
    format!("{folder}/{file}")
}

/// The ZIP file. Nothing is compressed: of the audio little would be gained, and all else is small.
struct Archive<'a> {
    zip: ZipWriter<BufWriter<File>>,
    path: &'a Path,
    until: Until<'a>,
}

impl<'a> Archive<'a> {
    fn create(path: &'a Path, until: Until<'a>) -> io::Result<Self> {
        Ok(Self { zip: ZipWriter::new(BufWriter::new(File::create(path)?)), path, until })
    }

    fn add(&mut self, name: &str, content: &mut dyn Read, from: &Path) -> Result<(), Error> {
        let options =
            SimpleFileOptions::default().compression_method(CompressionMethod::Stored).large_file(true);
        self.zip.start_file(name, options).map_err(Error::io("writing", self.path))?;
        Ok(put::copy((content, from), (&mut self.zip, self.path), self.until)?)
    }

    fn finish(self) -> Result<(), Error> {
        let mut file = self.zip.finish().map_err(Error::io("writing", self.path))?;
        file.flush().map_err(Error::io("writing", self.path))
    }
}

/// `metadata.xml`.
fn metadata(report: &Report, mixer: &Mixer) -> Element {
    let mut comment = vec![format!("Exported by {} from {}.", crate::PROGRAM, facts::summary(report))];
    comment.extend(mixer.notes.iter().cloned());
    comment.extend(report.session.notes.iter().cloned());
    Element::new("MetaData").holding([
        Element::of_text("Title", &report.session.name),
        Element::of_text("Comment", &comment.join(" ")),
    ])
}

/// `project.xml`.
fn project(report: &Report, mixer: &Mixer, stems: &Stems) -> Element {
    let tempo = super::tempo(report);
    let transport = Element::new("Transport").holding([
        real("Tempo", "bpm", tempo).with("id", "tempo"),
        Element::new("TimeSignature").with("id", "meter").with("denominator", 4).with("numerator", 4),
    ]);
    let lanes = stems.tracks.iter().map(|(&i, stem)| {
        Element::new("Lanes").with("id", format!("lanes{i}")).with("track", track_id(i)).holding([
            Element::new("Clips").with("id", format!("clips{i}")).holding([clip(
                i,
                &mixer.channels[i].strip.name,
                stem,
                stems.begin(),
            )]),
        ])
    });
    let (name, version) = crate::PROGRAM.split_once(' ').unwrap_or((crate::PROGRAM, ""));
    Element::new("Project").with("version", "1.0").holding([
        Element::new("Application").with("name", name).with("version", version),
        transport,
        Element::new("Structure").holding(structure(mixer)),
        Element::new("Arrangement")
            .with("id", "arrangement")
            .holding([Element::new("Lanes").with("id", "lanes").with("timeUnit", "seconds").holding(lanes)]),
    ])
}

/// Every group with its tracks, the tracks without one, sends, and the master.
fn structure(mixer: &Mixer) -> Vec<Element> {
    let mut all = Vec::new();
    for block in mixer.blocks() {
        let to = block.group.map_or(MASTER.into(), channel_id);
        let tracks = block.tracks.iter().map(|&i| {
            let channel = &mixer.channels[i];
            let made = self::channel(&channel_id(i), "regular", Some(&to), channel, devices::of(i, channel));
            track(&track_id(i), "audio", channel).holding([made])
        });
        let Some(i) = block.group else {
            all.extend(tracks);
            continue;
        };
        let group = &mixer.channels[i];
        let made = channel(&channel_id(i), "submix", Some(MASTER), group, devices::of(i, group));
        all.push(track(&track_id(i), "tracks", group).holding([made]).holding(tracks));
    }
    for i in mixer.sends() {
        let send = &mixer.channels[i];
        let made = channel(&channel_id(i), "effect", Some(MASTER), send, devices::of(i, send));
        all.push(track(&track_id(i), "audio", send).holding([made]));
    }
    let index = mixer.channels.len();
    all.push(match mixer.master() {
        Some(master) => {
            let made = channel(MASTER, "master", None, master, devices::of(index, master));
            track(&track_id(index), "audio", master).holding([made])
        }
        None => {
            let head = Element::new("Track").with("id", track_id(index)).with("name", MASTER);
            let made = mixer_channel(MASTER, "master", None, vec![], Fader::NEUTRAL, vec![]);
            head.with("contentType", "audio").with("loaded", true).holding([made])
        }
    });
    all
}

fn track(id: &str, content: &str, channel: &Channel) -> Element {
    Element::new("Track")
        .with("id", id)
        .with("name", &channel.strip.name)
        .with("comment", channel.notes.join(" · "))
        .with("contentType", content)
        .with("loaded", true)
}

/// A strip's channel.
fn channel(id: &str, role: &str, to: Option<&str>, of: &Channel, devices: Vec<Element>) -> Element {
    let sends = of.sends.iter().enumerate().map(|(n, send)| {
        Element::new("Send").with("destination", channel_id(send.to)).with("type", "post").holding([
            pan(send.level).with("id", format!("{id}_send{n}_pan")),
            volume(send.level).with("id", format!("{id}_send{n}_volume")),
        ])
    });
    mixer_channel(id, role, to, devices, of.fader, sends.collect())
}

fn mixer_channel(
    id: &str,
    role: &str,
    to: Option<&str>,
    devices: Vec<Element>,
    fader: Fader,
    sends: Vec<Element>,
) -> Element {
    let mut channel = Element::new("Channel").with("id", id).with("audioChannels", 2).with("role", role);
    if let Some(to) = to {
        channel = channel.with("destination", to);
    }
    let sends = (!sends.is_empty()).then(|| Element::new("Sends").holding(sends));
    channel
        .with("solo", false)
        .holding([
            Element::new("Devices").holding(devices),
            Element::new("Mute").with("id", format!("{id}_mute")).with("value", false),
            pan(fader).with("id", format!("{id}_pan")),
        ])
        .holding(sends)
        .holding([volume(fader).with("id", format!("{id}_volume"))])
}

fn pan(fader: Fader) -> Element {
    real("Pan", "normalized", (fader.pan + 1.0) / 2.0)
}

fn volume(fader: Fader) -> Element {
    real("Volume", "linear", fader.gain())
}

/// A stem in its place: later where it was moved later, else without its beginning.
fn clip(i: usize, name: &str, stem: &Stem, (at, from): (f64, f64)) -> Element {
    let Stem { file, shape, seconds, .. } = stem;
    let audio = Element::new("Audio")
        .with("id", format!("audio{i}"))
        .with("duration", seconds)
        .with("channels", shape.channels)
        .with("sampleRate", shape.rate)
        .holding([Element::new("File").with("path", in_archive("audio", file)).with("external", false)]);
    Element::new("Clip")
        .with("name", name)
        .with("time", at)
        .with("duration", (seconds - from).max(0.0))
        .with("contentTimeUnit", "seconds")
        .with("playStart", from)
        .holding([audio])
}

/// A parameter.
fn real(name: &'static str, unit: &str, value: f64) -> Element {
    Element::new(name).with("unit", unit).with("value", value)
}

fn track_id(i: usize) -> String {
    format!("track{i}")
}

fn channel_id(i: usize) -> String {
    format!("channel{i}")
}

//! The project says what the report says, and keeps the rules of the format's schema.

use std::collections::BTreeSet;

use roxmltree::{Document, Node};

use super::super::testing::stems;
use super::*;
use crate::findings::{ProcessorView, Role, fixture};
use crate::processors::Kind;

/// The project of a report, checked against the schema's rules, and what `look` finds in it.
fn read<T>(report: &Report, offset_s: f64, look: impl FnOnce(Node) -> T) -> T {
    let mixer = Mixer::of(report);
    let text = project(report, &mixer, &stems(report, offset_s)).document().unwrap();
    let text = String::from_utf8(text).unwrap();
    let document = Document::parse(&text).unwrap();
    check(document.root_element());
    look(document.root_element())
}

/// What an element of the schema may hold, in order (those in one word of `|` in any order), and the attributes it needs.
/// Only what this program writes.
const RULES: [(&str, &[&str], &[&str]); 28] = [
    ("Project", &["Application", "Transport", "Structure", "Arrangement"], &["version"]),
    ("Application", &[], &["name", "version"]),
    ("Transport", &["Tempo", "TimeSignature"], &[]),
    ("Tempo", &[], &["unit"]),
    ("TimeSignature", &[], &["denominator", "numerator"]),
    ("Structure", &["Track"], &[]),
    ("Track", &["Channel", "Track"], &[]),
    ("Channel", &["Devices", "Mute", "Pan", "Sends", "Volume"], &[]),
    ("Sends", &["Send"], &[]),
    ("Send", &["Enable", "Pan", "Volume"], &["destination", "type"]),
    ("Devices", &["Equalizer|Compressor|NoiseGate|BuiltinDevice"], &[]),
    (
        "Equalizer",
        &["Parameters", "Enabled", "Band", "InputGain", "OutputGain"],
        &["deviceName", "deviceRole"],
    ),
    ("Band", &["Freq", "Gain", "Q", "Enabled"], &["type"]),
    (
        "Compressor",
        &["Parameters", "Enabled", "Attack", "AutoMakeup", "OutputGain", "Ratio", "Release", "Threshold"],
        &["deviceName", "deviceRole"],
    ),
    (
        "NoiseGate",
        &["Parameters", "Enabled", "Attack", "Range", "Ratio", "Release", "Threshold"],
        &["deviceName", "deviceRole"],
    ),
    ("BuiltinDevice", &["Parameters", "Enabled"], &["deviceName", "deviceRole"]),
    ("Parameters", &["RealParameter"], &[]),
    ("Arrangement", &["Lanes"], &[]),
    ("Lanes", &["Lanes|Clips"], &[]),
    ("Clips", &["Clip"], &[]),
    ("Clip", &["Audio"], &["time"]),
    ("Audio", &["File"], &["duration", "channels", "sampleRate"]),
    ("File", &[], &["path"]),
    ("Enabled", &[], &[]),
    ("Mute", &[], &[]),
    ("AutoMakeup", &[], &[]),
    ("Pan", &[], &["unit"]),
    ("Volume", &[], &["unit"]),
];

/// The values that the schema lists for an attribute.
const VALUES: [(&str, &[&str]); 6] = [
    (
        "unit",
        &["linear", "normalized", "percent", "decibel", "hertz", "semitones", "seconds", "beats", "bpm"],
    ),
    ("timeUnit", &["beats", "seconds"]),
    ("contentTimeUnit", &["beats", "seconds"]),
    ("deviceRole", &["instrument", "noteFX", "audioFX", "analyzer"]),
    ("role", &["regular", "master", "effect", "submix", "vca"]),
    ("contentType", &["audio", "automation", "notes", "video", "markers", "tracks"]),
];

fn elements<'a>(node: Node<'a, 'a>) -> impl Iterator<Item = Node<'a, 'a>> {
    node.children().filter(Node::is_element)
}

fn check(root: Node) {
    let mut ids = BTreeSet::new();
    for node in root.descendants().filter(Node::is_element) {
        let name = node.tag_name().name();
        if let Some(id) = node.attribute("id") {
            assert!(ids.insert(id), "the id {id} stands twice");
            assert!(id.starts_with(|c: char| c.is_ascii_alphabetic()));
        }
        for (attribute, allowed) in VALUES {
            assert!(node.attribute(attribute).is_none_or(|v| allowed.contains(&v)), "{name} {attribute}");
        }
        let parameter =
            ["Freq", "Gain", "Q", "Attack", "Release", "Ratio", "Range", "Threshold", "OutputGain"];
        if parameter.contains(&name) || name == "RealParameter" {
            assert!(node.attribute("unit").is_some() && elements(node).next().is_none(), "{name}");
            continue;
        }
        let (_, order, needed) = RULES.iter().find(|rule| rule.0 == name).unwrap_or_else(|| panic!("{name}"));
        assert!(needed.iter().all(|attribute| node.has_attribute(*attribute)), "{name}");
        let at = |child: Node| {
            let of = |rule: &&str| rule.split('|').any(|name| name == child.tag_name().name());
            order.iter().position(of).unwrap_or_else(|| panic!("{child:?} in {name}"))
        };
        assert!(elements(node).map(at).is_sorted(), "the order in {name}");
    }
    for node in root.descendants() {
        for attribute in ["destination", "track"] {
            assert!(node.attribute(attribute).is_none_or(|id| ids.contains(id)), "{node:?}");
        }
    }
}

fn value(node: Node, name: &str) -> f64 {
    let found = elements(node).find(|child| child.tag_name().name() == name);
    found.unwrap().attribute("value").unwrap().parse().unwrap()
}

/// The channel of the strip of that name.
fn channel<'a>(root: Node<'a, 'a>, name: &str) -> Node<'a, 'a> {
    let is = |node: &Node| node.has_tag_name("Track") && node.attribute("name") == Some(name);
    root.descendants().find(is).unwrap().first_element_child().unwrap()
}

fn devices<'a>(channel: Node<'a, 'a>) -> Vec<Node<'a, 'a>> {
    elements(channel.first_element_child().unwrap()).collect()
}

fn close(found: f64, wanted: f64) {
    assert!((found - wanted).abs() < 1e-9 * wanted.abs().max(1.0), "{found}, not {wanted}");
}

#[test]
fn every_strip_is_a_channel_that_leads_where_the_console_does() {
    for report in [fixture::song(), fixture::hall()] {
        leads_where_the_console_does(&report);
    }
}

fn leads_where_the_console_does(report: &Report) {
    read(report, 0.0, |root| {
        for strip in &report.strips {
            let found = channel(root, &strip.name);
            let to = strip.group.as_ref().map(|group| channel(root, group).attribute("id").unwrap());
            match strip.role {
                Role::Track => assert_eq!(found.attribute("destination"), to.or(Some(MASTER))),
                Role::Group => {
                    assert_eq!(found.attribute("role"), Some("submix"));
                    assert_eq!(found.attribute("destination"), Some(MASTER));
                }
                Role::Send => {
                    assert_eq!(found.attribute("role"), Some("effect"));
                    assert_eq!(found.attribute("destination"), Some(MASTER));
                }
                Role::Master => {
                    assert_eq!(
                        (found.attribute("role"), found.attribute("destination")),
                        (Some("master"), None)
                    );
                }
            }
            let parent = found.parent().unwrap().parent().unwrap();
            assert_eq!(parent.attribute("name"), strip.group.as_deref());
        }
    });
}

#[test]
fn a_track_sends_behind_its_fader_what_its_gain_in_the_send_says() {
    let report = fixture::hall();
    read(&report, 0.0, |root| {
        let hall = channel(root, "hall").attribute("id");
        for (name, gain) in ["Kick", "Lead vocal"].into_iter().zip(&report.strips[3].chain) {
            let sends = elements(channel(root, name)).find(|node| node.has_tag_name("Sends")).unwrap();
            let send = sends.first_element_child().unwrap();
            assert_eq!((send.attribute("destination"), send.attribute("type")), (hall, Some("post")));
            let level = Fader::of(&[ProcessorView { from: None, ..gain.clone() }]);
            close(value(send, "Volume"), level.gain());
            close(value(send, "Pan"), (level.pan + 1.0) / 2.0);
        }
    });
}

#[test]
fn faders_pans_and_devices_have_the_numbers_of_the_report() {
    let report = fixture::song();
    let mut seen = BTreeSet::new();
    read(&report, 0.0, |root| {
        for strip in &report.strips {
            let channel = channel(root, &strip.name);
            let fader = Fader::of(&strip.chain);
            close(20.0 * value(channel, "Volume").log10(), fader.gain_db);
            close(2.0 * value(channel, "Pan") - 1.0, fader.pan);
            let devices = devices(channel);
            let effects = strip.chain.iter().filter(|p| p.kind() != Kind::GainPan);
            assert_eq!(devices.len(), effects.clone().count());
            for (device, processor) in devices.into_iter().zip(effects) {
                seen.insert(processor.kind());
                let name = device.attribute("deviceName").unwrap();
                match processor.kind() {
                    Kind::Equalizer => {
                        let wanted = processor.bands.as_ref().unwrap();
                        let found: Vec<_> = elements(device).filter(|n| n.has_tag_name("Band")).collect();
                        assert_eq!(found.len(), wanted.bands.len());
                        for (found, wanted) in found.into_iter().zip(&wanted.bands) {
                            close(440.0 * ((value(found, "Freq") - 69.0) / 12.0).exp2(), wanted.hz);
                            close(value(found, "Gain"), wanted.db);
                            close(value(found, "Q"), wanted.q);
                        }
                        close(value(device, "OutputGain"), wanted.bands_level_db);
                    }
                    Kind::Compressor | Kind::NoiseGate => {
                        let of = |key| processor.settings.number(key);
                        close(value(device, "Threshold"), of("threshold_db"));
                        close(1.0 / (1.0 - value(device, "Ratio") / 100.0), of("ratio"));
                        close(1000.0 * value(device, "Attack"), of("time_ms"));
                        close(1000.0 * value(device, "Release"), of("time_ms"));
                        if device.has_tag_name("NoiseGate") {
                            close(1.0 - 10f64.powf(value(device, "Range") / 20.0), processor.wet);
                        } else {
                            assert!(name.contains("wet: in parallel"), "{name}");
                        }
                    }
                    Kind::StereoImager => {
                        let width = processor.settings.number("width");
                        close(value(device.first_element_child().unwrap(), "RealParameter"), width);
                    }
                    Kind::MultitapDelay => assert!(name.contains(" delay.wav, "), "{name}"),
                    Kind::Reverb => assert!(name.contains(" reverb.wav, "), "{name}"),
                    _ => {}
                }
            }
        }
    });
    assert_eq!(seen.len(), 6, "all kinds but gain and pan, which are faders");
}

#[test]
fn stems_are_moved_as_the_session_was() {
    let report = fixture::song();
    for (offset, time, start) in [(0.0, "0", "0"), (0.5, "0.5", "0"), (-0.25, "0", "0.25")] {
        read(&report, offset, |root| {
            let clips: Vec<_> = root.descendants().filter(|n| n.has_tag_name("Clip")).collect();
            assert_eq!(clips.len(), 6);
            for clip in clips {
                assert_eq!((clip.attribute("time"), clip.attribute("playStart")), (Some(time), Some(start)));
                let audio = clip.first_element_child().unwrap();
                assert_eq!(audio.attribute("duration"), Some("200.25"));
                assert_eq!(
                    (audio.attribute("channels"), audio.attribute("sampleRate")),
                    (Some("1"), Some("44100"))
                );
                let length: f64 = clip.attribute("duration").unwrap().parse().unwrap();
                close(length, 200.25 - start.parse::<f64>().unwrap());
            }
        });
    }
}

#[test]
fn an_equaliser_of_an_earlier_report_is_named_by_its_curve() {
    let mut report = fixture::song();
    report.session.tempo = None;
    for processor in report.strips.iter_mut().flat_map(|strip| &mut strip.chain) {
        processor.bands = None;
    }
    read(&report, 0.0, |root| {
        let device = devices(channel(root, "Kick in"))[0];
        let name = device.attribute("deviceName").unwrap();
        assert!(name.starts_with("Equaliser: ") && name.contains(" dB @ "), "{name}");
        assert!(!root.descendants().any(|n| n.has_tag_name("Band")));
        close(value(root.children().find(|n| n.has_tag_name("Transport")).unwrap(), "Tempo"), 120.0);
    });
}

#[test]
fn songs_of_any_size_are_projects_even_without_processors() {
    for mut report in [1, 3, 115].map(fixture::of_size).into_iter().chain([fixture::parallel()]) {
        let tracks = |root: Node| root.descendants().filter(|n| n.has_tag_name("Track")).count();
        // And the master, which no strip stands for.
        assert_eq!(read(&report, 0.0, tracks), report.strips.len() + 1);
        report.strips.iter_mut().for_each(|strip| strip.chain.clear());
        read(&report, 0.0, |root| {
            assert!(!root.descendants().any(|node| node.has_attribute("deviceRole")));
            for channel in root.descendants().filter(|n| n.has_tag_name("Channel")) {
                assert_eq!((value(channel, "Volume"), value(channel, "Pan")), (1.0, 0.5));
            }
        });
    }
}

//! A channel's effects as devices.

use super::super::mixer::Channel;
use super::super::xml::Element;
use super::real;
use crate::bands::{Band, Bands, Shape};
use crate::findings::ProcessorView;
use crate::processors::{Device, Dynamics, Figure};
use crate::units::{Unit, percent};
use crate::words::processor_phrase::{describe, detail};

/// A gain in a report is no lower, dB: what is all wet leaves nothing of the dry.
const LOWEST_DB: f64 = -120.0;

/// The devices of a channel in the order of its chain; `index` makes their ids unique.
pub fn of(index: usize, channel: &Channel) -> Vec<Element> {
    let device = |(place, processor): (usize, &ProcessorView)| {
        let id = format!("device{index}_{place}");
        let impulse = channel.impulses.get(&place).map(String::as_str);
        device(processor, impulse).map(|device| device.with("id", id))
    };
    channel.strip.chain.iter().enumerate().filter_map(device).collect()
}

/// A processor as a device; none for those that the fader holds.
fn device(processor: &ProcessorView, impulse: Option<&str>) -> Option<Element> {
    let (settings, definition) = (&processor.settings, processor.kind().definition());
    let title = definition.look().title;
    // Beside the dry sound, where an effect is not all wet.
    let beside = match percent(processor.wet).as_str() {
        "100 %" => String::new(),
        wet => format!(" ({wet} wet: in parallel)"),
    };
    let device = match definition.device() {
        Device::Fader(_) => return None,
        Device::Equaliser => {
            let name = match processor.bands {
                Some(_) => title.into(),
                // A report of an earlier version: the curve in words is all there is.
                None => format!("{title}: {}", detail(processor)),
            };
            let bands = processor.bands.iter().flat_map(bands);
            named("Equalizer", &name).holding([enabled()]).holding(bands)
        }
        Device::Compressor(of) => {
            let Dynamics { threshold_db, ratio, attack_ms, release_ms } = of(settings);
            named("Compressor", &format!("{title}{beside}")).holding([
                enabled(),
                seconds("Attack", attack_ms),
                Element::new("AutoMakeup").with("value", false),
                amount(ratio),
                seconds("Release", release_ms),
                real("Threshold", "decibel", threshold_db),
            ])
        }
        Device::Gate(of) => {
            let Dynamics { threshold_db, ratio, attack_ms, release_ms } = of(settings);
            // However far the gate closes, the dry part comes through.
            let range = 20.0 * (1.0 - processor.wet).log10();
            named("NoiseGate", title).holding([
                enabled(),
                seconds("Attack", attack_ms),
                real("Range", "decibel", range.max(LOWEST_DB)),
                amount(ratio),
                seconds("Release", release_ms),
                real("Threshold", "decibel", threshold_db),
            ])
        }
        Device::ImpulseResponse => {
            let impulse = impulse.unwrap_or_default();
            let name = format!("{title} (impulses/{impulse}, {} wet)", percent(processor.wet));
            named("BuiltinDevice", &name).holding([enabled()])
        }
        Device::Note => {
            let parameters: Vec<_> = settings.all_numbers().map(parameter).collect();
            let parameters = (!parameters.is_empty()).then(|| Element::new("Parameters").holding(parameters));
            named("BuiltinDevice", &format!("{title}: {}", describe(processor)))
                .holding(parameters)
                .holding([enabled()])
        }
    };
    Some(device.with("comment", describe(processor)))
}

fn enabled() -> Element {
    Element::new("Enabled").with("value", true)
}

/// A figure as a parameter of a device that is not known.
fn parameter((figure, unit, value): (&Figure, Unit, f64)) -> Element {
    let (unit, value) = match unit {
        Unit::Db | Unit::Gain => ("decibel", value),
        Unit::Hz => ("hertz", value),
        Unit::Ms => ("seconds", value / 1000.0),
        Unit::S => ("seconds", value),
        Unit::Share => ("normalized", value),
        Unit::Ratio | Unit::Pan | Unit::Plain(_) => ("linear", value),
    };
    real("RealParameter", unit, value).with("name", figure.column)
}

fn named(element: &'static str, name: &str) -> Element {
    Element::new(element).with("name", name).with("deviceName", name).with("deviceRole", "audioFX")
}

/// An equaliser's bands, and the gain for all frequencies.
fn bands(bands: &Bands) -> Vec<Element> {
    let band = |(i, band): (usize, &Band)| {
        let kind = match band.shape {
            Shape::HighPass => "highPass",
            Shape::LowShelf => "lowShelf",
            Shape::Bell => "bell",
            Shape::HighShelf => "highShelf",
            Shape::LowPass => "lowPass",
        };
        // DAWs write the frequency as a MIDI note, and read that for sure.
        let note = 69.0 + 12.0 * (band.hz / 440.0).log2();
        Element::new("Band").with("type", kind).with("order", i).holding([
            real("Freq", "semitones", note).with("name", format!("{} Hz", band.hz)),
            real("Gain", "decibel", band.db),
            real("Q", "linear", band.q),
            Element::new("Enabled").with("value", true),
        ])
    };
    let gain = real("OutputGain", "decibel", bands.bands_level_db);
    bands.bands.iter().enumerate().map(band).chain([gain]).collect()
}

fn seconds(name: &'static str, ms: f64) -> Element {
    real(name, "seconds", ms / 1000.0)
}

/// A ratio as DAWs write it: how much of what is beyond the threshold is taken away (or, by a gate, added to what is
/// missing), 75 % for 4:1.
fn amount(ratio: f64) -> Element {
    real("Ratio", "percent", 100.0 * (1.0 - 1.0 / ratio)).with("name", format!("{ratio}:1"))
}

//! A report's strips as the channels of a mixer, for DAWs: one fader each, effects before it, groups as busses.

use std::collections::BTreeMap;

use crate::findings::{ProcessorView, Report, StripView};
use crate::graph::Role;
use crate::pages::table;
use crate::processors::{Device, Fader, Kind};
use crate::result::names::numbered;
use crate::units::signed_db;
use crate::words::wiring::Wiring;

/// Faders of DAWs go up to +6 dB or more.
const HIGHEST_FADER_DB: f64 = 6.0;

/// All channels of a report.
pub struct Mixer<'a> {
    /// In the order of the report's strips.
    pub channels: Vec<Channel<'a>>,
    /// What the user should know of all of it, a line each.
    pub notes: Vec<String>,
}

/// A strip as a channel.
pub struct Channel<'a> {
    /// The strip.
    pub strip: &'a StripView,
    /// All its gain and pan processors together.
    pub fader: Fader,
    /// What of its signal goes to sends, behind the fader.
    pub sends: Vec<Send>,
    /// The channel of its group.
    pub group: Option<usize>,
    /// The names of its impulse responses, by place in the chain.
    pub impulses: BTreeMap<usize, String>,
    /// What the user should know: a line a processor, and what of the strip a DAW has no place for.
    pub notes: Vec<String>,
}

/// What a channel sends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Send {
    /// The channel that it goes to.
    pub to: usize,
    /// How much.
    pub level: Fader,
}

/// A group and its tracks, or all that have none, by channel.
pub struct Block {
    /// The group.
    pub group: Option<usize>,
    /// Its tracks.
    pub tracks: Vec<usize>,
}

impl<'a> Mixer<'a> {
    /// Of a report.
    pub fn of(report: &'a Report) -> Self {
        let rows = table::rows(report);
        let files = numbered(report.strips.iter().map(|strip| strip.name.as_str()));
        let channel = |(strip, file): (&'a StripView, String)| {
            let is_group = |of: &StripView| of.role == Role::Group && Some(&of.name) == strip.group.as_ref();
            let impulses = impulses(strip, &file);
            let row = rows.iter().find(|row| row.role == strip.role && row.name == strip.name);
            let phrases = row.map(|row| row.chain.clone()).unwrap_or_default();
            Channel {
                strip,
                fader: Fader::of(&strip.chain),
                sends: sends(report, strip),
                group: report.strips.iter().position(is_group),
                notes: notes(strip, phrases, &impulses),
                impulses,
            }
        };
        let mut notes = Vec::new();
        if Wiring::of(report).any().is_some() {
            notes.push(
                "The graph is no console: chains are in order here, without sends and parallel branches, which report.md and \
                 graph.svg show."
                    .into(),
            );
        }
        Self { channels: report.strips.iter().zip(files).map(channel).collect(), notes }
    }

    /// Groups with their tracks, then the tracks without a group.
    pub fn blocks(&self) -> Vec<Block> {
        let with_role = |role| (0..self.channels.len()).filter(move |&i| self.channels[i].strip.role == role);
        let tracks = |group| with_role(Role::Track).filter(|&i| self.channels[i].group == group).collect();
        let groups = with_role(Role::Group).map(Some).chain([None]);
        groups.map(|group| Block { group, tracks: tracks(group) }).collect()
    }

    /// The channels that others send to.
    pub fn sends(&self) -> Vec<usize> {
        (0..self.channels.len()).filter(|&i| self.channels[i].strip.role == Role::Send).collect()
    }

    /// The strip on the sum of all, if there is one.
    pub fn master(&self) -> Option<&Channel<'a>> {
        self.channels.iter().find(|channel| channel.strip.role == Role::Master)
    }
}

impl Fader {
    /// In the middle and all the way through.
    pub const NEUTRAL: Self = Self { gain_db: 0.0, pan: 0.0 };

    /// All gain and pan processors of a chain together, without those that lead into a send.
    pub fn of(chain: &[ProcessorView]) -> Self {
        Self::all(chain.iter().filter(|processor| processor.from.is_none()))
    }

    fn all<'a>(chain: impl Iterator<Item = &'a ProcessorView>) -> Self {
        let mut faders = chain.filter_map(|processor| match processor.kind().definition().device() {
            Device::Fader(of) => Some(of(&processor.settings)),
            _ => None,
        });
        let first = faders.next().unwrap_or(Self::NEUTRAL);
        faders.fold(first, Self::then)
    }

    fn then(self, next: Self) -> Self {
        let ([left, right], [next_left, next_right]) = (self.gains(), next.gains());
        let [left, right] = [left * next_left, right * next_right];
        Self {
            gain_db: 10.0 * ((left * left + right * right) / 2.0).log10(),
            pan: right.atan2(left) * 4.0 / std::f64::consts::PI - 1.0,
        }
    }

    /// The fader as a factor.
    pub fn gain(self) -> f64 {
        10f64.powf(self.gain_db / 20.0)
    }

    /// Gains of the left and the right channel.
    pub fn gains(self) -> [f64; 2] {
        let angle = (self.pan + 1.0) * std::f64::consts::FRAC_PI_4;
        [angle.cos(), angle.sin()].map(|share| self.gain() * std::f64::consts::SQRT_2 * share)
    }

    /// The same as a factor for both channels and a balance −1…1, which turns only one of them down: `1 ∓ balance`.
    pub fn balance(self) -> (f64, f64) {
        let [left, right] = self.gains();
        let louder = left.max(right);
        (louder, (right - left) / louder)
    }
}

/// What a strip sends. Names are the strips' own, tracks before groups.
fn sends(report: &Report, strip: &StripView) -> Vec<Send> {
    let named = |name: &str| report.strips.iter().find(|of| of.name == name && of.role != Role::Send);
    let is_sent = |gain: &&ProcessorView| {
        let from = gain.from.as_deref().and_then(named);
        from.is_some_and(|from| (from.role, &from.name) == (strip.role, &strip.name))
    };
    let to = |(to, of): (usize, &StripView)| {
        let gains = of.chain.iter().filter(is_sent).map(|gain| Fader::all(std::iter::once(gain)));
        gains.map(|level| Send { to, level }).collect::<Vec<_>>()
    };
    report.strips.iter().enumerate().flat_map(to).collect()
}

/// The names of a strip's impulse responses; `file` is the strip's own.
fn impulses(strip: &StripView, file: &str) -> BTreeMap<usize, String> {
    let name = |(place, processor): (usize, &ProcessorView)| {
        let definition = processor.kind().definition();
        let is_impulse = matches!(definition.device(), Device::ImpulseResponse);
        is_impulse.then(|| (place, format!("{file} {} {}.wav", place + 1, definition.look().short)))
    };
    strip.chain.iter().enumerate().filter_map(name).collect()
}

fn notes(strip: &StripView, phrases: Vec<String>, impulses: &BTreeMap<usize, String>) -> Vec<String> {
    let mut notes = phrases;
    for (place, file) in impulses {
        let title = strip.chain[*place].kind().look().title.to_lowercase();
        notes.push(format!("The {title} alone, all wet, is impulses/{file}."));
    }
    let fader = Fader::of(&strip.chain);
    if fader != Fader::NEUTRAL {
        let [left, right] = fader.gains().map(|gain| signed_db(20.0 * gain.log10()));
        notes.push(format!("The fader and its pan pot are set: left {left}, right {right}."));
    }
    if fader.gain_db > HIGHEST_FADER_DB {
        notes.push("This is more than the faders of some DAWs can do.".into());
    }
    let own = strip.chain.iter().filter(|processor| processor.from.is_none());
    let kinds: Vec<Kind> = own.map(ProcessorView::kind).collect();
    let is_fader = |kind: &Kind| matches!(kind.definition().device(), Device::Fader(_));
    let before = kinds.iter().position(is_fader).unwrap_or(kinds.len());
    if let Some(&kind) = kinds[before..].iter().find(|kind| kind.minds_gains()) {
        let (fader, title) = (kinds[before].look().title, kind.look().title.to_lowercase());
        notes.push(format!("{fader} belong before the {title}; the fader, which holds them, comes last."));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture;
    use crate::processors::Settings;

    fn gain_pan(gain_db: f64, pan: f64) -> ProcessorView {
        let settings = Settings::blank(Kind::GainPan).with("gain_db", gain_db).with("pan", pan);
        ProcessorView::new(1.0, settings)
    }

    #[test]
    fn one_gain_and_pan_is_the_fader_and_several_multiply() {
        assert_eq!(Fader::of(&[]), Fader::NEUTRAL);
        let one = Fader::of(&[gain_pan(-4.2, 0.3)]);
        assert_eq!((one.gain_db, one.pan), (-4.2, 0.3));
        let two = Fader::of(&[gain_pan(-4.2, 0.3), gain_pan(1.0, -0.8)]);
        let wanted = [0, 1].map(|c| one.gains()[c] * Fader { gain_db: 1.0, pan: -0.8 }.gains()[c]);
        assert!((0..2).all(|c| (two.gains()[c] - wanted[c]).abs() < 1e-12), "{two:?}");
    }

    #[test]
    fn a_balance_turns_down_one_side_and_gives_the_same_gains() {
        for pan in [-1.0, -0.4, 0.0, 0.7, 1.0] {
            let fader = Fader { gain_db: -3.0, pan };
            let (gain, balance) = fader.balance();
            let sides = [(1.0 - balance).min(1.0) * gain, (1.0 + balance).min(1.0) * gain];
            assert!((0..2).all(|c| (sides[c] - fader.gains()[c]).abs() < 1e-12), "{pan}: {sides:?}");
        }
    }

    #[test]
    fn every_track_is_in_one_block_with_its_group() {
        let report = fixture::song();
        let mixer = Mixer::of(&report);
        let blocks = mixer.blocks();
        let shape: Vec<_> = blocks.iter().map(|b| (b.group, b.tracks.len())).collect();
        assert_eq!(shape, [(Some(6), 3), (Some(7), 2), (None, 1)]);
        assert_eq!(mixer.master().map(|m| m.strip.name.as_str()), Some("master"));
        assert!(mixer.notes.is_empty());
        assert_eq!(Mixer::of(&fixture::parallel()).notes.len(), 1);
    }

    #[test]
    fn what_is_sent_is_no_part_of_a_fader() {
        let mut report = fixture::hall();
        let hall = &mut report.strips[3];
        hall.chain.iter_mut().zip([-14.0, -20.0]).for_each(|(gain, db)| {
            *gain = ProcessorView { from: gain.from.take(), ..gain_pan(db, 0.0) };
        });
        let mixer = Mixer::of(&report);
        let level = |gain_db| Fader { gain_db, pan: 0.0 };
        assert_eq!(mixer.sends(), [3]);
        assert_eq!(mixer.channels[0].sends, [Send { to: 3, level: level(-14.0) }]);
        assert_eq!(mixer.channels[1].sends, [Send { to: 3, level: level(-20.0) }]);
        assert_eq!((mixer.channels[3].fader, mixer.channels[3].sends.len()), (Fader::NEUTRAL, 0));
        assert!(mixer.channels[3].notes.contains(&"send from Kick −14.0 dB, pan C".to_owned()));
        assert!(mixer.notes.is_empty());
    }

    #[test]
    fn what_a_fader_cannot_say_is_told() {
        let mut report = fixture::song();
        report.strips[0].chain.swap(1, 2);
        let notes = Mixer::of(&report).channels[0].notes.join("\n");
        assert!(notes.contains("Gain and pan belong before the compressor"), "{notes}");
        let bass = Mixer::of(&report).channels[5].notes.join("\n");
        assert!(bass.contains("left −5.0 dB, right −1.2 dB") && !bass.contains("belong before"), "{bass}");
    }
}

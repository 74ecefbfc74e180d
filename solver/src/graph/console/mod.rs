//! Consoles as data: which kinds of processors stand on which role of strip, in which order, and which sends there are.
//!
//! A console is one constant in [`Console::ALL`]. A search takes the kinds that it wants out of one ([`Selection`]);
//! `build` makes a session's graph of them.

mod build;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::Error;
use crate::processors::Kind;

/// A mixing console. Chains are written as the letters of their kinds, in the order in which sound passes them; a kind
/// stands in a chain once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Console {
    /// The name on the command line and in files.
    pub name: &'static str,
    tracks: &'static str,
    groups: &'static str,
    master: &'static str,
    sends: &'static [Return],
}

/// A send of a console: a strip that every track feeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Return {
    /// The name of its strip.
    name: &'static str,
    /// The letter of the kind that says how much of a track is sent.
    gain: char,
    /// What the sum of all that is sent goes through.
    chain: &'static str,
}

impl Console {
    /// The reference's: all of its kinds on every strip (MATH.md §0).
    pub const PAPER: Self =
        Self { name: "paper", tracks: "ecnsgdr", groups: "ecnsgdr", master: "ecnsgdr", sends: &[] };

    /// For tests: another order than that of the list of kinds, and another chain on each role.
    #[cfg(test)]
    pub const BACKWARDS: Self =
        Self { name: "backwards", tracks: "gce", groups: "rc", master: "ce", sends: &[] };

    /// For tests: a reverb that all tracks share.
    #[cfg(test)]
    pub const HALL: Self = Self {
        name: "hall",
        tracks: "eg",
        groups: "c",
        master: "e",
        sends: &[Return { name: "hall", gain: 'g', chain: "er" }],
    };

    /// All consoles, the default first.
    pub const ALL: &[Self] = &[
        Self::PAPER,
        #[cfg(test)]
        Self::BACKWARDS,
        #[cfg(test)]
        Self::HALL,
    ];

    /// All kinds that stand on any strip, each once, in an order in which a chain may name them.
    pub fn kinds(&self) -> Vec<Kind> {
        let mut kinds = Vec::new();
        let sends = self.sends.iter().flat_map(|send| of_letters(send.chain).chain(of_letter(send.gain)));
        let strips = [self.tracks, self.groups, self.master].into_iter().flat_map(of_letters);
        for kind in strips.chain(sends) {
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        kinds
    }

    /// The letters of [`kinds`](Self::kinds).
    pub fn letters(&self) -> String {
        self.kinds().into_iter().map(Kind::letter).collect()
    }

    /// Those of the console's kinds that `letters` name, in the console's order.
    ///
    /// # Errors
    /// If a letter names none of them, or there is no letter.
    pub fn select(&self, letters: &str) -> Result<Vec<Kind>, Error> {
        let kinds = self.kinds();
        let known = self.letters();
        let unknown = letters.chars().find(|&letter| !known.contains(letter));
        if unknown.is_some() || letters.is_empty() {
            let choice = format!("{}: {}", self.letters(), legend(&self.kinds()));
            return Err(Error::UnknownLetter { console: self.name, letter: unknown, choice });
        }
        Ok(kinds.into_iter().filter(|kind| letters.contains(kind.letter())).collect())
    }

    /// True for the console of files that name none.
    pub fn is_paper(&self) -> bool {
        *self == Self::PAPER
    }

    /// The console of files that name none.
    pub fn paper() -> Self {
        Self::PAPER
    }
}

/// The kinds of letters, in their order.
fn of_letters(letters: &str) -> impl Iterator<Item = Kind> + '_ {
    letters.chars().filter_map(of_letter)
}

fn of_letter(letter: char) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| kind.letter() == letter)
}

/// What the letters of kinds stand for: `e (equalizer), c (compressor), …`.
pub fn legend(kinds: &[Kind]) -> String {
    let kinds = kinds.iter().map(|kind| format!("{} ({})", kind.letter(), kind.name().replace('_', " ")));
    kinds.collect::<Vec<_>>().join(", ")
}

impl FromStr for Console {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let found = Self::ALL.iter().find(|console| console.name == name);
        found.copied().ok_or_else(|| {
            let consoles = Self::ALL.iter().map(|console| console.name).collect::<Vec<_>>().join(", ");
            Error::UnknownConsole { name: name.into(), consoles }
        })
    }
}

impl fmt::Display for Console {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(self.name)
    }
}

impl Serialize for Console {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}

impl<'de> Deserialize<'de> for Console {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// What a search takes out of a console.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Selection<'a> {
    /// The console.
    pub console: Console,
    /// The kinds that its strips keep.
    pub kinds: &'a [Kind],
    /// Whether there is a strip on the sum of all.
    pub master: bool,
}

impl<'a> Selection<'a> {
    /// Some kinds of [`Console::PAPER`], without a master.
    pub fn of(kinds: &'a [Kind]) -> Self {
        Self { console: Console::PAPER, kinds, master: false }
    }

    /// What of a chain is selected.
    fn of_chain(&self, letters: &str) -> Vec<Kind> {
        of_letters(letters).filter(|kind| self.kinds.contains(kind)).collect()
    }

    /// The sends of which both the gain and something of the chain are selected, by name.
    fn sends(&self) -> Vec<(&'static str, Kind, Vec<Kind>)> {
        let send = |send: &Return| {
            let gain = of_letter(send.gain).filter(|kind| self.kinds.contains(kind))?;
            let chain = self.of_chain(send.chain);
            (!chain.is_empty()).then_some((send.name, gain, chain))
        };
        self.console.sends.iter().filter_map(send).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_of_a_console_is_a_kind_and_stands_in_a_chain_once() {
        for console in Console::ALL {
            let sends = console.sends.iter().map(|send| send.chain);
            for letters in [console.tracks, console.groups, console.master].into_iter().chain(sends) {
                let kinds: Vec<_> = of_letters(letters).collect();
                assert_eq!(kinds.len(), letters.chars().count(), "{console}: {letters}");
                assert!((1..kinds.len()).all(|i| !kinds[..i].contains(&kinds[i])), "{console}: {letters}");
            }
            assert!(console.sends.iter().all(|send| of_letter(send.gain).is_some()), "{console}");
            assert_eq!(Console::ALL.iter().filter(|c| c.name == console.name).count(), 1);
        }
    }

    #[test]
    fn the_paper_has_its_seven_kinds_on_every_strip() {
        let names = Console::PAPER.kinds().iter().map(|kind| kind.name()).collect::<Vec<_>>().join(" ");
        let wanted = "equalizer compressor noise_gate stereo_imager gain_pan multitap_delay reverb";
        assert_eq!(names, wanted);
        let Console { tracks, groups, master, sends, .. } = Console::PAPER;
        assert!([tracks, groups, master].iter().all(|letters| *letters == Console::PAPER.letters()));
        assert!(sends.is_empty());
    }

    #[test]
    fn letters_select_in_the_order_of_the_console() {
        let letters = |console: Console, wanted: &str| {
            console.select(wanted).map(|kinds| kinds.into_iter().map(Kind::letter).collect::<String>())
        };
        assert_eq!(letters(Console::PAPER, "rege"), Ok("egr".into()));
        assert_eq!(letters(Console::BACKWARDS, "rege"), Ok("ger".into()));
        assert_eq!(Console::BACKWARDS.letters(), "gcer");
        let refused = |wanted| letters(Console::BACKWARDS, wanted).unwrap_err().to_string();
        assert_eq!(
            refused("gx"),
            "'x' names no kind of processor of the console backwards; give some of gcer: g (gain pan), c (compressor), \
             e (equalizer), r (reverb)"
        );
        assert!(refused("").starts_with("no kind of processor is named; give some of gcer: g (gain pan)"));
    }

    #[test]
    fn a_console_goes_by_its_name() {
        let name = serde_json::to_string(&Console::BACKWARDS).unwrap();
        assert_eq!(serde_json::from_str::<Console>(&name).unwrap(), Console::BACKWARDS);
        let refused = "neve".parse::<Console>().unwrap_err().to_string();
        assert_eq!(refused, "the console 'neve' is unknown; the consoles are paper, backwards, hall");
    }
}

//! Peak meters: how they fall, what they hold.

use super::text::{QUIETEST_DB, decibels};

/// How fast a meter falls, dB per second: quick enough to follow, slow enough to read.
const FALL: f32 = 24.0;
/// For how long the highest peak stays marked, s.
const HOLD: f32 = 1.5;
/// A stem that stays below this is a silent bus with some noise, dB full scale.
const SOUND_DB: f32 = -80.0;

/// One channel's meter, dB full scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Meter {
    /// The bar.
    pub level_db: f32,
    /// The mark above it.
    pub held_db: f32,
    held_for: f32,
}

impl Default for Meter {
    fn default() -> Self {
        Self { level_db: QUIETEST_DB, held_db: QUIETEST_DB, held_for: 0.0 }
    }
}

impl Meter {
    fn feed(&mut self, peak_db: f32, seconds: f32) {
        let fallen = self.level_db - FALL * seconds;
        self.level_db = peak_db.max(fallen).max(QUIETEST_DB);
        self.held_for += seconds;
        if peak_db >= self.held_db || self.held_for > HOLD {
            self.held_db = self.level_db;
            self.held_for = 0.0;
        }
    }
}

/// One bus's meter.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bus {
    /// Left and right.
    pub channels: [Meter; 2],
    /// Whether it has reached full scale since the mark was last cleared.
    pub clipped: bool,
    /// Whether it has ever sounded.
    pub sounded: bool,
}

/// All buses' meters.
#[derive(Default)]
pub struct Meters {
    buses: Vec<Bus>,
}

impl Meters {
    /// Takes in the peaks of the last `seconds`, linear, a bus each.
    pub fn feed(&mut self, peaks: &[[f32; 2]], seconds: f32) {
        self.buses.resize(peaks.len(), Bus::default());
        for (bus, peaks) in self.buses.iter_mut().zip(peaks) {
            for (meter, peak) in bus.channels.iter_mut().zip(peaks) {
                let db = decibels(*peak);
                meter.feed(db, seconds);
                bus.clipped |= *peak >= 1.0;
                bus.sounded |= db > SOUND_DB;
            }
        }
    }

    /// A bus's meter; one at rest if there is no such bus.
    pub fn bus(&self, bus: usize) -> Bus {
        self.buses.get(bus).copied().unwrap_or_default()
    }

    /// Whether any stem has ever sounded.
    pub fn any_stem(&self) -> bool {
        self.buses.iter().skip(1).any(|bus| bus.sounded)
    }

    /// Whether anything is still to fall.
    pub fn moving(&self) -> bool {
        self.buses.iter().flat_map(|bus| bus.channels).any(|m| m.held_db > QUIETEST_DB)
    }

    /// Takes away all clip marks.
    pub fn clear_clips(&mut self) {
        self.buses.iter_mut().for_each(|bus| bus.clipped = false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meter_jumps_up_and_falls_slowly_to_rest() {
        let mut meters = Meters::default();
        meters.feed(&[[0.5, 0.0]], 0.03);
        assert!((meters.bus(0).channels[0].level_db + 6.02).abs() < 0.01);
        assert_eq!(meters.bus(0).channels[1].level_db, QUIETEST_DB);
        meters.feed(&[[0.0, 0.0]], 0.5);
        assert!((meters.bus(0).channels[0].level_db + 6.02 + 12.0).abs() < 0.01);
        assert!((meters.bus(0).channels[0].held_db + 6.02).abs() < 0.01);
        for _ in 0..300 {
            meters.feed(&[[0.0, 0.0]], 0.03);
        }
        assert!(!meters.moving());
    }

    #[test]
    fn a_held_peak_lets_go_after_a_while() {
        let mut meter = Meter::default();
        meter.feed(-6.0, 0.01);
        meter.feed(-30.0, 1.0);
        assert_eq!(meter.held_db, -6.0);
        meter.feed(-30.0, 1.0);
        assert!(meter.held_db <= -30.0);
    }

    #[test]
    fn a_clip_stays_until_it_is_cleared_and_a_sound_for_ever() {
        let mut meters = Meters::default();
        meters.feed(&[[0.1, 0.1], [1.0, 0.2], [0.0, 0.000_01]], 0.03);
        meters.feed(&[[0.0; 2]; 3], 0.03);
        assert!(meters.bus(1).clipped && !meters.bus(0).clipped);
        meters.clear_clips();
        assert!(!meters.bus(1).clipped && meters.bus(1).sounded);
        assert!(!meters.bus(2).sounded, "−100 dB is no sound");
        assert!(meters.any_stem());
    }

    #[test]
    fn the_mix_alone_is_no_stem() {
        let mut meters = Meters::default();
        meters.feed(&[[0.5; 2], [0.0; 2]], 0.03);
        assert!(!meters.any_stem());
    }
}

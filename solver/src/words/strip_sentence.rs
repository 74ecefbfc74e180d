//! A strip's chain in a plain sentence: what an engineer would say of it.

use super::facts;
use super::processor_phrase::detail;
use crate::findings::{ProcessorView, Report, StripView, UNCERTAIN};
use crate::graph::Role;
use crate::units::spoken;

/// The sentence, such as `Vocals: high-pass 110 Hz, −3 dB at 310 Hz; 3:1 above −24 dB; plate-like reverb 1.4 s at −14 dB.`
pub fn of(strip: &StripView) -> String {
    let doubt = if is_uncertain(strip) { format!(" {}.", facts::UNCERTAIN) } else { String::new() };
    format!("{}: {}{doubt}", strip.name, chain(strip))
}

/// The sentence without the strip's name, and without a doubt.
pub fn chain(strip: &StripView) -> String {
    let said: Vec<String> = strip.chain.iter().filter_map(clause).collect();
    match said.is_empty() {
        true if strip.role == Role::Send => "nothing is sent to it.".into(),
        true => "as it is.".into(),
        false => said.join("; ") + ".",
    }
}

/// True for a track whose stem hardly stands out of the mix, so that little can be said of its chain.
pub fn is_uncertain(strip: &StripView) -> bool {
    strip.heard.is_some_and(|heard| heard < UNCERTAIN)
}

/// The tracks of a report that are uncertain.
pub fn uncertain(report: &Report) -> Vec<&StripView> {
    report.strips.iter().filter(|strip| is_uncertain(strip)).collect()
}

/// What a processor does; nothing where it does next to nothing.
fn clause(processor: &ProcessorView) -> Option<String> {
    if let Some(from) = &processor.from {
        return Some(format!("from {from} {}", detail(processor)));
    }
    if processor.reduction.is_some_and(|reached| reached.max_db < spoken::NEGLIGIBLE_DB) {
        return None;
    }
    processor.kind().definition().clause(&processor.told())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bands::{Band, Bands, Shape};
    use crate::findings::fixture;
    use crate::graph::Role;
    use crate::processors::{Kind, Reduction, Settings};

    fn strip(name: &str, chain: Vec<ProcessorView>) -> StripView {
        StripView {
            name: name.into(),
            role: Role::Track,
            group: None,
            heard: Some(0.5),
            chain,
            tone: None,
            also: vec![],
        }
    }

    #[test]
    fn a_strip_reads_as_an_engineer_would_say_it() {
        let band = |shape, hz, db| Band { shape, hz, db, q: 0.7 };
        let mut eq = fixture::processor(Kind::Equalizer, 0.5);
        let bands = vec![band(Shape::HighPass, 112.0, 0.0), band(Shape::Bell, 309.0, -3.02)];
        eq.bands = Some(Bands { bands, bands_level_db: 0.1, bands_residual_db: 0.2 });
        let comp = Settings::blank(Kind::Compressor).with("threshold_db", -24.2).with("ratio", 3.0);
        let reverb = fixture::processor(Kind::Reverb, 1.0);
        let vocals = strip("Vocals", vec![eq, ProcessorView::new(1.0, comp), reverb]);
        assert_eq!(
            of(&vocals),
            "Vocals: high-pass 110 Hz, −3 dB at 310 Hz; 3:1 above −24 dB; plate-like reverb 1.4 s at −14 dB."
        );
    }

    #[test]
    fn what_does_nothing_is_not_said_and_doubt_is() {
        let gain = |gain_db, pan| Settings::blank(Kind::GainPan).with("gain_db", gain_db).with("pan", pan);
        let none = strip("Pad", vec![ProcessorView::new(1.0, gain(0.01, 0.0))]);
        assert_eq!(of(&none), "Pad: as it is.");
        let mut quiet = strip("Pad", vec![ProcessorView::new(1.0, gain(-4.2, -0.23))]);
        quiet.heard = Some(0.01);
        assert_eq!(of(&quiet), "Pad: fader −4.2 dB, 23 % left. Hardly audible in the mix: uncertain.");
        assert!(is_uncertain(&quiet) && !is_uncertain(&none));
        let bus = StripView { heard: None, ..quiet };
        assert!(!is_uncertain(&bus));
    }

    #[test]
    fn a_send_says_what_is_sent_to_it() {
        let gain =
            |from: &str| ProcessorView { from: Some(from.into()), ..fixture::processor(Kind::GainPan, 0.0) };
        let chain = vec![gain("Kick"), gain("Vox"), fixture::processor(Kind::Reverb, 1.0)];
        let hall = StripView { role: Role::Send, heard: None, ..strip("Hall", chain) };
        assert_eq!(
            of(&hall),
            "Hall: from Kick −4.2 dB, pan L23; from Vox −4.2 dB, pan L23; plate-like reverb 1.4 s at −14 dB."
        );
        assert_eq!(of(&StripView { chain: vec![], ..hall }), "Hall: nothing is sent to it.");
    }

    #[test]
    fn a_compressor_or_a_gate_that_takes_nothing_off_is_not_worth_a_word() {
        for kind in [Kind::Compressor, Kind::NoiseGate] {
            let reaching = |max_db| {
                let reduction = Some(Reduction { median_db: 0.0, max_db });
                strip("Pad", vec![ProcessorView { reduction, ..fixture::processor(kind, 0.5) }])
            };
            assert_eq!(of(&reaching(0.4)), "Pad: as it is.");
            assert_ne!(of(&reaching(0.5)), "Pad: as it is.");
        }
    }

    #[test]
    fn what_is_not_all_wet_works_in_parallel() {
        let comp = Settings::blank(Kind::Compressor).with("threshold_db", -30.0).with("ratio", 8.0);
        assert_eq!(clause(&ProcessorView::new(0.4, comp)).unwrap(), "8:1 above −30 dB (40 % in parallel)");
    }
}

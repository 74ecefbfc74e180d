//! What a processor is set to, in words that can be dialled in.

use crate::findings::ProcessorView;

/// A short phrase in units, such as `comp 3.1:1 above −24.3 dB, knee 6.0 dB, 12 ms (60 % wet)` or, of a send's gain,
/// `send from vox −14.0 dB`.
pub fn describe(processor: &ProcessorView) -> String {
    match &processor.from {
        Some(from) => format!("send from {from} {}", detail(processor)),
        None => format!("{} {}", processor.kind().look().short, detail(processor)),
    }
}

/// The phrase of [`describe`] without the processor's name.
pub fn detail(processor: &ProcessorView) -> String {
    processor.kind().definition().phrase(&processor.told())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture;
    use crate::processors::{Kind, Settings};
    use crate::units::ENDLESS;

    #[test]
    fn a_phrase_begins_with_the_processors_name() {
        let of = |kind| describe(&fixture::processor(kind, 0.0));
        assert_eq!(of(Kind::StereoImager), "width 0.80");
        assert_eq!(of(Kind::GainPan), "gain −4.2 dB, pan L23");
        assert_eq!(of(Kind::Reverb), "reverb RT60 1.4 s, −14.0 dB (20 % wet)");
        for kind in Kind::ALL {
            assert!(of(kind).starts_with(kind.look().short), "{kind}");
        }
    }

    #[test]
    fn dynamics_state_ratio_threshold_knee_time_and_wet() {
        let phrase = |kind, [threshold_db, ratio, knee_db, time_ms]: [f64; 4], wet| {
            let settings = Settings::blank(kind).with("threshold_db", threshold_db).with("ratio", ratio);
            let settings = settings.with("knee_db", knee_db).with("time_ms", time_ms);
            describe(&ProcessorView::new(wet, settings))
        };
        let comp = phrase(Kind::Compressor, [-24.31, 3.12, 6.0, 12.4], 0.6);
        assert_eq!(comp, "comp 3.1:1 above −24.3 dB, knee 6.0 dB, 12 ms (60 % wet)");
        let gate = phrase(Kind::NoiseGate, [-41.0, 2.0, 0.04, 1.24], 1.0);
        assert_eq!(gate, "gate 2.0:1 below −41.0 dB, knee 0.0 dB, 1.2 ms (100 % wet)");
        let limiter = phrase(Kind::Compressor, [-1.0, ENDLESS, 0.0, 5.0], 1.0);
        assert!(limiter.starts_with("comp ∞:1 above"));
    }

    #[test]
    fn the_gain_of_a_send_says_what_it_sends() {
        let gain = ProcessorView { from: Some("vox".into()), ..fixture::processor(Kind::GainPan, 0.0) };
        assert_eq!(describe(&gain), "send from vox −4.2 dB, pan L23");
    }

    #[test]
    fn bands_and_reductions_are_told_where_they_were_found() {
        assert_eq!(
            describe(&fixture::processor(Kind::Equalizer, 0.0)),
            "EQ high-pass 41 Hz, −3.2 dB @ 312 Hz Q 1.1, +2.1 dB @ 6.3 kHz Q 0.9, low-pass 12.4 kHz, level −1.5 dB"
        );
        let comp = describe(&fixture::processor(Kind::Compressor, 0.0));
        assert!(comp.ends_with("(20 % wet), GR 2.2 dB (max 7.5 dB)"), "{comp}");
    }
}

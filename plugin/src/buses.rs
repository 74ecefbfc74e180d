//! The plugin's buses: the mix, and the stems on the side chains.

use nice_plug::prelude::*;

/// Stems that the plugin can take in.
pub const MAX_STEMS: usize = 31;

/// Buses of the largest layout: the mix, then the stems.
pub const MAX_BUSES: usize = 1 + MAX_STEMS;

const STEREO: NonZeroU32 = new_nonzero_u32(2);
const STEMS: [NonZeroU32; MAX_STEMS] = [STEREO; MAX_STEMS];

/// Names of a port for each stem, as `names!("Stem")`.
macro_rules! names {
    ($what:literal) => {
        names!($what; 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31)
    };
    ($what:literal; $($n:literal)*) => { [$(concat!($what, " ", $n)),*] };
}

const STEM_NAMES: [&str; MAX_STEMS] = names!("Stem");
const THRU_NAMES: [&str; MAX_STEMS] = names!("Thru");

/// A stereo main bus and `stems` stereo stems. Each stem has an output that carries it on unchanged: in VST3, nice-plug
/// hands over only as many side chains as there are outputs.
const fn layout(stems: usize, name: &'static str) -> AudioIOLayout {
    AudioIOLayout {
        main_input_channels: Some(STEREO),
        main_output_channels: Some(STEREO),
        aux_input_ports: STEMS.split_at(stems).0,
        aux_output_ports: STEMS.split_at(stems).0,
        names: PortNames {
            layout: Some(name),
            main_input: Some("Mix"),
            main_output: Some("Out"),
            aux_inputs: STEM_NAMES.split_at(stems).0,
            aux_outputs: THRU_NAMES.split_at(stems).0,
        },
    }
}

/// All layouts, the largest first. VST3 hosts get the first; CLAP hosts may choose.
pub const LAYOUTS: &[AudioIOLayout] =
    &[layout(31, "31 stems"), layout(15, "15 stems"), layout(7, "7 stems"), layout(3, "3 stems")];

//! The engine that runs on the processor's cores.

mod evaluate;
mod impulse;
mod plan;
mod play;
mod printed;
mod render;
mod song;
mod studio;
mod trials;

#[cfg(test)]
mod clock_tests;
#[cfg(test)]
mod graph_tests;
#[cfg(test)]
mod printed_tests;
#[cfg(test)]
mod stop_tests;

pub use evaluate::Evaluator;
pub use impulse::impulse_response;
pub use plan::{Keep, Plan};
pub use play::Played;
pub use printed::{
    Dynamics, Piece, PrintError, Sink, Track, print_mix, print_song, windows as print_windows,
};
pub use render::Engine;
pub use song::render_song;
pub use studio::{Cpu, CpuStudio};
pub use trials::{KNOWN_BYTES, Trials, sweep};

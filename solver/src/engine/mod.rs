//! Renders any graph on windows of a fixed length, and runs it in reverse.
//!
//! - [`Parameters`] holds the raw parameters of a graph's processors, fresh or from a file, [`Layout`] their order in one
//!   flat vector.
//! - [`Engine`] owns one processor a node, and moves audio through a [`Plan`] (a schedule bound to its buffers) batch
//!   by batch, the nodes of a batch in parallel: to learn (`render`, there and back) or only to hear (`play`, any number of
//!   windows at a time).
//! - [`Joint`] is the one op that joins the engine to candle: physical parameters in, the objective out.
//! - [`render_song`] renders a whole song with the tails that windows cut off; [`print_song`] takes it apart again into what
//!   each stem adds to the mix and what each compressor and gate does.
//! - [`impulse_response`] is what a delay or a reverb answers to a click.

mod given;
mod impulse;
mod joint;
mod parameters;
mod plan;
mod play;
mod printed;
mod render;
mod song;

#[cfg(test)]
mod clock_tests;
#[cfg(test)]
mod graph_tests;
#[cfg(test)]
mod printed_tests;
#[cfg(test)]
mod stop_tests;

pub use given::GivenError;
pub use impulse::impulse_response;
pub use joint::{Joint, Step, Workbench};
pub use parameters::{Layout, Maps, Parameters, Rows, own_maps};
pub use plan::{Keep, Plan};
pub use play::Played;
pub use printed::{Dynamics, Printed, print_song, windows as print_windows};
pub use render::Engine;
pub use song::render_song;

//! The window: four views of one instance.
//!
//! Once a frame the [`window`] takes a [`snapshot`] of the studio, the [`app`] draws it, and what the user asked for
//! comes back as a list of actions. The [`views`] know neither the host nor the threads behind what they draw, and no
//! frame touches a disk or waits: all that is slow happens elsewhere and is looked at here.
//!
//! [`theme`] says how everything looks, [`text`] how numbers are written, [`widgets`], [`chart`] and [`picture`] are
//! what views are put together from, [`strips`] is the console as it is drawn.

mod app;
mod chart;
mod host_help;
mod meters;
mod picture;
mod snapshot;
mod status;
mod strips;
mod text;
mod theme;
mod views;
mod widgets;
mod window;

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::params::Parameters;
use crate::studio::Studio;

pub use window::Window;

/// Makes the window of an instance; it opens and closes as often as the host likes and changes nothing by that.
pub fn create(studio: Arc<Studio>, parameters: Arc<Parameters>) -> Option<Window> {
    Some(Window::new(studio, parameters))
}

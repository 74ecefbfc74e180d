//! The window.

use std::sync::Arc;

use crate::params::Parameters;
use crate::studio::Studio;

/// The window's factory, as the host knows it.
pub type Window = ();

/// Makes the window of an instance; it opens and closes as often as the host likes and changes nothing by that.
pub fn create(_studio: Arc<Studio>, _parameters: Arc<Parameters>) -> Option<Window> {
    None
}

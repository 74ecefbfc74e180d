//! Listening to the match: a thread that reads it from disk, and the audio thread's end that fades it in.

use crate::capture::Transport;
use crate::project::SharedProject;

/// What the window sees of listening.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum View {
    /// There is no report yet.
    #[default]
    Nothing,
    /// The match can be heard.
    Ready {
        /// What brings it to the mix's loudness, dB.
        gain_db: f32,
        /// Where in the song it lies, in seconds: from, to.
        span_s: [f64; 2],
        /// Whether it is what the main output carries at this moment.
        heard: bool,
    },
    /// It cannot be heard, for this reason.
    Problem(String),
}

/// The audio thread's end.
pub struct Player {}

/// The thread that reads, and the way to it.
pub struct Listen {}

impl Listen {
    /// Starts the thread; the player is for the audio thread. What is played is the match in the project's
    /// [`report`](crate::project::Project::report).
    pub fn spawn(_project: SharedProject) -> (Self, Player) {
        (Self {}, Player {})
    }

    /// The present state.
    pub fn view(&self) -> View {
        View::default()
    }
}

impl Player {
    /// Makes ready for blocks at `sample_rate` Hz. Not real-time.
    pub fn set_up(&mut self, _sample_rate: u32) {}

    /// Replaces a block by the match where `on`, fading between the two; leaves it bit for bit where not. Real-time.
    pub fn process(&mut self, _on: bool, _transport: Transport, _block: [&mut [f32]; 2]) {}
}

//! Listening to the match: a thread that reads it from disk, and the audio thread's end that fades it in.
//!
//! The [`Player`] on the audio thread asks for the position that it needs; the `streamer` reads from there on and sends
//! `pipe::Piece`s over a ring that holds more than a second. Whatever is not there yet is heard as it comes in; only a
//! host that renders offline waits for it. `found` is the match on disk and where it lies in the song, `level` how loud
//! it is beside the mix.

mod found;
mod level;
mod pipe;
mod player;
mod streamer;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Sender, unbounded};
use parking_lot::Mutex;

use crate::project::SharedProject;
pub use player::Player;
use streamer::{Message, Streamer};

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

/// What the threads and the window share.
#[derive(Default)]
struct Shared {
    /// As it is but for [`View::Ready::heard`].
    view: Mutex<View>,
    heard: AtomicBool,
    /// The last [`Message::Host`] after which the reading thread has looked for a match.
    looked: AtomicU32,
    /// Ends the thread, even in the midst of a long file.
    ended: AtomicBool,
}

/// The thread that reads, and the way to it.
pub struct Listen {
    shared: Arc<Shared>,
    messages: Sender<Message>,
    thread: Option<JoinHandle<()>>,
}

impl Listen {
    /// Starts the thread; the player is for the audio thread. What is played is the match in the project's
    /// [`report`](crate::project::Project::report).
    pub fn spawn(project: SharedProject) -> (Self, Player) {
        let shared = Arc::<Shared>::default();
        let (messages, received) = unbounded();
        let player = Player::new(Arc::clone(&shared), messages.clone());
        let streamer = Streamer::new(project, Arc::clone(&shared), received);
        let spawned = thread::Builder::new().name("mixtrace-listen".into()).spawn(|| streamer.run());
        let thread = match spawned {
            Ok(thread) => Some(thread),
            Err(reason) => {
                let told = format!("The system refuses a thread to read the match with ({reason}).");
                *shared.view.lock() = View::Problem(told);
                None
            }
        };
        (Self { shared, messages, thread }, player)
    }

    /// The present state.
    pub fn view(&self) -> View {
        let mut view = self.shared.view.lock().clone();
        if let View::Ready { heard, .. } = &mut view {
            *heard = self.shared.heard.load(Ordering::Relaxed);
        }
        view
    }
}

impl Drop for Listen {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Relaxed);
        // Without its thread there is nobody to hear it, and nobody to wait for.
        let _ = self.messages.send(Message::End);
        if let Some(thread) = self.thread.take() {
            // A panic there has silenced the match, which is all that it could do.
            let _ = thread.join();
        }
    }
}

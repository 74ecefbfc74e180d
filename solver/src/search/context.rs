//! What a search runs in.

use crossbeam_channel::Sender;
use rayon::ThreadPool;

use super::{Event, Stop};
use crate::engine::Engine;

/// What a search runs in: all but what it is about.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Does all work.
    pub pool: &'a ThreadPool,
    /// Render, the preferred one first; where one fails, the next one goes on.
    pub engines: &'a [&'a dyn Engine],
    /// Where events go; a closed channel is no error.
    pub events: &'a Sender<Event>,
    /// Ends the work.
    pub stop: &'a Stop,
}

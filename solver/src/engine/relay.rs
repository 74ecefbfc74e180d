//! Engines that take over from one another.

use super::{Engine, Failure, Studio};
use crate::session::Session;
use crate::stop::Until;

/// A session opened in one of several engines. Where one fails, the work goes on with the next.
pub struct Relay<'a> {
    session: &'a Session,
    /// In the order of preference.
    engines: &'a [&'a dyn Engine],
    /// The engine at work: an index into `engines`.
    at: usize,
    /// Opened when it is first needed.
    studio: Option<Box<dyn Studio + 'a>>,
    notes: Vec<String>,
}

impl<'a> Relay<'a> {
    /// Begins with the first of `engines`; nothing is opened yet.
    ///
    /// # Panics
    /// If there are none.
    pub fn new(session: &'a Session, engines: &'a [&'a dyn Engine]) -> Self {
        assert!(!engines.is_empty(), "at least one engine must be given");
        Self { session, engines, at: 0, studio: None, notes: Vec::new() }
    }

    /// Begins with the engine of that name. If there is none, with the first one, and a note says so.
    pub fn begin_with(mut self, name: &str) -> Self {
        match self.engines.iter().position(|engine| engine.name() == name) {
            Some(at) => self.at = at,
            None => self.notes.push(format!(
                "The search was begun with the engine '{name}', which is not there; it went on with '{}', which may \
                 find something else.",
                self.name()
            )),
        }
        self
    }

    /// The name of the engine at work.
    pub fn name(&self) -> &'a str {
        self.engines[self.at].name()
    }

    /// What the user should know of failures since the last call, a sentence each.
    pub fn take_notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }

    /// Does `work` with the engine, opened for the session; once again from its beginning with the next engine if one
    /// fails.
    ///
    /// # Errors
    /// [`Failure::Interrupted`] once `until` is over, or where the work says so; the last engine's failure.
    pub fn run<T>(
        &mut self,
        until: Until<'_>,
        mut work: impl FnMut(&mut dyn Studio) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        loop {
            let done = match self.studio(until) {
                Ok(studio) => work(studio),
                Err(failure) => Err(failure),
            };
            let failure = match done {
                Err(failure) if failure != Failure::Interrupted => failure,
                done => return done,
            };
            let next = self.engines.get(self.at + 1);
            let then = next.map_or("no other engine is left".into(), |next| {
                format!("the work went on with the engine '{}'", next.name())
            });
            self.notes.push(format!("{}; {then}.", capitalised(&failure.to_string())));
            if next.is_none() {
                return Err(failure);
            }
            self.at += 1;
            self.studio = None;
        }
    }

    fn studio(&mut self, until: Until<'_>) -> Result<&mut (dyn Studio + 'a), Failure> {
        let studio = match self.studio.take() {
            Some(studio) => studio,
            None => self.engines[self.at].open(self.session, until)?,
        };
        Ok(&mut **self.studio.insert(studio))
    }
}

fn capitalised(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

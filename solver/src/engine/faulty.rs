//! Engines that fail, for tests: as the one of the processor's cores, but for one call.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::cpu::Cpu;
use super::{BypassSet, Dynamics, Engine, Failure, Parts, Patch, Sink, Step, Studio};
use crate::clock::Clock;
use crate::dsp::Stereo;
use crate::matching::Match;
use crate::session::Session;
use crate::stop::Until;

/// What an engine is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    Open,
    Objective,
    Evaluate,
    Render,
    Print,
}

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// From that call on, calls of its kind find no memory.
    OutOfMemory,
    /// From that call on, nothing works any more.
    DeviceLost,
    /// The match that the call finds is not a number.
    Match,
    /// One of the slopes that the call finds is not a number.
    Gradient,
    /// One of the slopes is a number whose square is none.
    Steep,
}

/// The engine.
pub struct Faulty {
    pub fault: Fault,
    /// The kind of call.
    pub call: Call,
    /// Which of them, counted from 1.
    pub at: usize,
    calls: AtomicUsize,
}

impl Faulty {
    pub const NAME: &str = "faulty";

    pub fn new(fault: Fault, call: Call, at: usize) -> Self {
        Self { fault, call, at, calls: AtomicUsize::new(0) }
    }

    /// Counts a call, and says what is wrong with it.
    fn count(&self, call: Call) -> Result<Option<Fault>, Failure> {
        let engine = Self::NAME.to_owned();
        let before = self.calls.load(Ordering::Relaxed);
        if call != self.call {
            return match self.fault {
                Fault::DeviceLost if before >= self.at => {
                    Err(Failure::DeviceLost { engine, reason: "it fell off the bus".into() })
                }
                _ => Ok(None),
            };
        }
        let number = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        match self.fault {
            Fault::OutOfMemory if number >= self.at => {
                Err(Failure::OutOfMemory { engine, what: "the graph's signals".into() })
            }
            Fault::DeviceLost if number >= self.at => {
                Err(Failure::DeviceLost { engine, reason: "it fell off the bus".into() })
            }
            fault => Ok((number == self.at).then_some(fault)),
        }
    }
}

struct FaultyStudio<'s, 'e> {
    studio: Box<dyn Studio + 's>,
    engine: &'e Faulty,
}

impl Engine for Faulty {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn open<'s>(&'s self, session: &'s Session, until: Until<'_>) -> Result<Box<dyn Studio + 's>, Failure> {
        self.count(Call::Open)?;
        Ok(Box::new(FaultyStudio { studio: Cpu.open(session, until)?, engine: self }))
    }
}

impl Studio for FaultyStudio<'_, '_> {
    fn objective(
        &mut self,
        patch: Patch<'_>,
        windows: &[Clock],
        gradient: &mut [f32],
        until: Until<'_>,
    ) -> Result<Step, Failure> {
        let fault = self.engine.count(Call::Objective)?;
        let mut step = self.studio.objective(patch, windows, gradient, until)?;
        match fault {
            Some(Fault::Match) => step.matched.full = f64::NAN,
            Some(Fault::Gradient) => gradient[0] = f32::NAN,
            Some(Fault::Steep) => gradient[0] = 1e30,
            _ => {}
        }
        Ok(step)
    }

    fn evaluate(
        &mut self,
        patch: Patch<'_>,
        base: &BypassSet,
        sets: &[BypassSet],
        until: Until<'_>,
    ) -> Result<Vec<Match>, Failure> {
        let fault = self.engine.count(Call::Evaluate)?;
        let mut matches = self.studio.evaluate(patch, base, sets, until)?;
        if fault == Some(Fault::Match) {
            matches.iter_mut().for_each(|matched| matched.full = f64::NAN);
        }
        Ok(matches)
    }

    fn render(&mut self, patch: Patch<'_>, until: Until<'_>) -> Result<Stereo, Failure> {
        self.engine.count(Call::Render)?;
        self.studio.render(patch, until)
    }

    fn print(
        &mut self,
        patch: Patch<'_>,
        parts: Parts,
        until: Until<'_>,
        sink: Sink<'_>,
    ) -> Result<Vec<Dynamics>, Failure> {
        self.engine.count(Call::Print)?;
        self.studio.print(patch, parts, until, sink)
    }
}

//! What is measured on the song, beyond what parameters say.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::heard::Heard;
use super::mismatch::mismatch;
use super::reduction::reduction;
use super::schema::{ErrorView, TempoFrom, TempoView};
use super::{matters, static_mix, tempo, tone};
use crate::bands::Bands;
use crate::engine::{
    Dynamics, Failure, Parts, Patch, PatchBuf, Piece, Relay, Track, print_windows, separable,
};
use crate::graph::NodeId;
use crate::matching::Match;
use crate::processors::Reduction;
use crate::search::{Context, Error, Outcome, Settings};
use crate::session::Session;
use crate::stop::{Interrupted, Until};

/// What was measured on the song.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// The match of fitted faders and pan pots alone; none where the search was stopped.
    pub static_mix: Option<Match>,
    /// By how much the match rises without a processor.
    pub matters: HashMap<NodeId, f64>,
    /// Equalisers and the colour of reverbs as bands.
    pub bands: HashMap<NodeId, Bands>,
    /// Equalisers and reverbs together, by strip, where a strip has both.
    pub tones: BTreeMap<usize, Bands>,
    /// What compressors and gates took off.
    pub reductions: HashMap<NodeId, Reduction>,
    /// Of every stem, the share of its energy that stands out of the mix, 0…1; none where stems cannot be told apart.
    pub heard: Option<Vec<f64>>,
    /// Where the pruned graph's mix is off.
    pub error: ErrorView,
    /// The song's tempo, where it is known or clear.
    pub tempo: Option<TempoView>,
    /// What could not be measured, a sentence each.
    pub notes: Vec<String>,
}

impl Analysis {
    /// Measures what `outcome` does to `session`. `tempo` is what the user says that it is, in quarter notes a minute; no
    /// events are sent, but `on(done, of)` is told how far it is.
    ///
    /// What takes long is left out after a stop: the fit of faders, and what each processor matters.
    ///
    /// # Errors
    /// [`Error::Aborted`] after an abort; if the tensor maths fails.
    pub fn of(
        context: Context<'_>,
        session: &Session,
        settings: &Settings,
        outcome: &Outcome,
        tempo: Option<f64>,
        on: impl Fn(usize, usize) + Sync,
    ) -> Result<Self, Error> {
        let Context { pool, stop, .. } = context;
        let until = stop.until_aborted();
        let fits = if stop.is_stopped() { 0 } else { static_mix::steps(settings) };
        let of = fits + outcome.graph.processors().count() + print_windows(session.len(), session.rate);
        let done = AtomicUsize::new(0);
        let step = || on(done.fetch_add(1, Ordering::Relaxed) + 1, of);
        let static_mix = match fits {
            0 => None,
            _ => Some(static_mix::fit(context, session, settings, step)?),
        };
        // Gains that were not fitted to the end say nothing.
        let static_mix = static_mix.filter(|_| !stop.is_stopped());
        pool.install(|| {
            let (graph, parameters) = (&outcome.graph, &outcome.parameters);
            let patch = PatchBuf::new(graph, parameters)?;
            let mut relay = Relay::new(session, context.engines);
            let matters = matters::matters(&mut relay, patch.patch(), stop, step)?;
            let mut played = play(&mut relay, patch.patch(), session, until, step)?;
            played.notes.extend(relay.take_notes());
            drop(relay);
            let (bands, tones) = tone::bands(session, graph, parameters, until)?;
            Ok(Self {
                static_mix,
                matters,
                bands,
                tones,
                reductions: played.dynamics.iter().map(|d| (d.id, reduction(d))).collect(),
                heard: played.heard,
                error: mismatch(&session.mix, &outcome.mix, session.rate, until)?,
                tempo: tempo_of(session, tempo, until)?,
                notes: played.notes,
            })
        })
    }
}

/// What is measured while the song is played.
struct Played {
    dynamics: Vec<Dynamics>,
    heard: Option<Vec<f64>>,
    notes: Vec<String>,
}

/// Plays the song, stem by stem if they can be told apart; `step` is called once a window.
fn play(
    relay: &mut Relay<'_>,
    patch: Patch<'_>,
    session: &Session,
    until: Until<'_>,
    step: impl Fn() + Sync,
) -> Result<Played, Failure> {
    let count = |piece: Piece<'_>| {
        if piece.track == Track::Mix {
            step();
        }
        Ok(())
    };
    if let Err(reason) = separable(patch.graph, |kind| kind.definition().nature()) {
        let dynamics = relay.run(until, |studio| studio.print(patch, Parts::Mix, until, &count))?;
        let note = format!("How far each stem is heard was not measured: {reason}.");
        return Ok(Played { dynamics, heard: None, notes: vec![note] });
    }
    let (dynamics, heard) = relay.run(until, |studio| {
        let heard = Heard::new(session.stems.len(), session.rate);
        let take = |piece: Piece<'_>| count(piece).and_then(|()| heard.take(piece, until));
        let dynamics = studio.print(patch, Parts::Stems, until, &take)?;
        Ok((dynamics, heard.shares(until)?))
    })?;
    Ok(Played { dynamics, heard: Some(heard), notes: Vec::new() })
}

/// What the user says, or the session, or the mix.
fn tempo_of(
    session: &Session,
    given: Option<f64>,
    until: Until<'_>,
) -> Result<Option<TempoView>, Interrupted> {
    let view = |from| move |bpm| TempoView { bpm, from };
    let given = given.map(view(TempoFrom::Given)).or(session.tempo.map(view(TempoFrom::Session)));
    match given {
        Some(given) => Ok(Some(given)),
        None => Ok(tempo::estimate(&session.mix, session.rate, until)?.map(view(TempoFrom::Mix))),
    }
}

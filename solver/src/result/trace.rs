//! From a session to a result, on the one way that every door takes: [`search`] → [`Searched::report`] → [`Traced::write`].
//!
//! What differs between doors is in a [`Request`], in who keeps the search, in whether and before whose eyes the song is
//! measured, and in where the files go ([`Target`]).

use std::path::{Path, PathBuf};

use super::Error;
use super::folder::{self, Content};
use crate::dsp::Stereo;
use crate::findings::{Analysis, Report};
use crate::search::checkpoint::About;
use crate::search::{self, Context, Keeper, Outcome, Settings, State};
use crate::session::{Session, resample};
use crate::stop::Until;

/// What is to be searched for.
pub struct Request {
    /// What was asked for, of which session.
    pub about: About,
    /// Where the search under way stands.
    pub state: State,
    /// True where the parameters that the search begins with are taken as fitted.
    pub is_fitted: bool,
}

/// What a search has found.
pub struct Searched {
    /// What was asked for, and the runs that are done.
    pub about: About,
    /// The outcome that is reported: of the chosen run.
    pub outcome: Outcome,
}

/// What is known of a mix.
pub struct Traced {
    /// In units.
    pub report: Report,
    /// As it was found.
    pub outcome: Outcome,
}

/// Where a result goes.
#[derive(Clone, Debug)]
pub enum Target {
    /// Into this folder.
    Folder {
        /// Its path.
        path: PathBuf,
        /// True where it may hold something already.
        force: bool,
    },
    /// Into this folder, or the first one like it with a number that is unused then.
    Unused(PathBuf),
}

impl Target {
    /// Where it goes if nobody takes the place meanwhile.
    pub fn folder(&self) -> &Path {
        match self {
            Self::Folder { path, .. } | Self::Unused(path) => path,
        }
    }
}

/// Searches, run after run, in a context. States go to `keeper`.
///
/// # Errors
/// Those of [`Runs::go_on`](search::runs::Runs::go_on).
pub fn search(
    context: Context<'_>,
    session: &Session,
    request: Request,
    keeper: &mut (dyn Keeper + Send),
) -> Result<Searched, search::Error> {
    let Request { mut about, state, is_fitted } = request;
    let steps = if is_fitted { 0 } else { about.settings.steps };
    let settings = Settings { steps, ..about.settings.clone() };
    let outcome = about.runs.go_on(context, session, &settings, state, keeper)?;
    Ok(Searched { about, outcome })
}

impl Searched {
    /// Reports what was found, and with `measure` what that does on the song; it is told how far that is. What could not be
    /// measured is told in a note.
    ///
    /// # Errors
    /// [`search::Error::Aborted`] after an abort; if the parameters' maths fails, which is a defect of the program.
    pub fn report(
        self,
        context: Context<'_>,
        session: &Session,
        measure: Option<&(dyn Fn(usize, usize) + Sync)>,
    ) -> Result<Traced, search::Error> {
        let Self { about, outcome } = self;
        let measured =
            measure.map(|on| Analysis::of(context, session, &about.settings, &outcome, about.tempo, on));
        if let Some(Err(search::Error::Aborted)) = measured {
            return Err(search::Error::Aborted);
        }
        let mut report = Report::of_runs(session, &about.settings, &outcome, &about.runs)?;
        report.settings.start = about.start;
        report.session.source = Some(about.source);
        report.session.fingerprint = Some(about.fingerprint);
        if let Some(measured) = measured {
            report.add_or_note(&outcome.graph, measured);
        }
        Ok(Traced { report, outcome })
    }
}

impl Traced {
    /// Writes all files of the result ([`FILES`](super::FILES)) and returns the folder.
    ///
    /// # Errors
    /// Those of [`folder::write`]; [`Error::Resample`] if audio cannot be brought to the session's rate.
    pub fn write(&self, session: &Session, target: &Target, until: Until<'_>) -> Result<PathBuf, Error> {
        let at_rate = |what, audio: &Stereo| {
            let found = resample::resample(audio.clone(), session.rate, session.sample_rate, until);
            found.map_err(|error| match error {
                resample::Error::Interrupted(interrupted) => interrupted.into(),
                resample::Error::Refused(reason) => Error::Resample { what, reason },
            })
        };
        let (original, mix) = (at_rate("mix", &session.mix)?, at_rate("match", &self.outcome.mix)?);
        let content = Content {
            report: &self.report,
            graph: &self.outcome.graph_file(),
            original: &original,
            mix: &mix,
            mix_rate: session.sample_rate,
        };
        match target {
            Target::Folder { path, force } => {
                folder::write(content, path, *force, until).map(|_| path.clone())
            }
            Target::Unused(path) => loop {
                let free = folder::unused(path);
                match folder::write(content, &free, false, until) {
                    // Another one has taken the name meanwhile.
                    Err(Error::Exists(_) | Error::Unfinished(_)) if free.exists() => {}
                    done => return done.map(|_| free),
                }
            },
        }
    }
}

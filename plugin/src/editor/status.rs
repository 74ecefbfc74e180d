//! What the status line says.

use egui::Color32;

use super::snapshot::Snapshot;
use super::{text, theme};
use crate::listen;
use crate::params::Source;
use crate::worker::Phase;

/// A state in a few words, and its colour.
pub type State = (Color32, String);

/// What capture is doing.
pub fn capture(shot: &Snapshot) -> State {
    let view = &shot.capture;
    if let Some(take) = &shot.recorder.recording {
        return (theme::RED, format!("Recording {}, {}", take.name, text::length(take.seconds)));
    }
    match (shot.capture_on, view.armed) {
        (false, _) => (theme::LINE, "Capture is off".into()),
        (true, false) => (theme::AMBER, "Capture is on, but not armed".into()),
        (true, true) if view.capturing => (theme::RED, "Recording".into()),
        (true, true) => (theme::AMBER, "Capture waits for the transport".into()),
    }
}

/// What the solver is doing.
pub fn solve(shot: &Snapshot) -> State {
    let view = &shot.worker;
    match &view.phase {
        Phase::Idle if view.report.is_some() => (theme::GREEN, "Solved".into()),
        Phase::Idle => (theme::LINE, "Nothing is being solved".into()),
        Phase::Waiting => (theme::AMBER, "Solve waits for the take to end".into()),
        Phase::Opening => (theme::ACCENT, "Reading the session".into()),
        Phase::Searching => {
            let left = view.left.map(|left| format!(", {} left", text::duration(left.as_secs_f64())));
            (theme::ACCENT, format!("Solving: {}{}", view.words, left.unwrap_or_default()))
        }
        Phase::Writing => (theme::ACCENT, "Writing the report".into()),
        Phase::Done => (theme::GREEN, "Solved".into()),
        Phase::Discarded => (theme::LINE, "The solve was discarded".into()),
        Phase::Failed(_) => (theme::RED, "Solving failed".into()),
    }
}

/// What is heard.
pub fn listen(shot: &Snapshot) -> State {
    match (&shot.listen, shot.source) {
        (listen::View::Ready { heard: true, gain_db, .. }, _) => {
            (theme::ACCENT, format!("Match is heard, {}", gain(*gain_db)))
        }
        (_, Source::Through) => (theme::LINE, "Mix is heard".into()),
        (listen::View::Nothing, Source::Match) => {
            (theme::AMBER, "Mix is heard: there is no match yet".into())
        }
        (listen::View::Problem(_), Source::Match) => (theme::RED, "Mix is heard: no match to play".into()),
        (listen::View::Ready { span_s: [from, to], .. }, Source::Match) => {
            let (from, to) = (text::length(*from), text::length(*to));
            (theme::AMBER, format!("Mix is heard; the match plays from {from} to {to}"))
        }
    }
}

/// A level-match gain: `+1.2 dB`.
pub fn gain(db: f32) -> String {
    mixtrace_solver::units::signed_db(f64::from(db))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor::sample;
    use std::time::Duration;

    #[test]
    fn capture_tells_off_disarmed_waiting_and_recording_apart() {
        let mut shot = sample::empty();
        let mut said = vec![capture(&shot).1];
        shot.capture_on = true;
        said.push(capture(&shot).1);
        shot.capture.armed = true;
        said.push(capture(&shot).1);
        shot.capture.capturing = true;
        said.push(capture(&shot).1);
        said.push(capture(&sample::recording()).1);
        said.dedup();
        assert_eq!(said.len(), 5, "{said:?}");
        assert_eq!(said[4], "Recording Take 4, 0:42");
    }

    #[test]
    fn solving_says_how_long_it_will_take() {
        let mut shot = sample::solving();
        shot.worker.words = "fit, step 3/400".into();
        shot.worker.left = Some(Duration::from_secs(95));
        assert_eq!(solve(&shot).1, "Solving: fit, step 3/400, 2 min left");
        shot.worker.left = None;
        assert_eq!(solve(&shot).1, "Solving: fit, step 3/400");
    }

    #[test]
    fn listening_says_why_the_match_is_not_heard() {
        let mut shot = sample::solved();
        shot.source = Source::Match;
        shot.listen = listen::View::Ready { gain_db: 1.24, span_s: [10.0, 90.0], heard: false };
        assert_eq!(listen(&shot).1, "Mix is heard; the match plays from 0:10 to 1:30");
        shot.listen = listen::View::Ready { gain_db: 1.24, span_s: [10.0, 90.0], heard: true };
        assert_eq!(listen(&shot).1, "Match is heard, +1.2 dB");
        shot.listen = listen::View::Problem("gone".into());
        assert_eq!(listen(&shot).0, theme::RED);
    }
}

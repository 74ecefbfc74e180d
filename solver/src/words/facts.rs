//! Sentences and lists of facts that all formats share.

use crate::processors::{Definition, Kind, THIRD_OCTAVES, Tone};

use crate::findings::{CONSOLE, MatchView, Pruning, Report, TempoFrom, TempoView};
use crate::graph::Role;
use crate::units::{
    capitalised, clock, count, duration, fixed, in_letters, list, percent, short, with_article,
};

/// What it is to matter.
pub const WHAT_MATTERS_MEANS: &str = "What a processor matters is how much the match rises if it alone is taken out, all \
     others as they are.";

/// What the errors are.
pub fn what_errors_mean() -> String {
    format!(
        "The error is the mean distance in level between the match and the mix, of what is heard in the mix: where it is \
         large, the {} kinds of processors do not explain the mix.",
        in_letters(Kind::ALL.len())
    )
}

/// What is said of a strip that is hardly heard.
pub const UNCERTAIN: &str = "Hardly audible in the mix: uncertain";

/// What an uncertain strip is.
pub const WHAT_UNCERTAIN_MEANS: &str = "Hardly audible in the mix: less than 5 % of the stem's energy stands out of it, so \
     that its settings are a guess.";

/// What the figure says, for who has not met it.
pub const WHAT_MATCH_MEANS: &str = "The match is the distance between a render and the mix, measured on A-weighted mel \
     spectra of three resolutions over the whole song: 0 is identical, lower is closer.";

/// How the chains are to be read.
pub fn as_heard() -> String {
    let nouns = |is: &dyn Fn(&dyn Definition) -> bool| {
        let of = Kind::ALL.into_iter().filter(|kind| is(kind.definition()));
        list(&of.map(|kind| kind.look().noun).collect::<Vec<_>>())
    };
    format!(
        "{} are stated as heard, the dry part included; {}'s bands come on top of its level. {} are stated as set, with \
         their wet share; GR is the gain reduction reached on the song, median and maximum.",
        capitalised(&nouns(&|kind| kind.states_what_is_heard())),
        with_article(&nouns(&|kind| matches!(kind.tone(), Some(Tone::Filter(_))))),
        capitalised(&nouns(&|kind| !kind.states_what_is_heard())),
    )
}

/// Told where the user ended the search.
pub const STOPPED: &str = "The search was stopped before its end; this is the best that was found by then.";

/// The chain of a strip that needs none.
pub const NOTHING: &str = "no processor";

/// What was analysed, such as `3:37 min at 48 kHz, 6 stems in 2 groups`.
pub fn summary(report: &Report) -> String {
    let session = &report.session;
    let khz = short(f64::from(session.sample_rate) / 1000.0, 3);
    let stems = count(session.stems.len(), "stem");
    let groups = match session.groups.len() {
        0 => "no groups".into(),
        n => count(n, "group"),
    };
    format!("{} min at {khz} kHz, {stems}, {groups}", clock(session.duration_s))
}

/// The match, stage by stage.
pub fn stages(report: &Report) -> Vec<(&'static str, MatchView)> {
    let m = &report.matches;
    let faders = m.static_mix.map(|m| ("faders and pan pots alone", m));
    let found = [(beginning(report), m.console), ("pruned", m.pruned)];
    [("plain sum", m.plain_sum)].into_iter().chain(faders).chain(found).collect()
}

/// The tempo and who says so, such as `120 BPM (the session's)`.
pub fn tempo(tempo: &TempoView) -> String {
    let from = match tempo.from {
        TempoFrom::Given => "as given",
        TempoFrom::Session => "the session's",
        TempoFrom::Mix => "estimated from the mix",
    };
    format!("{} BPM ({from})", short(tempo.bpm, 1))
}

/// What the graph is called that the search began with.
pub fn beginning(report: &Report) -> &'static str {
    if report.settings.start == CONSOLE { "full console" } else { "first graph" }
}

/// How much of a distance `from` is gone at `to`, such as `65 % closer`; nothing where there was none.
pub fn closer(from: f64, to: f64) -> Option<String> {
    let gone = 1.0 - to / from;
    (from > 0.0).then(|| format!("{} {}", percent(gone.abs()), if gone < 0.0 { "farther" } else { "closer" }))
}

/// Which of the [`THIRD_OCTAVES`] a frequency in Hz belongs to: of those in which nothing is heard, there are no figures.
pub fn third_octave(hz: f64) -> usize {
    THIRD_OCTAVES.partition_point(|centre| centre * 1.12 < hz)
}

/// How far pruning came.
pub fn pruned(pruning: &Pruning) -> String {
    let Pruning { processors_before: before, processors_after: after, ratio, .. } = pruning;
    format!("{after} of {before} processors are left ({} were removed).", percent(*ratio))
}

/// How many processors of a kind are left.
pub fn kept(report: &Report, kind: Kind) -> usize {
    report.strips.iter().flat_map(|s| &s.chain).filter(|p| p.kind() == kind).count()
}

/// Where a strip's output goes.
pub fn destination(report: &Report, role: Role, group: Option<&str>) -> String {
    let has_master = report.strips.iter().any(|s| s.role == Role::Master);
    match (role, group) {
        (Role::Track, Some(group)) => group.into(),
        (Role::Master, _) => "output".into(),
        _ if has_master => "master".into(),
        _ => "output".into(),
    }
}

/// The search's settings, name and value.
pub fn settings(report: &Report) -> Vec<(&'static str, String)> {
    let s = &report.settings;
    let pruning = match s.method.as_str() {
        "none" => "none".into(),
        method => format!("{method}, {} of {} steps each", count(s.prune_rounds, "round"), s.steps_per_round),
    };
    let tempo = report.session.tempo.as_ref().map(|view| ("tempo", tempo(view)));
    let mut facts = vec![
        ("engine rate", format!("{} Hz", s.rate)),
        ("began with", s.start.clone()),
        ("first fit", count(s.steps, "step")),
        ("pruning", pruning),
        ("tolerance", s.tolerance.to_string()),
        ("processors", s.processors.clone()),
        ("master strip", if s.master { "yes" } else { "no" }.into()),
        ("seed", s.seed.to_string()),
        ("runs", s.runs.to_string()),
    ];
    if !s.console.is_paper() {
        facts.insert(2, ("console", s.console.to_string()));
    }
    facts.extend(tempo);
    facts
}

/// How long it took, name and value.
pub fn timing(report: &Report) -> Vec<(&'static str, String)> {
    let t = &report.timing;
    vec![
        ("training", duration(t.fit_s)),
        ("pruning", duration(t.prune_s)),
        ("median step", format!("{} ms", fixed(t.step_ms_median, 1))),
        ("whole-song evaluations", t.evaluations.to_string()),
        ("threads", t.threads.to_string()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture;

    #[test]
    fn a_third_octave_knows_its_place() {
        for (place, hz) in THIRD_OCTAVES.into_iter().enumerate() {
            assert_eq!([0.95 * hz, hz, 1.05 * hz].map(third_octave), [place; 3], "{hz} Hz");
        }
    }

    #[test]
    fn a_session_is_summed_up_in_a_line() {
        assert_eq!(summary(&fixture::song()), "3:37 min at 48 kHz, 6 stems, 2 groups");
        assert_eq!(summary(&fixture::of_size(1)), "3:37 min at 48 kHz, 1 stem, no groups");
    }

    #[test]
    fn a_strip_goes_where_the_console_leads_it() {
        let report = fixture::song();
        assert_eq!(destination(&report, Role::Track, Some("Drums")), "Drums");
        assert_eq!(destination(&report, Role::Group, None), "master");
        assert_eq!(destination(&report, Role::Master, None), "output");
        assert_eq!(destination(&fixture::of_size(1), Role::Track, None), "output");
    }
}

//! The progress bar.

use std::io::IsTerminal;
use std::time::Duration;

use crossbeam_channel::Receiver;
use indicatif::{HumanDuration, ProgressBar, ProgressStyle};
use mixtrace_solver::search::{Event, Progress};

/// Positions of the bar.
const LENGTH: u64 = 1000;

/// Draws what the search tells until it has told everything; without a terminal, prints a line a fit.
pub fn follow(mut progress: Progress, events: Receiver<Event>) {
    let bar = ProgressBar::new(LENGTH);
    bar.set_style(style("{prefix:<22} [{bar:30}] {msg}"));
    bar.enable_steady_tick(Duration::from_millis(200));
    for event in events {
        progress.see(&event);
        bar.set_position((progress.fraction() * LENGTH as f64) as u64);
        bar.set_prefix(progress.words());
        let left = progress.left().map_or("…".into(), |left| HumanDuration(left).to_string());
        let (processors, console) = (progress.processors, progress.console);
        bar.set_message(format!(
            "match {:.3}, {processors}/{console} processors, {left} left",
            progress.matched
        ));
        if let Event::Note { text, .. } = &event {
            bar.suspend(|| eprintln!("note: {text}"));
        }
        if let Event::Evaluated { round, matched, processors, .. } = event
            && !std::io::stderr().is_terminal()
        {
            let run = progress.run().map(|run| run + ", ").unwrap_or_default();
            eprintln!("{run}round {round}: match {:.4} with {processors} processors", matched.full);
        }
    }
    bar.finish_and_clear();
}

/// A bar for something that has a number of steps, not known yet.
pub fn bar(what: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(1);
    bar.set_style(style("{prefix:<22} [{bar:30}] {eta} left"));
    bar.set_prefix(what);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// Draws how far it is.
pub fn advance(bar: &ProgressBar, done: usize, of: usize) {
    bar.set_length(of as u64);
    bar.set_position(done as u64);
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
}

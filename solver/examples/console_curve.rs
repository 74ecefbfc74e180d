//! The match of the full console, without pruning, over training steps.
//!
//! `cargo run --release --example console_curve -p mixtrace-solver -- SESSION 250 500 1000`
//!
//! Two figures a line: the match as reports state it, compared up to the end of the song, and as the reference code
//! evaluates it, where tails that ring on beyond the end of the mix's file count as errors.

use std::error::Error;
use std::path::Path;

use mixtrace_solver::dsp::Stereo;
use mixtrace_solver::engine::{Engine, Parameters, Plan};
use mixtrace_solver::graph::Graph;
use mixtrace_solver::matching::Matcher;
use mixtrace_solver::search::{Evaluator, Fitter, Preset, Settings, Stop};
use mixtrace_solver::session::{Options, Session};
use mixtrace_solver::stop::{Interrupted, Until};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("give a session and step counts, such as SESSION 250 500 1000")?;
    let marks: Vec<usize> = arguments.map(|a| a.parse()).collect::<Result<_, _>>()?;
    let session = Session::open(Path::new(&path), &Options::default())?;
    let settings = Settings::preset(Preset::Standard);

    let stems: Vec<_> = session.stems.iter().map(|s| (s.name.clone(), s.group)).collect();
    let graph = Graph::console(&stems, &session.groups, settings.selection())?;
    let mut rng = ChaCha8Rng::seed_from_u64(settings.seed);
    let parameters = Parameters::start(&graph, &mut rng);
    let evaluator = Evaluator::new(&session, Until::DONE)?;
    let mut fitter = Fitter::new(&graph, &parameters, settings.rates, &session, &Stop::default())?;
    println!("steps   match   as the reference evaluates");
    for step in 0..=marks.iter().copied().max().unwrap_or(0) {
        if step == 0 || marks.contains(&step) {
            let matched = fitter
                .with_engine(Until::DONE, |engine, plan| evaluator.evaluate(engine, plan, Until::DONE))??
                .full;
            let reference =
                fitter.with_engine(Until::DONE, |engine, plan| with_tails(&session, engine, plan))??;
            println!("{step:5}   {matched:.3}   {reference:.3}");
        }
        fitter.load_random(&session, &mut rng);
        fitter.step(0.0)??;
    }
    Ok(())
}

/// The mean match over all windows, each compared to its end.
fn with_tails(session: &Session, engine: &mut Engine, plan: &Plan) -> Result<f64, Interrupted> {
    let windows = session.windows();
    let matcher = Matcher::new(windows.samples(), windows.warm_up(), session.rate);
    let starts = windows.evaluation_starts();
    let matches = starts.iter().map(|&start| {
        let mut mix = Stereo::silence(windows.samples());
        session.mix.copy_window(start, &mut mix);
        let target = matcher.target(&mix);
        let stem = |stem: usize, buffer: &mut Stereo| session.stems[stem].audio.copy_window(start, buffer);
        let mix = engine.play(plan, start, stem, Until::DONE)?.mix;
        Ok(matcher.evaluate(&target, &mix).full)
    });
    Ok(matches.sum::<Result<f64, _>>()? / starts.len() as f64)
}

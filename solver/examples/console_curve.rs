//! The match of the full console, without pruning, over training steps.
//!
//! `cargo run --release --example console_curve -p mixtrace-solver -- SESSION 250 500 1000`
//!
//! Two figures a line: the match as reports state it, compared up to the end of the song, and as the reference code
//! evaluates it, where tails that ring on beyond the end of the mix's file count as errors.

use std::error::Error;
use std::path::Path;
use std::slice::from_ref;

use mixtrace_solver::dsp::Stereo;
use mixtrace_solver::engine::cpu::{Cpu, Engine as Renderer, Plan};
use mixtrace_solver::engine::{BypassSet, Engine, Patch, PatchBuf};
use mixtrace_solver::graph::{Graph, Schedule};
use mixtrace_solver::matching::Matcher;
use mixtrace_solver::parameters::Parameters;
use mixtrace_solver::search::{Fitter, Preset, Settings, random_window};
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
    let mut studio = Cpu.open(&session, Until::DONE)?;
    let mut fitter = Fitter::new(&graph, parameters);
    let all = BypassSet::new();
    println!("steps   match   as the reference evaluates");
    for step in 0..=marks.iter().copied().max().unwrap_or(0) {
        if step == 0 || marks.contains(&step) {
            let patch = PatchBuf::new(&graph, fitter.parameters())?;
            let matched = studio.evaluate(patch.patch(), &all, from_ref(&all), Until::DONE)?[0].full;
            let reference = with_tails(&session, patch.patch())?;
            println!("{step:5}   {matched:.3}   {reference:.3}");
        }
        let windows = [random_window(&session, &mut rng)];
        fitter.step(0.0, |patch, gradient| studio.objective(patch, &windows, gradient, Until::DONE))?;
    }
    Ok(())
}

/// The mean match over all windows, each compared to its end.
fn with_tails(session: &Session, patch: Patch<'_>) -> Result<f64, Interrupted> {
    let windows = session.windows();
    let mut engine = Renderer::new(patch.graph, patch.layout, windows.samples(), session.rate);
    engine.set(patch.flat, Until::DONE)?;
    let plan = Plan::new(patch.graph, &Schedule::new(patch.graph, |_| false));
    let matcher = Matcher::new(windows.samples(), windows.warm_up(), session.rate);
    let starts = windows.evaluation_starts();
    let matches = starts.iter().map(|&start| {
        let mut mix = Stereo::silence(windows.samples());
        session.mix.copy_window(start, &mut mix);
        let target = matcher.target(&mix);
        let stem = |stem: usize, buffer: &mut Stereo| session.stems[stem].audio.copy_window(start, buffer);
        let mix = engine.play(&plan, start, stem, Until::DONE)?.mix;
        Ok(matcher.evaluate(&target, &mix).full)
    });
    Ok(matches.sum::<Result<f64, _>>()? / starts.len() as f64)
}

//! A processor knows where in its song it is.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::song::Work;
use super::{Engine, Plan};
use crate::clock::Clock;
use crate::dsp::{Recording, Stereo};
use crate::graph::{Graph, Schedule, Selection};
use crate::parameters::Parameters;
use crate::processors::{Kind, Processor};
use crate::stop::Until;

const RATE: u32 = 22_050;

/// Its output is the time in the song, s.
struct Watch;

impl Processor for Watch {
    fn set(&mut self, _: &[f32], _: f32) {}

    fn render(&self, _: &Stereo, output: &mut Stereo, clock: Clock) {
        for channel in &mut output.channels {
            channel.iter_mut().enumerate().for_each(|(n, y)| *y = clock.seconds(n) as f32);
        }
    }

    fn backward(&mut self, _: &Stereo, _: &mut Stereo, _: f32, _: &mut [f32]) -> f32 {
        0.0
    }
}

/// A stem through an equaliser, which remembers and looks ahead.
fn graph() -> Graph {
    Graph::console(&[("a".into(), None)], &[], Selection::of(&[Kind::Equalizer])).unwrap()
}

fn parameters(graph: &Graph) -> Parameters {
    Parameters::start(graph, &mut ChaCha8Rng::seed_from_u64(1))
}

/// Puts a watch in the place of the only processor.
fn watch(engine: &mut Engine) {
    engine.processors.iter_mut().flatten().for_each(|worker| worker.processor = Box::new(Watch));
}

#[track_caller]
fn assert_time(found: &Stereo, start: usize) {
    for (n, y) in found.channels[1].iter().enumerate() {
        let wanted = (start + n) as f32 / RATE as f32;
        assert!((y - wanted).abs() < 1e-5, "sample {n}: {y} s, not {wanted} s");
    }
}

#[test]
fn a_window_lies_where_it_starts() {
    let graph = graph();
    let mut engine = Engine::new(&graph, &parameters(&graph).layout(), 1000, RATE);
    watch(&mut engine);
    let plan = Plan::new(&graph, &Schedule::new(&graph, |_| false));
    let silence = |_: usize, buffer: &mut Stereo| buffer.channels.iter_mut().for_each(|c| c.fill(0.0));
    for start in [0, 777, 100_000] {
        assert_time(&engine.play(&plan, start, silence, Until::DONE).unwrap().mix, start);
        assert_time(engine.render(&plan, start, silence, Until::DONE).unwrap(), start);
    }
}

#[test]
fn time_runs_through_a_song_without_a_seam() {
    let (graph, song) = (graph(), Recording::from(Stereo::silence(7_531)));
    let parameters = parameters(&graph);
    let flat = parameters.physical().unwrap();
    let mut work = Work::new(&graph, &parameters.layout(), &flat, &[&song], RATE, 1000, Until::DONE).unwrap();
    watch(&mut work.engine);
    let found = work.render(&graph, &[&song], Until::DONE).unwrap();
    assert_eq!(found.len(), song.len());
    assert_time(&found, 0);
}

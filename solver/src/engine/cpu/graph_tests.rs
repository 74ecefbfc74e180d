//! Any graph renders what a naive walk renders, and nodes that do nothing can go.

use std::collections::HashMap;
use std::sync::Arc;

use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::{Engine, Plan};
use crate::clock::Clock;
use crate::dsp::Stereo;
use crate::golden::assert_close;
use crate::graph::strategies::graphs;
use crate::graph::{Graph, NodeId, NodeKind, Schedule};
use crate::parameters::Parameters;
use crate::processors::Kit;
use crate::stop::Until;

const SAMPLES: usize = 1500;
const RATE: u32 = 30_000;

/// The stem that feeds input `stem`: a repeatable stereo tone with a burst.
fn stem(stem: usize) -> Stereo {
    let pitch = 0.01 * (stem + 1) as f32;
    let tone = |c: usize, n: usize| ((n as f32 * pitch + c as f32).sin() * (1.0 - n as f32 / 1500.0)) * 0.3;
    Stereo { channels: [0, 1].map(|c| (0..SAMPLES).map(|n| tone(c, n)).collect()) }
}

fn source(number: usize, buffer: &mut Stereo) {
    *buffer = stem(number);
}

fn start(graph: &Graph) -> Parameters {
    Parameters::start(graph, &mut ChaCha8Rng::seed_from_u64(7))
}

/// Renders with the engine, without the processors that `bypassed` names.
fn render(graph: &Graph, parameters: &Parameters, bypassed: impl Fn(NodeId) -> bool) -> Stereo {
    let layout = parameters.layout();
    let mut engine = Engine::new(graph, &layout, SAMPLES, RATE);
    engine.set(&parameters.physical().unwrap(), Until::DONE).unwrap();
    let plan = Plan::new(graph, &Schedule::new(graph, bypassed));
    engine.play(&plan, 0, source, Until::DONE).unwrap().mix
}

/// Renders node by node, each with a processor of its own, following edges backwards from the output.
fn walk(graph: &Graph, parameters: &Parameters) -> Stereo {
    let flat = parameters.physical().unwrap();
    let layout = parameters.layout();
    let kit = Arc::new(Kit::default());
    let mut known: HashMap<NodeId, Stereo> = HashMap::new();
    fn visit(
        id: NodeId,
        graph: &Graph,
        known: &mut HashMap<NodeId, Stereo>,
        process: &impl Fn(NodeId, &Stereo) -> Stereo,
    ) -> Stereo {
        if let Some(done) = known.get(&id) {
            return done.clone();
        }
        let mut input = Stereo::silence(SAMPLES);
        for from in graph.edges().iter().filter(|e| e.1 == id).map(|e| e.0) {
            input.add(&visit(from, graph, known, process));
        }
        let output = match graph.node(id).unwrap().kind {
            NodeKind::Input { stem: number } => stem(number),
            NodeKind::Processor(_) => process(id, &input),
            NodeKind::Sum | NodeKind::Output => input,
        };
        known.insert(id, output.clone());
        output
    }
    let process = |id: NodeId, input: &Stereo| {
        let place = layout.places.iter().find(|p| p.id == id).unwrap();
        let mut processor = place.kind.definition().make(SAMPLES, RATE, &kit);
        processor.set(&flat[place.physical.clone()], flat[place.wet]);
        let mut output = Stereo::silence(SAMPLES);
        processor.forward(input, &mut output, Clock { rate: RATE, start: 0 });
        output
    };
    let output = graph.nodes().iter().find(|n| n.kind == NodeKind::Output).unwrap();
    visit(output.id, graph, &mut known, &process)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn the_batched_schedule_renders_what_a_naive_walk_renders(graph in graphs()) {
        let parameters = start(&graph);
        let found = render(&graph, &parameters, |_| false);
        let wanted = walk(&graph, &parameters);
        assert_close("mix", &found.channels.concat(), &wanted.channels.concat(), 1e-5);
    }

    #[test]
    fn removing_a_dry_node_leaves_the_mix(graph in graphs(), which in any::<prop::sample::Index>()) {
        let processors: Vec<_> = graph.processors().map(|(id, _)| id).collect();
        prop_assume!(!processors.is_empty());
        let dry = processors[which.index(processors.len())];
        let mut parameters = start(&graph);
        for rows in &mut parameters.rows {
            for (id, logit) in rows.ids.iter().zip(&mut rows.wet_logits) {
                if *id == dry {
                    *logit = f32::NEG_INFINITY;
                }
            }
        }
        let before = render(&graph, &parameters, |_| false);
        let bypassed = render(&graph, &parameters, |id| id == dry);
        let mut removed = graph.clone();
        removed.remove(dry).unwrap();
        let after = render(&removed, &parameters.without(&[dry].into()), |_| false);
        let size = before.channels.iter().flatten().fold(1.0f32, |m, v| m.max(v.abs()));
        for other in [&bypassed, &after] {
            for (a, b) in before.channels.iter().flatten().zip(other.channels.iter().flatten()) {
                prop_assert!((a - b).abs() < 1e-6 * size, "{} {}", a, b);
            }
        }
    }
}

#[test]
fn the_gradient_of_a_branching_graph_is_the_slope() {
    let graph = crate::graph::strategies::diamond();
    let mut parameters = start(&graph);
    let v = stem(3);
    let score = |parameters: &Parameters| -> f64 {
        let mix = render(&graph, parameters, |_| false);
        let products = mix.channels.iter().flatten().zip(v.channels.iter().flatten());
        products.map(|(&a, &b)| a as f64 * b as f64).sum()
    };
    let layout = parameters.layout();
    let mut engine = Engine::new(&graph, &layout, SAMPLES, RATE);
    engine.without_regularisers();
    engine.set(&parameters.physical().unwrap(), Until::DONE).unwrap();
    let plan = Plan::new(&graph, &Schedule::new(&graph, |_| false));
    engine.render(&plan, 0, source, Until::DONE).unwrap();
    let mut gradient = vec![0.0; layout.len];
    engine.reverse(&plan, &v, &mut gradient, Until::DONE).unwrap();
    for (i, place) in layout.places.iter().enumerate() {
        let at = |parameters: &mut Parameters, change: f32| {
            parameters.rows[i].wet_logits[0] += change;
            let found = (score(parameters), parameters.wets().nth(i).unwrap().1 as f64);
            parameters.rows[i].wet_logits[0] -= change;
            found
        };
        let ((up, wet_up), (down, wet_down)) = (at(&mut parameters, 0.5), at(&mut parameters, -0.5));
        let slope = (up - down) / (wet_up - wet_down);
        let found = gradient[place.wet] as f64;
        assert!((found - slope).abs() < 1e-3 * slope.abs().max(1e-2), "{}: {found} {slope}", place.kind);
    }
}

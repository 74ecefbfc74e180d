//! One round of pruning: which processors are not needed.
//!
//! A [`Round`] says what to try next and is told what came of it; it renders nothing itself. [`brute_force`] tries every
//! processor alone, [`dry_wet`] the least wet of a kind together.

mod brute_force;
mod dry_wet;

use rand::Rng;
use serde::{Deserialize, Serialize};

use super::Method;
use crate::graph::NodeId;
use crate::matching::Match;
use crate::parameters::Parameters;
use crate::processors::Kind;
use brute_force::BruteForce;
use dry_wet::DryWet;

/// A round of pruning under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Round {
    /// What was found not to be needed so far, in the order in which it was found.
    pub removed: Vec<NodeId>,
    /// The whole-song match without it.
    pub matched: Match,
    queue: Queue,
}

/// What is still to be tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Queue {
    BruteForce(BruteForce),
    DryWet(DryWet),
}

/// Processors to bypass together, on top of what the round has removed.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// All are of this kind.
    pub kind: Kind,
    /// One or more.
    pub nodes: Vec<NodeId>,
}

impl Round {
    /// Round `number` (counted from 1) of `method` on the graph that `parameters` belong to and whose whole-song match is
    /// `matched`. Nothing is tried by [`Method::None`].
    pub fn new(
        method: Method,
        number: usize,
        parameters: &Parameters,
        matched: Match,
        rng: &mut impl Rng,
    ) -> Self {
        let queue = match method {
            Method::None => Queue::DryWet(DryWet::default()),
            _ if method.is_brute_force(number) => Queue::BruteForce(BruteForce::new(parameters, rng)),
            _ => Queue::DryWet(DryWet::new(parameters)),
        };
        Self { removed: Vec::new(), matched, queue }
    }

    /// What to try next; nothing at the end of the round.
    pub fn next(&mut self, rng: &mut impl Rng) -> Option<Trial> {
        match &mut self.queue {
            Queue::BruteForce(queue) => queue.next(),
            Queue::DryWet(queue) => queue.next(rng),
        }
    }

    /// Takes notice that what [`next`](Self::next) said can go, and that the whole-song match is `matched` without it.
    pub fn accept(&mut self, trial: &Trial, matched: Match) {
        self.removed.extend(&trial.nodes);
        self.matched = matched;
        if let Queue::DryWet(queue) = &mut self.queue {
            queue.accept(trial);
        }
    }

    /// Takes notice that what [`next`](Self::next) said is needed.
    pub fn refuse(&mut self, trial: &Trial) {
        if let Queue::DryWet(queue) = &mut self.queue {
            queue.refuse(trial);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::graph::{Graph, Selection};

    fn parameters(seed: u64) -> Parameters {
        let stems: Vec<_> = (0..12).map(|i| (format!("stem {i}"), None)).collect();
        let graph =
            Graph::console(&stems, &[], Selection::of(&[Kind::Equalizer, Kind::GainPan, Kind::Reverb]))
                .unwrap();
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut parameters = Parameters::start(&graph, &mut rng);
        for logit in parameters.rows.iter_mut().flat_map(|rows| &mut rows.wet_logits) {
            *logit = rand::RngExt::random_range(&mut rng, -4.0..4.0);
        }
        parameters
    }

    /// All trials of a round in which `needed` decides what comes of each.
    fn trials(
        method: Method,
        number: usize,
        seed: u64,
        needed: impl Fn(NodeId) -> bool,
    ) -> (Vec<Trial>, Round) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut round = Round::new(method, number, &parameters(1), Match::default(), &mut rng);
        let mut tried = Vec::new();
        while let Some(trial) = round.next(&mut rng) {
            if trial.nodes.iter().any(|&id| needed(id)) {
                round.refuse(&trial);
            } else {
                round.accept(&trial, Match::default());
            }
            tried.push(trial);
        }
        (tried, round)
    }

    #[test]
    fn brute_force_tries_every_processor_alone_once_in_an_order_of_its_own() {
        let (tried, round) = trials(Method::BruteForce, 1, 7, |id| id % 3 == 0);
        let alone: Vec<_> = tried.iter().map(|t| t.nodes.clone()).collect();
        assert!(alone.iter().all(|nodes| nodes.len() == 1));
        let order = alone.concat();
        let all: BTreeSet<_> = parameters(1).wets().map(|(id, _)| id).collect();
        assert_eq!(order.iter().copied().collect::<BTreeSet<_>>(), all);
        assert_eq!(order.len(), all.len());
        assert!(!order.is_sorted());
        assert_ne!(trials(Method::BruteForce, 1, 8, |id| id % 3 == 0).0, tried);
        assert_eq!(round.removed, order.into_iter().filter(|id| id % 3 != 0).collect::<Vec<_>>());
    }

    #[test]
    fn dry_wet_tries_the_least_wet_of_a_kind_first_and_ever_fewer_where_they_are_needed() {
        let (tried, round) = trials(Method::DryWet, 1, 7, |_| true);
        assert!(round.removed.is_empty());
        // A tenth of twelve is two; where those are needed one is tried, and where that is needed the kind is done.
        assert_eq!(tried.len(), 6);
        for rows in &parameters(1).rows {
            let driest = rows.ids.iter().zip(&rows.wet_logits).min_by(|a, b| a.1.total_cmp(b.1)).unwrap();
            let counts: Vec<_> =
                tried.iter().filter(|t| t.kind == rows.kind).map(|t| t.nodes.len()).collect();
            assert_eq!(counts, [2, 1]);
            assert!(tried.iter().filter(|t| t.kind == rows.kind).all(|t| t.nodes[0] == *driest.0));
        }
        let (_, round) = trials(Method::DryWet, 1, 7, |_| false);
        assert_eq!(round.removed.len(), 36);
    }

    #[test]
    fn every_fourth_round_of_the_hybrid_is_brute_force() {
        for number in 1..=12 {
            let way = if number % 4 == 0 { Method::BruteForce } else { Method::DryWet };
            let needed = |id| id % 3 == 0;
            assert_eq!(trials(Method::Hybrid, number, 7, needed).0, trials(way, 1, 7, needed).0);
        }
        assert_eq!(trials(Method::None, 4, 7, |_| false).0, []);
    }

    #[test]
    fn a_round_that_was_saved_and_read_again_goes_on_as_it_would_have() {
        for method in [Method::DryWet, Method::BruteForce] {
            let mut rng = ChaCha8Rng::seed_from_u64(3);
            let mut round = Round::new(method, 1, &parameters(1), Match::default(), &mut rng);
            for i in 0.. {
                let json = serde_json::to_string(&(&round, &rng)).unwrap();
                let (mut again, mut rng_again): (Round, ChaCha8Rng) = serde_json::from_str(&json).unwrap();
                let (trial, other) = (round.next(&mut rng), again.next(&mut rng_again));
                assert_eq!(trial, other);
                let Some(trial) = trial else { break };
                if i % 3 == 0 { round.refuse(&trial) } else { round.accept(&trial, Match::default()) }
            }
        }
    }
}

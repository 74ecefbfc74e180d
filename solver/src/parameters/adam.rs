//! Adam (Kingma and Ba, 2015), with moments that can be saved.
//!
//! candle-nn's AdamW keeps its moments to itself, so that a search could not go on from a file with it. Without weight decay
//! the two take the same steps to the last bit, which a test holds them to.

use serde::{Deserialize, Serialize};

use super::{Parameters, Rows};
use crate::processors::Kind;

const BETA: [f64; 2] = [0.9, 0.999];
const EPSILON: f64 = 1e-8;

/// The wet weights' learning rate.
const WET_RATE: f64 = 3e-2;

/// Learning rates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rates {
    /// Every kind's own, and one for the wet weights' logits.
    Own,
    /// One for everything.
    Uniform(f64),
}

impl Rates {
    /// Of a kind's raw parameters.
    fn of(self, kind: Kind) -> f64 {
        match self {
            Self::Own => kind.definition().learning_rate(),
            Self::Uniform(rate) => rate,
        }
    }

    /// Of the wet weights' logits.
    fn of_wet(self) -> f64 {
        match self {
            Self::Own => WET_RATE,
            Self::Uniform(rate) => rate,
        }
    }
}

/// The moments of all parameters of a graph.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Adam {
    /// Running mean of the gradients.
    first: Parameters,
    /// Running mean of their squares.
    second: Parameters,
    /// Steps since the moments were zero.
    steps: i32,
}

/// What Adam does to every number in one step.
struct Step {
    rate: f32,
    /// 1/(1 − βᵗ).
    scale: [f32; 2],
}

impl Adam {
    /// No steps yet.
    pub fn new(parameters: &Parameters) -> Self {
        let mut zero = parameters.clone();
        for rows in &mut zero.rows {
            rows.raw.fill(0.0);
            rows.wet_logits.fill(0.0);
        }
        Self { first: zero.clone(), second: zero, steps: 0 }
    }

    /// True if one can go on with them.
    pub fn is_finite(&self) -> bool {
        self.first.values().chain(self.second.values()).all(f32::is_finite)
    }

    /// Moves `parameters` down `gradients`; both are of the same nodes as the moments.
    pub fn step(&mut self, parameters: &mut Parameters, gradients: &Parameters, rates: Rates) {
        self.steps += 1;
        let scale = BETA.map(|beta| (1.0 / (1.0 - beta.powi(self.steps))) as f32);
        let moments = self.first.rows.iter_mut().zip(&mut self.second.rows);
        for ((rows, gradients), (first, second)) in
            parameters.rows.iter_mut().zip(&gradients.rows).zip(moments)
        {
            let Rows { kind, raw, wet_logits, .. } = rows;
            let step = Step { rate: rates.of(*kind) as f32, scale };
            step.take(raw, &gradients.raw, &mut first.raw, &mut second.raw);
            let step = Step { rate: rates.of_wet() as f32, scale };
            step.take(wet_logits, &gradients.wet_logits, &mut first.wet_logits, &mut second.wet_logits);
        }
    }
}

impl Step {
    fn take(&self, values: &mut [f32], gradients: &[f32], first: &mut [f32], second: &mut [f32]) {
        let beta = BETA.map(|beta| beta as f32);
        let rest = BETA.map(|beta| (1.0 - beta) as f32);
        for (((value, &gradient), m), v) in values.iter_mut().zip(gradients).zip(first).zip(second) {
            *m = *m * beta[0] + gradient * rest[0];
            *v = *v * beta[1] + gradient * gradient * rest[1];
            let (m, v) = (*m * self.scale[0], *v * self.scale[1]);
            *value -= m / (v.sqrt() + EPSILON as f32) * self.rate;
        }
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};
    use candle_nn::{AdamW, Optimizer, ParamsAdamW};
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    fn rows(raw: Vec<f32>) -> Parameters {
        Parameters {
            rows: vec![Rows { kind: Kind::GainPan, ids: vec![3, 5], raw, wet_logits: vec![0.5, -1.0] }],
        }
    }

    #[test]
    fn its_steps_are_those_of_candle_s_adam_w_without_decay() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let start = vec![0.3, -2.0, 1e-4, 7.0];
        let mut parameters = rows(start.clone());
        let mut adam = Adam::new(&parameters);
        let rates = Rates::Uniform(1e-2);
        let var = Var::from_slice(&start, 4, &Device::Cpu).unwrap();
        let settings = ParamsAdamW { lr: 1e-2, weight_decay: 0.0, ..Default::default() };
        let mut theirs = AdamW::new(vec![var.clone()], settings).unwrap();
        for step in 0..200 {
            let slope: Vec<f32> =
                (0..4).map(|i| rng.random_range(-1.0f32..1.0) * 10f32.powi(i - 3)).collect();
            adam.step(&mut parameters, &rows(slope.clone()), rates);
            let slope = candle_core::Tensor::from_vec(slope, 4, &Device::Cpu).unwrap();
            let loss = (var.as_tensor() * slope).unwrap().sum_all().unwrap();
            theirs.step(&loss.backward().unwrap()).unwrap();
            assert_eq!(parameters.rows[0].raw, var.to_vec1::<f32>().unwrap(), "step {step}");
        }
    }
}

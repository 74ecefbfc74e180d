//! From raw to physical parameters, and gradients back.

use candle_core::backprop::GradStore;
use candle_core::{Device, Result, Tensor, Var};
use candle_nn::ops::sigmoid;

use super::{Error, Parameters, Rows};
use crate::graph::NodeId;
use crate::processors::{Kind, Map, Parameter};

/// Which map a kind's parameter takes.
pub type Maps = fn(Kind, &Parameter) -> Map;

/// The kinds' own maps.
pub fn own_map(_: Kind, parameter: &Parameter) -> Map {
    parameter.map
}

/// A graph's parameters, mapped to physical ones by operations that remember the way back.
pub struct Mapped {
    kinds: Vec<Variables>,
    /// Wet weights 0…1.
    wets: Tensor,
    /// Physical parameters and wet weights.
    flat: Tensor,
    values: Vec<f32>,
}

/// The raw parameters of one kind: what gradients are taken by.
struct Variables {
    kind: Kind,
    ids: Vec<NodeId>,
    /// `[nodes, row_len]`
    raw: Var,
    /// `[nodes]`
    wet_logits: Var,
}

impl Parameters {
    /// The physical parameters and wet weights as one flat vector in [`Layout`](super::Layout)'s order.
    ///
    /// # Errors
    /// If the tensor maths fails.
    pub fn physical(&self) -> std::result::Result<Vec<f32>, Error> {
        Ok(Mapped::new(self)?.into_flat())
    }
}

impl Mapped {
    /// Maps parameters by the kinds' own maps.
    ///
    /// # Errors
    /// If the tensor maths fails.
    pub fn new(parameters: &Parameters) -> std::result::Result<Self, Error> {
        Self::by(own_map, parameters)
    }

    /// The same by other maps.
    ///
    /// # Errors
    /// If the tensor maths fails.
    pub fn by(maps: Maps, parameters: &Parameters) -> std::result::Result<Self, Error> {
        Ok(Self::map(maps, parameters)?)
    }

    fn map(maps: Maps, parameters: &Parameters) -> Result<Self> {
        let kinds = parameters.rows.iter().map(Variables::new).collect::<Result<Vec<_>>>()?;
        let mut flat = Vec::with_capacity(kinds.len() + 1);
        for variables in &kinds {
            flat.push(physical(maps, variables.kind, &variables.raw)?.flatten_all()?);
        }
        let logits: Vec<_> = kinds.iter().map(|variables| variables.wet_logits.as_tensor()).collect();
        let wets = if logits.is_empty() { none()? } else { sigmoid(&Tensor::cat(&logits, 0)?)? };
        flat.push(wets.clone());
        let flat = Tensor::cat(&flat, 0)?;
        let values = flat.to_vec1()?;
        Ok(Self { kinds, wets, flat, values })
    }

    /// Physical parameters and wet weights in [`Layout`](super::Layout)'s order.
    pub fn flat(&self) -> &[f32] {
        &self.values
    }

    /// The same, to keep.
    pub fn into_flat(self) -> Vec<f32> {
        self.values
    }

    /// The gradient of `ℓ + sparsity·Σ wet` by the raw parameters that were mapped; `gradient` is `∂ℓ/∂flat`.
    ///
    /// # Errors
    /// If the tensor maths fails.
    pub fn backward(&self, gradient: &[f32], sparsity: f64) -> std::result::Result<Parameters, Error> {
        Ok(self.pull_back(gradient, sparsity)?)
    }

    fn pull_back(&self, gradient: &[f32], sparsity: f64) -> Result<Parameters> {
        let gradient = Tensor::from_slice(gradient, self.flat.shape(), &Device::Cpu)?;
        // Its slope along the flat vector is the gradient.
        let objective = (&self.flat * gradient)?.sum_all()?;
        let objective = (objective + (self.wets.sum_all()? * sparsity)?)?;
        let gradients = objective.backward()?;
        let rows = self.kinds.iter().map(|variables| variables.rows(&gradients));
        Ok(Parameters { rows: rows.collect::<Result<_>>()? })
    }
}

impl Variables {
    fn new(rows: &Rows) -> Result<Self> {
        let shape = (rows.ids.len(), rows.kind.definition().row_len());
        Ok(Self {
            kind: rows.kind,
            ids: rows.ids.clone(),
            raw: Var::from_slice(&rows.raw, shape, &Device::Cpu)?,
            wet_logits: Var::from_slice(&rows.wet_logits, rows.ids.len(), &Device::Cpu)?,
        })
    }

    /// Their gradients.
    fn rows(&self, gradients: &GradStore) -> Result<Rows> {
        let slope = |variable: &Var| match gradients.get(variable) {
            Some(slope) => slope.flatten_all()?.to_vec1(),
            None => Ok(vec![0.0; variable.elem_count()]),
        };
        let (raw, wet_logits) = (slope(&self.raw)?, slope(&self.wet_logits)?);
        Ok(Rows { kind: self.kind, ids: self.ids.clone(), raw, wet_logits })
    }
}

/// `[0]`
fn none() -> Result<Tensor> {
    Tensor::from_slice(&[0f32; 0], 0, &Device::Cpu)
}

/// Raw → physical rows of a kind, both `[nodes, row_len]`.
fn physical(maps: Maps, kind: Kind, raw: &Tensor) -> Result<Tensor> {
    let mut from = 0;
    let columns = kind.definition().parameters().iter().map(|parameter| {
        let column = raw.narrow(1, from, parameter.len)?;
        from += parameter.len;
        apply(maps(kind, parameter), &column)
    });
    Tensor::cat(&columns.collect::<Result<Vec<_>>>()?, 1)
}

fn apply(map: Map, x: &Tensor) -> Result<Tensor> {
    match map {
        Map::Identity => Ok(x.clone()),
        Map::Exp => x.exp(),
        Map::Sigmoid => sigmoid(x),
        Map::Softplus => {
            // relu(x) + ln(1 + exp(−|x|)): no overflow, and the right slope on either side of 0.
            let rest = (x.abs()?.neg()?.exp()? + 1.0)?.log()?;
            x.relu()? + rest
        }
        Map::Plus(map, constant) => apply(*map, x)? + constant,
        Map::Times(map, constant) => apply(*map, x)? * constant,
        Map::AtMost(map, most) => apply(*map, x)?.minimum(most),
    }
}

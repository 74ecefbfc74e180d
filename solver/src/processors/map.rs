//! How raw parameters turn into physical ones, as data.

/// A map from a raw to a physical number, x ↦ y. [`parameters`](crate::parameters) applies it and differentiates
/// through it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Map {
    /// y = x
    Identity,
    /// y = eˣ
    Exp,
    /// y = 1/(1 + e⁻ˣ)
    Sigmoid,
    /// y = ln(1 + eˣ)
    Softplus,
    /// Another map's y and a constant.
    Plus(&'static Map, f64),
    /// Another map's y times a constant.
    Times(&'static Map, f64),
    /// Another map's y, but no more than a constant.
    AtMost(&'static Map, f64),
}

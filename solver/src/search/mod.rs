//! Fit, evaluate, prune.

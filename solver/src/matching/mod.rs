//! The match: how far a rendered mix is from the target mix (MATH.md §8), forward and backward.

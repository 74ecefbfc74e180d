//! Graphs of inputs, processors, sums and one output.

//! The one binary: command line over agent, node and tools.

fn main() {}

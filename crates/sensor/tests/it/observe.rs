//! No BPF at all.

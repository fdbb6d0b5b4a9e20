//! Baselines of real trees, and what becomes of them when files or the baseline itself change.

mod codec;
mod trees;

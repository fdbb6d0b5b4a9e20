//! Policies as files and decisions as values.

mod decisions;
mod policies;
mod properties;

//! Policies as files and decisions as values.

mod decisions;
mod lockdown;
mod policies;
mod prevention;
mod properties;

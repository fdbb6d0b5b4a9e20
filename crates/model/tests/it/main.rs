//! The crate from outside: LightGBM's answers, hostile files, EMBER's vectors.

mod ember_general;
mod ember_pe;
mod ensemble;
mod hostile;
mod shipped;

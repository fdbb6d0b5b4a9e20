//! The crate from outside: LightGBM's answers, hostile files, EMBER's vectors.

mod ember_general;
mod ensemble;
mod hostile;

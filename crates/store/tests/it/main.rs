//! The stores from outside: what is appended is found, whatever happens between.

mod append;
mod control;
mod faults;
mod hunts;
mod kill;
mod refused;
mod replay;
mod upkeep;
mod world;

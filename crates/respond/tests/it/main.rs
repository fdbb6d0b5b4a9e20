//! Acts on real processes, files and executions, each test confined to what it made itself.

mod collecting;
mod gate;
mod gate_faults;
mod gate_reads;
mod killing;
mod open_gate;
mod rollback;
mod vault;
mod vault_crash;
mod world;

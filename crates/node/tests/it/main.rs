//! A real node: real stores, real TLS, real sockets on loopback.

mod agents;
mod answers;
mod console;
mod incidents;
mod investigating;
mod protection;
mod sessions;
mod tuning;
mod watching;
mod world;

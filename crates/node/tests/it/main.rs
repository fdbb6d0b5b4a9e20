//! A real node: real stores, real TLS, real sockets on loopback.

mod agents;
mod console;
mod incidents;
mod sessions;
mod world;

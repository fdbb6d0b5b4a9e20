//! Real TLS and real streams on loopback; the node's side is in memory and really records.

mod enrolment;
mod identity;
mod publication;
mod streams;
mod world;

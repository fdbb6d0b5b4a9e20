//! The sensor over real processes: each test starts its own sensor, acts through a child (or itself) and looks for that
//! process' records only, since others act on the same host at the same time.

mod confine;
mod files;
mod flows;
mod kernel;
mod load;
mod network;
mod observe;
mod processes;
mod uring;
mod watching;

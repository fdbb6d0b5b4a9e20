//! Wires the host's half into a daemon.

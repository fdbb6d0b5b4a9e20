//! Event store and control store.

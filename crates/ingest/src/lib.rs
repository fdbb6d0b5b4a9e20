//! Authenticates, dedupes and orders what agents send.

//! Wires ingest, store, incident and the console into a server.

//! Durable bounded queue.

//! Versioned protobuf between agent and node.

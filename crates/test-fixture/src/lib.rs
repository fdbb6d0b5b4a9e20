//! The one test world.

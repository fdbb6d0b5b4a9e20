//! The scanner with its real worker processes.

mod confinement;
mod containers;
mod detached;
mod faults;
mod files;
mod members;
mod pack;
mod rules;
mod walking;
mod world;

//! The scanner with its real worker processes.

mod confinement;
mod faults;
mod files;
mod pack;
mod members;
mod rules;
mod walking;
mod world;

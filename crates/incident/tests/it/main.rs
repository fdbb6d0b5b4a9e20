//! Stories in, incidents out: value in, value out.

mod grouping;
mod telling;
mod world;

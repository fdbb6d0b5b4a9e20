//! Stories in, incidents out: value in, value out.

mod exporting;
mod grouping;
mod investigating;
mod outside;
mod telling;
mod world;

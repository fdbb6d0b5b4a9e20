//! Files that the tests make themselves, walked; what comes out, and what is said not to have been read.

#![allow(dead_code)]

mod bombs;
mod samples;
mod seen;
mod streams;
mod tars;
mod zips;

//! Files that the tests make themselves, walked; what comes out, and what is said not to have been read.

mod archives;
mod bombs;
mod chains;
mod documents;
mod embedded;
mod images;
mod installers;
mod mutations;
mod old_formats;
mod samples;
mod seen;
mod streams;
mod tars;
mod zips;

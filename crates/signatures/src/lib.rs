//! Hash sets and ClamAV-format signatures: files of signatures to one matcher.
mod file;
mod hashes;
mod map;
mod names;

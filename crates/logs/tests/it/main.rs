//! Log files as their users see them: a path in, records or hits out.

mod data;
mod hostile;
mod readers;
mod regression;
mod windows;

//! Streams of events that must be told, and streams of daily work that must not.

mod behaviour;
mod daily_work;
mod miners;
mod normal;
mod ransomware;
mod replay;
mod sequences;
mod stream;
mod theft;

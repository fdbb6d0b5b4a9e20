//! The matcher as its users see it: rule text and events in, findings out.

mod content;
mod foreign;
mod hostile;
mod modifiers;
mod published;
mod report;

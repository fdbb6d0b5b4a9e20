//! The matcher as its users see it: rule text and events in, findings out.

mod content;
mod correlations;
mod foreign;
mod hostile;
mod modifiers;
mod pipelines;
mod published;
mod report;
mod services;
mod words;

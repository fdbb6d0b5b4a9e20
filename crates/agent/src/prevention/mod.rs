//! Least privilege: who falls under which profile of `[[prevention]]`, what it does against it, and what the kernel half is
//! told of both. Judged on the pipeline's thread, where the sensor is; what others ask (`status`, `tamon policy learn`) goes
//! through [`Prevention`].
//!
//! The kernel half answers by itself what its tier lets it: it denies, or it ends the process before it can use what it got.
//! The rest is judged from events, and ended after the fact.

mod figures;
mod keeper;
mod learning;
mod members;
mod names;
mod past;
mod places;
mod proof;
mod shortfalls;
mod tables;
mod tell;

pub use figures::Figures;
pub use keeper::Keeper;
pub use learning::{LearnAsk, obey};
pub use past::{PastAct, joined, simulate};
pub use proof::{check_policy, lockouts};
pub use shortfalls::lines as shortfalls;

use parking_lot::Mutex;
use std::sync::atomic::AtomicBool;

/// What the agent's threads share of it.
#[derive(Default)]
pub struct Prevention {
    pub figures: Mutex<Figures>,
    learning: Mutex<Vec<learning::Learning>>,
    /// Somebody began or ended to learn.
    changed: AtomicBool,
}

//! Alerts in, incidents out: alerts of one attack become one story with its root cause. Pure: no clock, no disk, no network.

pub mod model;
pub mod schema;
pub mod time;

pub use model::*;
pub use time::Time;

//! Alerts to incidents and their root cause; pure.

//! One file a command. Each asks, prints, and returns the exit status; none decides anything of the product.

pub mod alerts;
pub mod api;
pub mod baselines;
pub mod config;
pub mod doctor;
pub mod enrol;
pub mod events;
pub mod hosts;
pub mod hunt;
pub mod incidents;
pub mod integrity;
pub mod lockdown;
pub mod policy;
pub mod policy_explain;
pub mod policy_learn;
pub mod policy_past;
pub mod policy_simulate;
pub mod quarantine;
pub mod rollback;
pub mod rules;
pub mod scan;
pub mod sigma;
pub mod signatures;
pub mod status;
mod status_profiles;
pub mod tuning;

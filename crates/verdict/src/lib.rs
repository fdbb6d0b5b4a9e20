//! Findings, policy and tier to a decision with reasons; pure.

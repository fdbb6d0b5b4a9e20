//! Events and state to findings: ransomware bursts, miners; pure.

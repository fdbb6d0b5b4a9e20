//! Compiles Sigma into one matcher; pure.

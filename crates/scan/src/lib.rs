//! Bytes to findings: hash sets and YARA; parses in an unprivileged worker.

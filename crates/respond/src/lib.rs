//! Block, kill, quarantine; undo and expiry.

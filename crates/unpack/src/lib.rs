//! Opens archives and containers, a member at a time, within limits.

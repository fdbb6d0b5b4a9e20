//! The repr(C) records that bpf/ writes.

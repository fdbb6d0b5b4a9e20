//! SQL over the store, read-only, tenant-scoped.

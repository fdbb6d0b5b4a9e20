//! Process table, users, containers, packages, file identity.

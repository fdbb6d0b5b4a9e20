//! Least privilege for a service or a container: which files it may read, write and run, whom it may reach, which rights of
//! the kernel it may use. Pure: a policy's `[[prevention]]` tables become [`Profiles`], which say of an [`Act`] whether the
//! profile allows it and which entry says so ([`Ruling`]). Who watches, and who refuses, stands elsewhere (`agent`, `sensor`).
//!
//! Of all entries that fit the most specific decides, and of two alike the one that denies: `/etc/` may be read and
//! `!/etc/shadow` not, in whatever order they stand. A list that is not given restricts nothing; one that allows anything
//! allows nothing else.

mod act;
mod address;
mod address_list;
mod base;
mod capability;
mod compiled;
mod essential;
mod learn;
mod limits;
mod name_list;
mod path_list;
mod pattern;
mod profile;
mod profiles;
mod ready;
mod ruling;
mod selector;
pub mod stored;
mod subject;

pub use act::{Act, Doing, acts};
pub use address::{AddressEntry, Ports, Reach};
pub use address_list::{AddressList, KernelNet, ports_say};
pub use capability::Capability;
pub use compiled::Profile;
pub use essential::{Lockout, Role, Vital, prove};
pub use learn::Learner;
pub use limits::{PreventionLimit, not_kept};
pub use path_list::PathList;
pub use pattern::{KernelPath, PathEntry};
pub use profile::{Late, NameEntry, PreventionProfile, Signals};
pub(crate) use profiles::check;
pub use profiles::{ProfileIndex, Profiles};
pub use ready::{READY_NAMES, ready};
pub use ruling::Ruling;
pub use selector::Selector;
pub use subject::Confined;

/// Every finding of a profile has an id that begins so: `prevention.nginx.read`.
pub const RULE_PREFIX: &str = "prevention.";

//! Application allowlist: what may run once a host is locked. Pure: what is known of a file ([`Evidence`]) and how it is
//! about to be used ([`Use`]) come in; whether it may, which source of trust said so or why none did ([`Ruling`]) go out.
//! Who gathers the evidence, and who refuses, stands elsewhere (`agent`, `respond`).
//!
//! Trust is of a *content under a name*: a source vouches for this digest at this path. So a copy elsewhere, a link from
//! elsewhere, and another content at the same path are all unknown.

mod act;
mod evidence;
mod limits;
mod proof;
mod ruling;
mod settings;
mod state;

pub use act::{Act, Use};
pub use evidence::{Evidence, Nameless, PackageSays, Source};
pub use limits::{Limit, not_kept};
pub use proof::{Refused, Vital, prove};
pub use ruling::{Ruling, rule};
pub(crate) use settings::is_below;
pub use settings::{Answer, Lockdown, PublisherKey, TrustedFile};
pub use state::{BreakGlass, Lock, Phase};

//! `[[prevention]]`: a profile as it is written.

use super::{AddressEntry, Capability, PathEntry, ready};
use crate::Glob;
use event::{Mode, Severity};
use serde::{Deserialize, Serialize};
use std::fmt;

/// One table. A key that is not given restricts nothing, or is that of the profile named by `use`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreventionProfile {
    /// A profile that ships, by name: what is given here replaces its keys, and is added to its lists.
    #[serde(default, rename = "use", skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// Lower-case letters, digits and `-`; findings are called `prevention.ID.read` and so on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Observe if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// Of its findings; high if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,

    /// Whom it confines: all that are given must hold, of each one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub executable: Vec<Glob>,
    /// systemd unit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unit: Vec<Glob>,
    /// Path below the root of the control groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cgroup: Vec<Glob>,
    /// Name or number of the real user.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub user: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub image: Vec<Glob>,
    /// A container's name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub container: Vec<Glob>,
    /// A container's label, `name=value`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub label: Vec<Glob>,
    /// Its descendants are confined as well, whatever they run; true if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inherit: Option<bool>,

    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<Vec<PathEntry>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub write: Option<Vec<PathEntry>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<Vec<PathEntry>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connect: Option<Vec<AddressEntry>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bind: Option<Vec<AddressEntry>>,
    /// Sockets with a name on the disk that it may connect or send to. To make one is `write`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sockets: Option<Vec<PathEntry>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names: Option<Vec<NameEntry>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<Vec<Capability>>,
    /// May load kernel modules; true if not given, and so the rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modules: Option<bool>,
    /// May reach into processes outside of the profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ptrace: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mounts: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespaces: Option<bool>,
    /// May have memory that is written and run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<bool>,
    /// May run programs that are set-uid or have capabilities of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raise: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signals: Option<Signals>,
    /// What `enforce` does about an act that the host's tier could not refuse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late: Option<Late>,
}

/// Whom it may signal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Signals {
    #[default]
    Any,
    /// Only processes of the same profile.
    Own,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Late {
    /// The process and its descendants are ended.
    #[default]
    Kill,
    /// It is only told.
    Alert,
}

/// A name of `names`: `db.example.com`, or `*.example.com` for all below; with `!` before it, it is denied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NameEntry {
    text: String,
    pub allow: bool,
}

impl NameEntry {
    /// Lower case, without sign; begins with `*.` where all below is meant, and is `*` for any.
    pub(super) fn pattern(&self) -> &str {
        self.text.strip_prefix('!').unwrap_or(&self.text)
    }
}

impl TryFrom<String> for NameEntry {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let text = text.to_ascii_lowercase();
        let bare = text.strip_prefix('!').unwrap_or(&text);
        let name = if bare == "*" { "any" } else { bare.strip_prefix("*.").unwrap_or(bare) };
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if name.is_empty() || name.len() > 253 || !name.chars().all(plain) || name.ends_with('.') {
            return Err(format!("not a name, as db.example.com or *.example.com are: {text:?}"));
        }
        Ok(NameEntry { allow: bare.len() == text.len(), text })
    }
}

impl From<NameEntry> for String {
    fn from(entry: NameEntry) -> String {
        entry.text
    }
}

impl fmt::Display for NameEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Entries in the lists of one profile.
const MOST_ENTRIES: usize = 20_000;

impl PreventionProfile {
    /// What it is called: its id, or that of the profile that it uses.
    pub fn name(&self) -> &str {
        self.id.as_deref().or(self.base.as_deref()).unwrap_or_default()
    }

    /// With the profile that it uses laid below it; as it is where that does not ship.
    pub fn whole(&self) -> PreventionProfile {
        let Some(base) = self.base.as_deref().and_then(ready) else { return self.clone() };
        let own = self.clone();
        let selects = !self.has_no_selector();
        macro_rules! either {
            ($($field:ident)*) => { PreventionProfile {
                base: None,
                executable: if selects { own.executable } else { base.executable },
                unit: if selects { own.unit } else { base.unit },
                cgroup: if selects { own.cgroup } else { base.cgroup },
                user: if selects { own.user } else { base.user },
                image: if selects { own.image } else { base.image },
                container: if selects { own.container } else { base.container },
                label: if selects { own.label } else { base.label },
                read: both(base.read, own.read),
                write: both(base.write, own.write),
                run: both(base.run, own.run),
                connect: both(base.connect, own.connect),
                bind: both(base.bind, own.bind),
                sockets: both(base.sockets, own.sockets),
                names: both(base.names, own.names),
                capabilities: both(base.capabilities, own.capabilities),
                $($field: own.$field.or(base.$field),)*
            } };
        }
        either!(id title mode severity inherit modules ptrace mounts namespaces memory raise signals late)
    }

    fn has_no_selector(&self) -> bool {
        self.executable.is_empty()
            && self.unit.is_empty()
            && self.cgroup.is_empty()
            && self.user.is_empty()
            && self.image.is_empty()
            && self.container.is_empty()
            && self.label.is_empty()
    }

    /// Key and fault.
    pub(super) fn check(&self) -> Result<(), (&'static str, String)> {
        if let Some(base) = self.base.as_deref().filter(|name| ready(name).is_none()) {
            return Err(("use", format!("{base:?} is none of {}", super::READY_NAMES.join(", "))));
        }
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.name().is_empty() || !self.name().chars().all(plain) {
            return Err(("id", "must be of lower-case letters, digits and -".into()));
        }
        let whole = self.whole();
        if whole.has_no_selector() {
            return Err((
                "id",
                "would confine every process: give executable, unit, cgroup, user, image, container or label".into(),
            ));
        }
        let count = |list: &Option<Vec<PathEntry>>| list.as_ref().map_or(0, Vec::len);
        let nets = |list: &Option<Vec<AddressEntry>>| list.as_ref().map_or(0, Vec::len);
        let most = [
            ("read", count(&whole.read)),
            ("write", count(&whole.write)),
            ("run", count(&whole.run)),
            ("sockets", count(&whole.sockets)),
            ("connect", nets(&whole.connect)),
            ("bind", nets(&whole.bind)),
            ("names", whole.names.as_ref().map_or(0, Vec::len)),
        ];
        match most.into_iter().find(|(_, count)| *count > MOST_ENTRIES) {
            Some((key, count)) => Err((key, format!("{count} entries; at most {MOST_ENTRIES} are read"))),
            None => Ok(()),
        }
    }
}

fn both<T>(base: Option<Vec<T>>, own: Option<Vec<T>>) -> Option<Vec<T>> {
    match (base, own) {
        (Some(base), Some(own)) => Some(base.into_iter().chain(own).collect()),
        (base, own) => own.or(base),
    }
}

//! What profiles would have denied of what was recorded. A record knows its process and that process's parent, so a child
//! is found below its parent, and a grandchild only by its unit, user or container.

use event::{Column, Row, Value as Cell};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::net::IpAddr;
use verdict::Policy;
use verdict::prevention::{Act, Capability, Confined, Profile, Profiles};

/// Different acts that one simulation judges; more are counted.
const MOST: usize = 20_000;
/// Of what would have been denied, the most frequent.
const MOST_TOLD: usize = 500;

/// Acts of one kind of one program on one thing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PastAct {
    pub executable: String,
    pub parent: Option<String>,
    pub unit: Option<String>,
    pub user: Option<String>,
    pub image: Option<String>,
    /// `event_action`.
    pub action: String,
    pub path: Option<String>,
    pub address: Option<IpAddr>,
    pub port: Option<u16>,
    pub name: Option<String>,
    pub count: u64,
}

impl PastAct {
    /// None for a record that no profile speaks of.
    pub fn of(row: &Row) -> Option<PastAct> {
        let text = |column| match row.get(column) {
            Some(Cell::Str(text)) => Some(text.to_string()),
            _ => None,
        };
        let past = PastAct {
            executable: text(Column::ProcessExecutable)?,
            parent: text(Column::ParentExecutable),
            unit: text(Column::Unit),
            user: text(Column::UserName),
            image: text(Column::ContainerImage),
            action: text(Column::Action)?,
            path: text(Column::FilePath),
            address: match row.get(Column::DestinationIp) {
                Some(Cell::Ip(ip)) => Some(ip),
                _ => None,
            },
            port: match row.get(Column::DestinationPort) {
                Some(Cell::U64(port)) => u16::try_from(port).ok(),
                _ => None,
            },
            name: text(Column::DnsQuestionName),
            count: 1,
        };
        past.act().is_some().then_some(past)
    }

    /// None where a record lacks what the act is about.
    pub fn act(&self) -> Option<Act<'_>> {
        let path = self.path.as_deref();
        Some(match self.action.as_str() {
            "process-exec" => Act::Run(&self.executable),
            "file-open-read" => Act::Read(path?),
            "file-write-close" => return None,
            "network-connect" => Act::Connect(self.address?, self.port?),
            "network-bind" => Act::Bind(self.address?, self.port?),
            "dns-query" => Act::Ask(self.name.as_deref()?),
            "module-load" => Act::LoadModule(path.unwrap_or("a kernel module")),
            "process-ptrace" | "process-vm-write" => Act::Trace("another process"),
            "mount" | "unmount" | "pivot-root" => Act::Mount(path.unwrap_or("a file system")),
            "namespace-unshare" | "namespace-setns" => Act::MakeNamespace,
            "chroot" => Act::Use(Capability::SYS_CHROOT),
            "bpf-load" => Act::Use(Capability::BPF),
            "memory-write-execute" => Act::WriteExecute,
            action if action.starts_with("file-") || action.starts_with("directory-") => Act::Write(path?),
            _ => return None,
        })
    }

    /// Whom it would have fallen under.
    pub fn profile<'p>(&self, profiles: &'p Profiles) -> Option<&'p Profile> {
        let who = Confined {
            executable: &self.executable,
            unit: self.unit.as_deref(),
            user: self.user.as_deref(),
            image: self.image.as_deref(),
            ..Confined::default()
        };
        let starts = self.action == "process-exec";
        // A start is the parent's act.
        let own = || profiles.find(&who).filter(|_| !starts);
        let above = || {
            let parent = Confined { executable: self.parent.as_deref()?, ..who };
            profiles.find(&parent).filter(|index| starts || profiles.get(*index).inherit)
        };
        above().or_else(own).map(|index| profiles.get(index))
    }
}

/// The same acts put together.
pub fn joined(acts: impl IntoIterator<Item = PastAct>) -> Vec<PastAct> {
    let mut all: HashMap<PastAct, u64> = HashMap::new();
    for act in acts {
        let count = act.count;
        *all.entry(PastAct { count: 0, ..act }).or_default() += count;
    }
    all.into_iter().map(|(act, count)| PastAct { count, ..act }).collect()
}

pub fn simulate(policy: &Policy, acts: &[PastAct]) -> Value {
    let profiles = Profiles::of(policy, &super::places::real);
    let (mut judged, mut denied_acts) = (0, 0);
    let mut denied = Vec::new();
    for past in acts.iter().take(MOST) {
        let (Some(profile), Some(act)) = (past.profile(&profiles), past.act()) else { continue };
        judged += past.count;
        let ruling = profile.rule(&act);
        if !ruling.allowed {
            denied_acts += past.count;
            denied.push((past, profile, act, ruling));
        }
    }
    denied.sort_by_key(|(past, ..)| std::cmp::Reverse(past.count));
    let left_out = acts.len().saturating_sub(MOST) + denied.len().saturating_sub(MOST_TOLD);
    let would: Vec<Value> = denied
        .iter()
        .take(MOST_TOLD)
        .map(|(past, profile, act, ruling)| {
            json!({
                "profile": profile.id,
                "act": act.doing().key(),
                "what": act.to_string(),
                "program": past.executable,
                "count": past.count,
                "line": ruling.line,
                "says": ruling.says,
            })
        })
        .collect();
    json!({
        "profiles": profiles.len(),
        "judged": judged,
        "denied": denied_acts,
        "left_out": left_out,
        "would_deny": would,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_past_is_judged_by_program_parent_and_unit() {
        let policy = Policy::parse(
            "t",
            "version = 1\n[[prevention]]\nid = \"web\"\nexecutable = [\"/usr/sbin/web\"]\nrun = []\n\
             write = [\"/srv/\"]\nconnect = [\"loopback\"]\n",
        )
        .unwrap();
        let past = |executable: &str, parent: &str, action: &str, path: &str| PastAct {
            executable: executable.into(),
            parent: Some(parent.into()),
            action: action.into(),
            path: Some(path.into()),
            count: 2,
            ..PastAct::default()
        };
        let reach = PastAct {
            address: Some("203.0.113.1".parse().unwrap()),
            port: Some(443),
            ..past("/usr/sbin/web", "/sbin/init", "network-connect", "")
        };
        let acts = [
            past("/usr/sbin/web", "/sbin/init", "process-exec", ""),
            past("/usr/bin/dash", "/usr/sbin/web", "process-exec", ""),
            past("/usr/bin/dash", "/usr/sbin/web", "file-create", "/etc/x"),
            past("/usr/sbin/web", "/sbin/init", "file-create", "/srv/x"),
            past("/usr/bin/other", "/sbin/init", "file-create", "/etc/x"),
            reach,
        ];
        let found = simulate(&policy, &joined(acts));
        assert_eq!((&found["judged"], &found["denied"]), (&json!(8), &json!(6)), "{found}");
        let mut told: Vec<&str> =
            found["would_deny"].as_array().unwrap().iter().map(|one| one["line"].as_str().unwrap()).collect();
        told.sort_unstable();
        assert_eq!(told, ["prevention.web.connect", "prevention.web.run", "prevention.web.write"]);
    }
}

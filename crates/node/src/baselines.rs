//! What is normal in the fleet, and on the hosts of each role: learned from the events that arrive, kept in the node's folder.
//! A host's role is what it serves: it is seen by which servers run there, nobody has to say it. What no other host of the role
//! or the fleet does, and tells by itself, comes out as findings of its event.

use anyhow::{Context as _, Result};
use detect::{Asked, MOST_NORMAL_BYTES, Normal, NormalConfig, NormalLevel, Picture, Seed};
use event::{AgentId, Column, Finding, Row};
use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Roles that are learned apart; hosts of further ones are learned in the fleet only.
const MOST_ROLES: usize = 16;
const MOST_HOSTS: usize = 100_000;
/// Agents whose rows could not be stored.
const MOST_UNTOLD: usize = 10_000;

pub struct Baselines {
    folder: PathBuf,
    inner: Mutex<Inner>,
}

struct Inner {
    fleet: Normal,
    roles: BTreeMap<String, Normal>,
    hosts: BTreeMap<String, BTreeSet<&'static str>>,
    /// Found in rows that could not be stored yet, by agent and epoch.
    untold: BTreeMap<(AgentId, u64), BTreeMap<u64, Vec<Finding>>>,
}

impl Baselines {
    /// What cannot be read is logged, and learned anew.
    pub fn open(folder: &Path) -> Result<Baselines> {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let mut roles = BTreeMap::new();
        for entry in fs::read_dir(folder)?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if let Some(role) =
                name.strip_prefix("role-").filter(|_| !name.ends_with(".new") && roles.len() < MOST_ROLES)
            {
                roles.insert(role.to_owned(), read(&entry.path(), role_config()));
            }
        }
        let fleet = read(&folder.join("fleet"), fleet_config());
        let inner = Inner { fleet, roles, hosts: BTreeMap::new(), untold: BTreeMap::new() };
        Ok(Baselines { folder: folder.to_owned(), inner: Mutex::new(inner) })
    }

    /// What was out of the ordinary, by the row's number. The role goes before the fleet: what both say is said once.
    pub fn learn<'a>(&self, host: &str, rows: impl Iterator<Item = &'a (u64, Row)>) -> BTreeMap<u64, Vec<Finding>> {
        let mut odd: BTreeMap<u64, Vec<Finding>> = BTreeMap::new();
        let digest = Sha256::digest(host);
        let bit = u64::from_le_bytes(digest[..8].try_into().unwrap_or_default());
        let mut inner = self.inner.lock();
        let Inner { fleet, roles, hosts, .. } = &mut *inner;
        if !hosts.contains_key(host) && hosts.len() >= MOST_HOSTS {
            hosts.clear();
        }
        let serves = hosts.entry(host.to_owned()).or_default();
        let mut of_role = role(serves);
        for (number, row) in rows {
            let mut found = fleet.learn(row, bit);
            if let Some(service) = row.text(Column::ProcessName).as_deref().and_then(service)
                && serves.insert(service)
            {
                of_role = role(serves);
            }
            if !roles.contains_key(&of_role) && roles.len() < MOST_ROLES {
                roles.insert(of_role.clone(), Normal::new(role_config()));
            }
            if let Some(normal) = roles.get_mut(&of_role) {
                let of_the_role = normal.learn(row, bit);
                found.retain(|finding| !of_the_role.iter().any(|other| same_sign(other, finding)));
                found.extend(of_the_role.into_iter().map(|finding| named(finding, &of_role)));
            }
            if !found.is_empty() {
                odd.insert(*number, found);
            }
        }
        odd
    }

    /// With what was found when the same rows came before and could not be stored.
    pub fn with_untold(
        &self,
        agent: &AgentId,
        epoch: u64,
        mut odd: BTreeMap<u64, Vec<Finding>>,
    ) -> BTreeMap<u64, Vec<Finding>> {
        let before = self.inner.lock().untold.remove(&(agent.clone(), epoch));
        odd.extend(before.into_iter().flatten());
        odd
    }

    pub fn keep_untold(&self, agent: &AgentId, epoch: u64, odd: BTreeMap<u64, Vec<Finding>>) {
        let mut inner = self.inner.lock();
        if !odd.is_empty() && inner.untold.len() < MOST_UNTOLD {
            inner.untold.insert((agent.clone(), epoch), odd);
        }
    }

    /// Names, and how many hosts are of each as far as was seen since the node started.
    pub fn roles(&self) -> Vec<(String, u64)> {
        let inner = self.inner.lock();
        let mut roles: BTreeMap<String, u64> = inner.roles.keys().map(|name| (name.clone(), 0)).collect();
        for serves in inner.hosts.values() {
            *roles.entry(role(serves)).or_default() += 1;
        }
        roles.into_iter().collect()
    }

    /// Of a role, or of the whole fleet.
    pub fn picture(&self, role: Option<&str>, asked: &Asked) -> Option<Picture> {
        let inner = self.inner.lock();
        match role {
            Some(role) => inner.roles.get(role).map(|normal| normal.picture(asked)),
            None => Some(inner.fleet.picture(asked)),
        }
    }

    /// Durable when it returns; what cannot be written is logged and stays in memory.
    pub fn save(&self) {
        let encoded: Vec<(String, _)> = {
            let inner = self.inner.lock();
            let roles = inner.roles.iter().map(|(name, normal)| (format!("role-{name}"), normal.encode()));
            roles.chain([("fleet".to_owned(), inner.fleet.encode())]).collect()
        };
        for (name, bytes) in encoded {
            let written = bytes.map_err(anyhow::Error::from).and_then(|bytes| write(&self.folder.join(&name), &bytes));
            if let Err(error) = written {
                tracing::error!(%error, name, "what is normal cannot be kept");
            }
        }
    }
}

/// The same sign, seen on two levels.
fn same_sign(role: &Finding, fleet: &Finding) -> bool {
    let own = |finding: &Finding| finding.rule_id.as_str().split_once('.').map(|(_, own)| own.to_owned());
    own(role) == own(fleet)
}

/// With the name of the role, which only the node knows.
fn named(mut finding: Finding, role: &str) -> Finding {
    finding.detail = format!("Role {role}: {}", finding.detail);
    finding.matched.push(("baseline_role".to_owned(), role.to_owned()));
    finding
}

fn fleet_config() -> NormalConfig {
    let config = NormalConfig { most_subjects: 8_000, most_items: 40_000, ..NormalConfig::default() };
    NormalConfig { seed: Seed(rand::random()), level: NormalLevel::Fleet, ..config }
}

fn role_config() -> NormalConfig {
    NormalConfig { seed: Seed(rand::random()), level: NormalLevel::Role, ..NormalConfig::default() }
}

fn read(path: &Path, config: NormalConfig) -> Normal {
    let bytes = File::open(path).and_then(|file| {
        let mut bytes = Vec::new();
        file.take(MOST_NORMAL_BYTES as u64 + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    });
    let read = match bytes {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Normal::new(config),
        Err(error) => Err(error.to_string()),
        Ok(bytes) => Normal::decode(&bytes, config).map_err(|error| error.to_string()),
    };
    read.unwrap_or_else(|error| {
        tracing::warn!(file = %path.display(), error, "what is normal is learned anew");
        Normal::new(config)
    })
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let beside = path.with_extension("new");
    let attempt = || {
        let mut file = File::create(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    attempt().with_context(|| format!("cannot write {}", path.display()))
}

/// What a host serves, by the name of a server that acts there.
fn service(program: &str) -> Option<&'static str> {
    Some(match program {
        "nginx" | "apache2" | "httpd" | "caddy" | "lighttpd" | "haproxy" | "traefik" | "envoy" => "web",
        "postgres" | "mysqld" | "mariadbd" | "mongod" | "redis-server" | "clickhouse" => "database",
        "dockerd" | "containerd" | "kubelet" | "crio" => "containers",
        "master" | "exim4" | "dovecot" | "smtpd" => "mail",
        "named" | "unbound" | "dnsmasq" | "pdns_server" => "names",
        "smbd" | "nfsd" | "rpc.mountd" | "vsftpd" => "files",
        _ => return None,
    })
}

fn role(serves: &BTreeSet<&'static str>) -> String {
    if serves.is_empty() { "general".to_owned() } else { serves.iter().copied().collect::<Vec<_>>().join("+") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(program: &str, parent: &str, day: i64) -> Row {
        let name = program.rsplit('/').next().unwrap_or_default();
        serde_json::from_value(serde_json::json!({
            "timestamp": day * 86_400_000_000_000i64 + 1, "event_action": "process-exec", "process_executable": program,
            "process_name": name, "process_parent_executable": parent, "user_name": "root",
        }))
        .unwrap()
    }

    #[test]
    fn hosts_are_learned_together_and_by_what_they_serve() {
        let folder = tempfile::tempdir().unwrap();
        let baselines = Baselines::open(folder.path()).unwrap();
        for host in ["a", "b", "c"] {
            let rows: Vec<(u64, Row)> =
                (0..5).map(|day| (day as u64, row("/usr/sbin/nginx", "/usr/lib/systemd/systemd", day))).collect();
            assert!(baselines.learn(host, rows.iter()).is_empty());
        }
        baselines.learn("d", [(0, row("/usr/bin/ls", "/usr/bin/bash", 1))].iter());
        assert_eq!(baselines.roles(), [("general".to_owned(), 1), ("web".to_owned(), 3)]);
        let asked = Asked { relation: Some(detect::Relation::Starts), ..Asked::default() };
        let web = baselines.picture(Some("web"), &asked).unwrap();
        let started = &web.subjects[0];
        assert_eq!((started.name.as_str(), started.total, started.items[0].hosts), ("/usr/lib/systemd/systemd", 15, 3));
        assert!(baselines.picture(Some("mail"), &asked).is_none());
        baselines.save();
        let again = Baselines::open(folder.path()).unwrap();
        assert_eq!(again.picture(Some("web"), &asked), Some(web));
        fs::write(folder.path().join("fleet"), b"nothing").unwrap();
        assert_eq!(Baselines::open(folder.path()).unwrap().picture(None, &asked).unwrap().acts, 0);
    }

    /// Twelve web servers work for ten days; then one of them, known since yesterday, starts what none does and writes code.
    #[test]
    fn what_no_other_host_does_is_told_with_its_counts() {
        let folder = tempfile::tempdir().unwrap();
        let baselines = Baselines::open(folder.path()).unwrap();
        let of_service = |mut row: Row| {
            row.set_text(Column::Unit, "nginx.service");
            row
        };
        let mut work: Vec<(i64, String, Row)> = Vec::new();
        for host in 0..12 {
            for hour in 0..240 {
                let mut one = of_service(row("/usr/bin/gzip", "/usr/sbin/nginx", 0));
                one.set(Column::Time, event::Value::Time(event::Timestamp(hour * 3_600_000_000_000 + host)));
                one.set_text(Column::PackageName, "gzip");
                one.set_text(Column::ProcessName, "nginx");
                work.push((hour, format!("web-{host}"), one));
            }
        }
        work.sort_by_key(|(hour, ..)| *hour);
        for (_, host, one) in work {
            assert!(baselines.learn(&host, [(1, one)].iter()).is_empty(), "usual work is told");
        }
        let new_host = |number: u64, one: Row| baselines.learn("web-99", [(number, of_service(one))].iter());
        // The host's role is known by its server.
        let mut first = row("/usr/bin/gzip", "/usr/sbin/nginx", 10);
        first.set_text(Column::ProcessName, "nginx");
        assert!(new_host(1, first).is_empty());
        let odd = new_host(7, row("/tmp/x", "/usr/sbin/nginx", 10));
        let found = &odd[&7];
        assert_eq!(found.len(), 1, "{found:#?}");
        assert_eq!((found[0].rule_id.as_str(), found[0].asks), ("role.start", Some(event::Action::Alert)));
        let said =
            "Role web: nginx started /tmp/x: seen 0 times in 2,881 starts by nginx over 10 days, on none of about 1";
        assert!(found[0].detail.starts_with(said), "{}", found[0].detail);
        // Once it was shown, it is nothing new.
        assert!(new_host(8, row("/tmp/x", "/usr/sbin/nginx", 10)).is_empty());
    }
}

//! From a cgroup path to the systemd unit and the container, by the path patterns that the run times use.

use std::path::PathBuf;

/// What a cgroup path tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub unit: Option<String>,
    pub container: Option<ContainerId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ContainerId {
    pub runtime: &'static str,
    pub id: String,
}

/// Names of scopes that run times make under systemd, and what stands before the id.
const SCOPES: [(&str, &str); 5] = [
    ("docker-", "docker"),
    ("cri-containerd-", "containerd"),
    ("nerdctl-", "containerd"),
    ("crio-", "cri-o"),
    ("libpod-", "podman"),
];

impl Place {
    /// The innermost container counts (a run time may run in a container), and the outermost unit: deeper names may be chosen by
    /// whoever a cgroup was delegated to.
    pub(crate) fn of(path: &str) -> Place {
        let parts: Vec<&str> = path.split('/').filter(|p| !p.is_empty()).collect();
        let container = (0..parts.len()).rev().find_map(|i| container(&parts, i));
        let unit = parts.iter().find(|p| p.ends_with(".service") || p.ends_with(".scope"));
        let unit = unit.filter(|u| scope_container(u).is_none()).map(|u| (*u).to_owned());
        Place { unit, container }
    }
}

fn container(parts: &[&str], at: usize) -> Option<ContainerId> {
    let part = parts[at];
    let before = at.checked_sub(1).map_or("", |i| parts[i]);
    if let Some(found) = scope_container(part).or_else(|| lxc(part, before)) {
        return Some(found);
    }
    // containerd with a cgroup driver that does not match its systemd: `SLICE:cri-containerd:ID`.
    if let Some((_, id)) = part.split_once(":cri-containerd:") {
        return is_id(id).then(|| found("containerd", id));
    }
    if !is_id(part) {
        return None;
    }
    match before {
        "docker" => Some(found("docker", part)),
        "libpod_parent" | "libpod" => Some(found("podman", part)),
        _ if parts[..at].iter().any(|p| p.starts_with("kubepods")) => Some(found("containerd", part)),
        _ if at == 1 => Some(found("containerd", part)),
        _ => None,
    }
}

fn scope_container(part: &str) -> Option<ContainerId> {
    let name = part.strip_suffix(".scope").unwrap_or(part);
    SCOPES.iter().find_map(|(prefix, runtime)| {
        let id = name.strip_prefix(prefix)?;
        is_id(id).then(|| found(runtime, id))
    })
}

fn lxc(part: &str, before: &str) -> Option<ContainerId> {
    let name = match before {
        "lxc" | "lxc.payload" => Some(part),
        _ => part.strip_prefix("lxc.payload."),
    };
    name.filter(|n| !n.is_empty() && n.len() <= 64).map(|n| found("lxc", n))
}

fn found(runtime: &'static str, id: &str) -> ContainerId {
    ContainerId { runtime, id: id.to_owned() }
}

fn is_id(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// The path that says most in the text of a /proc/PID/cgroup: v2 where it is in use, else systemd's own, else the longest.
pub(crate) fn choose(text: &str) -> &str {
    let lines = || text.lines().filter_map(|line| line.split_once(':')?.1.split_once(':'));
    let unified = lines().find(|(name, path)| name.is_empty() && *path != "/");
    let named = || lines().find(|(name, path)| *name == "name=systemd" && *path != "/");
    let longest = || lines().max_by_key(|(_, path)| path.len());
    unified.or_else(named).or_else(longest).map_or("/", |(_, path)| path)
}

/// Mount point of cgroup v2 in the text of a mountinfo.
pub(crate) fn find_mount(mountinfo: &str) -> Option<PathBuf> {
    mountinfo.lines().find_map(|line| {
        let (mount, kind) = line.split_once(" - ")?;
        kind.starts_with("cgroup2 ").then(|| mount.split(' ').nth(4).map(PathBuf::from))?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn tells_containers_and_units() {
        let check = |path: &str, unit: Option<&str>, container: Option<&str>| {
            let place = Place::of(&path.replace("ID", ID));
            assert_eq!(place.unit.as_deref(), unit, "{path}");
            assert_eq!(place.container.as_ref().map(|c| c.runtime), container, "{path}");
            assert!(place.container.is_none_or(|c| c.id == ID || c.runtime == "lxc"), "{path}");
        };
        check("/", None, None);
        check("/system.slice/nginx.service", Some("nginx.service"), None);
        check("/user.slice/user-1000.slice/session-3.scope", Some("session-3.scope"), None);
        check("/user.slice/user-1000.slice/user@1000.service/app.slice/nginx.service", Some("user@1000.service"), None);
        check("/system.slice/docker-ID.scope", None, Some("docker"));
        check("/docker/ID", None, Some("docker"));
        check("/docker/ID/docker/ID", None, Some("docker"));
        check("/docker/ID/init.scope", Some("init.scope"), Some("docker"));
        check("/kubepods.slice/kubepods-pod1.slice/cri-containerd-ID.scope", None, Some("containerd"));
        check("/kubepods/burstable/pod1/ID", None, Some("containerd"));
        check(
            "/system.slice/containerd.service/kubepods-pod1.slice:cri-containerd:ID",
            Some("containerd.service"),
            Some("containerd"),
        );
        check("/default/ID", None, Some("containerd"));
        check("/kubepods.slice/kubepods-pod1.slice/crio-ID.scope", None, Some("cri-o"));
        check("/machine.slice/libpod-ID.scope/container", None, Some("podman"));
        check("/machine.slice/libpod-conmon-ID.scope", Some(&format!("libpod-conmon-{ID}.scope")), None);
        check("/libpod_parent/ID", None, Some("podman"));
        check("/lxc.payload.web/system.slice/cron.service", Some("cron.service"), Some("lxc"));
        check("/lxc/web", None, Some("lxc"));
        check("/docker/not-an-id", None, None);
    }

    #[test]
    fn chooses_the_path_that_says_most() {
        let check = |text, expected| assert_eq!(choose(text), expected);
        check("0::/system.slice/a.service\n", "/system.slice/a.service");
        check("9:name=systemd:/user.slice\n4:memory:/docker/long\n0::/\n", "/user.slice");
        check("9:name=systemd:/\n4:memory:/docker/long\n3:cpu:/\n0::/\n", "/docker/long");
        check("", "/");
    }

    #[test]
    fn finds_the_mount() {
        let text = "30 25 0:27 / /sys/fs/cgroup ro - tmpfs tmpfs ro\n31 30 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
        assert_eq!(find_mount(text), Some("/sys/fs/cgroup/unified".into()));
        assert_eq!(find_mount(""), None);
    }
}

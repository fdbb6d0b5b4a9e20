//! A file of a container, seen from the host: from its path under a run time's storage to the container that shows it.
//!
//! Docker keeps a container's own layer under `overlay2/LAYER/{diff,merged}`, and which container has it under
//! `image/overlay2/layerdb/mounts/CONTAINER/mount-id`; podman and cri-o tell it in `overlay-containers/containers.json`. A layer
//! that no container has for its own belongs to an image, and so to nobody in particular.

use crate::cgroup::ContainerId;
use crate::container;
use crate::proc::limited;
use event::Container;
use std::path::Path;

const DOCKER: &str = "/var/lib/docker/overlay2/";
const PODMAN: &str = "/var/lib/containers/storage/overlay/";
const MOST_JSON: u64 = 4 << 20;
/// Containers looked through for one layer.
const MOST_CONTAINERS: usize = 4_096;

/// None for what lies in no container's own layer.
pub fn container_at(root: &Path, path: &str) -> Option<Container> {
    let (runtime, rest) = if let Some(rest) = path.strip_prefix(DOCKER) {
        ("docker", rest)
    } else {
        ("podman", path.strip_prefix(PODMAN)?)
    };
    let layer = rest.split('/').next().filter(|layer| is_layer(layer))?;
    let id = if runtime == "docker" { docker(root, layer)? } else { podman(root, layer)? };
    Some(container::describe(root, &ContainerId { runtime, id }))
}

fn is_layer(name: &str) -> bool {
    (12..=80).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn docker(root: &Path, layer: &str) -> Option<String> {
    let layer = layer.strip_suffix("-init").unwrap_or(layer);
    let mounts = std::fs::read_dir(root.join("var/lib/docker/image/overlay2/layerdb/mounts")).ok()?;
    mounts.flatten().take(MOST_CONTAINERS).find_map(|entry| {
        let mount = limited(&entry.path().join("mount-id"), 256).ok()?;
        (mount.trim_ascii() == layer.as_bytes()).then(|| entry.file_name().into_string().ok()).flatten()
    })
}

fn podman(root: &Path, layer: &str) -> Option<String> {
    let list = root.join("var/lib/containers/storage/overlay-containers/containers.json");
    let list: serde_json::Value = serde_json::from_slice(&limited(&list, MOST_JSON).ok()?).ok()?;
    let mine = list.as_array()?.iter().find(|one| one["layer"].as_str() == Some(layer))?;
    Some(mine["id"].as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_a_layer_to_its_container() {
        let root = tempfile::tempdir().unwrap();
        let put = |path: &str, text: &str| {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        put("var/lib/docker/image/overlay2/layerdb/mounts/c0ffee/mount-id", "abcdef0123456789");
        put("var/lib/docker/containers/c0ffee/config.v2.json", r#"{"Name":"/web","Config":{"Image":"nginx"}}"#);
        put(
            "var/lib/containers/storage/overlay-containers/containers.json",
            r#"[{"id":"beef","layer":"0123456789abcdef","names":["db"],"metadata":"{}"}]"#,
        );
        let check = |path: &str, expected: Option<(&str, Option<&str>)>| {
            let found = container_at(root.path(), path);
            let found = found.as_ref().map(|container| (&*container.id, container.name.as_deref()));
            assert_eq!(found, expected, "{path}");
        };
        check("/var/lib/docker/overlay2/abcdef0123456789/merged/bin/x", Some(("c0ffee", Some("web"))));
        check("/var/lib/docker/overlay2/abcdef0123456789/diff/tmp/x", Some(("c0ffee", Some("web"))));
        check("/var/lib/docker/overlay2/ffffff0123456789/diff/tmp/x", None);
        check("/var/lib/docker/overlay2/../../../etc/x", None);
        check("/var/lib/containers/storage/overlay/0123456789abcdef/diff/x", Some(("beef", Some("db"))));
        check("/usr/bin/x", None);
    }
}

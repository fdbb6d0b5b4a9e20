//! Name, image and labels of a container, from what its run time leaves on disk, or over Docker's socket.
//!
//! Docker: config.v2.json, then its socket. containerd (and Kubernetes on it): the OCI bundle of the running task. podman and
//! cri-o: the bundle under their run root, then containers.json of the storage. lxc: its name is its id; it has no image.
//! Rootless podman keeps its storage in the user's home and is known by id only.

use crate::cgroup::ContainerId;
use crate::proc::limited;
use event::Container;
use serde_json::Value;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

const MOST_JSON: u64 = 4 << 20;
const SOCKET_WAIT: Duration = Duration::from_millis(300);

#[derive(Debug, Default, PartialEq, Eq)]
struct Names {
    name: Option<String>,
    image: Option<String>,
    /// `name=value`, each.
    labels: Vec<String>,
}

/// What can be learned of `id`; name and image stay None when nothing tells them.
pub(crate) fn describe(root: &Path, id: &ContainerId) -> Container {
    let names = match id.runtime {
        "docker" => docker_file(root, &id.id).or_else(|| docker_socket(root, &id.id)),
        "containerd" => containerd(root, &id.id).or_else(|| docker_file(root, &id.id)),
        "podman" | "cri-o" => storage(root, &id.id),
        _ => Some(Names { name: Some(id.id.clone()), ..Names::default() }),
    };
    let names = names.unwrap_or_default();
    Container {
        id: id.id.as_str().into(),
        runtime: id.runtime.into(),
        name: names.name.map(Into::into),
        image: names.image.map(Into::into),
        labels: names.labels.into(),
    }
}

/// More labels than this, and longer ones, are left out: nobody matches by them.
const MOST_LABELS: usize = 64;
const MOST_LABEL_BYTES: usize = 512;

fn labels(value: &Value, pointer: &str) -> Vec<String> {
    let pairs = value.pointer(pointer).and_then(Value::as_object).into_iter().flatten();
    let texts = pairs.filter_map(|(name, value)| Some(format!("{name}={}", value.as_str()?)));
    texts.filter(|text| text.len() <= MOST_LABEL_BYTES).take(MOST_LABELS).collect()
}

fn json(path: &Path) -> Option<Value> {
    serde_json::from_slice(&limited(path, MOST_JSON).ok()?).ok()
}

fn text(value: &Value, pointer: &str) -> Option<String> {
    let found = value.pointer(pointer)?.as_str()?;
    (!found.is_empty()).then(|| event::text::clip(found, 512).to_owned())
}

fn docker_file(root: &Path, id: &str) -> Option<Names> {
    docker_names(&json(&root.join("var/lib/docker/containers").join(id).join("config.v2.json"))?)
}

/// The file and the socket's answer name both facts alike.
fn docker_names(value: &Value) -> Option<Names> {
    let name = text(value, "/Name").map(|n| n.trim_start_matches('/').to_owned());
    let image = text(value, "/Config/Image").or_else(|| text(value, "/Image"));
    Some(Names { name, image, labels: labels(value, "/Config/Labels") })
}

fn docker_socket(root: &Path, id: &str) -> Option<Names> {
    let socket = ["run/docker.sock", "var/run/docker.sock"].map(|p| root.join(p)).into_iter().find(|p| p.exists())?;
    let body = get(&socket, &format!("/containers/{id}/json")).ok()?;
    docker_names(&serde_json::from_slice(&body).ok()?)
}

/// One HTTP/1.0 request over a unix socket: the answer's body is what follows until the end.
fn get(socket: &Path, path: &str) -> io::Result<Vec<u8>> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(SOCKET_WAIT))?;
    stream.set_write_timeout(Some(SOCKET_WAIT))?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.take(MOST_JSON).read_to_end(&mut answer)?;
    let end = answer.windows(4).position(|w| w == b"\r\n\r\n");
    let ok = answer.starts_with(b"HTTP/1.0 200") || answer.starts_with(b"HTTP/1.1 200");
    match end {
        Some(end) if ok => Ok(answer.split_off(end + 4)),
        _ => Err(io::Error::other("not a good answer")),
    }
}

fn containerd(root: &Path, id: &str) -> Option<Names> {
    let tasks = root.join("run/containerd/io.containerd.runtime.v2.task");
    let bundles =
        std::fs::read_dir(tasks).ok()?.take(64).filter_map(|e| Some(e.ok()?.path().join(id).join("config.json")));
    let value = bundles.into_iter().find_map(|path| json(&path))?;
    let annotation = |key: &str| text(&value, &format!("/annotations/{}", key.replace('~', "~0").replace('/', "~1")));
    Some(Names {
        name: annotation("io.kubernetes.cri.container-name").or_else(|| annotation("nerdctl/name")),
        image: annotation("io.kubernetes.cri.image-name").or_else(|| annotation("nerdctl/image-ref")),
        labels: labels(&value, "/annotations"),
    })
}

fn storage(root: &Path, id: &str) -> Option<Names> {
    bundle(root, id).or_else(|| {
        let list = json(&root.join("var/lib/containers/storage/overlay-containers/containers.json"))?;
        let entry = list.as_array()?.iter().find(|c| c.get("id").and_then(Value::as_str) == Some(id))?;
        // `metadata` is JSON in a string.
        let inner: Value =
            entry.get("metadata")?.as_str().and_then(|m| serde_json::from_str(m).ok()).unwrap_or_default();
        Some(Names { name: text(entry, "/names/0"), image: text(&inner, "/image-name"), labels: Vec::new() })
    })
}

fn bundle(root: &Path, id: &str) -> Option<Names> {
    let path = root.join("run/containers/storage/overlay-containers").join(id).join("userdata/config.json");
    let value = json(&path)?;
    let annotation = |key: &str| text(&value, &format!("/annotations/{}", key.replace('/', "~1")));
    let name = annotation("io.kubernetes.container.name");
    let image = annotation("io.kubernetes.cri-o.ImageName").or_else(|| annotation("io.kubernetes.cri-o.Image"));
    (name.is_some() || image.is_some()).then(|| Names { name, image, labels: labels(&value, "/annotations") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixListener;

    const ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn check(runtime: &'static str, file: &str, content: &str, name: Option<&str>, image: Option<&str>) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(file.replace("ID", ID));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content.replace("ID", ID)).unwrap();
        let container = describe(dir.path(), &ContainerId { runtime, id: ID.into() });
        assert_eq!((container.name.as_deref(), container.image.as_deref()), (name, image), "{file}");
        assert_eq!((&*container.id, &*container.runtime), (ID, runtime));
    }

    #[test]
    fn reads_what_each_run_time_leaves() {
        let docker = "var/lib/docker/containers/ID/config.v2.json";
        check("docker", docker, r#"{"Name":"/web","Config":{"Image":"nginx:1"}}"#, Some("web"), Some("nginx:1"));
        let labelled = r#"{"Name":"/web","Config":{"Image":"nginx:1","Labels":{"role":"front","odd":7}}}"#;
        check("docker", docker, labelled, Some("web"), Some("nginx:1"));
        assert_eq!(labels(&serde_json::from_str(labelled).unwrap(), "/Config/Labels"), ["role=front"]);
        check("docker", docker, "{broken", None, None);
        check("docker", docker, r#"{"Name":7}"#, None, None);
        let task = "run/containerd/io.containerd.runtime.v2.task/k8s.io/ID/config.json";
        let annotations =
            r#"{"annotations":{"io.kubernetes.cri.container-name":"api","io.kubernetes.cri.image-name":"r/api:2"}}"#;
        check("containerd", task, annotations, Some("api"), Some("r/api:2"));
        let crio = "run/containers/storage/overlay-containers/ID/userdata/config.json";
        let annotations =
            r#"{"annotations":{"io.kubernetes.container.name":"db","io.kubernetes.cri-o.ImageName":"r/db"}}"#;
        check("cri-o", crio, annotations, Some("db"), Some("r/db"));
        let podman = "var/lib/containers/storage/overlay-containers/containers.json";
        let list = r#"[{"id":"ID","names":["job"],"metadata":"{\"image-name\":\"alpine\"}"}]"#;
        check("podman", podman, list, Some("job"), Some("alpine"));
    }

    #[test]
    fn asks_dockers_socket() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("run")).unwrap();
        let listener = UnixListener::bind(dir.path().join("run/docker.sock")).unwrap();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 1024];
            let n = stream.read(&mut request).unwrap();
            stream.write_all(b"HTTP/1.0 200 OK\r\n\r\n{\"Name\":\"/a\",\"Config\":{\"Image\":\"b\"}}").unwrap();
            String::from_utf8_lossy(&request[..n]).into_owned()
        });
        let container = describe(dir.path(), &ContainerId { runtime: "docker", id: ID.into() });
        assert_eq!((container.name.as_deref(), container.image.as_deref()), (Some("a"), Some("b")));
        assert!(server.join().unwrap().starts_with(&format!("GET /containers/{ID}/json HTTP/1.0\r\n")));
    }
}

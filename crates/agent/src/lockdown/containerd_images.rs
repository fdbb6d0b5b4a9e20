//! Of which image a container of containerd is, asked over its socket and held against what lies on the disk: the image's
//! configuration must have the digest that it is called by, and list the very layers that the container stands on. So a
//! name that points to another image by now vouches for nothing. The image's id is the digest of its configuration, as
//! `crictl images` shows it.

use crate::containerd::{MadeFrom, made_from};
use anyhow::{Context as _, Result, bail};
use enrich::Layers;
use parking_lot::Mutex;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const TASKS: &str = "/run/containerd/io.containerd.runtime.v2.task";
const CONTENT: &str = "/var/lib/containerd/io.containerd.content.v1.content/blobs/sha256";
/// Of a manifest and a configuration.
const MOST_JSON: u64 = 4 << 20;
const MOST_KNOWN: usize = 1_024;
const MOST_NAMESPACES: usize = 64;
/// Programs of an index of manifests that are for other machines are not here.
const MOST_MANIFESTS: usize = 64;
/// Who waits at the gate waits for this.
const PATIENCE: Duration = Duration::from_millis(800);
/// What could not be had is asked for again after so long.
const AGAIN: Duration = Duration::from_secs(10);

pub struct Images {
    socket: PathBuf,
    known: Mutex<HashMap<String, Known>>,
}

struct Known {
    at: Instant,
    layers: Option<Layers>,
}

impl Images {
    pub fn new(socket: &Path) -> Images {
        Images { socket: socket.to_owned(), known: Mutex::default() }
    }

    /// None where it cannot be said, which the log says.
    pub fn layers(&self, container: &str) -> Option<Layers> {
        let known = self.known.lock().get(container).map(|known| (known.at, known.layers.clone()));
        if let Some((at, layers)) = known
            && (layers.is_some() || at.elapsed() < AGAIN)
        {
            return layers;
        }
        let layers = self
            .ask(container)
            .inspect_err(|error| tracing::warn!(container, "its image is not known: {error:#}"))
            .ok();
        let mut known = self.known.lock();
        if known.len() >= MOST_KNOWN {
            known.clear();
        }
        known.insert(container.to_owned(), Known { at: Instant::now(), layers: layers.clone() });
        layers
    }

    fn ask(&self, container: &str) -> Result<Layers> {
        if !container.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)) {
            bail!("not an id");
        }
        let (namespace, merged) = task(Path::new(TASKS), container)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let asked = async { tokio::time::timeout(PATIENCE, made_from(&self.socket, &namespace, container)).await };
        let made = runtime.block_on(asked).context("containerd does not answer")??;
        let image = image(Path::new(CONTENT), &made)?;
        Ok(Layers { image, merged, own: made.own.into() })
    }
}

/// Its namespace, and where its root is mounted.
fn task(tasks: &Path, container: &str) -> Result<(String, PathBuf)> {
    for entry in fs::read_dir(tasks).context("no tasks")?.take(MOST_NAMESPACES) {
        let entry = entry?;
        let root = entry.path().join(container).join("rootfs");
        if let (true, Ok(namespace)) = (root.is_dir(), entry.file_name().into_string()) {
            return Ok((namespace, root));
        }
    }
    bail!("it runs in no namespace")
}

/// The id of the image whose layers are those that the container stands on.
fn image(content: &Path, made: &MadeFrom) -> Result<String> {
    let top = blob(content, &made.target)?;
    let digest = |value: &Value| value["digest"].as_str().map(str::to_owned);
    let manifests = match top["manifests"].as_array() {
        Some(index) => index.iter().take(MOST_MANIFESTS).filter_map(digest).collect(),
        None => vec![made.target.clone()],
    };
    for manifest in manifests {
        // What is for other machines was not fetched.
        let Ok(manifest) = blob(content, &manifest) else { continue };
        let Some(config) = digest(&manifest["config"]) else { continue };
        let layers = blob(content, &config)?;
        if chain(&layers["rootfs"]["diff_ids"]).as_deref() == Some(&made.chain) {
            return Ok(config);
        }
    }
    bail!("its layers are not those of its image any more")
}

/// JSON that has the digest by which it is called.
fn blob(content: &Path, digest: &str) -> Result<Value> {
    let hex =
        digest.strip_prefix("sha256:").filter(|hex| hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit()));
    let path = content.join(hex.with_context(|| format!("{digest:?} is not a digest"))?);
    let mut bytes = Vec::new();
    let file = fs::File::open(&path).with_context(|| format!("cannot read {}", path.display()))?;
    file.take(MOST_JSON).read_to_end(&mut bytes)?;
    if sha256(&bytes) != digest {
        bail!("{digest} does not have that digest");
    }
    Ok(serde_json::from_slice(&bytes)?)
}

fn sha256(bytes: &[u8]) -> String {
    format!("sha256:{}", event::Sha256(Sha256::digest(bytes).into()).to_hex())
}

/// What names a pile of layers: the digest of the layer's own digest behind that of what lies below it.
fn chain(layers: &Value) -> Option<String> {
    let mut chain: Option<String> = None;
    for layer in layers.as_array()? {
        let layer = layer.as_str()?;
        chain = Some(match chain {
            None => layer.to_owned(),
            Some(below) => sha256(format!("{below} {layer}").as_bytes()),
        });
    }
    chain
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn put(content: &Path, value: &Value) -> String {
        let bytes = serde_json::to_vec(value).unwrap();
        let digest = sha256(&bytes);
        fs::write(content.join(&digest["sha256:".len()..]), bytes).unwrap();
        digest
    }

    #[test]
    fn a_container_is_of_the_image_whose_layers_it_stands_on() {
        let folder = tempfile::tempdir().unwrap();
        let content = folder.path();
        let layers = json!([sha256(b"one"), sha256(b"two")]);
        let config = put(content, &json!({ "rootfs": { "diff_ids": layers } }));
        let manifest = put(content, &json!({ "config": { "digest": config } }));
        let elsewhere = sha256(b"for another machine");
        let index = put(content, &json!({ "manifests": [{ "digest": elsewhere }, { "digest": manifest }] }));
        let made = |target: &str, chain: String| MadeFrom { target: target.into(), chain, own: "/own".into() };
        let own = chain(&layers).unwrap();
        assert_eq!(own, sha256(format!("{} {}", sha256(b"one"), sha256(b"two")).as_bytes()));
        assert_eq!(image(content, &made(&manifest, own.clone())).unwrap(), config);
        assert_eq!(image(content, &made(&index, own.clone())).unwrap(), config);
        // The name points to another image by now.
        assert!(image(content, &made(&manifest, sha256(b"one"))).is_err());
        assert!(image(content, &made("sha256:../../etc/passwd", own.clone())).is_err());
        // Somebody changed what lies there.
        fs::write(content.join(&config["sha256:".len()..]), "{}").unwrap();
        assert!(image(content, &made(&manifest, own)).is_err());
    }

    #[test]
    fn a_task_is_found_in_its_namespace() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("k8s.io/c0ffee/rootfs")).unwrap();
        fs::create_dir_all(folder.path().join("default")).unwrap();
        let (namespace, root) = task(folder.path(), "c0ffee").unwrap();
        assert_eq!((namespace.as_str(), root), ("k8s.io", folder.path().join("k8s.io/c0ffee/rootfs")));
        assert!(task(folder.path(), "beef").is_err());
    }
}

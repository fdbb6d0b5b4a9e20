//! Whether a file that a container runs is still as its image has it: it is the very file at that path of the container's root,
//! and the container's own layer holds nothing there. Then the image's digest answers for its content.
//!
//! Of Docker (overlay2) and of podman and cri-o (overlay); containerd has to be asked, by the agent. The digest is the image's
//! id, which stands for its configuration and all of its layers: `docker image inspect -f '{{.Id}}'`.

use crate::proc::limited;
use event::Container;
use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, fstat, openat2};
use rustix::io::Errno;
use serde_json::Value;
use std::fs::File;
use std::path::{Path, PathBuf};

const MOST_JSON: u64 = 4 << 20;

/// Where a container's files lie on the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layers {
    /// `sha256:…`
    pub image: String,
    /// Its root, as it is mounted.
    pub merged: PathBuf,
    /// What it has changed.
    pub own: PathBuf,
}

impl Layers {
    /// Of a run time that keeps them where they can be read. `root` is the host's.
    pub fn of(root: &Path, container: &Container) -> Option<Layers> {
        match &*container.runtime {
            "docker" => docker(root, &container.id),
            "podman" | "cri-o" => podman(root, &container.id),
            _ => None,
        }
    }

    /// The file is as the image has it; `path` is its path as the container sees it, without links.
    pub fn hold(&self, path: &str, file: &File) -> bool {
        let unchanged = || -> Option<bool> {
            let inside = path.strip_prefix('/')?;
            let there = fstat(below(&self.merged, inside).ok()?).ok()?;
            let this = fstat(file).ok()?;
            let same = (there.st_dev, there.st_ino) == (this.st_dev, this.st_ino);
            // Only that it is not there says that nobody changed it; any other answer says nothing.
            Some(same && below(&self.own, inside).is_err_and(|error| error == Errno::NOENT))
        };
        unchanged() == Some(true)
    }
}

/// No link leads out of the folder, or anywhere else.
fn below(folder: &Path, path: &str) -> Result<rustix::fd::OwnedFd, Errno> {
    let folder =
        openat2(CWD, folder, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty(), ResolveFlags::empty())?;
    openat2(
        folder,
        path,
        OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC,
        Mode::empty(),
        ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_XDEV,
    )
}

fn is_id(text: &str) -> bool {
    (12..=80).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn json(path: &Path) -> Option<Value> {
    serde_json::from_slice(&limited(path, MOST_JSON).ok()?).ok()
}

fn docker(root: &Path, container: &str) -> Option<Layers> {
    let home = root.join("var/lib/docker");
    if !is_id(container) {
        return None;
    }
    let facts = json(&home.join("containers").join(container).join("config.v2.json"))?;
    let image = facts.get("Image")?.as_str().filter(|image| image.starts_with("sha256:"))?.to_owned();
    let id = limited(&home.join("image/overlay2/layerdb/mounts").join(container).join("mount-id"), 256).ok()?;
    let layer = std::str::from_utf8(id.trim_ascii()).ok().filter(|layer| is_id(layer))?;
    let folder = home.join("overlay2").join(layer);
    Some(Layers { image, merged: folder.join("merged"), own: folder.join("diff") })
}

fn podman(root: &Path, container: &str) -> Option<Layers> {
    let home = root.join("var/lib/containers/storage");
    let list = json(&home.join("overlay-containers/containers.json"))?;
    let mine = list.as_array()?.iter().find(|one| one["id"].as_str() == Some(container))?;
    let (image, layer) = (mine["image"].as_str()?, mine["layer"].as_str().filter(|layer| is_id(layer))?);
    let folder = home.join("overlay").join(layer);
    Some(Layers { image: format!("sha256:{image}"), merged: folder.join("merged"), own: folder.join("diff") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const IMAGE: &str = "sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    /// As Docker lays it out; `merged` holds what a mount would show.
    fn host() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        let put = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let facts = format!(r#"{{"Image":"{IMAGE}","Config":{{"Image":"nginx:1"}}}}"#);
        put("var/lib/docker/containers/c0ffeec0ffee/config.v2.json", &facts);
        put("var/lib/docker/image/overlay2/layerdb/mounts/c0ffeec0ffee/mount-id", "abcdef0123456789\n");
        put("var/lib/docker/overlay2/abcdef0123456789/merged/bin/same", "of the image");
        put("var/lib/docker/overlay2/abcdef0123456789/merged/bin/changed", "of the container");
        put("var/lib/docker/overlay2/abcdef0123456789/diff/bin/changed", "of the container");
        root
    }

    #[test]
    fn only_what_the_container_did_not_change_is_its_images() {
        let root = host();
        let merged = root.path().join("var/lib/docker/overlay2/abcdef0123456789/merged");
        std::os::unix::fs::symlink("same", merged.join("bin/link")).unwrap();
        fs::write(root.path().join("elsewhere"), "of the image").unwrap();
        let check = |runtime: &str, id: &str, path: &str, real: &Path, expected: Option<&str>| {
            let (id, runtime) = (id.into(), runtime.into());
            let container = Container { id, runtime, name: None, image: None, labels: [].into() };
            let layers = Layers::of(root.path(), &container);
            let found =
                layers.filter(|layers| layers.hold(path, &File::open(real).unwrap())).map(|layers| layers.image);
            assert_eq!(found.as_deref(), expected, "{container:?} {path}");
        };
        let same = merged.join("bin/same");
        check("docker", "c0ffeec0ffee", "/bin/same", &same, Some(IMAGE));
        check("docker", "c0ffeec0ffee", "/bin/changed", &merged.join("bin/changed"), None);
        // Another file under that name: mounted over it, or the host's own.
        check("docker", "c0ffeec0ffee", "/bin/same", &root.path().join("elsewhere"), None);
        check("docker", "c0ffeec0ffee", "/bin/link", &same, None);
        check("docker", "c0ffeec0ffee", "/../merged/bin/same", &same, None);
        check("docker", "feedfeedfeed", "/bin/same", &same, None);
        check("docker", "../../escape", "/bin/same", &same, None);
        check("lxc", "c0ffeec0ffee", "/bin/same", &same, None);
    }
}

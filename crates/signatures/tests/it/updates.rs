//! A publisher, a mirror and a host, all in one folder.

use signatures::update::{Folder, Generations, PrivateKey, UpdateError, publish, update};
use signatures::{BuildOptions, Database, Object, ScanOptions, build};
use std::path::{Path, PathBuf};

struct Fleet {
    folder: tempfile::TempDir,
    key: PrivateKey,
}

impl Fleet {
    fn new() -> Fleet {
        Fleet { folder: tempfile::tempdir().unwrap(), key: PrivateKey::generate().unwrap() }
    }
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
    fn publish(&self, ndb: &str) -> u64 {
        let sources = self.path("sources");
        std::fs::create_dir_all(&sources).unwrap();
        std::fs::write(sources.join("t.ndb"), ndb).unwrap();
        std::fs::write(sources.join("t.yar"), "rule r { condition: false }").unwrap();
        let inputs = [sources];
        let compile = |out: &mut std::fs::File| Ok(build(&inputs, &BuildOptions::default(), out)?);
        publish(&self.path("mirror"), &inputs, &self.key, None, compile).unwrap().version
    }
    fn host(&self) -> Generations {
        Generations::open(&self.path("host")).unwrap()
    }
    fn update(&self) -> Result<signatures::update::Update, UpdateError> {
        update(&self.host(), &Folder(self.path("mirror")), &[self.key.public()], false)
    }
    fn finds(&self, bytes: &[u8]) -> bool {
        let database = Database::open(&self.host().current_link().join("set.tsig")).unwrap();
        !database.scan(&Object::file(bytes), &ScanOptions::default()).unwrap().hits.is_empty()
    }
}

const ONE: &str = "A:0:*:61626364\n";
const TWO: &str = "A:0:*:61626364\nB:0:*:65666768\n";

#[test]
fn a_host_follows_its_mirror_by_deltas_and_can_go_back() {
    let fleet = Fleet::new();
    assert_eq!(fleet.publish(ONE), 1);
    let first = fleet.update().unwrap();
    assert_eq!((first.version, first.changed, first.whole), (1, true, 2));
    assert!(fleet.finds(b"abcd") && !fleet.finds(b"efgh"));
    assert!(!fleet.update().unwrap().changed);

    let open = Database::open(&fleet.host().current_link().join("set.tsig")).unwrap();
    assert_eq!(fleet.publish(TWO), 2);
    let second = fleet.update().unwrap();
    assert_eq!((second.patched, second.linked, second.whole), (1, 1, 0));
    assert!(fleet.finds(b"efgh"));
    // Who had the old one open still has it.
    assert!(open.scan(&Object::file(b"efgh"), &ScanOptions::default()).unwrap().hits.is_empty());

    assert_eq!(fleet.host().roll_back().unwrap().version, 1);
    assert!(!fleet.finds(b"efgh"));
    assert!(matches!(fleet.update(), Err(UpdateError::RolledBack(2))));
    assert_eq!(fleet.publish(TWO), 3);
    assert!(fleet.update().unwrap().changed && fleet.finds(b"efgh"));
}

#[test]
fn what_is_not_signed_or_older_or_changed_is_refused_and_the_old_stays() {
    let fleet = Fleet::new();
    fleet.publish(ONE);
    let other = PrivateKey::generate().unwrap();
    let foreign = update(&fleet.host(), &Folder(fleet.path("mirror")), &[other.public()], false);
    assert!(matches!(foreign, Err(UpdateError::Manifest(_))));
    fleet.update().unwrap();

    let old = copy(&fleet.path("mirror"), &fleet.path("old"));
    fleet.publish(TWO);
    fleet.update().unwrap();
    let older = update(&fleet.host(), &Folder(old), &[fleet.key.public()], false);
    assert!(matches!(older, Err(UpdateError::Downgrade { offered: 1, current: 2 })));

    fleet.publish("C:0:*:696a6b6c\n");
    for folder in ["files", "deltas"] {
        for entry in std::fs::read_dir(fleet.path("mirror").join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let mut bytes = std::fs::read(&path).unwrap();
            let last = bytes.len() - 5;
            bytes[last] ^= 0xff;
            std::fs::write(&path, bytes).unwrap();
        }
    }
    assert!(fleet.update().is_err());
    assert!(fleet.finds(b"efgh") && !fleet.finds(b"ijkl"));

    let manifest = fleet.path("mirror/manifest.json");
    let text = std::fs::read_to_string(&manifest).unwrap().replace("\\\"version\\\":3", "\\\"version\\\":9");
    std::fs::write(&manifest, text).unwrap();
    assert!(matches!(fleet.update(), Err(UpdateError::Manifest(_))));
}

#[test]
fn a_delta_that_is_gone_costs_the_whole_file_and_nothing_else() {
    let fleet = Fleet::new();
    fleet.publish(ONE);
    fleet.update().unwrap();
    fleet.publish(TWO);
    std::fs::remove_dir_all(fleet.path("mirror/deltas")).unwrap();
    let update = fleet.update().unwrap();
    assert_eq!((update.patched, update.whole), (0, 1));
    assert!(fleet.finds(b"efgh"));
}

fn copy(from: &Path, to: &Path) -> PathBuf {
    std::fs::create_dir_all(to.join("files")).unwrap();
    std::fs::create_dir_all(to.join("deltas")).unwrap();
    std::fs::copy(from.join("manifest.json"), to.join("manifest.json")).unwrap();
    for entry in std::fs::read_dir(from.join("files")).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, to.join("files").join(path.file_name().unwrap())).unwrap();
    }
    to.into()
}

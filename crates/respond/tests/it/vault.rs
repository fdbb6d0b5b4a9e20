//! Away and back, and everything that must not happen on the way.

use respond::{ItemState, Order, Vault, VaultConfig, VaultError};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

pub struct World {
    pub dir: TempDir,
    pub vault: Vault,
}

impl World {
    pub fn new() -> World {
        World::with(VaultConfig::default())
    }
    pub fn with(config: VaultConfig) -> World {
        let dir = tempfile::tempdir().unwrap();
        let vault = Vault::open(&dir.path().join("vault"), config).unwrap();
        World { dir, vault }
    }
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        fs::write(self.path(name), content).unwrap();
        self.path(name)
    }
    fn reopened(self) -> World {
        let World { dir, vault } = self;
        drop(vault);
        let vault = Vault::open(&dir.path().join("vault"), VaultConfig::default()).unwrap();
        World { dir, vault }
    }
}

fn order() -> Order {
    Order::because("eicar:eicar_test_file", "policy")
}

fn set_xattr(path: &Path, name: &str, value: &[u8]) {
    rustix::fs::setxattr(path, name, value, rustix::fs::XattrFlags::empty()).unwrap();
}

fn get_xattr(path: &Path, name: &str) -> Vec<u8> {
    let mut value = vec![0; 4096];
    let length = rustix::fs::getxattr(path, name, &mut value[..]).unwrap();
    value.truncate(length);
    value
}

#[test]
fn everything_comes_back() {
    let world = World::new();
    let content: Vec<u8> = (0..200_000u32).map(|n| (n % 251) as u8).collect();
    let path = world.file("evil", &content);
    chown(&path, Some(1234), Some(4321)).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o4751)).unwrap();
    // cap_net_raw+ep, as the kernel keeps it.
    let capability = [1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    set_xattr(&path, "security.capability", &capability);
    set_xattr(&path, "trusted.tamon", b"\x00\xff");
    let old = fs::FileTimes::new()
        .set_modified(std::time::UNIX_EPOCH + Duration::new(1_000_000_000, 123_456_789))
        .set_accessed(std::time::UNIX_EPOCH + Duration::new(900_000_000, 987_654_321));
    fs::File::open(&path).unwrap().set_times(old).unwrap();
    let before = fs::metadata(&path).unwrap();

    let item = world.vault.quarantine(&path, &order()).unwrap();
    assert!(!path.exists());
    assert_eq!((item.state, item.size, item.hard_links), (ItemState::Held, 200_000, 1));
    assert_eq!(item.path, path.to_str().unwrap());
    let world = world.reopened();
    assert_eq!(world.vault.list().unwrap().items, vec![item.clone()]);

    assert_eq!(world.vault.restore(&item.id, None).unwrap(), path);
    let after = fs::metadata(&path).unwrap();
    assert_eq!(fs::read(&path).unwrap(), content);
    let facts = |m: &fs::Metadata| (m.uid(), m.gid(), m.mode(), m.mtime(), m.mtime_nsec());
    assert_eq!(facts(&after), facts(&before));
    assert_eq!(item.accessed.nanos(), 900_000_000_987_654_321);
    assert_eq!(get_xattr(&path, "security.capability"), capability);
    assert_eq!(get_xattr(&path, "trusted.tamon"), b"\x00\xff");
    assert!(world.vault.list().unwrap().items.is_empty());
}

#[test]
fn nothing_readable_lies_in_the_vault_and_nobody_else_may_look() {
    let world = World::new();
    let path = world.file("evil", "needle ".repeat(1000));
    let item = world.vault.quarantine(&path, &order()).unwrap();
    let dir = world.path("vault");
    assert_eq!(fs::metadata(&dir).unwrap().mode() & 0o7777, 0o700);
    let mut names: Vec<_> =
        fs::read_dir(&dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let mut expected = vec![format!("{}.json", item.id), format!("{}.sealed", item.id), "key".into()];
    expected.sort();
    assert_eq!(names, expected);
    for name in names {
        assert_eq!(fs::metadata(dir.join(&name)).unwrap().mode() & 0o7777, 0o600, "{name}");
    }
    let sealed = fs::read(dir.join(format!("{}.sealed", item.id))).unwrap();
    assert!(!sealed.windows(6).any(|w| w == b"needle"));
    let mut plain = Vec::new();
    assert_eq!(world.vault.read(&item.id, &mut plain).unwrap(), 7000);
    assert!(plain.starts_with(b"needle needle"));
}

#[test]
fn links_are_never_followed() {
    let world = World::new();
    fs::create_dir(world.path("real")).unwrap();
    let target = world.file("real/file", "precious");
    symlink(&target, world.path("link")).unwrap();
    symlink(world.path("real"), world.path("folder")).unwrap();
    for name in ["link", "folder/file"] {
        let error = world.vault.quarantine(&world.path(name), &order()).unwrap_err();
        assert!(matches!(error, VaultError::Link(_)), "{name}: {error}");
    }
    assert_eq!(fs::read(&target).unwrap(), b"precious");
    assert!(world.vault.list().unwrap().items.is_empty());
}

#[test]
fn only_the_file_that_was_judged_is_taken() {
    let world = World::new();
    let path = world.file("a", "x");
    let meta = fs::metadata(&path).unwrap();
    let other = Order { expected: Some((meta.dev(), meta.ino() + 1)), ..order() };
    assert!(matches!(world.vault.quarantine(&path, &other).unwrap_err(), VaultError::OtherFile(_)));
    assert!(path.exists());
    let same = Order { expected: Some((meta.dev(), meta.ino())), ..order() };
    world.vault.quarantine(&path, &same).unwrap();
}

#[test]
fn what_is_no_file_is_refused_without_waiting() {
    let world = World::new();
    rustix::fs::mknodat(rustix::fs::CWD, world.path("pipe"), rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    fs::create_dir(world.path("dir")).unwrap();
    for name in ["pipe", "dir"] {
        let error = world.vault.quarantine(&world.path(name), &order()).unwrap_err();
        assert!(matches!(error, VaultError::NotAFile(_)), "{name}: {error}");
    }
    world.vault.quarantine(&world.path("absent"), &order()).unwrap_err();
    world.vault.quarantine(Path::new("/"), &order()).unwrap_err();
}

#[test]
fn a_full_vault_says_so_and_leaves_the_file() {
    let world = World::with(VaultConfig { max_bytes: 10_000, ..VaultConfig::default() });
    let small = world.file("small", vec![1; 4000]);
    let large = world.file("large", vec![2; 9000]);
    world.vault.quarantine(&small, &order()).unwrap();
    let error = world.vault.quarantine(&large, &order()).unwrap_err();
    assert!(matches!(error, VaultError::Full { needed: 9000, .. }), "{error}");
    assert_eq!(fs::read(&large).unwrap(), vec![2; 9000]);
    assert_eq!(fs::read_dir(world.path("vault")).unwrap().count(), 3, "nothing is left behind");
}

#[test]
fn a_real_full_disk_leaves_the_file() {
    crate::world::confined(|dir| {
        // The tmpfs of the test, filled but for a little.
        let vault = Vault::open(&dir.join("vault"), VaultConfig::default()).unwrap();
        let evil = dir.join("evil");
        fs::write(&evil, vec![3; 300_000]).unwrap();
        let options = std::ffi::CString::new("size=500k").unwrap();
        let at = std::ffi::CString::new(dir.to_str().unwrap()).unwrap();
        // SAFETY: C strings that live through the call; the mount is this test's own.
        let result = unsafe {
            libc::mount(std::ptr::null(), at.as_ptr(), std::ptr::null(), libc::MS_REMOUNT, options.as_ptr().cast())
        };
        assert_eq!(result, 0, "{}", std::io::Error::last_os_error());
        let error = vault.quarantine(&evil, &order()).unwrap_err();
        assert!(matches!(error, VaultError::Full { .. }), "{error}");
        assert_eq!(fs::read(&evil).unwrap().len(), 300_000);
        assert!(vault.list().unwrap().items.is_empty());
    });
}

#[test]
fn restore_never_overwrites_and_can_go_elsewhere() {
    let world = World::new();
    let path = world.file("evil", "bad");
    let item = world.vault.quarantine(&path, &order()).unwrap();
    world.file("evil", "new and good");
    assert!(matches!(world.vault.restore(&item.id, None).unwrap_err(), VaultError::Exists(_)));
    assert_eq!(fs::read(&path).unwrap(), b"new and good");
    let elsewhere = world.path("evidence");
    assert_eq!(world.vault.restore(&item.id, Some(&elsewhere)).unwrap(), elsewhere);
    assert_eq!(fs::read(&elsewhere).unwrap(), b"bad");
    assert!(matches!(world.vault.restore(&item.id, None).unwrap_err(), VaultError::Unknown(_)));
}

#[test]
fn what_was_altered_in_the_vault_is_not_given_back() {
    let world = World::new();
    let item = world.vault.quarantine(&world.file("evil", "bad"), &order()).unwrap();
    let sealed = world.path("vault").join(format!("{}.sealed", item.id));
    let mut bytes = fs::read(&sealed).unwrap();
    bytes[1] ^= 1;
    fs::write(&sealed, bytes).unwrap();
    world.vault.restore(&item.id, None).unwrap_err();
    assert!(!world.path("evil").exists());
    fs::write(world.path("vault").join(format!("{}.json", "ab".repeat(16))), "{").unwrap();
    let listing = world.vault.list().unwrap();
    assert_eq!((listing.items.len(), listing.broken.len()), (1, 1));
    for id in ["../../etc/passwd", "", "ABCD"] {
        assert!(matches!(world.vault.delete(id).unwrap_err(), VaultError::Unknown(_)));
    }
}

#[test]
fn items_expire_and_hard_links_are_told() {
    let world = World::with(VaultConfig { keep: Duration::from_secs(60), ..VaultConfig::default() });
    let path = world.file("evil", "bad");
    fs::hard_link(&path, world.path("other-name")).unwrap();
    let item = world.vault.quarantine(&path, &order()).unwrap();
    assert_eq!(item.hard_links, 2);
    assert!(world.vault.expire(item.quarantined).unwrap().is_empty());
    assert_eq!(world.vault.expire(item.expires.plus_nanos(1)).unwrap(), vec![item.id.clone()]);
    assert!(world.vault.list().unwrap().items.is_empty());
    assert!(world.path("other-name").exists());
}

#[test]
fn a_name_of_any_bytes_comes_back() {
    use std::os::unix::ffi::OsStrExt;
    let world = World::new();
    let path = world.dir.path().join(std::ffi::OsStr::from_bytes(b"\xff\n\x1b[2J"));
    fs::write(&path, "x").unwrap();
    let item = world.vault.quarantine(&path, &order()).unwrap();
    assert!(item.path.contains("\\xff"));
    world.vault.restore(&item.id, None).unwrap();
    assert!(path.exists());
}

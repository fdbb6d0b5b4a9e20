//! What a tree did to files is undone: content, name, owner, mode, times, attributes, links; what it made is gone. Quotas,
//! a full disk and kill -9 cost what they must and say so.

use crate::world::{confined, eventually, helper, helper_argument};
use respond::{AHEAD, Actor, Kept, Rollback, RollbackConfig, RollbackError, Undone};
use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

fn by(tree: &str) -> Actor {
    Actor { tree: tree.into(), family: "family".into(), pid: 1, executable: "/tmp/sim".into(), uid: 0 }
}

struct World {
    dir: tempfile::TempDir,
    store: Rollback,
}

impl World {
    fn new(config: RollbackConfig) -> World {
        let dir = tempfile::tempdir().unwrap();
        let store = Rollback::open(&dir.path().join("store"), config).unwrap();
        World { dir, store }
    }
    fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.dir.path().join(name);
        fs::write(&path, content).unwrap();
        path
    }
    fn keep(&self, path: &Path, tree: &str) -> Result<Kept, RollbackError> {
        self.store.keep(&File::open(path).unwrap(), path, &by(tree))
    }
    fn made(&self, path: &Path, tree: &str) {
        self.store.made(&fs::metadata(path).unwrap(), path, &by(tree)).unwrap();
    }
    /// What became of each file, by its name.
    fn undo(&self, tree: &str) -> Vec<(String, Undone)> {
        let report = self.store.roll_back(&[tree.to_owned()], false).unwrap();
        let name = |path: &str| path.rsplit('/').next().unwrap().to_owned();
        report.files.iter().map(|file| (name(&file.path), file.done)).collect()
    }
}

/// One attack on `a` (and what stands beside it), and what must stand there after the roll-back.
fn check(what: &str, attack: impl FnOnce(&World, &Path), expected: &[(&str, Undone)]) {
    let world = World::new(RollbackConfig::default());
    let a = world.file("a", "what it was");
    fs::set_permissions(&a, fs::Permissions::from_mode(0o640)).unwrap();
    rustix::fs::chown(&a, Some(rustix::fs::Uid::from_raw(1234)), None).unwrap();
    rustix::fs::setxattr(&a, "user.note", b"kept", rustix::fs::XattrFlags::empty()).unwrap();
    let before = fs::metadata(&a).unwrap();
    world.keep(&a, "t").unwrap();
    attack(&world, &a);
    let expected: Vec<_> = expected.iter().map(|(name, done)| (name.to_string(), *done)).collect();
    assert_eq!(world.undo("t"), expected, "{what}");
    assert_eq!(fs::read_to_string(&a).unwrap(), "what it was", "{what}");
    let after = fs::metadata(&a).unwrap();
    let facts = |meta: &fs::Metadata| (meta.mode(), meta.uid(), meta.mtime(), meta.mtime_nsec(), meta.len());
    assert_eq!(facts(&after), facts(&before), "{what}");
    let mut value = [0; 8];
    let length = rustix::fs::getxattr(&a, "user.note", &mut value[..]).unwrap();
    assert_eq!(&value[..length], b"kept", "{what}");
    let left: Vec<_> = fs::read_dir(world.dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| name == "a" || name == "store" || name == "other"), "{what}: {left:?}");
}

#[test]
fn undoes() {
    use Undone::{Deleted, Linked, Restored, Unchanged};
    check("nothing", |_, _| {}, &[("a", Unchanged)]);
    check("overwriting", |_, a| fs::write(a, "xxxx").unwrap(), &[("a", Restored)]);
    check("truncation", |_, a| File::create(a).map(drop).unwrap(), &[("a", Restored)]);
    check("unlinking", |_, a| fs::remove_file(a).unwrap(), &[("a", Restored)]);
    let locked = |a: &Path| a.with_extension("locked");
    check(
        "renaming first",
        |_, a| {
            fs::rename(a, locked(a)).unwrap();
            fs::write(locked(a), "xx").unwrap();
        },
        &[("a", Restored)],
    );
    check(
        "a copy, then deleting",
        |world, a| {
            fs::write(locked(a), "xx").unwrap();
            world.made(&locked(a), "t");
            fs::remove_file(a).unwrap();
        },
        &[("a", Restored), ("a.locked", Deleted)],
    );
    check(
        "renaming over",
        |world, a| {
            let fresh = a.with_file_name("fresh");
            fs::write(&fresh, "xx").unwrap();
            world.made(&fresh, "t");
            fs::rename(&fresh, a).unwrap();
        },
        &[("a", Restored)],
    );
    check(
        "mode and attributes",
        |_, a| {
            fs::set_permissions(a, fs::Permissions::from_mode(0o777)).unwrap();
            rustix::fs::setxattr(a, "user.mark", b"1", rustix::fs::XattrFlags::empty()).unwrap();
        },
        &[("a", Restored)],
    );
    check(
        "a hard link",
        |world, a| {
            let other = a.with_file_name("other");
            fs::hard_link(a, &other).unwrap();
            world.keep(&other, "t").unwrap();
            fs::remove_file(&other).unwrap();
            fs::write(a, "xx").unwrap();
        },
        &[("a", Restored), ("other", Linked)],
    );
    check(
        "a symbolic link",
        |world, a| {
            let other = a.with_file_name("other");
            symlink("a", &other).unwrap();
            let meta = fs::symlink_metadata(&other).unwrap();
            world.store.keep_link(&other, Path::new("a"), &meta, &by("t")).unwrap();
            fs::remove_file(&other).unwrap();
        },
        &[("a", Unchanged), ("other", Linked)],
    );
}

#[test]
fn names_go_back() {
    let world = World::new(RollbackConfig::default());
    let rename = |from: &Path, to: &Path| {
        fs::rename(from, to).unwrap();
        world.store.renamed(from, to, &fs::symlink_metadata(to).unwrap(), &by("t")).unwrap();
    };
    fs::create_dir_all(world.dir.path().join("deep/er")).unwrap();
    let (a, b) = (world.file("a", "one"), world.file("b", "two"));
    let deep = world.file("deep/er/x", "three");
    let at = |name: &str| world.dir.path().join(name);
    // Only the name; the name, then what is in it; a folder, then what is in it, and something new there.
    rename(&a, &at("a.q"));
    rename(&b, &at("b.q"));
    world.keep(&at("b.q"), "t").unwrap();
    fs::write(at("b.q"), "xxx").unwrap();
    rename(&at("deep"), &at("gone"));
    world.keep(&at("gone/er/x"), "t").unwrap();
    fs::write(at("gone/er/x"), "xxxxx").unwrap();
    let note = world.file("gone/er/note", "pay");
    world.made(&note, "t");
    fs::create_dir(at("new")).unwrap();
    world.made(&at("new"), "t");
    let preview = world.store.roll_back(&["t".into()], true).unwrap();
    assert!(preview.count(Undone::Restored) >= 3, "{preview:?}");
    let report = world.store.roll_back(&["t".into()], false).unwrap();
    assert_eq!(report.count(Undone::Failed), 0, "{report:?}");
    let read = |path: &Path| fs::read_to_string(path).unwrap();
    assert_eq!((read(&a), read(&b), read(&deep)), ("one".into(), "two".into(), "three".into()));
    let mut left: Vec<_> = fs::read_dir(world.dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["a", "b", "deep", "store"]);
    assert_eq!(fs::read_dir(at("deep/er")).unwrap().count(), 1, "{report:?}");
}

#[test]
fn a_name_that_is_taken_and_what_the_tree_made_stay() {
    let world = World::new(RollbackConfig::default());
    let at = |name: &str| world.dir.path().join(name);
    let a = world.file("a", "one");
    fs::rename(&a, at("b")).unwrap();
    world.store.renamed(&a, &at("b"), &fs::symlink_metadata(at("b")).unwrap(), &by("t")).unwrap();
    world.file("a", "somebody else's");
    let made = world.file("c", "new");
    world.made(&made, "u");
    fs::rename(&made, at("d")).unwrap();
    world.store.renamed(&made, &at("d"), &fs::symlink_metadata(at("d")).unwrap(), &by("u")).unwrap();
    assert_eq!(world.undo("t"), [("a".to_owned(), Undone::Beside)]);
    assert_eq!(world.undo("u"), [("d".to_owned(), Undone::Deleted)]);
    assert_eq!((fs::read(&a).unwrap(), fs::read(at("b")).unwrap()), (b"somebody else's".to_vec(), b"one".to_vec()));
}

#[test]
fn a_folder_that_went_comes_back() {
    let world = World::new(RollbackConfig::default());
    fs::create_dir_all(world.dir.path().join("deep/er")).unwrap();
    fs::set_permissions(world.dir.path().join("deep/er"), fs::Permissions::from_mode(0o711)).unwrap();
    let file = world.file("deep/er/x", "x");
    world.keep(&file, "t").unwrap();
    fs::remove_dir_all(world.dir.path().join("deep")).unwrap();
    assert_eq!(world.undo("t"), [("x".to_owned(), Undone::Restored)]);
    assert_eq!(fs::read(&file).unwrap(), b"x");
    assert_eq!(fs::metadata(file.parent().unwrap()).unwrap().mode() & 0o777, 0o711);
}

#[test]
fn hard_links_stay_one_file() {
    let world = World::new(RollbackConfig::default());
    let a = world.file("a", "one");
    let b = a.with_file_name("b");
    fs::hard_link(&a, &b).unwrap();
    world.keep(&a, "t").unwrap();
    fs::write(&a, "bad").unwrap();
    world.undo("t");
    assert_eq!(fs::read(&b).unwrap(), b"one");
    assert_eq!(fs::metadata(&a).unwrap().ino(), fs::metadata(&b).unwrap().ino());
}

#[test]
fn what_others_did_is_not_undone() {
    let world = World::new(RollbackConfig::default());
    let a = world.file("a", "first");
    world.keep(&a, "attack").unwrap();
    fs::write(&a, "encrypted").unwrap();
    world.keep(&a, "editor").unwrap();
    fs::write(&a, "written anew by hand").unwrap();
    let b = world.file("b", "first");
    world.keep(&b, "attack").unwrap();
    fs::remove_file(&b).unwrap();
    // Inode numbers come round: another file holds the freed one.
    let _other = world.file("c", "");
    world.file("b", "somebody else's");
    assert_eq!(world.undo("attack"), [("a".to_owned(), Undone::Beside), ("b".to_owned(), Undone::Beside)]);
    let read = |name: &str| fs::read_to_string(world.dir.path().join(name)).unwrap();
    assert_eq!((read("a"), read("a.restored")), ("written anew by hand".into(), "first".into()));
    assert_eq!((read("b"), read("b.restored")), ("somebody else's".into(), "first".into()));
}

#[test]
fn a_preview_touches_nothing_and_says_the_same() {
    let world = World::new(RollbackConfig::default());
    let a = world.file("a", "first");
    world.keep(&a, "t").unwrap();
    fs::write(&a, "bad").unwrap();
    let note = world.file("note", "pay");
    world.made(&note, "t");
    let preview = world.store.roll_back(&["t".into()], true).unwrap();
    assert_eq!(fs::read(&a).unwrap(), b"bad");
    assert!(note.exists());
    let done = world.store.roll_back(&["t".into()], false).unwrap();
    assert_eq!(preview.files, done.files);
    assert!(matches!(world.store.roll_back(&["nobody".into()], false), Err(RollbackError::Unknown(_))));
    assert_eq!(done.count(Undone::Deleted), 1);
}

#[test]
fn a_stopped_tree_is_known_by_its_alert() {
    let world = World::new(RollbackConfig::default());
    world.keep(&world.file("a", "1"), "t").unwrap();
    world.store.convict("t", "alert1").unwrap();
    assert_eq!(world.store.trees_of("alert1"), ["t"]);
    assert_eq!(world.store.trees_of("t"), ["t"]);
    assert_eq!(world.store.trees_of("family"), ["t"]);
    // Who started it did nothing itself; it stands for all the same, also after another start.
    world.store.convict("starter", "alert1").unwrap();
    assert!(world.store.trees_of("starter").contains(&"t".to_owned()));
    world.store.tidy().unwrap();
    assert!(world.store.trees_of("starter").contains(&"t".to_owned()));
    assert!(world.store.trees_of("x").is_empty());
    assert_eq!(world.store.trees()[0].incident.as_deref(), Some("alert1"));
}

#[test]
fn quotas_refuse_and_push_out() {
    let config = RollbackConfig {
        max_bytes: 1000,
        max_file_bytes: 600,
        max_tree_bytes: 700,
        hold: Duration::ZERO,
        ..RollbackConfig::default()
    };
    let world = World::new(config);
    let large = "x".repeat(601);
    assert!(matches!(world.keep(&world.file("large", &large), "t"), Err(RollbackError::TooLarge { .. })));
    let five = "x".repeat(500);
    assert_eq!(world.keep(&world.file("a", &five), "t").unwrap(), Kept::Now);
    assert!(matches!(world.keep(&world.file("b", &five), "t"), Err(RollbackError::Full { .. })), "the tree's own");
    assert_eq!(world.keep(&world.file("b", &five), "u").unwrap(), Kept::Now);
    // The oldest goes, unless its tree was stopped.
    world.store.convict("t", "alert").unwrap();
    assert_eq!(world.keep(&world.file("c", &five), "v").unwrap(), Kept::Now);
    let trees: Vec<_> = world.store.trees().iter().map(|tree| tree.tree.clone()).collect();
    assert_eq!(trees.len(), 2, "{trees:?}");
    assert!(trees.contains(&"t".to_owned()) && trees.contains(&"v".to_owned()), "{trees:?}");
    let stats = world.store.stats();
    assert_eq!((stats.too_large, stats.full, stats.pushed_out, stats.bytes), (1, 1, 1, 1000));
    // What is young stays: then it is full.
    world.store.configure(RollbackConfig { hold: Duration::from_secs(600), ..config });
    assert!(matches!(world.keep(&world.file("d", &five), "w"), Err(RollbackError::Full { .. })));
}

#[test]
fn one_content_serves_two_trees() {
    let world = World::new(RollbackConfig::default());
    let a = world.file("a", "same");
    world.keep(&a, "t").unwrap();
    world.keep(&a, "u").unwrap();
    assert_eq!(fs::read_dir(world.dir.path().join("store/objects")).unwrap().count(), 1);
    fs::write(&a, "bad").unwrap();
    assert_eq!(world.undo("u"), [("a".to_owned(), Undone::Restored)]);
    assert_eq!(fs::read(&a).unwrap(), b"same");
}

#[test]
fn a_full_disk_is_told_and_leaves_no_halves() {
    confined(|dir| {
        let small =
            std::process::Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "small"]).arg(dir).status();
        assert!(small.unwrap().success());
        let store = Rollback::open(&dir.join("store"), RollbackConfig::default()).unwrap();
        let filler = File::create(dir.join("filler")).unwrap();
        let file = dir.join("file");
        fs::write(&file, vec![7; 64 << 10]).unwrap();
        let free = rustix::fs::statvfs(dir).unwrap();
        let room = free.f_bavail * free.f_bsize;
        rustix::fs::fallocate(&filler, rustix::fs::FallocateFlags::empty(), 0, room - (32 << 10)).unwrap();
        let error = store.keep(&File::open(&file).unwrap(), &file, &by("t")).unwrap_err();
        assert!(error.to_string().contains("No space"), "{error}");
        assert_eq!(fs::read_dir(dir.join("store/objects")).unwrap().count(), 0);
        assert_eq!(store.stats().full, 1);
        fs::remove_file(dir.join("filler")).unwrap();
        drop(filler);
        assert_eq!(store.keep(&File::open(&file).unwrap(), &file, &by("t")).unwrap(), Kept::Now);
    });
}

const FILES: usize = 300;

fn content(n: usize) -> Vec<u8> {
    vec![n as u8; 100 * n + 1]
}

/// Keeps each file and destroys it at once, until it is killed.
#[test]
fn victim() {
    let Some(dir) = helper_argument() else { return };
    let store = Rollback::open(&dir.join("store"), RollbackConfig::default()).unwrap();
    fs::write(dir.join("ready"), "").unwrap();
    for n in 0..FILES {
        let path = dir.join(format!("file{n}"));
        store.keep(&File::open(&path).unwrap(), &path, &by("t")).unwrap();
        if n % 3 == 0 { fs::remove_file(&path).unwrap() } else { fs::write(&path, "destroyed").unwrap() }
    }
}

#[test]
fn kill_9_loses_nothing_that_was_promised() {
    for round in 0..6u64 {
        let dir = tempfile::tempdir().unwrap();
        (0..FILES).for_each(|n| fs::write(dir.path().join(format!("file{n}")), content(n)).unwrap());
        let mut victim = helper("rollback::victim", dir.path()).stdout(std::process::Stdio::null()).spawn().unwrap();
        eventually("it is at work", || dir.path().join("ready").exists());
        std::thread::sleep(Duration::from_micros(2_000 * round * round));
        victim.kill().unwrap();
        victim.wait().unwrap();
        let store = Rollback::open(&dir.path().join("store"), RollbackConfig::default()).unwrap();
        assert_eq!(store.stats().cut_lines, 0);
        if !store.trees().is_empty() {
            let report = store.roll_back(&["t".into()], false).unwrap();
            assert_eq!(report.count(Undone::Failed), 0, "{report:?}");
        }
        for n in 0..FILES {
            assert!(fs::read(dir.path().join(format!("file{n}"))).unwrap() == content(n), "round {round}: file{n}");
        }
        let kept = store.stats().files;
        assert_eq!(fs::read_dir(dir.path().join("store/objects")).unwrap().count() as u64, kept);
    }
}

#[test]
fn age_is_counted_by_the_store() {
    let dir = tempfile::tempdir().unwrap();
    let store = Rollback::open(&dir.path().join("store"), RollbackConfig::default()).unwrap();
    let file = dir.path().join("a");
    fs::write(&file, "x").unwrap();
    store.keep(&File::open(&file).unwrap(), &file, &by("t")).unwrap();
    assert_eq!(store.tidy().unwrap(), 0);
    store.configure(RollbackConfig { keep: Duration::from_secs(1), ..RollbackConfig::default() });
    eventually("it has been kept long enough", || store.tidy().unwrap() == 1);
    assert_eq!(fs::read_dir(dir.path().join("store/objects")).unwrap().count(), 0);
}

#[test]
fn what_was_cut_by_its_name_comes_back_where_it_was_kept_ahead() {
    let world = World::new(RollbackConfig::default());
    let (a, b) = (world.file("a", "what it was"), world.file("b", "what it was, too"));
    let ahead = format!("{AHEAD}family");
    world.keep(&a, &ahead).unwrap();
    world.keep(&b, &ahead).unwrap();
    assert!(world.store.trees().is_empty());
    fs::write(&a, "").unwrap();
    let cut = |path: &Path| world.store.cut(&fs::metadata(path).unwrap(), &ahead, &by("t")).unwrap();
    assert!(cut(&a) && cut(&a));
    assert!(!world.store.cut(&fs::metadata(&b).unwrap(), "ahead:other", &by("t")).unwrap());
    // Nobody's doing until it was cut.
    fs::write(&b, "somebody else's").unwrap();
    assert_eq!(world.undo("t"), [("a".to_owned(), Undone::Restored)]);
    let read = |path: &Path| fs::read_to_string(path).unwrap();
    assert_eq!((read(&a).as_str(), read(&b).as_str()), ("what it was", "somebody else's"));
}

#[test]
fn who_was_stopped_before_anything_is_listed_and_has_nothing_to_give_back() {
    let world = World::new(RollbackConfig::default());
    world.store.convict("shell", "alert").unwrap();
    world.store.convict("rm", "alert").unwrap();
    let told: Vec<_> = world.store.trees().into_iter().map(|tree| (tree.kept, tree.incident)).collect();
    assert_eq!(told, [(0, Some("alert".to_owned()))]);
    assert!(world.undo("shell").is_empty());
    assert!(matches!(world.store.roll_back(&["other".to_owned()], false), Err(RollbackError::Unknown(_))));
    // Once something of it is kept, that stands for the alert.
    world.keep(&world.file("a", "what it was"), "rm").unwrap();
    let told: Vec<_> = world.store.trees().into_iter().map(|tree| (tree.tree, tree.kept)).collect();
    assert_eq!(told, [("rm".to_owned(), 1)]);
}

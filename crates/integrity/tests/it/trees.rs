//! A tree of real files: taken, changed, checked.

use integrity::{
    Baseline, BaselineError, Facts, Home, HomeError, KnownError, Scope, Side, TakeOptions, check, facts_of, take,
};
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

struct Tree {
    folder: tempfile::TempDir,
}

impl Tree {
    fn new() -> Tree {
        let tree = Tree { folder: tempfile::tempdir().unwrap() };
        fs::create_dir_all(tree.at("sub/deep")).unwrap();
        for n in 0..600 {
            fs::write(tree.at(&format!("sub/file{n:04}")), format!("content {n}\n")).unwrap();
        }
        fs::write(tree.at("sub/deep/app.conf"), "name = x\npassword = hunter22\n").unwrap();
        symlink("file0001", tree.at("sub/link")).unwrap();
        tree
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join("watched").join(name)
    }

    fn home(&self) -> Home {
        Home::create(&self.folder.path().join("home")).unwrap()
    }

    fn scope(&self) -> Scope {
        Scope::of([self.at("").display().to_string()], [])
    }

    fn take(&self) -> integrity::Taken {
        let options = TakeOptions { keep_text_bytes: 1 << 16, keep_total_bytes: 1 << 20, ..TakeOptions::default() };
        take(&self.home(), &self.scope(), &options).unwrap()
    }

    /// Kind of change and name of each difference.
    fn differences(&self) -> Vec<(String, String)> {
        let found = check(&self.home(), &self.scope()).unwrap();
        assert_eq!(found.report.unread, 0, "{:?}", found.report.faults);
        let name = |path: &str| Path::new(path).strip_prefix(self.at("")).unwrap().display().to_string();
        let told = found.differences.iter();
        told.map(|one| (one.what.action().replace("integrity-", ""), name(&one.path))).collect()
    }
}

#[test]
fn every_kind_of_change_is_found_and_nothing_else() {
    let tree = Tree::new();
    let taken = tree.take();
    // The folders `watched`, `sub` and `deep` besides.
    assert_eq!((taken.files, taken.hashed, taken.unread), (605, 601, 0));
    assert_eq!(tree.differences(), []);
    fs::write(tree.at("sub/file0007"), "content X\n").unwrap();
    fs::set_permissions(tree.at("sub/file0008"), fs::Permissions::from_mode(0o4755)).unwrap();
    fs::remove_file(tree.at("sub/file0009")).unwrap();
    fs::write(tree.at("sub/new"), "").unwrap();
    fs::remove_file(tree.at("sub/link")).unwrap();
    symlink("file0002", tree.at("sub/link")).unwrap();
    // The same content again is no change.
    fs::write(tree.at("sub/file0010"), "content 10\n").unwrap();
    let expected = [
        ("modify", "sub/file0007"),
        ("attributes", "sub/file0008"),
        ("delete", "sub/file0009"),
        ("modify", "sub/link"),
        ("create", "sub/new"),
    ];
    let expected: Vec<(String, String)> = expected.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect();
    assert_eq!(tree.differences(), expected);
    let second = tree.take();
    assert_eq!((second.number, tree.differences()), (2, Vec::new()));
}

#[test]
fn a_content_that_keeps_size_and_times_is_found_by_a_full_check() {
    let tree = Tree::new();
    tree.take();
    let path = tree.at("sub/file0100");
    let before = fs::metadata(&path).unwrap();
    fs::write(&path, "CONTENT 100\n").unwrap();
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(before.modified().unwrap()).unwrap();
    // The change time cannot be set back, so that the quick check finds it as well.
    assert_eq!(tree.differences().len(), 1);
}

#[test]
fn a_baseline_that_somebody_changed_is_refused() {
    let tree = Tree::new();
    tree.take();
    let path = tree.home().baseline_path();
    let whole = fs::read(&path).unwrap();
    for at in [0, 20, whole.len() / 2, whole.len() - 100, whole.len() - 30] {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        fs::write(&path, bytes).unwrap();
        let error = Baseline::open(&path, tree.home().key()).unwrap_err();
        assert!(matches!(error, BaselineError::Forged(_)), "byte {at}: {error}");
    }
    for length in [0, 50, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        let error = Baseline::open(&path, tree.home().key()).unwrap_err();
        assert!(matches!(error, BaselineError::Damaged { .. }), "{length} bytes: {error}");
        assert!(error.to_string().contains("tamon integrity baseline"), "{error}");
    }
    fs::remove_file(&path).unwrap();
    assert!(matches!(tree.home().open().unwrap_err(), HomeError::Baseline(BaselineError::Missing)));
}

#[test]
fn an_older_baseline_put_back_is_refused() {
    let tree = Tree::new();
    tree.take();
    let path = tree.home().baseline_path();
    let first = fs::read(&path).unwrap();
    fs::write(tree.at("sub/new"), "x").unwrap();
    tree.take();
    assert!(tree.home().open().is_ok());
    fs::write(&path, first).unwrap();
    assert!(matches!(tree.home().open().unwrap_err(), HomeError::Baseline(BaselineError::Forged(_))));
}

#[test]
fn what_was_seen_since_stays_known_and_is_folded() {
    let tree = Tree::new();
    tree.take();
    let home = tree.home();
    let bytes = |name: &str| tree.at(name).display().to_string().into_bytes();
    let facts = |name: &str| facts_of(&tree.at(name)).unwrap();
    fs::write(tree.at("sub/expected"), "x").unwrap();
    fs::write(tree.at("sub/strange"), "x").unwrap();
    fs::remove_file(tree.at("sub/file0000")).unwrap();
    let mut known = home.open_to_write().unwrap();
    let seen = vec![
        (bytes("sub/expected"), facts("sub/expected"), true),
        (bytes("sub/strange"), facts("sub/strange"), false),
        (bytes("sub/file0000"), None, true),
    ];
    known.note(seen, home.key()).unwrap();
    known.sync().unwrap();
    let check = |known: &integrity::Known| {
        let get = |name: &str, side| known.get(&bytes(name), side).unwrap().is_some();
        assert_eq!((get("sub/expected", Side::Last), get("sub/expected", Side::Approved)), (true, true));
        assert_eq!((get("sub/strange", Side::Last), get("sub/strange", Side::Approved)), (true, false));
        assert_eq!((get("sub/file0000", Side::Last), get("sub/file0000", Side::Approved)), (false, false));
        assert_eq!(known.unapproved(), 1);
        let below = known.below(&bytes("sub/deep")).unwrap();
        assert_eq!(below, [bytes("sub/deep"), bytes("sub/deep/app.conf")]);
    };
    check(&known);
    drop(known);
    check(&home.open().unwrap());
    home.fold(home.open().unwrap()).unwrap();
    let folded = home.open().unwrap();
    assert_eq!((folded.header().number, folded.notes()), (2, 1));
    check(&folded);
    drop(folded);
    let mut known = home.open_to_write().unwrap();
    assert_eq!(known.approve(&|_| true, home.key()).unwrap(), 1);
    assert_eq!(tree.differences(), []);
}

#[test]
fn changes_since_that_somebody_changed_are_refused_and_a_torn_end_is_not() {
    let tree = Tree::new();
    tree.take();
    let home = tree.home();
    let mut known = home.open_to_write().unwrap();
    let note = |n: u8| vec![(vec![b'/', n], Some(Facts::default()), false)];
    known.note(note(b'a'), home.key()).unwrap();
    known.note(note(b'b'), home.key()).unwrap();
    drop(known);
    let path = home.folder().join("changes.1");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() - 3]).unwrap();
    let known = home.open_to_write().unwrap();
    assert!(known.torn > 0 && known.get(b"/a", Side::Last).unwrap().is_some());
    assert_eq!(known.get(b"/b", Side::Last).unwrap(), None);
    drop(known);
    let mut bytes = whole.clone();
    bytes[40] ^= 1;
    fs::write(&path, bytes).unwrap();
    assert!(matches!(home.open().unwrap_err(), HomeError::Known(KnownError::Forged(_))));
}

#[test]
fn kept_texts_hold_no_secret() {
    let tree = Tree::new();
    tree.take();
    let home = tree.home();
    let facts = home.open().unwrap().get(tree.at("sub/deep/app.conf").display().to_string().as_bytes(), Side::Last);
    let integrity::Content::Sha256(digest) = facts.unwrap().unwrap().content else { panic!("no digest") };
    let text = home.contents(0).get(&digest).unwrap();
    assert!(text.contains("name = x") && text.contains("«secret ") && !text.contains("hunter22"), "{text}");
}

#[test]
fn one_at_a_time() {
    let tree = Tree::new();
    let home = tree.home();
    let held = home.lock().unwrap();
    assert!(matches!(home.lock().unwrap_err(), HomeError::Busy));
    drop(held);
    assert!(home.lock().is_ok());
}

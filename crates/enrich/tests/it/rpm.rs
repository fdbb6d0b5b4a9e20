//! What is read of a database that the real rpm writes: packages built here by rpmbuild, put into a root of their own.

use enrich::{ListedDigest, PackageFiles, Packages, Verified, Vouched, verify};
use event::Package;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Debian's package `rpm` has both.
fn is_here() -> bool {
    let here = |program: &str| Command::new(program).arg("--version").output().is_ok_and(|out| out.status.success());
    let all = here("rpm") && here("rpmbuild");
    if !all {
        eprintln!("skipped: there is no rpm here");
    }
    all
}

struct World {
    folder: tempfile::TempDir,
    root: PathBuf,
}

impl World {
    fn new() -> World {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        fs::create_dir_all(&root).unwrap();
        World { folder, root }
    }

    /// `algorithm` is OpenPGP's number of the files' digests.
    fn build(&self, name: &str, version: u32, content: &str, algorithm: u32) -> PathBuf {
        let spec = format!(
            "Name: {name}\nVersion: {version}\nRelease: 1\nSummary: a test\nLicense: none\nBuildArch: noarch\n\
             %description\na test\n%install\nmkdir -p %{{buildroot}}/usr/bin %{{buildroot}}/etc\n\
             printf %s '{content}' > %{{buildroot}}/usr/bin/{name}\necho set > %{{buildroot}}/etc/{name}.conf\n\
             %files\n/usr/bin/{name}\n%config(noreplace) /etc/{name}.conf\n"
        );
        let path = self.folder.path().join(format!("{name}.spec"));
        fs::write(&path, spec).unwrap();
        let top = self.folder.path().join("build");
        run(Command::new("rpmbuild")
            .arg("-bb")
            .arg("--define")
            .arg(format!("_topdir {}", top.display()))
            .arg("--define")
            .arg(format!("_binary_filedigest_algorithm {algorithm}"))
            .arg(path));
        top.join(format!("RPMS/noarch/{name}-{version}-1.noarch.rpm"))
    }

    fn rpm(&self, arguments: &[&str], package: &Path) {
        run(Command::new("rpm")
            .arg("--root")
            .arg(&self.root)
            .args(["--dbpath", "/usr/lib/sysimage/rpm", "--nodeps", "--noscripts"])
            .args(arguments)
            .arg(package));
    }

    fn open(&self, path: &str) -> (String, File) {
        let path = self.root.join(path);
        (path.display().to_string(), File::open(&path).unwrap())
    }
}

fn run(command: &mut Command) {
    let out = command.output().unwrap();
    assert!(out.status.success(), "{command:?}: {}", String::from_utf8_lossy(&out.stderr));
}

#[test]
fn what_rpm_put_there_is_known_by_its_digest_until_somebody_changes_it() {
    if !is_here() {
        return;
    }
    let world = World::new();
    world.rpm(&["-i"], &world.build("tool", 1, "hello", 8));
    world.rpm(&["-i"], &world.build("older", 1, "hello", 1));
    let mut files = PackageFiles::new(&world.root);
    files.refresh();
    let sha256 = files.of("/usr/bin/tool").unwrap().digest;
    assert!(matches!(sha256, Some(ListedDigest::Sha256(_))), "{sha256:?}");
    let md5 = files.of("/usr/bin/older").unwrap().digest;
    assert!(matches!(md5, Some(ListedDigest::Md5(_))), "{md5:?}");
    assert_eq!(files.errors(), Vec::<String>::new());

    let packages = Packages::below(&world.root);
    let package = |name: &str| Package { name: name.into(), version: "1-1".into(), kind: "rpm" };
    for name in ["tool", "older"] {
        let path = format!("usr/bin/{name}");
        let (full, file) = world.open(&path);
        assert!(matches!(packages.vouch(&full, &file), Vouched::Same(_)), "{name}");
        assert_eq!(verify(&world.root, &package(name), &format!("/{path}"), &file), Verified::Same, "{name}");
        fs::write(&full, "hellp").unwrap();
        let (full, file) = world.open(&path);
        assert!(matches!(packages.vouch(&full, &file), Vouched::Changed(_)), "{name}");
        assert_eq!(verify(&world.root, &package(name), &format!("/{path}"), &file), Verified::Changed, "{name}");
    }
}

#[test]
fn a_package_is_known_as_soon_as_rpm_has_put_it_into_its_database() {
    if !is_here() {
        return;
    }
    let world = World::new();
    world.rpm(&["-i"], &world.build("tool", 1, "one", 8));
    let mut files = PackageFiles::new(&world.root);
    files.refresh();
    files.peek();
    let before = files.of("/usr/bin/tool").unwrap();
    world.rpm(&["-U"], &world.build("tool", 2, "two", 8));
    world.rpm(&["-i"], &world.build("other", 1, "three", 8));
    assert!(files.peek(), "two packages came");
    let after = files.of("/usr/bin/tool").unwrap();
    assert_eq!((&*before.package.version, &*after.package.version), ("1-1", "2-1"));
    let (_, file) = world.open("usr/bin/tool");
    assert_eq!(after.digest.map(|digest| digest.is_of(&file).unwrap()), Some(true));
    assert_eq!(before.digest.map(|digest| digest.is_of(&file).unwrap()), Some(false));
    assert_eq!(&*files.of("/usr/bin/other").unwrap().package.name, "other");
    assert!(!files.peek());
    files.forget_coming();
    files.refresh();
    assert_eq!(&*files.of("/usr/bin/tool").unwrap().package.version, "2-1", "the database knows it too");
}

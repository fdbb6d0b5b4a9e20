//! Packages come, change and go on a locked host, and nothing of them is refused, at any moment of the transaction. The
//! packages are made here; dpkg works below the test's folder, with scripts of their own that run what was just unpacked.

use super::world::{Host, Ran, confined, run};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Upgrades; `cargo xtask lockdown-upgrades` sets `TAMON_UPGRADES` for more.
fn rounds() -> u32 {
    std::env::var("TAMON_UPGRADES").ok().and_then(|text| text.parse().ok()).unwrap_or(4)
}

/// A package with one tool, whose content differs from version to version.
fn package(folder: &Path, version: u32) -> PathBuf {
    let tree = folder.join(format!("tool-{version}"));
    fs::create_dir_all(tree.join("usr/bin")).unwrap();
    fs::create_dir_all(tree.join("DEBIAN")).unwrap();
    let control = format!(
        "Package: tamon-test-tool\nVersion: {version}\nArchitecture: all\nMaintainer: nobody <nobody@localhost>\n\
         Description: a tool of the test\n"
    );
    fs::write(tree.join("DEBIAN/control"), control).unwrap();
    let mut tool = fs::read("/bin/true").unwrap();
    tool.extend(format!("version {version}").bytes());
    let at = tree.join("usr/bin/tamon-test-tool");
    fs::write(&at, tool).unwrap();
    fs::set_permissions(&at, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    // Also what is written by nobody but dpkg: dpkg makes the digests itself where the package has none.
    let deb = folder.join(format!("tool-{version}.deb"));
    let built = Command::new("dpkg-deb").args(["--root-owner-group", "-Znone", "-b"]).arg(&tree).arg(&deb).output();
    assert!(built.unwrap().status.success());
    deb
}

fn dpkg(root: &Path, arguments: &[&str]) {
    let output = Command::new("dpkg")
        .arg(format!("--root={}", root.display()))
        .args(["--force-script-chrootless", "--log=/dev/null", "--force-unsafe-io"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn upgrades_are_not_refused() {
    if !rustix::process::geteuid().is_root() || Command::new("dpkg-deb").arg("--version").output().is_err() {
        eprintln!("skipped: needs root and dpkg");
        return;
    }
    let debs = tempfile::tempdir().unwrap();
    let packages: Vec<PathBuf> = (1..=rounds().min(16)).map(|version| package(debs.path(), version)).collect();
    confined(|dir| {
        for folder in ["var/lib/dpkg/info", "var/lib/dpkg/updates"] {
            fs::create_dir_all(dir.join(folder)).unwrap();
        }
        fs::write(dir.join("var/lib/dpkg/status"), "").unwrap();
        let host = Host::start(dir, "");
        host.lock();
        let tool = host.at("usr/bin/tamon-test-tool");
        let (done, ran) = (AtomicBool::new(false), AtomicU64::new(0));
        std::thread::scope(|scope| {
            // Somebody uses the tool all the while, in the middle of every transaction too.
            let user = scope.spawn(|| {
                let mut refused = 0;
                while !done.load(Ordering::Relaxed) {
                    if tool.exists() {
                        match Command::new(&tool).status() {
                            Ok(status) if status.success() => drop(ran.fetch_add(1, Ordering::Relaxed)),
                            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => refused += 1,
                            // Removed, or being written, between the look and the start.
                            _ => {}
                        }
                    }
                }
                refused
            });
            for (n, deb) in packages.iter().cycle().take(rounds() as usize).enumerate() {
                if n % 3 == 2 {
                    dpkg(dir, &["-r", "tamon-test-tool"]);
                }
                let before = ran.load(Ordering::Relaxed);
                dpkg(dir, &["-i", deb.to_str().unwrap()]);
                host.eventually("the new tool runs", || ran.load(Ordering::Relaxed) > before);
            }
            done.store(true, Ordering::Relaxed);
            assert_eq!(user.join().unwrap(), 0, "wrongly refused; {}", host.json(&["lockdown", "report"]));
        });
        assert_eq!((host.status("denied"), host.status("ended")), (0.into(), 0.into()));
        println!("{} transactions, {} starts meanwhile, none refused", rounds() + rounds() / 3, ran.into_inner());
        // And it is a lock all the same.
        fs::copy("/bin/true", &tool).unwrap();
        host.eventually("what the package did not put there is refused", || {
            run(&mut Command::new(&tool)) == Ran::Denied
        });
    });
}

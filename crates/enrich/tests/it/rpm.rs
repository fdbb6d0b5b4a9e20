//! rpm itself builds, installs and upgrades a package below a folder; what its database says is held against the files.

use enrich::{Packages, Vouched};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

fn has_rpm() -> bool {
    rustix::process::geteuid().is_root() && Command::new("rpmbuild").arg("--version").output().is_ok()
}

fn build(folder: &Path, version: u32) -> PathBuf {
    let spec = folder.join(format!("tool-{version}.spec"));
    let text = format!(
        "Name: tamon-test-tool\nVersion: {version}\nRelease: 1\nSummary: x\nLicense: x\nBuildArch: noarch\n\
         %description\nx\n%install\nmkdir -p %{{buildroot}}/usr/bin %{{buildroot}}/opt/tool\n\
         echo 'version {version}' > %{{buildroot}}/usr/bin/tamon-test-tool\n\
         echo 'data {version}' > %{{buildroot}}/opt/tool/data\n\
         %files\n%attr(755,root,root) /usr/bin/tamon-test-tool\n/opt/tool\n"
    );
    fs::write(&spec, text).unwrap();
    let top = folder.join("top");
    let output = Command::new("rpmbuild")
        .args(["-bb", "--quiet", "--define", &format!("_topdir {}", top.display())])
        .arg(&spec)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    top.join(format!("RPMS/noarch/tamon-test-tool-{version}-1.noarch.rpm"))
}

fn rpm(root: &Path, arguments: &[&str]) {
    let output = Command::new("rpm")
        .args(["--root", root.to_str().unwrap(), "--dbpath", "/var/lib/rpm", "--define", "_db_backend sqlite"])
        .args(["--nodeps", "--force-debian"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn what_rpm_put_there_is_vouched_for() {
    if !has_rpm() {
        return eprintln!("skipped: needs root and rpmbuild");
    }
    let (folder, root) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (one, two) = (build(folder.path(), 1), build(folder.path(), 2));
    let root = root.path().canonicalize().unwrap();
    let said = |path: &str| {
        let path = root.join(path);
        match Packages::below(&root).vouch(path.to_str().unwrap(), &File::open(&path).unwrap()) {
            Vouched::Nobody => "nobody".to_owned(),
            Vouched::Same(package) => format!("same {}", package.version),
            Vouched::Changed(package) => format!("changed {}", package.version),
            Vouched::NoDigest(package) => format!("no digest {}", package.version),
        }
    };
    rpm(&root, &["-i", one.to_str().unwrap()]);
    assert_eq!(said("usr/bin/tamon-test-tool"), "same 1-1");
    assert_eq!(said("opt/tool/data"), "same 1-1");
    fs::write(root.join("opt/tool/data"), "changed").unwrap();
    assert_eq!(said("opt/tool/data"), "changed 1-1");
    fs::write(root.join("opt/tool/other"), "data 1\n").unwrap();
    assert_eq!(said("opt/tool/other"), "nobody");
    rpm(&root, &["-U", two.to_str().unwrap()]);
    assert_eq!(said("usr/bin/tamon-test-tool"), "same 2-1");
    rpm(&root, &["-e", "tamon-test-tool"]);
    fs::write(root.join("usr/bin/tamon-test-tool"), "version 2\n").unwrap();
    assert_eq!(said("usr/bin/tamon-test-tool"), "nobody");
}

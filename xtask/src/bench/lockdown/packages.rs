//! A hundred packages in two versions, each with a program, a library and data; installed by dpkg below a root of their own.

use crate::bench::beside;
use crate::run;
use anyhow::{Context, Result, bail};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

const PACKAGES: u32 = 100;
const FILES: u32 = 20;

pub struct Packages {
    pub root: PathBuf,
    old: Vec<PathBuf>,
    new: Vec<PathBuf>,
}

impl Packages {
    pub fn build(folder: &Path) -> Result<Packages> {
        let debs = folder.join("debs");
        fs::create_dir_all(&debs)?;
        let of = |version: u32| (0..PACKAGES).map(|n| package(&debs, n, version)).collect::<Result<Vec<_>>>();
        Ok(Packages { root: folder.join("root"), old: of(1)?, new: of(2)? })
    }

    pub fn install_old(&self) -> Result<()> {
        if self.root.exists() {
            fs::remove_dir_all(&self.root)?;
        }
        for part in ["var/lib/dpkg/info", "var/lib/dpkg/updates"] {
            fs::create_dir_all(self.root.join(part))?;
        }
        fs::write(self.root.join("var/lib/dpkg/status"), "")?;
        self.install(&[], &self.old)
    }

    /// And each new program runs once, as services do that are started again.
    pub fn upgrade(&self, within: &[String]) -> Result<()> {
        self.install(within, &self.new)?;
        let each = format!("for p in {}/usr/bin/tamon-bench-*; do \"$p\" || exit 1; done", self.root.display());
        beside::shell(within, &each)
    }

    fn install(&self, within: &[String], debs: &[PathBuf]) -> Result<()> {
        let mut dpkg = Command::new("/usr/bin/dpkg");
        dpkg.arg(format!("--root={}", self.root.display()));
        dpkg.args(["--force-script-chrootless", "--log=/dev/null", "-i"]).args(debs);
        let output = beside::work(within, dpkg).output()?;
        if !output.status.success() {
            bail!("dpkg: {}: {}", output.status, String::from_utf8_lossy(&output.stderr));
        }
        Ok(())
    }
}

fn package(debs: &Path, n: u32, version: u32) -> Result<PathBuf> {
    let tree = debs.join("tree");
    if tree.exists() {
        fs::remove_dir_all(&tree)?;
    }
    for part in ["DEBIAN", "usr/bin", "usr/lib", "usr/share/tamon-bench"] {
        fs::create_dir_all(tree.join(part))?;
    }
    let control = format!(
        "Package: tamon-bench-{n}\nVersion: {version}\nArchitecture: all\nMaintainer: nobody <nobody@localhost>\n\
         Description: a package of the bench\n"
    );
    fs::write(tree.join("DEBIAN/control"), control)?;
    let marked = |of: &str| -> Result<Vec<u8>> {
        let mut bytes = fs::read(of).with_context(|| format!("cannot read {of}"))?;
        bytes.extend(format!("{n} {version}").bytes());
        Ok(bytes)
    };
    let program = tree.join(format!("usr/bin/tamon-bench-{n}"));
    fs::write(&program, marked("/bin/true")?)?;
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
    fs::write(tree.join(format!("usr/lib/libtamon-bench-{n}.so.1")), marked("/lib/x86_64-linux-gnu/libm.so.6")?)?;
    for file in 0..FILES {
        let data = format!("{n} {version} {file}\n").repeat(200);
        fs::write(tree.join(format!("usr/share/tamon-bench/{n}-{file}")), data)?;
    }
    let deb = debs.join(format!("{n}-{version}.deb"));
    let mut build = Command::new("dpkg-deb");
    run::output(build.args(["--root-owner-group", "-Zgzip", "-z1", "-b"]).arg(&tree).arg(&deb))?;
    Ok(deb)
}

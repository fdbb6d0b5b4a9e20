//! Packages of ours in several versions, a repository of them, and the real apt that installs them below a root of their own:
//! with a list of sources, a state and a lock of its own, and none of the host's settings and hooks.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub const PACKAGES: usize = 8;
pub const VERSIONS: u32 = 4;

/// Longer than this one transaction hangs.
const MOST_SECONDS: &str = "120";

pub struct Repository {
    root: PathBuf,
    config: PathBuf,
}

/// What one package puts below the root.
pub struct Contents {
    pub program: PathBuf,
    /// With a line that names its interpreter.
    pub script: PathBuf,
    pub library: PathBuf,
}

pub fn contents(root: &Path, package: usize) -> Contents {
    Contents {
        program: root.join(format!("usr/bin/tamon-test-{package}")),
        script: root.join(format!("usr/bin/tamon-test-{package}.sh")),
        library: root.join(format!("usr/lib/libtamon-test-{package}.so.1")),
    }
}

impl Repository {
    /// `folder` is for the packages; `root` must have the `bin/sh` that the scripts name.
    pub fn build(folder: &Path, root: &Path) -> Repository {
        let repository = Repository { root: root.into(), config: folder.join("apt.conf") };
        let mut index = String::new();
        for package in 0..PACKAGES {
            for version in 1..=VERSIONS {
                index.push_str(&repository.package(folder, package, version));
            }
        }
        fs::write(folder.join("Packages"), index).unwrap();
        repository.configure(folder);
        repository.apt(&["update"]);
        repository
    }

    fn configure(&self, folder: &Path) {
        let root = self.root.display();
        for part in ["etc/apt", "var/lib/apt/lists/partial", "var/cache/apt/archives/partial", "var/log/apt"] {
            fs::create_dir_all(self.root.join(part)).unwrap();
        }
        for part in ["var/lib/dpkg/info", "var/lib/dpkg/updates"] {
            fs::create_dir_all(self.root.join(part)).unwrap();
        }
        fs::write(self.root.join("var/lib/dpkg/status"), "").unwrap();
        fs::write(self.root.join("etc/apt/sources.list"), format!("deb [trusted=yes] file:{} ./\n", folder.display()))
            .unwrap();
        let config = format!(
            "Dir::Etc \"{root}/etc/apt\";\nDir::Etc::main \"/dev/null\";\nDir::Etc::parts \"/dev/null\";\n\
             Dir::Etc::sourceparts \"/dev/null\";\nDir::Etc::preferencesparts \"/dev/null\";\nDir::Etc::trustedparts \"/dev/null\";\n\
             Dir::State \"{root}/var/lib/apt\";\nDir::State::status \"{root}/var/lib/dpkg/status\";\n\
             Dir::Cache \"{root}/var/cache/apt\";\nDir::Log \"{root}/var/log/apt\";\n\
             APT::Sandbox::User \"root\";\nAPT::Get::Assume-Yes \"true\";\nDpkg::Use-Pty \"false\";\n\
             DPkg::Options {{ \"--root={root}\"; \"--force-script-chrootless\"; \"--force-unsafe-io\"; \"--log=/dev/null\"; }};\n"
        );
        fs::write(&self.config, config).unwrap();
    }

    /// # Panics
    /// When it fails or hangs.
    pub fn apt(&self, arguments: &[&str]) {
        let mut apt = Command::new("timeout");
        apt.args(["-k", "5", MOST_SECONDS, "apt-get", "-q", "--allow-downgrades", "--allow-unauthenticated"]);
        apt.args(arguments).env("APT_CONFIG", &self.config).env("DEBIAN_FRONTEND", "noninteractive");
        let output = apt.stdin(Stdio::null()).output().unwrap();
        let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert_ne!(output.status.code(), Some(124), "{arguments:?} hangs: {}", said(&output.stdout));
        assert!(output.status.success(), "{arguments:?}: {} {}", said(&output.stdout), said(&output.stderr));
    }

    /// Its lines of the index. What it holds differs from version to version, and its scripts run what was just unpacked.
    fn package(&self, folder: &Path, package: usize, version: u32) -> String {
        let tree = folder.join(format!("tree-{package}-{version}"));
        fs::create_dir_all(tree.join("DEBIAN")).unwrap();
        let put = |path: &Path, bytes: &[u8], mode: u32| {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        };
        let mark = format!("\n# {package} {version}\n");
        let marked = |of: &str| [fs::read(of).unwrap(), mark.clone().into_bytes()].concat();
        let shell = self.root.join("bin/sh");
        let inside = contents(&tree, package);
        put(&inside.program, &marked("/bin/true"), 0o755);
        put(&inside.library, &marked(LIBRARY), 0o644);
        put(&inside.script, format!("#!{}\nexit 0{mark}", shell.display()).as_bytes(), 0o755);
        put(&tree.join(format!("usr/share/tamon-test/{package}")), mark.repeat(2_000).as_bytes(), 0o644);
        let own = contents(&self.root, package);
        let runs = format!("{} && {}", own.program.display(), own.script.display());
        for script in ["postinst", "prerm"] {
            put(&tree.join("DEBIAN").join(script), format!("#!/bin/sh\nset -e{mark}{runs}\n").as_bytes(), 0o755);
        }
        let name = format!("tamon-test-{package}");
        let control = format!(
            "Package: {name}\nVersion: {version}\nArchitecture: all\nMaintainer: nobody <nobody@localhost>\n\
             Description: of the test\n"
        );
        fs::write(tree.join("DEBIAN/control"), &control).unwrap();
        let file = folder.join(format!("{name}-{version}.deb"));
        let built =
            Command::new("dpkg-deb").args(["--root-owner-group", "-Znone", "-b"]).arg(&tree).arg(&file).output();
        assert!(built.unwrap().status.success());
        fs::remove_dir_all(&tree).unwrap();
        let size = fs::metadata(&file).unwrap().len();
        let digest = Command::new("sha256sum").arg(&file).output().unwrap().stdout;
        let digest = String::from_utf8(digest).unwrap();
        let mut lines = control;
        let digest = digest.split(' ').next().unwrap();
        write!(lines, "Filename: ./{name}-{version}.deb\nSize: {size}\nSHA256: {digest}\n\n").unwrap();
        lines
    }
}

/// A small one of the C library's.
pub const LIBRARY: &str = "/lib/x86_64-linux-gnu/libdl.so.2";

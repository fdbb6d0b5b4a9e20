//! A Debian package of many small files, built here, and the real dpkg that unpacks and removes it.

use anyhow::{Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

pub const NAME: &str = "tamon-bench-integrity";
pub const WATCHED: &str = "/opt/tamon-bench";

pub struct Package {
    file: PathBuf,
}

impl Package {
    pub fn build(folder: &Path, files: usize) -> Result<Package> {
        let root = folder.join("package");
        let mut sums = String::new();
        for n in 0..files {
            let below = format!("opt/tamon-bench/files/d{:03}", n / 100);
            fs::create_dir_all(root.join(&below))?;
            let content = format!("file {n}\n").repeat(40 + n % 200);
            let path = format!("{below}/f{n:06}");
            fs::write(root.join(&path), &content)?;
            sums.push_str(&format!("{:x}  {path}\n", <md5::Md5 as md5::Digest>::digest(&content)));
        }
        fs::create_dir_all(root.join("DEBIAN"))?;
        fs::write(root.join("DEBIAN/md5sums"), sums)?;
        let control = format!(
            "Package: {NAME}\nVersion: 1\nArchitecture: all\nMaintainer: Tamon <none@example.org>\n\
             Description: many files for a bench\n"
        );
        fs::write(root.join("DEBIAN/control"), control)?;
        let file = folder.join("bench.deb");
        run(Command::new("dpkg-deb").args(["--root-owner-group", "-Znone", "--build"]).arg(&root).arg(&file))?;
        Ok(Package { file })
    }

    /// Seconds.
    pub fn install(&self) -> Result<f64> {
        let start = Instant::now();
        run(Command::new("dpkg").arg("-i").arg(&self.file))?;
        Ok(start.elapsed().as_secs_f64())
    }

    pub fn purge(&self) -> Result<()> {
        run(Command::new("dpkg").args(["--purge", NAME]))
    }
}

impl Drop for Package {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = Command::new("dpkg").args(["--purge", NAME]).output();
    }
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.output()?;
    if !output.status.success() {
        bail!("{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

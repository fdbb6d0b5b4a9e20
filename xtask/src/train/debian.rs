//! Benign files: which Debian packages, and their download by apt into an apt root of our own.
//!
//! The host's apt settings are not touched: each release gets its own lists, cache and (empty) dpkg status in the cache
//! folder, with the mirror that the host itself uses. Packages are chosen in the order of a hash of their *source* name, so
//! that a release's architectures get the same sources and a split by source keeps them together. Go, Rust and static
//! programs are chosen first, since a random choice has few of them.

use super::stable_hash;
use crate::run;
use anyhow::{Context, Result, bail};
use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Releases, by the compiler that built them: gcc 10, 12, 14.
pub const RELEASES: &[&str] = &["bullseye", "bookworm", "trixie"];
pub const ARCHITECTURES: &[&str] = &["amd64", "i386", "arm64", "armhf"];

/// Archive sections whose packages hold little but data.
const DATA: &[&str] = &["doc", "fonts", "localization", "debug", "metapackages", "oldlibs", "kernel", "introspection"];

/// What a script model may meet: packages without an architecture, of these sections.
const SCRIPTS: &[&str] = &[
    "admin",
    "utils",
    "net",
    "web",
    "httpd",
    "perl",
    "python",
    "php",
    "javascript",
    "devel",
    "text",
    "mail",
    "database",
];

/// A package to fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    pub name: String,
    pub architecture: String,
    pub version: String,
    pub source: String,
    pub language: &'static str,
    pub size: u64,
    section: String,
}

/// Fetches up to `budget` bytes for each release and architecture, and half as much of packages without architecture.
/// Writes `packages.tsv`: release, architecture, package, version, source, language, file.
pub fn fetch(cache: &Path, releases: &[&str], budget: u64) -> Result<()> {
    let mirror = mirror()?;
    let mut table = String::new();
    for release in releases {
        let apt = AptRoot::new(cache, release, &mirror)?;
        let listed = apt.packages()?;
        let all: Vec<&str> = ARCHITECTURES.iter().copied().chain(["all"]).collect();
        // Small packages wait for round trips, not for bytes; so the architectures go side by side.
        let fetched: Vec<Result<String>> = std::thread::scope(|scope| {
            let running: Vec<_> = all
                .iter()
                .map(|architecture| {
                    let budget = if *architecture == "all" { budget / 2 } else { budget };
                    let chosen = choose(&listed, architecture, budget);
                    let folder = cache.join("debs").join(release).join(architecture);
                    let apt = &apt;
                    scope.spawn(move || {
                        eprintln!("xtask: {release} {architecture}: {} packages chosen", chosen.len());
                        apt.download(&chosen, &folder)?;
                        Ok(lines(release, &chosen, &folder))
                    })
                })
                .collect();
            running.into_iter().map(|thread| thread.join().unwrap_or_else(|_| bail!("a download panicked"))).collect()
        });
        for lines in fetched {
            table += &lines?;
        }
    }
    fs::write(cache.join("packages.tsv"), table)?;
    Ok(())
}

/// What came, one line a package; what did not come is named, since a training set must say what it lacks.
fn lines(release: &str, chosen: &[Package], folder: &Path) -> String {
    let mut table = String::new();
    for package in chosen {
        let file = folder.join(package.file());
        if !file.exists() {
            eprintln!("xtask: not fetched: {} {} {release}", package.name, package.architecture);
            continue;
        }
        let Package { name, architecture, version, source, language, .. } = package;
        let file = file.display();
        table += &format!("{release}\t{architecture}\t{name}\t{version}\t{source}\t{language}\t{file}\n");
    }
    table
}

/// The packages of an architecture in the order of their source's hash, rare languages first, until the budget is spent.
pub fn choose(listed: &[Package], architecture: &str, budget: u64) -> Vec<Package> {
    let mut of_it: Vec<&Package> = listed.iter().filter(|package| package.architecture == architecture).collect();
    if architecture == "all" {
        of_it.retain(|package| SCRIPTS.contains(&package.section.as_str()) && package.size < 400_000);
    } else {
        of_it.retain(|package| !DATA.contains(&package.section.as_str()) && !is_data(&package.name));
    }
    of_it.sort_by_key(|package| (stable_hash(&package.source), package.name.clone()));
    let mut taken = Vec::new();
    let mut names = HashSet::new();
    // (language, bytes a package at most, share of the budget in percent)
    for (language, at_most, percent) in
        [("static", 4_000_000, 10), ("go", 6_000_000, 15), ("rust", 6_000_000, 12), ("", 1_500_000, 100)]
    {
        let limit = budget * percent / 100;
        let mut spent = if language.is_empty() { taken.iter().map(|package: &Package| package.size).sum() } else { 0 };
        for package in &of_it {
            let fits = package.size <= at_most && spent + package.size <= limit;
            if fits && (language.is_empty() || package.language == language) && names.insert(&package.name) {
                spent += package.size;
                taken.push((*package).clone());
            }
        }
    }
    taken
}

fn is_data(name: &str) -> bool {
    ["-dev", "-doc", "-dbg", "-dbgsym", "-data", "-common", "-headers"].iter().any(|end| name.ends_with(end))
}

/// Where the host's own apt gets Debian from.
fn mirror() -> Result<String> {
    let listed = run::output(Command::new("apt-get").args([
        "indextargets",
        "--format",
        "$(LABEL) $(REPO_URI)",
        "Created-By: Packages",
    ]))?;
    let of_debian = listed.lines().find_map(|line| line.strip_prefix("Debian "));
    Ok(of_debian.context("apt names no Debian mirror here")?.trim().to_owned())
}

struct AptRoot {
    folder: PathBuf,
}

impl AptRoot {
    fn new(cache: &Path, release: &str, mirror: &str) -> Result<AptRoot> {
        let folder = cache.join("apt").join(release);
        for part in ["lists/partial", "cache/archives/partial", "etc/preferences.d", "etc/apt.conf.d", "state"] {
            fs::create_dir_all(folder.join(part))?;
        }
        let signed = "/usr/share/keyrings/debian-archive-keyring.gpg";
        fs::write(folder.join("etc/sources.list"), format!("deb [signed-by={signed}] {mirror} {release} main\n"))?;
        fs::write(folder.join("state/status"), "")?;
        let apt = AptRoot { folder };
        let marker = apt.folder.join("updated");
        if !marker.exists() {
            // A mirror in the middle of its own update lacks an index now and then. What is missing is said below, by count.
            let status = apt.command("apt-get").args(["update", "-q"]).stdout(Stdio::null()).status()?;
            if status.success() {
                fs::write(marker, "")?;
            } else {
                eprintln!("xtask: apt-get update for {release}: {status}; going on with the lists that came");
            }
        }
        Ok(apt)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let at = |part: &str| self.folder.join(part).display().to_string();
        for (key, value) in [
            ("APT::Architecture", "amd64".to_owned()),
            ("APT::Architectures", ARCHITECTURES.join(",")),
            ("Dir::Etc", at("etc")),
            ("Dir::Etc::sourcelist", "sources.list".to_owned()),
            ("Dir::Etc::sourceparts", "none.d".to_owned()),
            ("Dir::State", at("state")),
            ("Dir::State::lists", at("lists")),
            ("Dir::State::status", at("state/status")),
            ("Dir::Cache", at("cache")),
            ("APT::Sandbox::User", "root".to_owned()),
            ("Acquire::Languages", "none".to_owned()),
            ("Acquire::IndexTargets::deb::DEP-11::DefaultEnabled", "false".to_owned()),
            ("Acquire::Retries", "3".to_owned()),
        ] {
            command.arg("-o").arg(format!("{key}={value}"));
        }
        command
    }

    fn packages(&self) -> Result<Vec<Package>> {
        let text = run::output(self.command("apt-cache").arg("dumpavail"))?;
        let all: Vec<Package> = text.split("\n\n").filter_map(parse).collect();
        if all.is_empty() {
            bail!("apt lists no package in {}", self.folder.display());
        }
        Ok(all)
    }

    /// In batches, since a command line has an end; what stands there already is not fetched again.
    fn download(&self, chosen: &[Package], folder: &Path) -> Result<()> {
        fs::create_dir_all(folder)?;
        let missing: Vec<&Package> = chosen.iter().filter(|package| !folder.join(package.file()).exists()).collect();
        for batch in missing.chunks(150) {
            let names = batch.iter().map(|p| match p.architecture.as_str() {
                "all" => format!("{}={}", p.name, p.version),
                other => format!("{}:{other}={}", p.name, p.version),
            });
            let status = self
                .command("apt-get")
                .args(["download", "-q"])
                .args(names)
                .current_dir(folder)
                .stdout(Stdio::null())
                .status()?;
            if !status.success() {
                eprintln!("xtask: apt-get download: {status}; what is missing is named below");
            }
        }
        Ok(())
    }
}

impl Package {
    /// The name that apt gives the file.
    fn file(&self) -> String {
        format!("{}_{}_{}.deb", self.name, self.version.replace(':', "%3a"), self.architecture)
    }
}

/// A stanza of a package index.
fn parse(stanza: &str) -> Option<Package> {
    let fields: BTreeMap<&str, &str> =
        stanza.lines().filter(|line| !line.starts_with(' ')).filter_map(|line| line.split_once(": ")).collect();
    let name = (*fields.get("Package")?).to_owned();
    let source = fields.get("Source").map_or(name.as_str(), |s| s.split(' ').next().unwrap_or(s)).to_owned();
    let section = fields.get("Section").unwrap_or(&"").rsplit('/').next().unwrap_or("").to_owned();
    let built = [fields.get("Built-Using"), fields.get("Static-Built-Using")].into_iter().flatten();
    let built: String = built.copied().collect::<Vec<_>>().join(" ");
    let language = if name.ends_with("-static") || built.contains("musl (") || built.contains("dietlibc (") {
        "static"
    } else if built.contains("golang") {
        "go"
    } else if built.contains("rustc") || source.starts_with("rust-") {
        "rust"
    } else {
        ""
    };
    Some(Package {
        architecture: (*fields.get("Architecture")?).to_owned(),
        version: (*fields.get("Version")?).to_owned(),
        size: fields.get("Size")?.parse().ok()?,
        source,
        language,
        section,
        name,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, source: &str, size: u64) -> Package {
        let stanza = format!(
            "Package: {name}\nSource: {source} (1.0)\nVersion: 1:2-3\nArchitecture: i386\nSection: contrib/net\nSize: {size}\n"
        );
        parse(&stanza).unwrap()
    }

    #[test]
    fn a_stanza_tells_source_language_and_file() {
        let stanza = "Package: ripgrep\nSource: rust-ripgrep (13.0.0-4)\nVersion: 1:13-4+b2\nArchitecture: amd64\n\
                      Built-Using: rustc (= 1.63)\nSection: utils\nSize: 1252716\n long description: none";
        let read = parse(stanza).unwrap();
        assert_eq!((read.source.as_str(), read.language, read.size), ("rust-ripgrep", "rust", 1_252_716));
        assert_eq!(read.file(), "ripgrep_1%3a13-4+b2_amd64.deb");
        assert_eq!(parse("Package: nothing-else"), None);
    }

    #[test]
    fn data_is_left_out_and_the_budget_is_kept() {
        let all = [package("a", "s", 400), package("b-doc", "s", 1), package("c", "t", 500), package("d", "u", 600)];
        let chosen = choose(&all, "i386", 1000);
        assert!(chosen.iter().map(|p| p.size).sum::<u64>() <= 1000);
        assert!(chosen.len() >= 2 && chosen.iter().all(|p| p.name != "b-doc"), "{chosen:?}");
        assert!(choose(&all, "amd64", 1000).is_empty());
    }
}

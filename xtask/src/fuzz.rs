//! Every parser of ours under mutated inputs: `fuzz/` is a workspace of its own. On stable Rust the targets run from the
//! committed corpus; with `--libfuzzer` they are built for libFuzzer, guided by coverage.

use crate::{paths, run};
use anyhow::{Context as _, Result, bail};
use std::path::Path;

#[derive(clap::Args)]
pub struct Options {
    /// Seconds for each target.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Only these targets.
    targets: Vec<String>,
    /// Guided by coverage: slower to build, finds more in a long run.
    #[arg(long)]
    libfuzzer: bool,
}

pub fn fuzz(options: &Options) -> Result<()> {
    if options.libfuzzer { guided(options) } else { mutate(options.seconds, &options.targets) }
}

/// From the corpus, on stable Rust; what CI runs for a second or two a target.
pub fn mutate(seconds: u64, targets: &[String]) -> Result<()> {
    let manifest = paths::root().join("fuzz/Cargo.toml");
    let mut command = run::cargo(&["run", "--quiet", "--bin", "mutate", "--manifest-path"]);
    command.arg(manifest).args(["--", "--seconds", &seconds.to_string()]).args(targets);
    run::run("fuzz", &mut command)
}

/// What `cargo fuzz` asks of the compiler, less what only a nightly one can: coverage without a sanitizer.
fn guided(options: &Options) -> Result<()> {
    const COVERAGE: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
        -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
        -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1";
    let folder = paths::root().join("fuzz");
    for name in names(&folder, &options.targets)? {
        let corpus = folder.join("corpus").join(&name);
        let found = folder.join("artifacts").join(&name);
        std::fs::create_dir_all(&found).context("no folder for what is found")?;
        // A target of its own, so that build scripts and macros are not instrumented.
        let mut command = run::cargo(&["run", "--release", "--features", "libfuzzer", "--bin", &name]);
        command
            .args(["--target", "x86_64-unknown-linux-gnu", "--manifest-path"])
            .arg(folder.join("Cargo.toml"))
            .env("CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS", COVERAGE)
            .env_remove("RUSTFLAGS")
            .arg("--")
            .arg(folder.join("grown").join(&name))
            .arg(corpus)
            .arg(format!("-max_total_time={}", options.seconds))
            .arg(format!("-artifact_prefix={}/", found.display()))
            .args(["-rss_limit_mb=4096", "-timeout=20"]);
        std::fs::create_dir_all(folder.join("grown").join(&name)).context("no folder for the grown corpus")?;
        run::run(&format!("fuzz {name}"), &mut command)?;
    }
    Ok(())
}

fn names(folder: &Path, only: &[String]) -> Result<Vec<String>> {
    let entries = std::fs::read_dir(folder.join("fuzz_targets")).context("fuzz/fuzz_targets")?;
    let mut names: Vec<String> = entries
        .flatten()
        .filter_map(|entry| Some(entry.path().file_stem()?.to_str()?.to_owned()))
        .filter(|name| only.is_empty() || only.contains(name))
        .collect();
    names.sort();
    if names.is_empty() {
        bail!("no such target; fuzz/fuzz_targets has them");
    }
    Ok(names)
}

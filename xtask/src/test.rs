//! Everything that must pass. Cheap checks first, so that a slip is told within a minute.

use crate::{build, e2e, fuzz, packages, paths, run, vm_test};
use anyhow::{Result, bail};
use clap::Args;

#[derive(Args)]
pub struct Options {
    /// Only these parts: lint, rust, fuzz, web, e2e, vm.
    #[arg(long = "only", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Install missing Debian packages without asking.
    #[arg(long)]
    pub yes: bool,
}

type Part = (&'static str, fn() -> Result<()>);

const PARTS: &[Part] =
    &[("lint", lint), ("web", web), ("rust", rust), ("fuzz", fuzzing), ("e2e", e2e::e2e), ("vm", vm)];

pub fn test(options: &Options) -> Result<()> {
    let known = |name: &String| PARTS.iter().any(|(part, _)| part == name);
    if let Some(unknown) = options.only.iter().find(|name| !known(name)) {
        bail!("no part {unknown:?} of the tests");
    }
    // A script has nobody to ask, and the tests are no tests without what they need.
    let yes = options.yes || std::env::var_os("CI").is_some();
    packages::ensure(packages::BUILD, yes)?;
    packages::ensure(packages::TEST, yes)?;
    packages::ensure(packages::ARCHIVERS, yes)?;
    packages::ensure(packages::VM, yes)?;
    for (part, run) in PARTS {
        if options.only.is_empty() || options.only.iter().any(|name| name == part) {
            run()?;
        }
    }
    Ok(())
}

fn lint() -> Result<()> {
    run::run("format", &mut run::cargo(&["fmt", "--all", "--check"]))?;
    run::run("clippy", &mut run::cargo(&["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"]))
}

fn web() -> Result<()> {
    let web = paths::root().join("web");
    build::console()?;
    build::install_modules(&web)?;
    run::run("console's tests", build::npm(&web)?.arg("test"))
}

/// nextest gives each test a process and shows the slow ones; plain `cargo test` does where it is not installed.
fn rust() -> Result<()> {
    // One selection of packages for everything: another would compile the heavy dependencies again with other features.
    run::run("build tests and the binary", &mut run::cargo(&["build", "--workspace", "--tests"]))?;
    if run::find("cargo-nextest").is_some() {
        return run::run(
            "tests",
            &mut run::cargo(&["nextest", "run", "--workspace", "--no-fail-fast", "--status-level", "slow"]),
        );
    }
    run::run("tests", &mut run::cargo(&["test", "--workspace", "--no-fail-fast"]))
}

/// Short: the committed corpus and its mutations. `cargo xtask fuzz` runs longer.
fn fuzzing() -> Result<()> {
    run::run("format of fuzz/", &mut run::cargo(&["fmt", "--check", "--manifest-path", "fuzz/Cargo.toml"]))?;
    fuzz::mutate(1, &[])
}

/// Short: one kernel. `cargo xtask vm-test` runs the matrix.
fn vm() -> Result<()> {
    vm_test::vm_test(&vm_test::Options { kernels: vec!["6.1".into()], yes: false, timeout: 900 })
}

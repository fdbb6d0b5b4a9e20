//! Numbers, each from one command. A bench is an example of the crate that it measures, built with the `up` profile; it
//! prints lines for people and ends with one line of JSON.

use crate::{build, packages, paths, run};
use anyhow::{Result, bail};
use std::path::Path;

/// Name, crate, example, and whether it drives the whole binary.
const BENCHES: &[(&str, &str, &str)] = &[
    ("probes", "sensor", "bench_probes"),
    ("rules", "rules", "bench_rules"),
    ("storm", "agent", "bench_storm"),
    ("memory", "agent", "bench_memory"),
    ("overhead", "agent", "bench_overhead"),
    ("pipeline", "tamon", "bench_pipeline"),
    ("store", "store", "bench_store"),
];

pub fn bench(name: &str, rest: &[String]) -> Result<()> {
    packages::ensure(packages::BUILD, false)?;
    if name == "all" {
        return BENCHES.iter().try_for_each(|(name, ..)| bench(name, rest));
    }
    let Some((_, package, example)) = BENCHES.iter().find(|(known, ..)| *known == name) else {
        let known: Vec<&str> = BENCHES.iter().map(|(name, ..)| *name).collect();
        bail!("no bench {name:?}; there are {} and all", known.join(", "));
    };
    let mut command = run::cargo(&["run", "--profile", "up", "-p", package, "--example", example]);
    if name == "overhead" {
        packages::ensure(packages::PEERS, false)?;
    }
    if matches!(name, "pipeline" | "overhead" | "memory") {
        // These drive the binary itself, so it must stand.
        if name == "pipeline" {
            build::console()?;
        }
        command.env("TAMON", build::binary("up", false)?);
    }
    command.arg("--").args(rest);
    if let Some(data) = existing(&paths::shared_data()) {
        command.env("TAMON_SHARED_DATA", data);
    }
    run::run(&format!("bench {name}"), &mut command)
}

fn existing(path: &Path) -> Option<&Path> {
    path.exists().then_some(path)
}

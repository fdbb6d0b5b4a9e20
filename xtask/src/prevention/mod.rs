//! `cargo xtask prevention`: the profiles that ship, each against the real server from Debian. In namespaces and a control
//! group of its own, with what it would write in memory: under the profile that observes, load and harmless attacks, which
//! must succeed and be told; then under the profile that enforces, the same load without one denial, and the same attacks,
//! none of which may succeed. Prints a line for each and ends with one line of JSON.

mod apache;
mod cron;
mod docker;
mod mariadb;
pub mod nginx;
mod php_fpm;
pub mod postgresql;
mod redis;
pub mod service;
mod sshd;
mod web;

use crate::guarded::Guarded;
use crate::{bench, build, packages};
use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::Value;
use service::{Running, Service};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

#[derive(Args)]
pub struct Options {
    /// Only these profiles.
    #[arg(long)]
    profile: Vec<String>,
    /// A binary that stands already, instead of building one.
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Install missing Debian packages without asking.
    #[arg(long)]
    yes: bool,
}

const SERVICES: [&Service; 9] = [
    &nginx::SERVICE,
    &redis::SERVICE,
    &postgresql::SERVICE,
    &apache::SERVICE,
    &mariadb::SERVICE,
    &php_fpm::SERVICE,
    &sshd::SERVICE,
    &cron::SERVICE,
    &docker::SERVICE,
];

pub fn prevention(options: &Options) -> Result<()> {
    let wanted =
        |service: &&&Service| options.profile.is_empty() || options.profile.iter().any(|name| name == service.profile);
    let services: Vec<&Service> = SERVICES.iter().filter(wanted).copied().collect();
    if services.is_empty() {
        bail!(
            "no profile of that name is proven here; there are {}",
            SERVICES.map(|service| service.profile).join(", ")
        );
    }
    install(options.yes)?;
    let tamon = match &options.binary {
        Some(binary) => binary.clone(),
        None => build::all("up")?,
    };
    let work = std::env::temp_dir().join(format!("tamon-prevention-{}", std::process::id()));
    fs::create_dir_all(&work)?;
    let mut wrong = Vec::new();
    let mut figures = Vec::new();
    for service in services {
        match prove(service, &tamon, &work) {
            Ok(stopped) => {
                figures.push((format!("{}_attacks_stopped", service.profile), stopped));
                figures.push((format!("{}_denied_under_load", service.profile), 0.0));
            }
            Err(error) => {
                println!("{:12} FAILED: {error:#}", service.profile);
                wrong.push(service.profile);
            }
        }
    }
    fs::remove_dir_all(&work)?;
    bench::print("prevention-proof", figures);
    if !wrong.is_empty() {
        bail!("not as promised: {}", wrong.join(", "));
    }
    Ok(())
}

/// Servers and what loads them.
pub fn install(yes: bool) -> Result<()> {
    let _quiet = service::Quiet::packages()?;
    packages::ensure(packages::SERVERS, yes)
}

/// How many attacks were stopped; an error when one was not, or when the load was hindered.
fn prove(service: &Service, tamon: &Path, work: &Path) -> Result<f64> {
    let group = service::Group::make(service.profile)?;
    let folder = work.join(service.profile);
    let agent = Guarded::start(tamon, &folder, &policy(service, &group, "observe"), &[])?;
    in_force(&agent, service, "observe")?;
    let mut running = Running::start(service, &group)?;
    running.load()?;
    settled(&agent, service).with_context(|| "under load, observed")?;
    for attack in service.attacks {
        running.revive()?;
        if !running.attack(attack)? {
            bail!("{}: does nothing even where nobody is in its way, so it proves nothing", attack.what);
        }
        told(&agent, service, attack.kind).with_context(|| attack.what)?;
        println!("{:12} observed  {:14} told: {}", service.profile, attack.kind, attack.what);
    }
    drop(running);
    let enforce = folder.join("enforce.toml");
    fs::write(&enforce, policy(service, &group, "enforce"))?;
    agent.command(&["policy", "apply", &enforce.display().to_string()])?;
    in_force(&agent, service, "enforce")?;
    let mut running = Running::start(service, &group)?;
    running.load()?;
    settled(&agent, service).with_context(|| "under load, enforced")?;
    println!("{:12} enforced  load: no denial", service.profile);
    for attack in service.attacks {
        running.revive()?;
        if running.attack(attack)? {
            bail!("{}: was not stopped", attack.what);
        }
        told(&agent, service, attack.kind).with_context(|| attack.what)?;
        println!("{:12} enforced  {:14} stopped: {}", service.profile, attack.kind, attack.what);
    }
    Ok(service.attacks.len() as f64)
}

fn in_force(agent: &Guarded, service: &Service, mode: &str) -> Result<()> {
    until("the profile is in force", || {
        let status = agent.status().unwrap_or_default();
        let mine = figures(&status, service).is_some_and(|profile| profile["mode"] == mode);
        Ok(mine && status["prevention"]["in_kernel"] == true)
    })
}

/// What ships, for this control group only: nobody else's server is concerned.
pub fn policy(service: &Service, group: &service::Group, mode: &str) -> String {
    format!(
        "version = 1\nname = \"prevention-proof\"\n[gate]\nenabled = false\n[ransomware]\nenabled = false\n\
         [[prevention]]\nuse = \"{}\"\nmode = \"{mode}\"\nexecutable = {:?}\ncgroup = [\"{}\"]\n",
        service.profile,
        service.executable,
        group.name()
    )
}

fn figures<'a>(status: &'a Value, service: &Service) -> Option<&'a Value> {
    status["prevention"]["profiles"].as_array()?.iter().find(|profile| profile["id"] == service.profile)
}

/// Nothing of what was done so far is against the profile, and somebody was confined at all.
fn settled(agent: &Guarded, service: &Service) -> Result<()> {
    std::thread::sleep(Duration::from_secs(3));
    let status = agent.status().context("the agent does not answer")?;
    let profile = figures(&status, service).context("the agent has no such profile")?;
    if profile["processes"].as_u64() == Some(0) {
        bail!("nobody is confined: {profile}");
    }
    match profile["overstepped"].as_object() {
        Some(none) if none.is_empty() => Ok(()),
        _ => bail!("denied: {}", profile["last"]),
    }
}

fn told(agent: &Guarded, service: &Service, kind: &str) -> Result<()> {
    until("it is told", || {
        let status = agent.status().unwrap_or_default();
        Ok(figures(&status, service).is_some_and(|profile| profile["overstepped"][kind].as_u64() > Some(0)))
    })
}

pub fn until(what: &str, mut done: impl FnMut() -> Result<bool>) -> Result<()> {
    let start = Instant::now();
    while !done()? {
        if start.elapsed() > Duration::from_secs(30) {
            bail!("{what}: not within 30 s");
        }
        std::thread::sleep(Duration::from_millis(300));
    }
    Ok(())
}

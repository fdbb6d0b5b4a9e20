//! Throughput of nginx and PostgreSQL under their profile, enforced, against the same server without an agent, and against
//! an agent without profiles. The three take turns, and the medians count.

use super::beside::median;
use crate::guarded::Guarded;
use crate::prevention::service::{Group, Running, Service};
use crate::prevention::{self, nginx, postgresql};
use anyhow::{Context, Result};
use std::path::Path;

/// Prints one number: requests or transactions a second.
const NGINX: &str = "ab -q -n 60000 -c 8 http://127.0.0.1/index.html | awk '/Requests per second/ {print $4}'";
const PREPARE: &str = "cd /tmp && PATH=$(ls -d /usr/lib/postgresql/*/bin | tail -1):$PATH && \
                       pgbench -h 127.0.0.1 -U postgres -q -i -s 10 postgres 2>/dev/null";
const POSTGRESQL: &str = "cd /tmp && PATH=$(ls -d /usr/lib/postgresql/*/bin | tail -1):$PATH && \
                          pgbench -h 127.0.0.1 -U postgres -c 4 -T 10 postgres 2>/dev/null | awk '/^tps/ {print $3}'";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Guard {
    Nothing,
    Agent,
    Profile,
}

pub fn prevention(tamon: &Path, rounds: usize) -> Result<Vec<(String, f64)>> {
    let mut figures = Vec::new();
    for (service, prepare, measure) in [(&nginx::SERVICE, "true", NGINX), (&postgresql::SERVICE, PREPARE, POSTGRESQL)] {
        let mut found: [Vec<f64>; 3] = Default::default();
        for round in 0..rounds {
            for (at, guard) in [Guard::Nothing, Guard::Agent, Guard::Profile].into_iter().enumerate() {
                let speed = one(tamon, service, guard, prepare, measure)?;
                println!("{:12} round {round}: {:14} {speed:.0} a second", service.profile, name(guard));
                found[at].push(speed);
            }
        }
        let [nothing, agent, profile] = found.map(|all| median(&all));
        let name = service.profile;
        figures.push((format!("{name}_per_second"), profile));
        figures.push((format!("{name}_of_no_agent"), profile / nothing));
        figures.push((format!("{name}_of_agent_without_profiles"), profile / agent));
    }
    Ok(figures)
}

fn name(guard: Guard) -> &'static str {
    match guard {
        Guard::Nothing => "no agent",
        Guard::Agent => "agent",
        Guard::Profile => "under profile",
    }
}

fn one(tamon: &Path, service: &Service, guard: Guard, prepare: &str, measure: &str) -> Result<f64> {
    let group = Group::make(service.profile)?;
    let folder = std::env::temp_dir().join(format!("tamon-bench-prevention-{}", std::process::id()));
    let policy = match guard {
        Guard::Profile => prevention::policy(service, &group, "enforce"),
        _ => "version = 1\n[gate]\nenabled = false\n[ransomware]\nenabled = false\n".to_owned(),
    };
    let agent = if guard == Guard::Nothing { None } else { Some(Guarded::start(tamon, &folder, &policy, &[])?) };
    if let (Some(agent), Guard::Profile) = (&agent, guard) {
        prevention::until("the profile is in force", || {
            Ok(agent.status().unwrap_or_default()["prevention"]["in_kernel"] == true)
        })?;
    }
    let running = Running::start(service, &group)?;
    running.inside(prepare)?;
    let said = running.output(measure)?;
    drop(running);
    drop(agent);
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    said.trim().parse().with_context(|| format!("{}: no figure but {said:?}", service.profile))
}

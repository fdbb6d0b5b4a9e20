//! What the guard costs daily work on guarded files: compile, git checkout, dpkg unpack, pgbench; bare and guarded by a real
//! agent, alternating, medians of the ratios. `TAMON` names the binary; the argument is the number of rounds.

#[path = "../bench_ransomware/agent.rs"]
#[expect(dead_code, reason = "the share and the roll-back are the other bench's")]
mod agent;

use agent::{Agent, Way};
use anyhow::{Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Name, what must be there, made ready once, then timed.
const WORK: &[(&str, &str, &str, &str)] = &[
    (
        "compile",
        "cc",
        "mkdir -p src && cd src && for i in $(seq 40); do { echo '#include <stdio.h>'; echo '#include <stdlib.h>'; echo '#include <string.h>'; for n in $(seq 60); do echo \"int f${i}_$n(int x) { char b[64]; snprintf(b, sizeof b, \\\"%d\\\", x); return atoi(b) + $n; }\"; done; } > f$i.c; done",
        "cd src && rm -f *.o && for f in *.c; do cc -O1 -c $f -o ${f%.c}.o; done",
    ),
    (
        "git_checkout",
        "git",
        "git init -q repo && cd repo && git config user.email t@example.org && git config user.name t && for d in $(seq 40); do mkdir d$d; for f in $(seq 50); do seq $f $((f + 400)) > d$d/f$f.txt; done; done && git add . && git commit -qm one && for f in $(find . -name '*.txt' -not -path './.git/*'); do echo changed >> $f; done && git commit -qam two",
        "cd repo && git checkout -q HEAD~1 && git checkout -q master 2>/dev/null || git checkout -q main",
    ),
    (
        "dpkg_unpack",
        "dpkg-deb",
        "mkdir -p pkg/DEBIAN pkg/usr/share/tamon-bench && printf 'Package: tamon-bench\\nVersion: 1\\nArchitecture: all\\nMaintainer: t <t@example.org>\\nDescription: bench\\n' > pkg/DEBIAN/control && for d in $(seq 40); do mkdir pkg/usr/share/tamon-bench/$d; for f in $(seq 50); do seq $f $((f + 300)) > pkg/usr/share/tamon-bench/$d/$f; done; done && dpkg-deb -q -Znone --root-owner-group -b pkg bench.deb && mkdir -p root/var/lib/dpkg/info root/var/lib/dpkg/updates && touch root/var/lib/dpkg/status",
        "dpkg --root=$PWD/root --force-not-root --force-bad-path --unpack bench.deb >/dev/null && rm -rf root/usr",
    ),
    (
        "pgbench",
        "pgbench",
        "PG=$(ls -d /usr/lib/postgresql/*/bin | tail -1) && mkdir -p pg && chown 33:33 . pg && setpriv --reuid 33 --regid 33 --clear-groups $PG/initdb -D pg/data -A trust -U bench >/dev/null && echo \"listen_addresses=''\nunix_socket_directories='$PWD/pg'\nfsync=off\" >> pg/data/postgresql.conf && setpriv --reuid 33 --regid 33 --clear-groups $PG/pg_ctl -D pg/data -w -l pg/log start >/dev/null && pgbench -q -h $PWD/pg -U bench -i -s 5 postgres >/dev/null 2>&1",
        "pgbench -h $PWD/pg -U bench -n -c 2 -t 2000 postgres >/dev/null",
    ),
];

fn shell(script: &str, folder: &Path) -> Result<f64> {
    let start = Instant::now();
    let out = Command::new("sh").args(["-ec", script]).current_dir(folder).stdin(Stdio::null()).output()?;
    ensure!(out.status.success(), "{script}: {}", String::from_utf8_lossy(&out.stderr));
    Ok(start.elapsed().as_secs_f64())
}

fn main() -> Result<()> {
    let rounds: usize = std::env::args().nth(1).map_or(Ok(5), |n| n.parse())?;
    let place = tempfile::tempdir()?;
    let place: PathBuf = place.path().canonicalize()?;
    fs::set_permissions(&place, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    let mut figures = serde_json::Map::new();
    for (name, tool, ready, work) in WORK {
        if shell(&format!("command -v {tool}"), &place).is_err() {
            println!("{name}: skipped, {tool} is not installed");
            continue;
        }
        let folder = place.join(name).join("files");
        fs::create_dir_all(&folder)?;
        if let Err(error) = shell(ready, &folder).and_then(|_| shell(work, &folder)) {
            println!("{name}: skipped, it does not run here: {error:#}");
            continue;
        }
        let mut ratios = Vec::new();
        for round in 0..rounds {
            let bare = shell(work, &folder)?;
            let agent = Agent::start(
                &place.join(name).join("state"),
                &folder,
                Way::Gate,
                &[Path::new("/usr/lib/postgresql/*/bin/postgres")],
            )?;
            let guarded = shell(work, &folder)?;
            let gate = agent.status()?["recovery"]["gate"].clone();
            println!(
                "{name} round {round}: bare {bare:.2} s, guarded {guarded:.2} s, {} opens asked, {} slow",
                gate["asked"], gate["slow"]
            );
            ratios.push(guarded / bare);
        }
        ratios.sort_by(f64::total_cmp);
        let median = ratios[ratios.len() / 2];
        figures.insert(format!("{name}_ratio"), ((median * 1000.0).round() / 1000.0).into());
        if *name == "pgbench" {
            shell(
                "$(ls -d /usr/lib/postgresql/*/bin | tail -1)/../bin/pg_ctl --version >/dev/null; setpriv --reuid 33 --regid 33 --clear-groups $(ls -d /usr/lib/postgresql/*/bin | tail -1)/pg_ctl -D pg/data -m fast stop >/dev/null",
                &folder,
            )?;
        }
    }
    let machine = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    println!("{}", serde_json::json!({ "bench": "rollback-cost", "machine": machine.trim(), "figures": figures }));
    Ok(())
}

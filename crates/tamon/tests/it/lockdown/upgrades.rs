//! Packages come, change and go on a locked host, by the real apt and dpkg, and nothing of them is refused at any moment of a
//! transaction: not what their scripts run that was just unpacked, nor what people use all the while.

use super::repository::{Contents, LIBRARY, PACKAGES, Repository, VERSIONS, contents};
use super::world::{Host, Ran, confined, run};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

/// `cargo xtask lockdown-upgrades` sets `TAMON_TRANSACTIONS` for more.
fn transactions() -> u32 {
    std::env::var("TAMON_TRANSACTIONS").ok().and_then(|text| text.parse().ok()).unwrap_or(6)
}

/// The same plan every time: installations of some packages in some version, upgrades of all, the same again, and removals.
struct Plan(u64);

impl Plan {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % end as u64) as usize
    }

    /// Arguments of apt-get.
    fn next(&mut self, number: u32) -> Vec<String> {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let package = |plan: &mut Plan| format!("tamon-test-{}", plan.below(PACKAGES));
        match if number == 0 { 0 } else { self.below(8) } {
            0..=3 => {
                let some = 1 + self.below(3);
                let chosen = (0..some).map(|_| format!("{}={}", package(self), 1 + self.below(VERSIONS as usize)));
                let mut by_name = std::collections::BTreeMap::new();
                for one in chosen.collect::<Vec<_>>() {
                    by_name.insert(one.split('=').next().unwrap_or_default().to_owned(), one);
                }
                [words(&["install"]), by_name.into_values().collect()].concat()
            }
            4 => words(&["dist-upgrade"]),
            5 => [words(&["install", "--reinstall"]), vec![package(self)]].concat(),
            6 => [words(&["remove"]), vec![package(self)]].concat(),
            _ => [words(&["purge"]), vec![package(self)]].concat(),
        }
    }
}

/// What somebody gets who uses what is there.
#[derive(Default)]
struct Used {
    uses: AtomicU64,
    refused: AtomicU64,
}

impl Used {
    fn all(&self, root: &Path, shell: &Path) {
        for package in 0..PACKAGES {
            let Contents { program, script, library } = contents(root, package);
            self.attempt(&mut Command::new(&program), &program);
            self.attempt(&mut Command::new(&script), &script);
            self.attempt(Command::new(shell).arg(&script), &script);
            self.attempt(Command::new(&program).env("LD_PRELOAD", &library), &library);
        }
    }

    /// What was removed, or is being written, between the look and the start is no refusal.
    fn attempt(&self, command: &mut Command, file: &Path) {
        let there = file.exists();
        let refused = match command.stdin(Stdio::null()).output() {
            // The loader does not say why; a file that was there before and after was there.
            Ok(output) => {
                let said = String::from_utf8_lossy(&output.stderr).into_owned();
                said.contains("not permitted") || said.contains("cannot be preloaded") && there && file.exists()
            }
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => true,
            Err(_) => return,
        };
        self.uses.fetch_add(1, Ordering::Relaxed);
        if refused {
            self.refused.fetch_add(1, Ordering::Relaxed);
            eprintln!("refused: {command:?}");
        }
    }
}

#[test]
fn upgrades_are_not_refused() {
    let there = |program: &str| Command::new(program).arg("--version").output().is_ok();
    if !rustix::process::geteuid().is_root() || !there("dpkg-deb") || !there("apt-get") || !Path::new(LIBRARY).exists()
    {
        return eprintln!("skipped: needs root, apt and dpkg");
    }
    let debs = tempfile::tempdir().unwrap();
    confined(|dir| {
        let host = Host::start(dir, "");
        let shell = host.program("bin/sh", "/bin/dash");
        let repository = Repository::build(debs.path(), dir);
        host.lock();
        let agent = host.agent();
        let (done, used, slowest) = (AtomicBool::new(false), Used::default(), AtomicU64::new(0));
        std::thread::scope(|scope| {
            // In the middle of every transaction too.
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    used.all(dir, &shell);
                }
            });
            let mut plan = Plan(7);
            for number in 0..transactions() {
                let begun = Instant::now();
                let words = plan.next(number);
                repository.apt(&words.iter().map(String::as_str).collect::<Vec<_>>());
                slowest.fetch_max(begun.elapsed().as_millis() as u64, Ordering::Relaxed);
                // And at once after it.
                used.all(dir, &shell);
                if (number + 1) % 50 == 0 {
                    println!("{} transactions, {} refused", number + 1, used.refused.load(Ordering::Relaxed));
                }
            }
            done.store(true, Ordering::Relaxed);
        });
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let waits = host.json(&["status"])["gate"]["waits"].clone();
        println!(
            "{} transactions, {} uses meanwhile, {} refused, none hung, the slowest {} ms; the gate let go unjudged {}",
            transactions(),
            get(&used.uses),
            get(&used.refused),
            get(&slowest),
            waits["opened"]
        );
        assert!(get(&used.uses) > 0);
        assert_eq!(get(&used.refused), 0, "wrongly refused; {}", host.json(&["lockdown", "report"]));
        assert_eq!((host.status("denied"), host.status("ended")), (0.into(), 0.into()));
        assert_eq!(host.agent(), agent, "the agent was not started anew");
        // And it is a lock all the same.
        let own = contents(dir, PACKAGES).program;
        fs::copy("/bin/true", &own).unwrap();
        host.eventually("what no package put there is refused", || run(&mut Command::new(&own)) == Ran::Denied);
    });
}

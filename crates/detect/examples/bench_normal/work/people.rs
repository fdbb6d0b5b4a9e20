//! What people and their builds do.

use super::Site;
use crate::world::{HOUR, MINUTE, SECOND};

impl Site {
    pub(super) fn builds(&mut self, begin: i64, weekend: bool) {
        let Site { host, own, .. } = self;
        let runner = &own[0];
        for n in 0..1_440 {
            host.talk(begin + n * MINUTE + host.draw.within(3 * SECOND), runner, "10.0.5.2", 443);
        }
        for _ in 0..if weekend { 2 } else { 12 + host.draw.below(8) } {
            let mut at = begin + 8 * HOUR + host.draw.within(10 * HOUR);
            let folder = format!("/home/gitlab-runner/builds/{:08x}/0/shop", host.draw.next() as u32);
            let bash = host.start(at, runner, "/usr/bin/bash", "bash --login");
            let git = host.start(at + SECOND, &bash, "/usr/bin/git", "git fetch origin");
            let remote = host.start(at + SECOND, &git, "/usr/lib/git-core/git-remote-https", "git-remote-https origin");
            host.talk(at + SECOND, &remote, "10.0.5.2", 443);
            let kind = host.draw.below(4);
            at += 20 * SECOND;
            match kind {
                0 => {
                    let cargo = host.start(at, &bash, "/home/gitlab-runner/.cargo/bin/cargo", "cargo test");
                    host.ask(at, &cargo, "index.crates.io");
                    host.talk(at, &cargo, "108.138.7.10", 443);
                    for n in 0..40 {
                        let rustc = host.start(
                            at + n * SECOND,
                            &cargo,
                            "/home/gitlab-runner/.rustup/toolchains/stable/bin/rustc",
                            "rustc --crate-name x",
                        );
                        host.write(at + n * SECOND, &rustc, &format!("{folder}/target/debug/deps/libx{n}.rlib"));
                        if n % 9 == 0 {
                            let cc = host.start(at + n * SECOND, &rustc, "/usr/bin/cc", "cc -m64 -o x");
                            host.start(at + n * SECOND, &cc, "/usr/bin/ld", "ld -o x");
                            let build = host.start(
                                at + n * SECOND,
                                &cargo,
                                &format!("{folder}/target/debug/build/x-{:016x}/build-script-build", host.draw.next()),
                                "build-script-build",
                            );
                            host.write(at + n * SECOND, &build, &format!("{folder}/target/debug/build/x/out/x.rs"));
                        }
                    }
                }
                1 => {
                    let make = host.start(at, &bash, "/usr/bin/make", "make -j8");
                    for n in 0..60 {
                        let gcc = host.start(
                            at + n * SECOND / 2,
                            &make,
                            "/usr/bin/x86_64-linux-gnu-gcc-12",
                            &format!("gcc -O2 -c file{n}.c"),
                        );
                        let cc1 =
                            host.start(at + n * SECOND / 2, &gcc, "/usr/lib/gcc/x86_64-linux-gnu/12/cc1", "cc1 -quiet");
                        host.write(
                            at + n * SECOND / 2,
                            &cc1,
                            &format!("/tmp/cc{:06x}.s", host.draw.next() as u32 & 0xff_ffff),
                        );
                        host.start(at + n * SECOND / 2, &gcc, "/usr/bin/as", "as -o x.o");
                    }
                    host.start(at + 40 * SECOND, &make, &format!("{folder}/tests/run"), "./tests/run");
                }
                2 => {
                    let npm = host.start(at, &bash, "/usr/bin/node", "node /usr/bin/npm ci");
                    host.ask(at, &npm, "registry.npmjs.org");
                    (0..12).for_each(|n| host.talk(at + n * SECOND, &npm, "104.16.3.35", 443));
                    for n in 0..20 {
                        let sh = host.start(at + n * SECOND, &npm, "/usr/bin/dash", "sh -c node install.js");
                        let node = host.start(at + n * SECOND, &sh, "/usr/bin/node", "node install.js");
                        host.write(
                            at + n * SECOND,
                            &node,
                            &format!("{folder}/node_modules/pkg{}/index.js", host.draw.below(900)),
                        );
                    }
                }
                _ => {
                    let docker = host.start(at, &bash, "/usr/bin/docker", "docker build -t shop/api .");
                    host.talk(at, &docker, "10.0.5.3", 5000);
                    let tar = host.start(at + SECOND, &bash, "/usr/bin/tar", "tar czf dist.tar.gz dist");
                    host.write(at + 2 * SECOND, &tar, &format!("{folder}/dist.tar.gz"));
                    let curl = host.start(
                        at + 9 * SECOND,
                        &bash,
                        "/usr/bin/curl",
                        "curl --upload-file dist.tar.gz https://packages.shop.example/",
                    );
                    host.talk(at + 9 * SECOND, &curl, "10.0.5.2", 443);
                }
            }
        }
    }

    pub(super) fn people(&mut self, begin: i64, weekend: bool) {
        let Site { host, base, .. } = self;
        for (user, uid, goes_to, homes) in [
            ("ann", 1010, ["10.0.1.10", "10.0.2.10"], ["10.8.0.21", "10.8.0.22"]),
            ("bob", 1011, ["10.0.1.10", "10.0.3.10"], ["10.8.0.31", "10.8.0.31"]),
        ] {
            if weekend && host.draw.below(8) != 0 {
                continue;
            }
            for _ in 0..1 + host.draw.below(3) {
                let mut at = begin + 8 * HOUR + host.draw.within(9 * HOUR);
                let shell = host.log_in(at, &base.sshd, (user, uid), host.draw.of(&homes));
                for _ in 0..30 + host.draw.below(60) {
                    at += 5 * SECOND + host.draw.within(2 * MINUTE);
                    match host.draw.below(10) {
                        0..5 => {
                            let tool = host.draw.of(&[
                                "ls", "git", "grep", "vim", "less", "find", "cat", "make", "diff", "sed", "awk",
                                "sort", "jq", "rg", "tmux", "man",
                            ]);
                            host.start(at, &shell, &format!("/usr/bin/{tool}"), &format!("{tool} src"));
                        }
                        5 => {
                            let python = host.start(at, &shell, "/usr/bin/python3.11", "python3 -m pytest -q");
                            host.write(at, &python, &format!("/home/{user}/shop/.pytest_cache/v/cache/lastfailed"));
                        }
                        6 => {
                            let git = host.start(at, &shell, "/usr/bin/git", "git push");
                            let ssh = host.start(at, &git, "/usr/bin/ssh", "ssh git@git.shop.example");
                            host.talk(at, &ssh, "10.0.5.2", 22);
                        }
                        7 => {
                            let to = goes_to[host.draw.below(2) as usize];
                            let ssh = host.start(at, &shell, "/usr/bin/ssh", &format!("ssh {to}"));
                            host.talk(at, &ssh, to, 22);
                        }
                        8 => {
                            let curl = host.start(at, &shell, "/usr/bin/curl", "curl -s https://docs.example/");
                            let site = host.draw.below(60);
                            host.ask(at, &curl, &format!("www.site{site}.example"));
                            host.talk(at, &curl, &format!("203.0.{}.{}", 100 + site % 50, site), 443);
                        }
                        _ => {
                            // What they build themselves they run.
                            let cc = host.start(at, &shell, "/usr/bin/gcc", "gcc -o try try.c");
                            host.write(at, &cc, &format!("/home/{user}/try/try{}", host.draw.below(9)));
                            let own = format!("/home/{user}/try/try{}", host.draw.below(9));
                            host.start(at + 2 * SECOND, &shell, &own, "./try");
                        }
                    }
                }
            }
        }
    }
}

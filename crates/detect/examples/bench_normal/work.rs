//! A day's ordinary work of five hosts: a web server, a database, a builder, a host that people work on, a host of containers.
//! What each does is what the named software does: how a job of cron, an upgrade, a back-up, a build, a session looks.

use crate::world::{DAY, Draw, HOUR, Host, MINUTE, SECOND, Who};

pub struct Site {
    pub host: Host,
    pub kind: Kind,
    pub base: Base,
    /// Its own services, in the order of [`Site::new`].
    pub own: Vec<Who>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Web,
    Database,
    Builder,
    People,
    Containers,
}

/// What every host runs.
pub struct Base {
    pub systemd: Who,
    pub sshd: Who,
    pub cron: Who,
    ntp: Who,
    exporter: Who,
}

pub fn sites() -> Vec<Site> {
    let kinds = [
        (Kind::Web, "web-1"),
        (Kind::Database, "db-1"),
        (Kind::Builder, "ci-1"),
        (Kind::People, "dev-1"),
        (Kind::Containers, "box-1"),
    ];
    kinds.into_iter().enumerate().map(|(at, (kind, name))| Site::new(kind, name, at as u64)).collect()
}

impl Site {
    fn new(kind: Kind, name: &'static str, number: u64) -> Site {
        let mut host = Host::new(name, 0x9e37_79b9_7f4a_7c15 ^ (number + 1) << 20);
        let base = Base {
            systemd: host.service("/usr/lib/systemd/systemd", "root", "init.scope"),
            sshd: host.service("/usr/sbin/sshd", "root", "ssh.service"),
            cron: host.service("/usr/sbin/cron", "root", "cron.service"),
            ntp: host.service("/usr/sbin/chronyd", "_chrony", "chrony.service"),
            exporter: host.service(
                "/usr/bin/prometheus-node-exporter",
                "prometheus",
                "prometheus-node-exporter.service",
            ),
        };
        let own = match kind {
            Kind::Web => vec![
                host.service("/usr/sbin/nginx", "www-data", "nginx.service"),
                host.service("/usr/sbin/php-fpm8.2", "www-data", "php8.2-fpm.service"),
            ],
            Kind::Database => {
                vec![host.service("/usr/lib/postgresql/15/bin/postgres", "postgres", "postgresql@15-main.service")]
            }
            Kind::Builder => vec![host.service("/usr/bin/gitlab-runner", "gitlab-runner", "gitlab-runner.service")],
            Kind::People => Vec::new(),
            Kind::Containers => vec![
                host.service("/usr/bin/dockerd", "root", "docker.service"),
                host.container("/app/server", "shop/api:4.2", "5f2b1c9d8e7a"),
                host.container("/usr/local/bin/node", "shop/front:4.2", "77aa12cd34ef"),
            ],
        };
        Site { host, kind, base, own }
    }

    /// Everything that happens on a day, in no order.
    pub fn day(&mut self, begin: i64) {
        let weekend = matches!((begin / DAY + 3).rem_euclid(7), 5 | 6);
        self.housekeeping(begin);
        if begin / DAY % 3 == 0 {
            self.upgrade(begin + 6 * HOUR + 17 * MINUTE);
        }
        match self.kind {
            Kind::Web => self.web(begin, weekend),
            Kind::Database => self.database(begin),
            Kind::Builder => self.builds(begin, weekend),
            Kind::People => self.people(begin, weekend),
            Kind::Containers => self.containers(begin),
        }
        if !weekend && self.kind != Kind::People {
            self.administrator(begin);
        }
    }

    fn housekeeping(&mut self, begin: i64) {
        let Site { host, base, .. } = self;
        for minute in (0..1_440).step_by(17) {
            host.talk(begin + minute * MINUTE, &base.ntp, "162.159.200.1", 123);
        }
        for hour in 0..24 {
            let at = begin + hour * HOUR + 17 * MINUTE;
            let job = host.job(at, &base.cron, "root", "cd / && run-parts --report /etc/cron.hourly");
            host.start(at, &job, "/usr/bin/run-parts", "run-parts --report /etc/cron.hourly");
            host.write(at + MINUTE, &base.exporter, "/var/lib/prometheus/node-exporter/apt.prom");
        }
        // Log rotation, man-db, a check of the package lists.
        let rotate = host.start(
            begin + 6 * MINUTE,
            &base.systemd,
            "/usr/sbin/logrotate",
            "/usr/sbin/logrotate /etc/logrotate.conf",
        );
        for log in ["syslog", "auth.log", "kern.log", "dpkg.log"] {
            host.start(begin + 6 * MINUTE, &rotate, "/usr/bin/gzip", "/bin/gzip");
            host.write(begin + 6 * MINUTE + SECOND, &rotate, &format!("/var/log/{log}.1.gz"));
        }
        let lists = begin + 5 * HOUR + host.draw.within(HOUR);
        let apt = host.start(
            lists,
            &base.systemd,
            "/usr/lib/apt/apt.systemd.daily",
            "/bin/sh /usr/lib/apt/apt.systemd.daily update",
        );
        let get = host.start(lists + SECOND, &apt, "/usr/bin/apt-get", "apt-get -qq -y update");
        let method = host.start(lists + SECOND, &get, "/usr/lib/apt/methods/http", "/usr/lib/apt/methods/http");
        host.ask(lists + 2 * SECOND, &method, "deb.debian.org");
        host.talk(lists + 2 * SECOND, &method, "151.101.130.132", 80);
        // A back-up at night.
        let at = begin + 2 * HOUR + 30 * MINUTE;
        let job = host.job(at, &base.cron, "root", "/usr/local/sbin/backup");
        let script = host.start(at, &job, "/usr/bin/bash", "/bin/bash /usr/local/sbin/backup");
        let borg =
            host.start(at + SECOND, &script, "/usr/bin/borg", "borg create ssh://backup/./host::now /etc /srv /home");
        let ssh = host.start(at + 2 * SECOND, &borg, "/usr/bin/ssh", "ssh backup borg serve");
        host.talk(at + 2 * SECOND, &ssh, "10.0.9.9", 22);
        host.write(at + MINUTE, &borg, "/root/.cache/borg/chunks");
    }

    fn upgrade(&mut self, at: i64) {
        let Site { host, base, .. } = self;
        let top = host.start(
            at,
            &base.systemd,
            "/usr/bin/unattended-upgrade",
            "/usr/bin/python3 /usr/bin/unattended-upgrade",
        );
        for n in 0..6 {
            let at = at + n * 20 * SECOND;
            let name = format!(
                "lib{}{}",
                host.draw.of(&["ssl", "xml", "png", "curl", "pam", "gcrypt", "expat"]),
                host.draw.below(20)
            );
            let dpkg = host.start(
                at,
                &top,
                "/usr/bin/dpkg",
                &format!("/usr/bin/dpkg --unpack --auto-deconfigure /var/cache/apt/archives/{name}.deb"),
            );
            let deb = host.start(at, &dpkg, "/usr/bin/dpkg-deb", "dpkg-deb --fsys-tarfile x.deb");
            host.start(at, &deb, "/usr/bin/dpkg-deb", "dpkg-deb --ctrl-tarfile");
            host.write(at + SECOND, &dpkg, &format!("/usr/lib/x86_64-linux-gnu/{name}.so.1.dpkg-new"));
            let script = host.start(
                at + 2 * SECOND,
                &dpkg,
                "/usr/bin/dash",
                &format!("/bin/sh /var/lib/dpkg/info/{name}.postinst configure"),
            );
            host.start(at + 3 * SECOND, &script, "/usr/sbin/ldconfig", "ldconfig");
            if n % 3 == 0 {
                host.start(at + 3 * SECOND, &script, "/usr/bin/systemctl", "systemctl daemon-reload");
                host.start(
                    at + 4 * SECOND,
                    &script,
                    "/usr/bin/deb-systemd-helper",
                    "perl /usr/bin/deb-systemd-helper unmask x.service",
                );
            }
        }
    }

    fn administrator(&mut self, begin: i64) {
        let Site { host, base, .. } = self;
        for _ in 0..host.draw.below(3) {
            let at = begin + 8 * HOUR + host.draw.within(8 * HOUR);
            let shell = host.log_in(at, &base.sshd, ("ops", 1000), "10.8.0.5");
            for n in 0..5 + host.draw.below(12) {
                let tool = host.draw.of(&[
                    "ls",
                    "less",
                    "grep",
                    "tail",
                    "df",
                    "ps",
                    "top",
                    "journalctl",
                    "cat",
                    "ss",
                    "du",
                    "free",
                ]);
                host.start(
                    at + (n as i64 + 1) * 20 * SECOND,
                    &shell,
                    &format!("/usr/bin/{tool}"),
                    &format!("{tool} -l"),
                );
            }
            let sudo = host.start(at + 10 * MINUTE, &shell, "/usr/bin/sudo", "sudo systemctl status nginx");
            host.start(at + 10 * MINUTE, &sudo, "/usr/bin/systemctl", "systemctl status nginx");
        }
    }

    fn web(&mut self, begin: i64, weekend: bool) {
        let Site { host, base, own, .. } = self;
        let [nginx, php] = [&own[0], &own[1]];
        let mut at = begin;
        while at < begin + DAY {
            at += busy(&host.draw, at, if weekend { 90 } else { 40 });
            host.talk(at, php, "10.0.2.10", 3306);
            if host.draw.below(4) == 0 {
                host.write(at, php, &format!("/var/lib/php/sessions/sess_{:016x}", host.draw.next()));
            }
            if host.draw.below(12) == 0 {
                host.write(at, nginx, "/var/lib/nginx/body/0000000012");
                host.write(at, php, &format!("/var/www/shop/uploads/2026/{}.jpg", host.draw.below(10_000)));
            }
            if host.draw.below(20) == 0 {
                host.ask(at, php, "api.payments.example");
                host.talk(at, php, "198.51.100.20", 443);
            }
            if host.draw.below(60) == 0 {
                let convert = host.start(at, php, "/usr/bin/convert", "convert /tmp/php8Zq1a -resize 200x200 x.jpg");
                host.write(at, &convert, "/var/www/shop/thumbs/x.jpg");
                let mail = host.start(at + SECOND, php, "/usr/sbin/sendmail", "/usr/sbin/sendmail -t -i");
                host.talk(at + SECOND, &mail, "10.0.4.5", 25);
            }
        }
        if !weekend && host.draw.below(2) == 0 {
            let at = begin + 10 * HOUR + host.draw.within(6 * HOUR);
            let shell = host.log_in(at, &base.sshd, ("deploy", 1001), "10.0.5.2");
            host.start(at + SECOND, &shell, "/usr/bin/rsync", "rsync --server -logDtpr . /var/www/shop");
            let php = host.start(at + MINUTE, &shell, "/usr/bin/php8.2", "php artisan migrate");
            host.talk(at + MINUTE, &php, "10.0.2.10", 3306);
            let sudo = host.start(at + 2 * MINUTE, &shell, "/usr/bin/sudo", "sudo systemctl reload php8.2-fpm");
            host.start(at + 2 * MINUTE, &sudo, "/usr/bin/systemctl", "systemctl reload php8.2-fpm");
        }
        // Certificates are looked after twice a day, aligned to nothing.
        for half in 0..2 {
            let at = begin + half * 12 * HOUR + host.draw.within(HOUR);
            let bot = host.start(at, &base.systemd, "/usr/bin/certbot", "/usr/bin/python3 /usr/bin/certbot -q renew");
            host.ask(at, &bot, "acme-v02.api.letsencrypt.org");
            host.talk(at, &bot, "172.65.32.248", 443);
        }
    }

    fn database(&mut self, begin: i64) {
        let Site { host, base, own, .. } = self;
        let postgres = &own[0];
        let mut at = begin;
        while at < begin + DAY {
            at += busy(&host.draw, at, 60);
            let table = host.draw.below(90_000);
            host.write(at, postgres, &format!("/var/lib/postgresql/15/main/base/16384/{table}"));
            host.write(at, postgres, "/var/lib/postgresql/15/main/pg_wal/000000010000000000000012");
        }
        for n in 0..288 {
            let at = begin + n * 5 * MINUTE;
            host.talk(at, postgres, "10.0.2.11", 5432);
            let copy = host.start(at, postgres, "/usr/bin/dash", "sh -c cp pg_wal/000000010000000000000012 /srv/wal/");
            let cp = host.start(at, &copy, "/usr/bin/cp", "cp pg_wal/000000010000000000000012 /srv/wal/");
            host.write(at, &cp, "/srv/wal/000000010000000000000012");
        }
        let at = begin + HOUR;
        let job = host.job(at, &base.cron, "postgres", "pg_dumpall | gzip > /srv/dumps/all.sql.gz");
        let dump = host.start(at, &job, "/usr/lib/postgresql/15/bin/pg_dumpall", "pg_dumpall");
        host.start(at, &dump, "/usr/lib/postgresql/15/bin/pg_dump", "pg_dump shop");
        let gzip = host.start(at, &job, "/usr/bin/gzip", "gzip");
        host.write(at + MINUTE, &gzip, "/srv/dumps/all.sql.gz");
    }

    fn builds(&mut self, begin: i64, weekend: bool) {
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

    fn people(&mut self, begin: i64, weekend: bool) {
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

    fn containers(&mut self, begin: i64) {
        let Site { host, base, own, .. } = self;
        let [docker, api, front] = [&own[0], &own[1], &own[2]];
        let mut at = begin;
        while at < begin + DAY {
            at += busy(&host.draw, at, 45);
            host.talk(at, api, "10.0.2.10", 5432);
            host.talk(at, front, "172.18.0.3", 8080);
            if host.draw.below(10) == 0 {
                host.talk(at, api, "172.18.0.5", 6379);
                host.write(at, api, "/var/log/app/access.log");
            }
        }
        for n in 0..2_880 {
            // Health checks.
            let at = begin + n * 30 * SECOND;
            let runc =
                host.start(at, docker, "/usr/sbin/runc", "runc exec 5f2b1c9d8e7a wget -q -O- localhost:8080/health");
            if n % 10 == 0 {
                host.write(at, docker, "/var/lib/docker/containers/5f2b1c9d8e7a/5f2b1c9d8e7a-json.log");
            }
            drop(runc);
        }
        let at = begin + 3 * HOUR;
        let job = host.job(at, &base.cron, "root", "docker system prune -f");
        host.start(at, &job, "/usr/bin/docker", "docker system prune -f");
    }
}

/// Until the next request: fewer at night; `mean` seconds at noon.
fn busy(draw: &Draw, at: i64, mean: i64) -> i64 {
    let hour = at.rem_euclid(DAY) / HOUR;
    let slow = if (7..22).contains(&hour) { 1 } else { 5 };
    SECOND / 4 + draw.within(2 * mean * slow * SECOND)
}

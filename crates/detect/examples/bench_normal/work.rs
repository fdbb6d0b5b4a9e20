//! A day's ordinary work of five hosts: a web server, a database, a builder, a host that people work on, a host of containers.
//! What each does is what the named software does: how a job of cron, an upgrade, a back-up, a build, a session looks.

mod people;
mod servers;

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
}

/// Until the next request: fewer at night; `mean` seconds at noon.
fn busy(draw: &Draw, at: i64, mean: i64) -> i64 {
    let hour = at.rem_euclid(DAY) / HOUR;
    let slow = if (7..22).contains(&hour) { 1 } else { 5 };
    SECOND / 4 + draw.within(2 * mean * slow * SECOND)
}

//! What servers do: requests, queries, containers that come and go.

use super::{Site, busy};
use crate::world::{DAY, HOUR, MINUTE, SECOND};

impl Site {
    pub(super) fn web(&mut self, begin: i64, weekend: bool) {
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

    pub(super) fn database(&mut self, begin: i64) {
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

    pub(super) fn containers(&mut self, begin: i64) {
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

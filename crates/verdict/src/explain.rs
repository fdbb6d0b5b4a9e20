//! Which keys of a policy speak about a path, and what each says: the answer to "why may this run, why is that not
//! watched". One line for each key that matches, in the order in which they are asked; a key that says nothing is left out.

use crate::prevention::{Act, Confined, Profile, ProfileIndex, Profiles};
use crate::{Candidate, Listing, Policy};
use event::{Mode, Sha256, Timestamp};
use serde::Serialize;
use std::net::IpAddr;

/// About what is asked; an absent fact meets no condition on it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Question<'a> {
    pub path: &'a str,
    /// Program of the process that acts on it.
    pub process: Option<&'a str>,
    pub sha256: Option<Sha256>,
    pub package: Option<&'a str>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// `gate.directories[1]`, `exception[0]`.
    pub field: String,
    pub says: String,
}

pub fn explain(policy: &Policy, about: &Question<'_>, now: Timestamp) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut say = |field: String, says: String| lines.push(Line { field, says });
    say("mode".into(), format!("{} where nothing below says otherwise", policy.mode.name()));
    let candidate =
        Candidate { path: about.path, sha256: about.sha256, process: about.process, package: about.package };
    for (i, one) in policy.scan.exclusions.iter().enumerate().filter(|(_, one)| one.covers(&candidate, now)) {
        say(format!("scan.exclude[{i}]"), format!("it is not scanned: {}", one.reason));
    }
    for (i, one) in policy.reputation.files.iter().enumerate() {
        let holds = one.expires.as_ref().is_none_or(|expiry| now <= expiry.last);
        if holds && about.sha256 == Some(one.sha256) {
            let says = if one.verdict == Listing::Allow { "nobody else is asked" } else { "it is denied" };
            say(format!("reputation.file[{i}]"), format!("{says}: {}", one.reason));
        }
    }
    let waits = if policy.gate.enabled { "its execution waits for a verdict" } else { "the gate is off" };
    below(about.path, &policy.gate.directories, "gate.directories", waits, &mut say);
    below(about.path, &policy.gate.mounts, "gate.mounts", waits, &mut say);
    let scanned = if policy.scan.on_write { "it is scanned when it was written" } else { "scan.on_write is off" };
    below(about.path, &policy.scan.write_directories, "scan.write_directories", scanned, &mut say);
    let same = [
        ("watch.read", &policy.watch.read, "reading it is recorded"),
        ("watch.decoys", &policy.watch.decoys, "a decoy: reading it is told"),
    ];
    for (field, paths, says) in same {
        if let Some(i) = paths.iter().position(|path| path == about.path) {
            say(format!("{field}[{i}]"), says.into());
        }
    }
    if let Some(i) = policy.sensor.ignore_paths.iter().position(|prefix| about.path.starts_with(prefix.as_str())) {
        say(format!("sensor.ignore_paths[{i}]"), "what is done to it is not recorded".into());
    }
    let silent = |program: &&String| Some(program.as_str()) == about.process;
    if let Some(program) = policy.sensor.ignore_executables.iter().find(silent) {
        say("sensor.ignore_executables".into(), format!("file and network events of {program} are not recorded"));
    }
    ransomware(policy, about, &mut say);
    lockdown(policy, about, now, &mut say);
    prevention(policy, about, &mut say);
    for (i, one) in policy.exceptions.iter().enumerate() {
        let path = |text: &str| one.path.as_ref().is_some_and(|glob| glob.matches(text));
        let named = path(about.path)
            || about.process.is_some_and(path)
            || one.sha256.is_some() && one.sha256 == about.sha256
            || one.package.is_some() && one.package.as_deref() == about.package;
        if named && one.holds_at(now) {
            let rule = one.rule.as_ref().map_or_else(|| "any rule".to_owned(), ToString::to_string);
            say(format!("exception[{i}]"), format!("findings of {rule} are silenced: {}", one.reason));
        }
    }
    lines
}

fn below(path: &str, folders: &[String], field: &str, says: &str, say: &mut impl FnMut(String, String)) {
    if let Some(i) = folders.iter().position(|folder| crate::lockdown::is_below(path, folder)) {
        say(format!("{field}[{i}]"), format!("{says}: it lies below {}", folders[i]));
    }
}

fn ransomware(policy: &Policy, about: &Question<'_>, say: &mut impl FnMut(String, String)) {
    let settings = &policy.ransomware;
    if !settings.enabled {
        return;
    }
    if let Some(name) = about.path.split('/').find(|part| settings.exclude.iter().any(|one| one == part)) {
        say("ransomware.exclude".into(), format!("not guarded: it lies in a folder named {name}"));
    } else {
        let kept = if settings.mode.unwrap_or(policy.mode) == Mode::Enforce {
            "what it holds is kept before it is changed"
        } else {
            "changes are judged and told"
        };
        below(about.path, &settings.protect, "ransomware.protect", kept, say);
    }
    let trusted = |program: &str| settings.trusted.iter().any(|glob| glob.matches(program));
    if let Some(program) = about.process.filter(|program| trusted(program)) {
        say("ransomware.trusted".into(), format!("what {program} changes is neither kept nor judged"));
    }
}

fn lockdown(policy: &Policy, about: &Question<'_>, now: Timestamp, say: &mut impl FnMut(String, String)) {
    let settings = &policy.lockdown;
    if !settings.in_scope(about.path) {
        say("lockdown.directories".into(), "out of scope: a lock does not ask about it".into());
        return;
    }
    for (i, one) in settings.trusted.iter().enumerate() {
        let holds = one.expires.as_ref().is_none_or(|expiry| now <= expiry.last);
        let here = one.path.as_ref().is_none_or(|glob| glob.matches(about.path));
        if holds && here && about.sha256 == Some(one.sha256) {
            say(format!("lockdown.trust[{i}]"), format!("trusted: {}", one.reason));
        }
    }
    below(about.path, &settings.publishers, "lockdown.publishers", "trusted while only root can write there", say);
    if let Some(program) = about.process.filter(|program| settings.updaters.iter().any(|glob| glob.matches(program))) {
        say("lockdown.updaters".into(), format!("what {program} writes as root becomes trusted"));
    }
}

/// Of each profile that speaks of paths; where a program is named, of the one that it falls under by itself.
fn prevention(policy: &Policy, about: &Question<'_>, say: &mut impl FnMut(String, String)) {
    let profiles = Profiles::of(policy, &|_| None);
    let asked = about.process.map(|executable| profiles.find(&Confined { executable, ..Confined::default() }));
    for (index, profile) in profiles.iter().filter(|(index, _)| asked.is_none_or(|asked| asked == Some(*index))) {
        for act in [Act::Read(about.path), Act::Write(about.path), Act::Run(about.path), Act::Reach(about.path)] {
            if profile.speaks_of(act.doing()) {
                let ruling = profile.rule(&act);
                say(ruling.line, format!("{} (prevention[{}], {})", ruling.says, index.0, profile.mode.name()));
            }
        }
    }
}

/// The same of an address that a program would reach, or listen at.
pub fn explain_address(policy: &Policy, ip: IpAddr, port: u16, process: Option<&str>) -> Vec<Line> {
    let profiles = Profiles::of(policy, &|_| None);
    let asked = process.map(|executable| profiles.find(&Confined { executable, ..Confined::default() }));
    let of = profiles.iter().filter(|(index, _)| asked.is_none_or(|asked| asked == Some(*index)));
    let line = |(index, profile): (ProfileIndex, &Profile), act: Act<'_>| {
        profile.speaks_of(act.doing()).then(|| {
            let ruling = profile.rule(&act);
            let says = format!("{} (prevention[{}], {})", ruling.says, index.0, profile.mode.name());
            Line { field: ruling.line, says }
        })
    };
    of.flat_map(|one| [line(one, Act::Connect(ip, port)), line(one, Act::Bind(ip, port))]).flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_say_by_which_entry() {
        let policy = Policy::parse(
            "t",
            "version = 1\n[[prevention]]\nid = \"app\"\nexecutable = [\"/usr/bin/app\"]\n\
             read = [\"/etc/\", \"!/etc/shadow\"]\nconnect = [\"10.0.0.0/8:443\"]\n",
        )
        .unwrap();
        let about = Question { path: "/etc/shadow", process: Some("/usr/bin/app"), ..Question::default() };
        let lines = explain(&policy, &about, Timestamp(0));
        let line = lines.iter().find(|line| line.field.starts_with("prevention")).unwrap();
        assert_eq!(line.field, "prevention.app.read \"!/etc/shadow\"");
        assert!(line.says.contains("may not read"), "{line:?}");
        let other = Question { process: Some("/usr/bin/other"), ..about };
        assert!(explain(&policy, &other, Timestamp(0)).iter().all(|line| !line.field.starts_with("prevention")));
        let ways = explain_address(&policy, "10.1.1.1".parse().unwrap(), 25, None);
        assert_eq!(ways.len(), 1);
        assert!(ways[0].says.contains("nothing allows it"), "{ways:?}");
    }

    #[test]
    fn each_key_that_speaks_about_it_has_its_line() {
        let policy = Policy::parse(
            "t",
            "version = 1\nmode = \"enforce\"\n\
             [[scan.exclude]]\nreason = \"build\"\npath = \"/srv/build/**\"\n\
             [[exception]]\nreason = \"ours\"\nrule = \"miner.*\"\npath = \"/srv/build/**\"\n\
             [watch]\nread = [\"/etc/shadow\"]\n\
             [lockdown]\nexclude = [\"/srv/scratch\"]\npublishers = [\"/srv/build/\"]\n",
        )
        .unwrap();
        let check = |path: &str, process: Option<&str>, expected: &[&str]| {
            let lines = explain(&policy, &Question { path, process, ..Question::default() }, Timestamp(0));
            let fields: Vec<&str> = lines.iter().map(|line| line.field.as_str()).collect();
            assert_eq!(fields, expected, "{path} {lines:?}");
        };
        let build = ["mode", "scan.exclude[0]", "ransomware.protect[2]", "lockdown.publishers[0]", "exception[0]"];
        check("/srv/build/x", None, &build);
        check("/srv/scratch/x", None, &["mode", "ransomware.protect[2]", "lockdown.directories"]);
        check("/tmp/x", None, &["mode", "gate.directories[0]"]);
        check("/tmpx", None, &["mode"]);
        check("/home/a/target/x", None, &["mode", "gate.directories[3]", "ransomware.exclude"]);
        check("/etc/shadow", Some("/usr/bin/dpkg"), &["mode", "watch.read[0]", "lockdown.updaters"]);
        let mysql = ["mode", "ransomware.protect[5]", "ransomware.trusted"];
        check("/var/lib/mysql/x", Some("/usr/sbin/mysqld"), &mysql);
    }
}
